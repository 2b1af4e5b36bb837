import fc from 'fast-check';
import { formatReference, type Reference } from '@slipway/oci';

const alphanumeric = [...'abcdefghijklmnopqrstuvwxyz0123456789'];
const word = fc.string({ unit: fc.constantFrom(...alphanumeric), minLength: 1, maxLength: 10 });

/** A part of a repository's name: words joined by `.`, `_`, `__` or hyphens. */
const part = fc
  .tuple(word, fc.array(fc.tuple(fc.constantFrom('.', '_', '__', '-', '--'), word), { maxLength: 2 }))
  .map(([first, rest]) => [first, ...rest.flat()].join(''));

const registry = fc.constantFrom('docker.io', 'registry.k8s.io', 'quay.io', 'localhost:5000', '10.0.0.1:5000', 'registry.example.com:443');
const tag = fc
  .tuple(fc.constantFrom(...alphanumeric, '_'), fc.string({ unit: fc.constantFrom(...alphanumeric, ...'ABC._-'), maxLength: 10 }))
  .map((parts) => parts.join(''));
const digest = fc
  .string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 })
  .map((encoded) => `sha256:${encoded}` as const);

/** An image name taken apart, with a tag, a digest or both. */
export function arbitraryReference(): fc.Arbitrary<Reference> {
  const repository = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const version = fc.oneof(fc.record({ tag }), fc.record({ digest }), fc.record({ tag, digest }));
  return fc.tuple(registry, repository, version).map(
    ([host, name, chosen]): Reference => ({
      registry: host,
      // On Docker Hub a name of one part is of the `library`.
      repository: host === 'docker.io' && !name.includes('/') ? `library/${name}` : name,
      ...chosen,
    }),
  );
}

/** An image as people name it: in full, or short as `nginx`, `team/app:1.2`. */
export function arbitraryImage(): fc.Arbitrary<string> {
  const short = fc
    .tuple(fc.array(word, { minLength: 1, maxLength: 2 }), fc.option(tag, { nil: undefined }))
    .map(([parts, version]) => `${parts.join('/')}${version === undefined ? '' : `:${version}`}`)
    // A first part of this name is a host.
    .filter((name) => !name.startsWith('localhost/'));
  return fc.oneof({ weight: 2, arbitrary: short }, { weight: 1, arbitrary: arbitraryReference().map(formatReference) });
}
