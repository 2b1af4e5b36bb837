import type { Host } from '@slipway/host';
import type { Digest } from '@slipway/oci';
import type { Image } from '../../../messages/index.ts';
import type { Flavour } from '../flavour.ts';
import { type ImageRecord, toImage } from './image-record.ts';

/** Images and layers of one node. Names and configurations are files, layers too; a layer that several images share is there once. */
export class ImageStore {
  readonly #host: Host;
  readonly #flavour: Flavour;
  readonly #images = new Map<Digest, ImageRecord>();
  /** Full names with tag or digest. */
  readonly #names = new Map<string, Digest>();
  readonly #layers = new Map<Digest, { readonly size: number; holders: number }>();
  #usedBytes = 0;
  #listed: readonly Image[] | undefined;

  constructor(host: Host, flavour: Flavour) {
    this.#host = host;
    this.#flavour = flavour;
  }

  /** Bytes that images take in life. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Layers and images, which is what takes inodes. */
  get files(): number {
    return this.#layers.size + this.#images.size;
  }

  /** The image that a name stands for: an id (with or without `sha256:`, or the beginning of one) or a full or short name. @throws CriError of `fullImageName`. */
  find(name: string): ImageRecord | undefined {
    const byDigest = this.#images.get(name.startsWith('sha256:') ? (name as Digest) : `sha256:${name}`);
    if (byDigest) return byDigest;
    const exact = this.#names.get(name);
    if (exact) return this.#images.get(exact);
    // A whole id is no name, so what is not there as an id is not there.
    if (/^(sha256:)?[0-9a-f]{64}$/.test(name)) return undefined;
    if (/^(sha256:)?[0-9a-f]{4,63}$/.test(name)) {
      const found = this.#byPrefix(name.startsWith('sha256:') ? name : `sha256:${name}`);
      if (found) return found;
    }
    const digest = this.#names.get(this.#flavour.fullImageName(name));
    return digest && this.#images.get(digest);
  }

  list(): readonly Image[] {
    this.#listed ??= [...this.#images.values()].map((record) => this.show(record));
    return this.#listed;
  }

  show(record: ImageRecord): Image {
    return toImage(record, this.#flavour.imageId(record.digest));
  }

  /** Adds an image, or further names of one that is there. A tag that named another image leaves that one. */
  add(record: ImageRecord): ImageRecord {
    const known = this.#images.get(record.digest);
    const merged: ImageRecord = known
      ? {
          ...known,
          repoTags: union(known.repoTags, record.repoTags),
          repoDigests: union(known.repoDigests, record.repoDigests),
          pinned: known.pinned || record.pinned,
        }
      : record;
    this.#save(merged);
    for (const tag of record.repoTags) this.#untag(tag, record.digest);
    if (!known) for (const layer of record.layers) this.#hold(layer.digest, layer.size);
    this.#index(merged);
    return merged;
  }

  /** Removes an image with all its names, and the layers that nobody else holds. */
  remove(record: ImageRecord): void {
    this.#images.delete(record.digest);
    for (const name of [...record.repoTags, ...record.repoDigests]) if (this.#names.get(name) === record.digest) this.#names.delete(name);
    for (const { digest } of record.layers) this.release(digest);
    this.#host.files.remove(this.#fileOf(record.digest), { recursive: true });
    this.#listed = undefined;
  }

  hasLayer(digest: Digest): boolean {
    return this.#layers.has(digest);
  }

  /** Stores a layer and holds it until `release`, so that nothing removes it while a pull goes on. */
  holdLayer(digest: Digest, size: number, content?: Uint8Array): void {
    if (content) this.#host.files.write(this.#blobOf(digest), content, { parents: true });
    this.#hold(digest, size);
  }

  release(digest: Digest): void {
    const layer = this.#layers.get(digest);
    if (!layer) return;
    layer.holders -= 1;
    if (layer.holders > 0) return;
    this.#layers.delete(digest);
    this.#usedBytes -= layer.size;
    this.#host.files.remove(this.#blobOf(digest), { recursive: true });
  }

  /** Whether so many more bytes fit on the disk. */
  fits(bytes: number): boolean {
    const { disk } = this.#host;
    return this.#usedBytes + disk.usedBytes + bytes <= disk.capacityBytes;
  }

  /** Reads what a life before this one left on the disk. */
  load(): void {
    this.#images.clear();
    this.#names.clear();
    this.#layers.clear();
    this.#usedBytes = 0;
    this.#listed = undefined;
    const folder = `${this.#flavour.root}/images`;
    if (!this.#host.files.exists(folder)) return;
    for (const name of this.#host.files.list(folder)) {
      const record = JSON.parse(this.#host.files.readText(`${folder}/${name}`)) as ImageRecord;
      for (const layer of record.layers) this.#hold(layer.digest, layer.size);
      this.#index(record);
    }
  }

  #save(record: ImageRecord): void {
    this.#host.files.write(this.#fileOf(record.digest), JSON.stringify(record), { parents: true, atomic: true });
  }

  #index(record: ImageRecord): void {
    this.#images.set(record.digest, record);
    for (const name of [...record.repoTags, ...record.repoDigests]) this.#names.set(name, record.digest);
    this.#listed = undefined;
  }

  #untag(tag: string, newOwner: Digest): void {
    const owner = this.#names.get(tag);
    if (owner === undefined || owner === newOwner) return;
    const record = this.#images.get(owner);
    if (!record) return;
    const left = { ...record, repoTags: record.repoTags.filter((other) => other !== tag) };
    this.#save(left);
    this.#index(left);
  }

  #hold(digest: Digest, size: number): void {
    const layer = this.#layers.get(digest);
    if (layer) layer.holders += 1;
    else {
      this.#layers.set(digest, { size, holders: 1 });
      this.#usedBytes += size;
    }
  }

  #byPrefix(prefix: string): ImageRecord | undefined {
    const found = [...this.#images.values()].filter(({ digest }) => digest.startsWith(prefix));
    return found.length === 1 ? found[0] : undefined;
  }

  #fileOf(digest: Digest): string {
    return `${this.#flavour.root}/images/${hexOf(digest)}.json`;
  }

  #blobOf(digest: Digest): string {
    return `${this.#flavour.root}/blobs/sha256/${hexOf(digest)}`;
  }
}

const hexOf = (digest: string): string => digest.slice(digest.indexOf(':') + 1);

function union(some: readonly string[], more: readonly string[]): readonly string[] {
  const added = more.filter((name) => !some.includes(name));
  return added.length === 0 ? some : [...some, ...added].sort((a, b) => (a < b ? -1 : 1));
}
