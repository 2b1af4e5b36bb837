import { Kernel, link, type Process, seconds, sleep } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, digestOf } from '../../digest.ts';
import type { GetManifestResponse } from '../../distribution/contract.ts';
import { ociDistribution } from '../../distribution/service.ts';
import { type Index, type Manifest, STANDS_FOR } from '../../image/contract.ts';
import { isManifestOf } from '../../image/pull.ts';
import { parseReference } from '../../image/reference.ts';
import { catalogue, OciRegistry, type OciRegistryOptions } from './index.ts';

const code = (expected: string) => expect.objectContaining({ code: expected });

/** A registry without time limits answers at once. */
function get(registry: OciRegistry, image: string): GetManifestResponse {
  const { registry: ns, repository: name, tag, digest } = parseReference(image);
  return registry.getManifest({ ns, name, reference: digest ?? tag ?? '' }) as GetManifestResponse;
}

describe('registry: images', () => {
  it.each(catalogue.map(({ name, tags }) => [name, tags] as const))('catalogue: %s is complete and true', (name, tags) => {
    const registry = new OciRegistry({ unknown: 'refuse' });
    const image = `${name}:${tags.at(-1)}`;
    const { registry: ns, repository } = parseReference(image);
    const top = get(registry, image);
    expect(digestOf(top.content)).toBe(top.digest);
    for (const entry of (JSON.parse(decode(top.content)) as Index).manifests) {
      const manifest = get(registry, `${name}@${entry.digest}`);
      expect([digestOf(manifest.content), manifest.size]).toEqual([entry.digest, entry.size]);
      const { config, layers } = JSON.parse(decode(manifest.content)) as Manifest;
      for (const blob of [config, ...layers]) {
        const { content } = registry.getBlob({ ns, name: repository, digest: blob.digest });
        expect([digestOf(content), content.length]).toEqual([blob.digest, blob.size]);
      }
    }
  });

  it('registry: any valid reference is the same image in every world', () => {
    const component = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);
    fc.assert(
      fc.property(component, component, fc.stringMatching(/^[a-z0-9]{1,8}$/), (owner, name, tag) => {
        const image = `example.com/${owner}/${name}:${tag}`;
        const first = get(new OciRegistry(), image);
        expect(get(new OciRegistry(), image)).toEqual(first);
        expect(digestOf(first.content)).toBe(first.digest);
      }),
      { numRuns: 30 },
    );
  });

  it('registry: an image is made once; asking again gives the same bytes', () => {
    const registry = new OciRegistry();
    expect(get(registry, 'nginx').content).toBe(get(registry, 'nginx').content);
  });

  it('registry: versions of an image share the layers below it', () => {
    const registry = new OciRegistry();
    const layers = (image: string): readonly string[] => {
      const [first] = (JSON.parse(decode(get(registry, image).content)) as Index).manifests;
      const manifest = JSON.parse(decode(get(registry, `nginx@${first?.digest}`).content)) as Manifest;
      return manifest.layers.map(({ digest }) => digest);
    };
    const [older, newer, alpine] = ['nginx:1.25', 'nginx:1.26', 'nginx:1.25-alpine'].map(layers);
    expect(newer?.[0]).toBe(older?.[0]);
    expect(newer?.[1]).not.toBe(older?.[1]);
    expect(alpine?.[0]).not.toBe(older?.[0]);
  });

  it('registry: refuses what it does not know when told to', () => {
    const registry = new OciRegistry({ unknown: 'refuse' });
    expect(() => get(registry, 'acme/app:1')).toThrow(code('NAME_UNKNOWN'));
    expect(() => get(registry, 'nginx:9.99')).toThrow(code('MANIFEST_UNKNOWN'));
    expect(get(registry, 'nginx:1.25').digest).toMatch(/^sha256:/);
  });

  it('registry: images that are said to be missing are, and so are names that say it themselves', () => {
    const registry = new OciRegistry({ missing: ['nginx:9.99', 'ghcr.io/acme/app', 'acme/web'] });
    expect(() => get(registry, 'nginx:9.99')).toThrow(code('MANIFEST_UNKNOWN'));
    expect(() => get(registry, 'ghcr.io/acme/app:1')).toThrow(code('NAME_UNKNOWN'));
    expect(() => get(registry, 'docker.io/acme/web')).toThrow(code('NAME_UNKNOWN'));
    expect(() => get(registry, 'nginx:does-not-exist')).toThrow(code('MANIFEST_UNKNOWN'));
    expect(() => get(registry, 'acme/doesnotexist:1')).toThrow(code('NAME_UNKNOWN'));
    expect(get(registry, 'nginx:9.98').size).toBeGreaterThan(0);
  });

  it('registry: for a digest of the real world it hands out a stand-in that says so', () => {
    const registry = new OciRegistry();
    const digest = `sha256:${'fd'.repeat(32)}` as const;
    const answer = get(registry, `busybox:1.38.0@${digest}`);
    expect(answer.digest).toBe(digest);
    expect((JSON.parse(decode(answer.content)) as Index).annotations).toEqual({ [STANDS_FOR]: digest });
    expect(isManifestOf(digest, answer.content)).toBe(true);
    expect(isManifestOf(`sha256:${'00'.repeat(32)}`, answer.content)).toBe(false);
    expect(() => get(new OciRegistry({ unknown: 'refuse' }), `busybox@${digest}`)).toThrow(code('MANIFEST_UNKNOWN'));
  });

  it('registry: images of one’s own come before the catalogue’s', () => {
    const own = { name: 'docker.io/library/nginx', tags: ['mine'], base: [], own: [7], config: { Cmd: ['mine'] } };
    const registry = new OciRegistry({ images: [own], unknown: 'refuse' });
    expect(registry.listTags({ name: 'library/nginx' }).tags).toEqual(['mine']);
  });

  it('registry: a tag of the catalogue that was deleted stays away', () => {
    const registry = new OciRegistry();
    registry.deleteManifest({ name: 'library/redis', reference: '7' });
    expect(() => get(registry, 'redis:7')).toThrow(code('MANIFEST_UNKNOWN'));
    expect(registry.listTags({ name: 'library/redis' }).tags).not.toContain('7');
    const { digest } = get(registry, 'redis:6');
    registry.deleteManifest({ name: 'library/redis', reference: digest });
    expect(() => get(registry, 'redis:6')).toThrow(code('MANIFEST_UNKNOWN'));
    expect(() => get(registry, `redis@${digest}`)).toThrow(code('MANIFEST_UNKNOWN'));
  });
});

describe('registry: who may', () => {
  const accounts = [{ scope: 'ghcr.io/acme', username: 'me', password: 'secret', pushes: false }];
  const request = { ns: 'ghcr.io', name: 'acme/app', reference: '1' };

  it('accounts: nobody in particular and the wrong password are UNAUTHORIZED, the right one pulls', () => {
    const registry = new OciRegistry({ accounts });
    expect(() => registry.headManifest(request)).toThrow(code('UNAUTHORIZED'));
    expect(() => registry.headManifest({ ...request, authorization: { username: 'me', password: 'guess' } })).toThrow(code('UNAUTHORIZED'));
    expect(registry.headManifest({ ...request, authorization: { username: 'me', password: 'secret' } }).size).toBeGreaterThan(0);
    expect(registry.headManifest({ ...request, authorization: { token: 'secret' } }).size).toBeGreaterThan(0);
    expect(registry.headManifest({ ...request, name: 'acme-labs/app' }).size).toBeGreaterThan(0);
  });

  it('accounts: one that only pulls is DENIED a push', () => {
    const registry = new OciRegistry({ accounts });
    const authorization = { token: 'secret' };
    expect(() => registry.startUpload({ ...request, authorization })).toThrow(code('DENIED'));
  });

  it('accounts: a blob is not mounted out of a repository that the caller may not read', () => {
    const registry = new OciRegistry({ accounts });
    const manifest = registry.getManifest({ ...request, authorization: { token: 'secret' } }) as GetManifestResponse;
    const [entry] = (JSON.parse(decode(manifest.content)) as Index).manifests;
    const inner = registry.getManifest({
      ...request,
      reference: entry?.digest ?? '',
      authorization: { token: 'secret' },
    }) as GetManifestResponse;
    const { config } = JSON.parse(decode(inner.content)) as Manifest;
    expect(registry.mountBlob({ ns: 'ghcr.io', name: 'mine/app', mount: config.digest })).not.toHaveProperty('digest');
  });

  it('rate limit: counts manifests without an account within each span of time', () => {
    const options: OciRegistryOptions = { rateLimit: { pulls: 2, per: seconds(60) } };
    const kernel = new Kernel();
    const from = kernel.owner('node');
    const client = link(new OciRegistry(options), { service: ociDistribution, from, to: kernel.owner('registry') });
    const nginx = { name: 'library/nginx', reference: '1.25' };
    const run = <T>(process: Process<T>): T => kernel.complete(from, 'pull', process);
    run(client.getManifest(nginx));
    run(client.headManifest(nginx));
    run(client.getManifest(nginx));
    expect(() => run(client.getManifest(nginx))).toThrow(code('TOOMANYREQUESTS'));
    expect(run(client.getManifest({ ...nginx, authorization: { token: 'mine' } })).size).toBeGreaterThan(0);
    run(sleep(seconds(60)));
    expect(run(client.getManifest(nginx)).size).toBeGreaterThan(0);
  });
});

describe('registry: uploads', () => {
  it('upload: any way of cutting a blob into chunks gives the same blob', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 }), { maxLength: 8 }), fc.boolean(), (chunks, ranged) => {
        const registry = new OciRegistry();
        const whole = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
        const digest = digestOf(whole);
        let { location } = registry.startUpload({ name: 'a/b' });
        let sent = 0;
        for (const content of chunks) {
          const contentRange = { first: sent, last: sent + content.length - 1 };
          ({ location } = registry.uploadChunk({ location, content, ...(ranged && content.length > 0 && { contentRange }) }));
          sent += content.length;
        }
        registry.completeUpload({ location, digest });
        expect(registry.getBlob({ name: 'a/b', digest }).content).toEqual(whole);
      }),
    );
  });

  it('manifest: one that is too large is refused', () => {
    const registry = new OciRegistry({ manifestLimitBytes: 10 });
    const put = () => registry.putManifest({ name: 'a/b', reference: 'x', mediaType: 'application/x', content: new Uint8Array(11) });
    expect(put).toThrow(expect.objectContaining({ code: 'SIZE_INVALID', status: 413 }));
  });
});
