import type { Disk } from '@slipway/host';
import { type Micros, type Process, self } from '@slipway/kernel';
import { CloudError } from '../../errors.ts';
import type * as m from '../../messages.ts';
import type { BookedDisk } from './disks.ts';
import { nextAwsId } from './names.ts';
import { Orders } from './orders.ts';
import { hasTag, type Region, select } from './region.ts';

interface BookedSnapshot {
  readonly id: string;
  readonly volumeId: string;
  readonly sizeGiB: number;
  readonly disk: Disk;
  readonly startTime: bigint;
  readonly readyAt: Micros;
  readonly tags: m.Tags;
}

/** Copies of disks. They outlive the disk that they were taken of. */
export class Snapshots {
  readonly #region: Region;
  readonly #orders = new Orders();
  readonly #snapshots = new Map<string, BookedSnapshot>();

  constructor(region: Region) {
    this.#region = region;
  }

  /** What a disk made from it starts with. @throws CloudError InvalidSnapshot.NotFound, IncorrectState (not completed yet) */
  content(id: string): Pick<BookedSnapshot, 'disk' | 'sizeGiB'> {
    const snapshot = this.#need(id);
    if (this.#region.now() < snapshot.readyAt) throw new CloudError('IncorrectState', `Snapshot is in invalid state - pending: ${id}`);
    return snapshot;
  }

  *createSnapshot(order: m.CreateSnapshotRequest, diskOf: (id: string) => BookedDisk): Process<m.SnapshotResponse> {
    const known = this.#orders.find(order.clientToken, order);
    if (known !== undefined) return { snapshot: this.#view(this.#need(known)) };
    const source = diskOf(order.volumeId);
    const { kernel } = yield* self();
    const snapshot: BookedSnapshot = {
      id: nextAwsId(this.#region.ids, 'snap'),
      volumeId: source.id,
      sizeGiB: source.sizeGiB,
      disk: source.disk.copy(),
      startTime: BigInt(kernel.unixMicros) * 1_000n,
      readyAt: this.#region.now() + this.#region.options.snapshot,
      tags: order.tags ?? {},
    };
    this.#snapshots.set(snapshot.id, snapshot);
    this.#orders.note(order.clientToken, order, snapshot.id);
    return { snapshot: this.#view(snapshot) };
  }

  describeSnapshots({ snapshotIds, volumeId, tags, tagged }: m.DescribeSnapshotsRequest): m.DescribeSnapshotsResponse {
    const chosen = select(
      this.#snapshots,
      snapshotIds,
      tags,
      (id) => this.#need(id),
      ({ id }) => id,
    );
    const isWanted = (each: BookedSnapshot): boolean => (volumeId === undefined || each.volumeId === volumeId) && hasTag(each, tagged);
    return { snapshots: chosen.filter(isWanted).map((each) => this.#view(each)) };
  }

  deleteSnapshot({ snapshotId }: m.SnapshotRequest): m.Empty {
    this.#need(snapshotId);
    this.#snapshots.delete(snapshotId);
    this.#orders.forget(snapshotId);
    return {};
  }

  #need(id: string): BookedSnapshot {
    const snapshot = this.#snapshots.get(id);
    if (!snapshot) throw new CloudError('InvalidSnapshot.NotFound', `The snapshot '${id}' does not exist.`);
    return snapshot;
  }

  #view({ id, volumeId, sizeGiB, startTime, readyAt, tags }: BookedSnapshot): m.DiskSnapshot {
    const state = this.#region.now() < readyAt ? 'pending' : 'completed';
    return { snapshotId: id, volumeId, sizeGiB, state, startTime, tags };
  }
}
