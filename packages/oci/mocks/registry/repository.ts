import { decode } from '../../digest.ts';
import { type Descriptor, type Digest, type Index, isIndexType, isManifestType, type Manifest, mediaTypes } from '../../image/contract.ts';
import type { BuiltImage, Content } from './build.ts';

/** One repository of one registry: what it holds, by digest and by tag. */
export class Repository {
  /** With registry: `docker.io/library/nginx`. */
  readonly key: string;
  readonly blobs = new Map<Digest, Content>();
  readonly manifests = new Map<Digest, Content>();
  readonly tags = new Map<string, Digest>();
  /** True once anybody pushed: what is in it is then what was pushed. */
  pushed = false;
  readonly #referrers = new Map<Digest, Map<Digest, Descriptor>>();
  readonly #tagsOf = new Map<Digest, Set<string>>();
  readonly #deleted = new Set<string>();
  #sortedTags: readonly string[] | undefined;

  constructor(key: string) {
    this.key = key;
  }

  /** Tags in lexical order, by bytes. */
  get sortedTags(): readonly string[] {
    this.#sortedTags ??= [...this.tags.keys()].sort((a, b) => (a < b ? -1 : 1));
    return this.#sortedTags;
  }

  /** True for a tag or digest that was deleted and not pushed since. */
  wasDeleted(reference: string): boolean {
    return this.#deleted.has(reference);
  }

  find(reference: string): Content | undefined {
    return this.manifests.get((this.tags.get(reference) ?? reference) as Digest);
  }

  referrersOf(digest: Digest): readonly Descriptor[] {
    return [...(this.#referrers.get(digest)?.values() ?? [])];
  }

  /** Takes an image in that was made, not pushed. */
  install(image: BuiltImage, tag: string | undefined): void {
    for (const blob of image.blobs) this.blobs.set(blob.digest, blob);
    for (const manifest of image.manifests) this.manifests.set(manifest.digest, manifest);
    this.manifests.set(image.index.digest, image.index);
    if (tag !== undefined) this.tag(tag, image.index.digest);
  }

  /** Takes a manifest or index in. Returns the digest of its subject, if it has one. */
  put(manifest: Content): Digest | undefined {
    this.manifests.set(manifest.digest, manifest);
    this.#deleted.delete(manifest.digest);
    const subject = subjectOf(manifest);
    if (subject === undefined) return undefined;
    const referrers = this.#referrers.get(subject) ?? new Map<Digest, Descriptor>();
    this.#referrers.set(subject, referrers);
    referrers.set(manifest.digest, referrerOf(manifest));
    return subject;
  }

  tag(tag: string, digest: Digest): void {
    const before = this.tags.get(tag);
    if (before !== undefined) this.#tagsOf.get(before)?.delete(tag);
    this.tags.set(tag, digest);
    const tags = this.#tagsOf.get(digest) ?? new Set<string>();
    this.#tagsOf.set(digest, tags.add(tag));
    this.#deleted.delete(tag);
    this.#sortedTags = undefined;
  }

  removeTag(tag: string): void {
    const digest = this.tags.get(tag);
    if (digest !== undefined) this.#tagsOf.get(digest)?.delete(tag);
    this.tags.delete(tag);
    this.#deleted.add(tag);
    this.#sortedTags = undefined;
  }

  /** Removes a manifest and every tag that names it. */
  removeManifest(manifest: Content): void {
    for (const tag of [...(this.#tagsOf.get(manifest.digest) ?? [])]) this.removeTag(tag);
    this.#tagsOf.delete(manifest.digest);
    this.manifests.delete(manifest.digest);
    this.#deleted.add(manifest.digest);
    const subject = subjectOf(manifest);
    if (subject !== undefined) this.#referrers.get(subject)?.delete(manifest.digest);
  }
}

const hasSubject = (mediaType: string): boolean => isManifestType(mediaType) || isIndexType(mediaType);

function subjectOf({ mediaType, content }: Content): Digest | undefined {
  return hasSubject(mediaType) ? (JSON.parse(decode(content)) as Manifest | Index).subject?.digest : undefined;
}

/** Distribution-spec 1.1.1, "Listing Referrers": an image manifest without `artifactType` shows its config's media type instead. */
function referrerOf({ mediaType, digest, content }: Content): Descriptor {
  const document = JSON.parse(decode(content)) as Manifest | Index;
  const artifactType = document.artifactType ?? ('config' in document ? document.config.mediaType : undefined);
  return {
    mediaType: mediaType || mediaTypes.imageManifest,
    digest,
    size: content.length,
    ...(artifactType !== undefined && { artifactType }),
    ...(document.annotations !== undefined && { annotations: document.annotations }),
  };
}
