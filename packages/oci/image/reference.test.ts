import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import spec from '../spec.json' with { type: 'json' };
import { formatReference, isDigest, isRepositoryName, isTag, parseReference, tryParseReference } from './reference.ts';

const DIGEST = `sha256:${'ab'.repeat(32)}` as const;

const component = fc.stringMatching(/^[a-z0-9]{1,8}(?:(?:\.|_|__|-{1,2})[a-z0-9]{1,5}){0,2}$/);
const registry = fc.constantFrom('docker.io', 'registry.k8s.io', 'localhost:5000', 'localhost', 'ghcr.io', '10.0.0.1:443', '[::1]:5000');
const tag = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,20}$/);
const reference = fc
  .record({ registry, path: fc.array(component, { minLength: 1, maxLength: 3 }), tag: fc.option(tag), digest: fc.boolean() })
  .map(({ path, ...rest }) => ({
    ...rest,
    repository: rest.registry === 'docker.io' && path.length === 1 ? `library/${path[0]}` : path.join('/'),
  }))
  .map(({ registry: host, repository, tag: chosen, digest }) => ({
    registry: host,
    repository,
    ...(chosen !== null && { tag: chosen }),
    ...(digest && { digest: DIGEST }),
    ...(chosen === null && !digest && { tag: 'latest' }),
  }));

describe('parseReference', () => {
  it('parseReference: reads back what formatReference writes', () => {
    fc.assert(
      fc.property(reference, (written) => {
        expect(parseReference(formatReference(written))).toEqual(written);
      }),
    );
  });

  it('parseReference: is settled after one round', () => {
    fc.assert(
      fc.property(fc.oneof(reference.map(formatReference), fc.string()), (text) => {
        const parsed = tryParseReference(text);
        if (typeof parsed !== 'string') expect(parseReference(formatReference(parsed))).toEqual(parsed);
      }),
    );
  });

  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.25', 'docker.io/library/nginx:1.25'],
    ['acme/app', 'docker.io/acme/app:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['index.docker.io/library/nginx', 'docker.io/library/nginx:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['registry.k8s.io/pause:3.10', 'registry.k8s.io/pause:3.10'],
    ['gcr.io/google-samples/gb-frontend:v5', 'gcr.io/google-samples/gb-frontend:v5'],
    [`busybox@${DIGEST}`, `docker.io/library/busybox@${DIGEST}`],
    [`busybox:1.36@${DIGEST}`, `docker.io/library/busybox:1.36@${DIGEST}`],
    ['app:5000', 'docker.io/library/app:5000'],
  ])('parseReference: %s is %s', (text, full) => {
    expect(formatReference(parseReference(text))).toBe(full);
  });

  it.each([
    ['', 'repository name must have at least one component'],
    ['Nginx', 'repository name must be lowercase'],
    ['acme/App:1', 'repository name must be lowercase'],
    ['nginx:', 'invalid reference format'],
    ['nginx:a b', 'invalid reference format'],
    ['-nginx', 'invalid reference format'],
    ['nginx@sha256:short', 'invalid reference format'],
    ['a//b', 'invalid reference format'],
    ['ab'.repeat(32), 'cannot specify 64-byte hexadecimal strings'],
    [`docker.io/${'a'.repeat(256)}`, 'repository name must not be more than 255 characters'],
  ])('parseReference: "%s" is refused: %s', (text, reason) => {
    expect(tryParseReference(text)).toBe(reason);
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});

describe('grammar', () => {
  it('names, tags, digests: are taken exactly as the spec’s expressions say', () => {
    const name = new RegExp(`^${spec.distribution.nameRegex}$`);
    const tagged = new RegExp(`^${spec.distribution.tagRegex}$`);
    const digest = new RegExp(`^${spec.image.digest.algorithm}:${spec.image.digest.encoded}$`);
    const text = fc.stringMatching(/^[a-zA-Z0-9._:/+@-]{0,24}$/);
    fc.assert(
      fc.property(text, (candidate) => {
        expect(isRepositoryName(candidate)).toBe(name.test(candidate));
        expect(isTag(candidate)).toBe(tagged.test(candidate));
        if (!/^sha(256|512):/.test(candidate)) expect(isDigest(candidate)).toBe(digest.test(candidate));
      }),
    );
  });

  it('digests: of registered algorithms have the registered length', () => {
    expect(isDigest(DIGEST)).toBe(true);
    expect(isDigest(DIGEST.slice(0, -1))).toBe(false);
    expect(isDigest(DIGEST.toUpperCase())).toBe(false);
    expect(isDigest(`sha512:${'0'.repeat(128)}`)).toBe(true);
    expect(isDigest('multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8')).toBe(true);
  });
});
