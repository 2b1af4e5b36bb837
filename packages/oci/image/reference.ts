import { CallError } from '@slipway/kernel';
import type { Digest } from './contract.ts';

// Grammar and normalisation as users know them: distribution/reference (reference.go, regexp.go, normalize.go), which
// containerd, CRI-O and kubelet use; names and tags as distribution-spec 1.1.1, "Pulling manifests".

const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const DIGEST = /^([a-z0-9]+(?:[+._-][a-z0-9]+)*):([a-zA-Z0-9=_-]+)$/;
const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const REGISTERED: readonly (readonly [algorithm: string, encoded: RegExp])[] = [
  ['sha256', /^[a-f0-9]{64}$/],
  ['sha512', /^[a-f0-9]{128}$/],
];

export const DEFAULT_REGISTRY = 'docker.io';
export const DEFAULT_TAG = 'latest';

/** An image as people name it, taken apart. */
export interface Reference {
  /** Host and port: `docker.io`, `registry.k8s.io`, `localhost:5000`. */
  readonly registry: string;
  /** Name within the registry: `library/nginx`. */
  readonly repository: string;
  /** Left out when a digest is given without a tag; otherwise `latest` unless said. */
  readonly tag?: string;
  /** When there is one it decides, and the tag is for readers only. */
  readonly digest?: Digest;
}

/** True for a repository name that the distribution spec allows. */
export const isRepositoryName = (name: string): boolean => name.length <= 255 && NAME.test(name);

/** True for a tag that the distribution spec allows. */
export const isTag = (tag: string): boolean => TAG.test(tag);

/** True for a digest of the grammar whose encoding, where its algorithm is registered, has the right form. Spec: "Digests". */
export function isDigest(text: string): text is Digest {
  const match = DIGEST.exec(text);
  if (!match) return false;
  const registered = REGISTERED.find(([algorithm]) => algorithm === match[1]);
  return registered === undefined || registered[1].test(match[2] ?? '');
}

/**
 * Takes an image name apart and fills in what people leave out: `nginx:1.25` is `docker.io/library/nginx:1.25`.
 *
 * @throws CallError INVALID_ARGUMENT with the words of distribution/reference.
 */
export function parseReference(text: string): Reference {
  const reference = tryParseReference(text);
  if (typeof reference === 'string') throw new CallError('INVALID_ARGUMENT', `failed to parse image reference "${text}": ${reference}`);
  return reference;
}

/** As `parseReference`, but answers with the reason instead of throwing it. */
export function tryParseReference(text: string): Reference | string {
  if (text === '') return 'repository name must have at least one component';
  if (/^[a-f0-9]{64}$/.test(text)) return 'cannot specify 64-byte hexadecimal strings';
  const at = text.indexOf('@');
  const named = at < 0 ? text : text.slice(0, at);
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const colon = named.lastIndexOf(':');
  const tagged = colon > named.lastIndexOf('/');
  const tag = tagged ? named.slice(colon + 1) : undefined;
  const { registry, repository } = splitRegistry(tagged ? named.slice(0, colon) : named);
  if (repository !== repository.toLowerCase()) return 'repository name must be lowercase';
  if (!HOST.test(registry) || !NAME.test(repository) || (tag !== undefined && !TAG.test(tag))) return 'invalid reference format';
  if (registry.length + 1 + repository.length > 255) return 'repository name must not be more than 255 characters';
  if (digest === undefined) return { registry, repository, tag: tag ?? DEFAULT_TAG };
  if (!isDigest(digest)) return 'invalid reference format';
  return tag === undefined ? { registry, repository, digest } : { registry, repository, tag, digest };
}

function splitRegistry(name: string): { readonly registry: string; readonly repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  const registry = isHost ? first : DEFAULT_REGISTRY;
  const rest = isHost ? name.slice(slash + 1) : name;
  if (registry !== DEFAULT_REGISTRY && registry !== 'index.docker.io') return { registry, repository: rest };
  return { registry: DEFAULT_REGISTRY, repository: rest.includes('/') ? rest : `library/${rest}` };
}

/** The full name, `docker.io/library/nginx:1.25` or `…@sha256:…`, as containerd writes it. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** The full name with a digest and without a tag, as in `repoDigests` of CRI. */
export const formatDigestReference = ({ registry, repository }: Reference, digest: Digest): string => `${registry}/${repository}@${digest}`;
