import { Disk, type Host } from '@slipway/host';
import { CsiError } from '../errors.ts';
import type * as m from '../messages/index.ts';

/** Where all of it is. */
export const ZONE_KEY = 'memory.slipway.dev/zone';
export const topology: m.Topology = { segments: { [ZONE_KEY]: 'here' } };
export const MAX_VOLUMES_PER_NODE = 8;
const GIB = 2 ** 30;
const LARGEST = 1024 * GIB;

/** How a node has a volume. */
interface Attachment {
  readonly capability: string;
  readonly readonly: boolean;
}

export interface MemoryVolume {
  readonly id: string;
  readonly name: string;
  /** What a repetition has to agree with, beyond the size. */
  readonly made: string;
  readonly source: m.VolumeContentSource | undefined;
  readonly disk: Disk;
  bytes: number;
  /** By node id. */
  readonly attached: Map<string, Attachment>;
}

export interface MemorySnapshot {
  readonly id: string;
  readonly name: string;
  readonly volumeId: string;
  readonly bytes: number;
  readonly createdAt: bigint;
  readonly groupId: string | undefined;
  /** Content of the files, by path. */
  readonly files: ReadonlyMap<string, string>;
}

/** A storage system in memory: what the controller and the nodes of the driver share. */
export class MemoryStorage {
  readonly volumes = new Map<string, MemoryVolume>();
  readonly snapshots = new Map<string, MemorySnapshot>();
  /** Name of each group, with the volumes that it was asked for, by id. */
  readonly groups = new Map<string, { readonly name: string; readonly volumeIds: string }>();
  /** By node id. */
  readonly machines = new Map<string, Host>();
  readonly #now: () => bigint;
  #ids = 0;

  /** @param now nanoseconds since the epoch */
  constructor(now: () => bigint) {
    this.#now = now;
  }

  nextId(kind: string): string {
    this.#ids += 1;
    return `${kind}-${this.#ids}`;
  }

  /** @throws CsiError NOT_FOUND */
  volume(id: string): MemoryVolume {
    const volume = this.volumes.get(id);
    if (!volume) throw new CsiError('NOT_FOUND', `no volume ${id}`);
    return volume;
  }

  /** @throws CsiError NOT_FOUND */
  snapshot(id: string): MemorySnapshot {
    const snapshot = this.snapshots.get(id);
    if (!snapshot) throw new CsiError('NOT_FOUND', `no snapshot ${id}`);
    return snapshot;
  }

  addVolume(name: string, made: string, bytes: number, source: m.VolumeContentSource | undefined): MemoryVolume {
    const disk = new Disk({ capacityBytes: bytes, cached: true });
    const files = source ? this.#filesOf(source) : undefined;
    if (files) for (const [path, text] of files) disk.write(path, text, { parents: true, sync: true });
    const volume = { id: this.nextId('vol'), name, made, source, disk, bytes, attached: new Map() };
    this.volumes.set(volume.id, volume);
    return volume;
  }

  addSnapshot(name: string, volume: MemoryVolume, groupId?: string): MemorySnapshot {
    const files = filesOn(volume.disk, '/');
    const base = { id: this.nextId('snap'), name, volumeId: volume.id, bytes: volume.bytes, createdAt: this.#now(), files };
    const snapshot: MemorySnapshot = { ...base, groupId };
    this.snapshots.set(snapshot.id, snapshot);
    return snapshot;
  }

  /** Size of what a volume is made from. @throws CsiError NOT_FOUND */
  bytesOf(source: m.VolumeContentSource): number {
    return 'snapshot' in source ? this.snapshot(source.snapshot.snapshotId).bytes : this.volume(source.volume.volumeId).bytes;
  }

  #filesOf(source: m.VolumeContentSource): ReadonlyMap<string, string> {
    return 'snapshot' in source ? this.snapshot(source.snapshot.snapshotId).files : filesOn(this.volume(source.volume.volumeId).disk, '/');
  }
}

/** A size in the range. @throws CsiError OUT_OF_RANGE */
export function sizeIn({ requiredBytes = 0, limitBytes = 0 }: m.CapacityRange = {}, least = GIB): number {
  const bytes = requiredBytes || (limitBytes ? Math.min(limitBytes, least) : least);
  if (bytes > LARGEST) throw new CsiError('OUT_OF_RANGE', `${bytes} bytes are more than ${LARGEST}`);
  return bytes;
}

export function volumeOf({ id, bytes, source }: MemoryVolume): m.Volume {
  const from = source === undefined ? {} : { contentSource: source };
  return { volumeId: id, capacityBytes: bytes, volumeContext: { backend: 'memory' }, accessibleTopology: [topology], ...from };
}

export function snapshotOf({ id, volumeId, bytes, createdAt, groupId }: MemorySnapshot): m.Snapshot {
  const group = groupId === undefined ? {} : { groupSnapshotId: groupId };
  return { snapshotId: id, sourceVolumeId: volumeId, sizeBytes: bytes, creationTime: createdAt, readyToUse: true, ...group };
}

/** One page of a list that is sorted by id; the token is the last id, so that deletions in between do no harm. */
export function pageOf<T extends { readonly id: string }>(
  all: Iterable<T>,
  { maxEntries = 0, startingToken = '' }: { readonly maxEntries?: number; readonly startingToken?: string },
): { readonly page: readonly T[]; readonly next: { readonly nextToken?: string } } {
  const after = /^after:(.+)$/.exec(startingToken)?.[1];
  if (startingToken && after === undefined) throw new CsiError('ABORTED', `bad token ${startingToken}`);
  const sorted = [...all].sort((one, other) => (one.id < other.id ? -1 : 1));
  const rest = after === undefined ? sorted : sorted.filter(({ id }) => id > after);
  const page = maxEntries > 0 ? rest.slice(0, maxEntries) : rest;
  const last = page.at(-1);
  return { page, next: last !== undefined && page.length < rest.length ? { nextToken: `after:${last.id}` } : {} };
}

/** Every file below a folder, with its text. */
function filesOn(disk: Disk, folder: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const name of disk.list(folder)) {
    const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
    if (disk.status(path).kind === 'file') files.set(path, disk.readText(path));
    else for (const [inner, text] of filesOn(disk, path)) files.set(inner, text);
  }
  return files;
}
