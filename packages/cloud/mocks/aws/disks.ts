import { Disk } from '@slipway/host';
import { type Micros, type Process, spawn } from '@slipway/kernel';
import { CloudError } from '../../errors.ts';
import type * as m from '../../messages.ts';
import { Attachments } from './attachments.ts';
import { carryOut } from './carry-out.ts';
import type { Instances } from './instances.ts';
import { nextAwsId } from './names.ts';
import { Orders } from './orders.ts';
import { hasTag, isZone, type Region, select } from './region.ts';
import type { Snapshots } from './snapshots.ts';
import { performanceOf, type Performance } from './volume-types.ts';

/** Bytes. */
export const GIB = 2 ** 30;

/** A disk as the cloud has it in its books. */
export interface BookedDisk {
  readonly id: string;
  readonly zone: string;
  readonly encrypted: boolean;
  readonly snapshotId: string | undefined;
  readonly tags: m.Tags;
  readonly readyAt: Micros;
  readonly disk: Disk;
  sizeGiB: number;
  volumeType: string;
  performance: Performance;
  modification: 'modifying' | undefined;
  /** When the last modification was ordered, and until when it occupies the disk. */
  modifiedAt: Micros | undefined;
  optimizedAt: Micros;
}

/** Disks. */
export class Disks {
  readonly #region: Region;
  readonly #snapshots: Snapshots;
  readonly #attachments: Attachments;
  readonly #orders = new Orders();
  readonly #disks = new Map<string, BookedDisk>();
  #totalGiB = 0;

  constructor(region: Region, instances: Instances, snapshots: Snapshots) {
    this.#region = region;
    this.#snapshots = snapshots;
    this.#attachments = new Attachments(region, instances);
  }

  createVolume(order: m.CreateDiskRequest): m.DiskResponse {
    const known = this.#orders.find(order.clientToken, order);
    if (known !== undefined) return { volume: this.#view(this.need(known)) };
    const { zone, volumeType = 'gp3', encrypted = false, snapshotId, tags = {} } = order;
    if (!isZone(this.#region, zone))
      throw new CloudError('InvalidParameterValue', `Value (${zone}) for parameter availabilityZone is invalid.`);
    const snapshot = snapshotId === undefined ? undefined : this.#snapshots.content(snapshotId);
    const { sizeGiB } = order;
    if (snapshot && sizeGiB < snapshot.sizeGiB)
      throw new CloudError(
        'InvalidParameterValue',
        `Volume of ${sizeGiB}GiB is smaller than snapshot '${snapshotId}', expect size >= ${snapshot.sizeGiB}GiB.`,
      );
    const performance = performanceOf(volumeType, sizeGiB, order);
    this.#reserve(sizeGiB);
    const { options } = this.#region;
    const now = this.#region.now();
    const id = nextAwsId(this.#region.ids, 'vol');
    const shape = { capacityBytes: sizeGiB * GIB, cached: true, clock: () => this.#region.now(), serial: id };
    const disk: BookedDisk = {
      id,
      zone,
      encrypted,
      snapshotId,
      tags,
      readyAt: now + (snapshot ? options.restoreDisk : options.createDisk),
      disk: snapshot ? snapshot.disk.copy(shape) : new Disk({ ...shape, blank: true }),
      sizeGiB,
      volumeType,
      performance,
      modification: undefined,
      modifiedAt: undefined,
      optimizedAt: now,
    };
    this.#disks.set(disk.id, disk);
    this.#orders.note(order.clientToken, order, disk.id);
    return { volume: this.#view(disk) };
  }

  describeVolumes({ volumeIds, tags, tagged }: m.DescribeDisksRequest): m.DescribeDisksResponse {
    const chosen = select(
      this.#disks,
      volumeIds,
      tags,
      (id) => this.need(id),
      ({ id }) => id,
    );
    return { volumes: chosen.filter((disk) => hasTag(disk, tagged)).map((disk) => this.#view(disk)) };
  }

  deleteVolume({ volumeId }: m.DiskRequest): m.Empty {
    const disk = this.need(volumeId);
    const attachment = this.#attachments.of(disk);
    if (attachment) throw new CloudError('VolumeInUse', `Volume ${volumeId} is currently attached to ${attachment.instanceId}`);
    this.#disks.delete(volumeId);
    this.#orders.forget(volumeId);
    this.#totalGiB -= disk.sizeGiB;
    return {};
  }

  attachVolume({ volumeId, instanceId, device }: m.AttachDiskRequest): Process<m.DiskAttachment> {
    const disk = this.need(volumeId);
    if (this.#region.now() < disk.readyAt) throw new CloudError('IncorrectState', `The volume '${volumeId}' is not 'available'.`);
    return this.#attachments.attach(disk, instanceId, device);
  }

  detachVolume({ volumeId, instanceId, force = false }: m.DetachDiskRequest): Process<m.Empty> {
    return this.#attachments.detach(this.need(volumeId), instanceId, force);
  }

  *modifyVolume(order: m.ModifyDiskRequest): Process<m.DiskResponse> {
    const disk = this.need(order.volumeId);
    const { sizeGiB = disk.sizeGiB, volumeType = disk.volumeType } = order;
    const { options } = this.#region;
    const now = this.#region.now();
    if (sizeGiB < disk.sizeGiB) throw new CloudError('InvalidParameterValue', 'New size cannot be smaller than existing size');
    // Performance that belongs to another type does not come along.
    const kept = volumeType === disk.volumeType && volumeType !== 'gp2' ? disk.performance : {};
    const { iops = kept.iops, throughput = kept.throughput } = order;
    const performance = performanceOf(volumeType, sizeGiB, {
      ...(iops === undefined ? {} : { iops }),
      ...(throughput === undefined ? {} : { throughput }),
    });
    if (disk.modification || now < disk.optimizedAt)
      throw new CloudError(
        'IncorrectModificationState',
        `Volume ${disk.id} is currently in the ${disk.modification ?? 'optimizing'} state of a modification.`,
      );
    if (disk.modifiedAt !== undefined && now < disk.modifiedAt + options.modifyAgain)
      throw new CloudError(
        'VolumeModificationRateExceeded',
        "You've reached the maximum modification rate per volume limit. Wait at least 6 hours between modifications per EBS volume.",
      );
    this.#reserve(sizeGiB - disk.sizeGiB);
    disk.modification = 'modifying';
    disk.modifiedAt = now;
    disk.optimizedAt = now + options.modify + options.optimize;
    const change = () => modify(disk, { sizeGiB, volumeType, performance });
    yield* spawn(`modify ${disk.id}`, carryOut(this.#region, options.modify, change));
    return { volume: this.#view(disk) };
  }

  /** @throws CloudError InvalidVolume.NotFound */
  need(id: string): BookedDisk {
    const disk = this.#disks.get(id);
    if (!disk) throw new CloudError('InvalidVolume.NotFound', `The volume '${id}' does not exist.`);
    return disk;
  }

  /** @throws CloudError VolumeLimitExceeded */
  #reserve(moreGiB: number): void {
    const { volumeStorageGiB } = this.#region.options;
    if (this.#totalGiB + moreGiB > volumeStorageGiB)
      throw new CloudError(
        'VolumeLimitExceeded',
        `You have exceeded your maximum volume storage limit of ${volumeStorageGiB} GiB in this region.`,
      );
    this.#totalGiB += moreGiB;
  }

  #view(disk: BookedDisk): m.CloudDisk {
    const attachment = this.#attachments.of(disk);
    const now = this.#region.now();
    const modification = disk.modification ?? (now < disk.optimizedAt && disk.modifiedAt !== undefined ? 'optimizing' : undefined);
    return {
      volumeId: disk.id,
      zone: disk.zone,
      sizeGiB: disk.sizeGiB,
      volumeType: disk.volumeType,
      ...disk.performance,
      encrypted: disk.encrypted,
      ...(disk.snapshotId === undefined ? {} : { snapshotId: disk.snapshotId }),
      state: attachment ? 'in-use' : now < disk.readyAt ? 'creating' : 'available',
      ...(modification ? { modification } : {}),
      attachments: attachment ? [attachment] : [],
      tags: disk.tags,
    };
  }
}

function modify(disk: BookedDisk, goal: Pick<BookedDisk, 'sizeGiB' | 'volumeType' | 'performance'>): void {
  disk.modification = undefined;
  Object.assign(disk, goal);
  disk.disk.growDevice(goal.sizeGiB * GIB);
}
