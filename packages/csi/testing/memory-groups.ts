import { type Implementation, Stream } from '@slipway/kernel';
import type { CsiGroupController, CsiSnapshotMetadata } from '../contract.ts';
import { CsiError } from '../errors.ts';
import type * as m from '../messages/index.ts';
import { type MemorySnapshot, type MemoryStorage, snapshotOf } from './memory-storage.ts';

/** Snapshots of several volumes at one instant. */
export class MemoryGroupController implements Implementation<CsiGroupController> {
  readonly storage: MemoryStorage;

  constructor(storage: MemoryStorage) {
    this.storage = storage;
  }

  groupControllerGetCapabilities(): m.GroupControllerGetCapabilitiesResponse {
    return { capabilities: [{ rpc: { type: 'CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT' } }] };
  }

  createVolumeGroupSnapshot({ name, sourceVolumeIds }: m.CreateVolumeGroupSnapshotRequest): m.CreateVolumeGroupSnapshotResponse {
    const volumeIds = [...sourceVolumeIds].sort().join();
    for (const [id, group] of this.storage.groups) {
      if (group.name !== name) continue;
      if (group.volumeIds !== volumeIds) throw new CsiError('ALREADY_EXISTS', `${name} is of other volumes`);
      return { groupSnapshot: this.#group(id) };
    }
    const volumes = sourceVolumeIds.map((id) => this.storage.volume(id));
    const id = this.storage.nextId('group');
    this.storage.groups.set(id, { name, volumeIds });
    for (const volume of volumes) this.storage.addSnapshot(`${name} ${volume.id}`, volume, id);
    return { groupSnapshot: this.#group(id) };
  }

  deleteVolumeGroupSnapshot({ groupSnapshotId, snapshotIds }: m.DeleteVolumeGroupSnapshotRequest): m.DeleteVolumeGroupSnapshotResponse {
    if (!this.storage.groups.has(groupSnapshotId)) return {};
    for (const { id } of this.#members(groupSnapshotId, snapshotIds)) this.storage.snapshots.delete(id);
    this.storage.groups.delete(groupSnapshotId);
    return {};
  }

  getVolumeGroupSnapshot({ groupSnapshotId, snapshotIds }: m.GetVolumeGroupSnapshotRequest): m.GetVolumeGroupSnapshotResponse {
    if (!this.storage.groups.has(groupSnapshotId)) throw new CsiError('NOT_FOUND', `no group ${groupSnapshotId}`);
    this.#members(groupSnapshotId, snapshotIds);
    return { groupSnapshot: this.#group(groupSnapshotId) };
  }

  #group(groupSnapshotId: string): m.VolumeGroupSnapshot {
    const snapshots = this.#members(groupSnapshotId).map(snapshotOf);
    return { groupSnapshotId, snapshots, creationTime: snapshots[0]?.creationTime ?? 0n, readyToUse: true };
  }

  #members(groupSnapshotId: string, claimed: readonly string[] = []): readonly MemorySnapshot[] {
    const members = [...this.storage.snapshots.values()].filter(({ groupId }) => groupId === groupSnapshotId);
    const stray = claimed.find((id) => !members.some((member) => member.id === id));
    if (stray !== undefined) throw new CsiError('INVALID_ARGUMENT', `${stray} is not of ${groupSnapshotId}`);
    return members;
  }
}

/** Room on the imagined device for one file. */
const SLOT = 2 ** 20;

/** Every file has a place of its own on the device, in the order of its path among all paths of both snapshots. */
export class MemorySnapshotMetadata implements Implementation<CsiSnapshotMetadata> {
  readonly storage: MemoryStorage;

  constructor(storage: MemoryStorage) {
    this.storage = storage;
  }

  getMetadataAllocated(request: m.GetMetadataAllocatedRequest): Stream<m.GetMetadataAllocatedResponse> {
    const snapshot = this.storage.snapshot(request.snapshotId);
    return this.#stream(snapshot, () => true, request);
  }

  getMetadataDelta(request: m.GetMetadataDeltaRequest): Stream<m.GetMetadataDeltaResponse> {
    const base = this.storage.snapshot(request.baseSnapshotId);
    const target = this.storage.snapshot(request.targetSnapshotId);
    return this.#stream(target, (path, text) => base.files.get(path) !== text, request);
  }

  #stream(
    { files, bytes }: MemorySnapshot,
    wanted: (path: string, text: string) => boolean,
    { startingOffset, maxResults = 0 }: { readonly startingOffset: number; readonly maxResults?: number },
  ): Stream<m.GetMetadataAllocatedResponse> {
    if (startingOffset < 0 || startingOffset >= bytes) throw new CsiError('OUT_OF_RANGE', `offset ${startingOffset} of ${bytes} bytes`);
    const runs = [...files]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([path, text], slot) => (wanted(path, text) ? [{ byteOffset: slot * SLOT, sizeBytes: Math.max(1, text.length) }] : []))
      .filter(({ byteOffset, sizeBytes }) => byteOffset + sizeBytes > startingOffset);
    const stream = new Stream<m.GetMetadataAllocatedResponse>();
    const size = maxResults > 0 ? maxResults : 100;
    for (let from = 0; from < runs.length; from += size) {
      const blockMetadata = runs.slice(from, from + size);
      stream.offer({ blockMetadataType: 'VARIABLE_LENGTH', volumeCapacityBytes: bytes, blockMetadata });
    }
    stream.end();
    return stream;
  }
}
