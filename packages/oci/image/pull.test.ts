import { type Client, Kernel, link, type Process } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { digestOf, encode } from '../digest.ts';
import type { OciDistribution } from '../distribution/contract.ts';
import { ociDistribution } from '../distribution/service.ts';
import { OciRegistry } from '../mocks/registry/index.ts';
import { choosePlatform, pullLayer, resolveImage } from './pull.ts';
import { parseReference } from './reference.ts';
import { simulatedSize } from './size.ts';

function world(registry = new OciRegistry()) {
  const kernel = new Kernel();
  const from = kernel.owner('node');
  const client: Client<OciDistribution> = link(registry, { service: ociDistribution, from, to: kernel.owner('registry') });
  return { client, run: <T>(process: Process<T>): T => kernel.complete(from, 'pull', process) };
}

/** Gives other bytes for every blob than were asked for, of the same length. */
class Corrupt extends OciRegistry {
  override getBlob(request: Parameters<OciRegistry['getBlob']>[0]): ReturnType<OciRegistry['getBlob']> {
    const answer = super.getBlob(request);
    return { ...answer, content: answer.content.map((byte) => byte ^ 1) };
  }
}

describe('pull', () => {
  it('resolveImage: goes through the index to the platform’s manifest and config', () => {
    const { client, run } = world();
    const amd64 = run(resolveImage(client, parseReference('nginx:1.25')));
    expect(amd64.config).toMatchObject({
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['nginx', '-g', 'daemon off;'], StopSignal: 'SIGQUIT' },
    });
    expect(amd64.imageId).toBe(amd64.manifest.config.digest);
    const arm64 = run(resolveImage(client, parseReference('nginx:1.25'), { platform: { architecture: 'arm64', os: 'linux' } }));
    expect(arm64.config.architecture).toBe('arm64');
    expect(arm64.digest).toBe(amd64.digest);
    expect(arm64.manifestDigest).not.toBe(amd64.manifestDigest);
  });

  it('resolveImage: by digest gives the same image', () => {
    const { client, run } = world();
    const byTag = run(resolveImage(client, parseReference('redis:7')));
    const byDigest = run(resolveImage(client, parseReference(`redis@${byTag.digest}`)));
    expect(byDigest).toEqual({ ...byTag, reference: byDigest.reference });
  });

  it('resolveImage: a platform that nobody built for is refused', () => {
    const { client, run } = world();
    const windows = resolveImage(client, parseReference('nginx'), { platform: { architecture: 'amd64', os: 'windows' } });
    expect(() => run(windows)).toThrow(expect.objectContaining({ code: 'MANIFEST_UNKNOWN' }));
  });

  it('pullLayer: gives the layer’s true bytes; its weight in life is told beside', () => {
    const { client, run } = world();
    const image = run(resolveImage(client, parseReference('postgres:16')));
    for (const layer of image.manifest.layers) {
      const content = run(pullLayer(client, image.reference, layer));
      expect(digestOf(content)).toBe(layer.digest);
      expect(content.length).toBe(layer.size);
      expect(simulatedSize(layer)).toBeGreaterThan(0);
    }
    expect(image.simulatedSize).toBeGreaterThan(100_000_000);
    expect(image.config.rootfs.diff_ids).toEqual(image.manifest.layers.map(({ digest }) => digest));
  });

  it('pull: bytes that are not what the digest says are refused', () => {
    const { client, run } = world(new Corrupt());
    expect(() => run(resolveImage(client, parseReference('nginx')))).toThrow(expect.objectContaining({ code: 'DIGEST_INVALID' }));
  });

  it('simulatedSize: is the true size where nothing else is told', () => {
    const descriptor = { mediaType: 'x', digest: digestOf(encode('x')), size: 1 } as const;
    expect(simulatedSize(descriptor)).toBe(1);
    expect(simulatedSize({ ...descriptor, annotations: { 'dev.slipway.size': '5000' } })).toBe(5000);
    expect(simulatedSize({ ...descriptor, annotations: { 'dev.slipway.size': 'many' } })).toBe(1);
  });

  it('choosePlatform: the first that fits wins', () => {
    const entry = (name: string, architecture: string) => ({
      mediaType: 'x',
      digest: digestOf(encode(name)),
      size: 1,
      platform: { architecture, os: 'linux' },
    });
    const manifests = [entry('a', 'arm64'), entry('b', 'amd64'), entry('c', 'amd64')];
    expect(choosePlatform({ schemaVersion: 2, manifests }, { architecture: 'amd64', os: 'linux' })).toBe(manifests[1]);
  });
});
