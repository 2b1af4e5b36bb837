import type { CloudApi, CloudDisk, DescribeDisksRequest, DiskAttachment } from '@slipway/cloud';
import { type Client, codeOf, milliseconds, type Process, seconds, sleep } from '@slipway/kernel';
import { CsiError } from '../../errors.ts';
import { BatchedLookup } from '../aws-calls/batched-lookup.ts';
import { apiError, quoted, troubleOf } from '../aws-calls/cloud-errors.ts';
import { type Patience, polled } from '../aws-calls/polling.ts';
import { Retryer } from '../aws-calls/retryer.ts';
import { VOLUME_NAME_TAG, type Wishes } from './parameters.ts';

// How the driver waits for the cloud. Source: aws-ebs-csi-driver pkg/cloud/cloud.go, vwp. Upstream would wait for 43 minutes for a disk to be
// attached, but ends with its caller's patience. A callee here does not hear that its caller went, so it looks for about half a minute.
const CREATION_DELAY = milliseconds(1_250);
const CREATION: Patience = { first: milliseconds(500), growthThousandths: 1_500, longest: seconds(3), times: 25 };
const ATTACHMENT: Patience = { first: seconds(1), growthThousandths: 1_800, times: 6 };
const MODIFICATION: Patience = { first: seconds(1), growthThousandths: 1_700, times: 7 };

/** Disks in one question. Source: pkg/cloud/cloud.go, newBatcherManager. */
const MOST_AT_ONCE = 500;

const isUnknownVolume = (error: unknown): boolean => codeOf(error) === 'InvalidVolume.NotFound';

/** Calls that change something; each waits for its turn apart from the others. */
type Change = 'createVolume' | 'deleteVolume' | 'attachVolume' | 'detachVolume' | 'modifyVolume' | 'createSnapshot' | 'deleteSnapshot';

/** Disks of the cloud, asked for with the patience that a driver needs. */
export class Volumes {
  readonly cloud: Client<CloudApi>;
  readonly #reads = new Retryer('standard');
  readonly #changes = new Map<Change, Retryer>();
  readonly #byId: BatchedLookup<CloudDisk>;
  readonly #byName: BatchedLookup<CloudDisk>;

  constructor(cloud: Client<CloudApi>) {
    this.cloud = cloud;
    const described = function* (request: DescribeDisksRequest): Process<readonly CloudDisk[]> {
      return (yield* cloud.describeVolumes(request)).volumes;
    };
    this.#byId = new BatchedLookup<CloudDisk>({
      most: MOST_AT_ONCE,
      ask: (volumeIds) => described({ volumeIds }),
      keyOf: ({ volumeId }) => volumeId,
      isUnknown: isUnknownVolume,
    });
    this.#byName = new BatchedLookup<CloudDisk>({
      most: MOST_AT_ONCE,
      ask: (values) => described({ tagged: { key: VOLUME_NAME_TAG, values } }),
      keyOf: ({ tags }) => tags[VOLUME_NAME_TAG] ?? '',
      isUnknown: () => false,
    });
  }

  /** A call that changes nothing. */
  read<T>(ask: (cloud: Client<CloudApi>) => Process<T>): Process<T> {
    return this.#reads.call(() => ask(this.cloud));
  }

  /** A call that changes something. */
  change<T>(name: Change, ask: (cloud: Client<CloudApi>) => Process<T>): Process<T> {
    let retryer = this.#changes.get(name);
    if (!retryer) this.#changes.set(name, (retryer = new Retryer('adaptive')));
    return retryer.call(() => ask(this.cloud));
  }

  /** Undefined: there is no such disk. */
  find(volumeId: string): Process<CloudDisk | undefined> {
    return this.#reads.call(() => this.#byId.find(volumeId));
  }

  /** The disk that was made for the volume of this name. */
  findByName(name: string): Process<CloudDisk | undefined> {
    return this.#reads.call(() => this.#byName.find(name));
  }

  /** Waits until a new disk can be used. @throws CsiError ABORTED */
  *untilCreated(volume: CloudDisk): Process<CloudDisk> {
    const { volumeId } = volume;
    if (volume.state !== 'creating') return volume;
    yield* sleep(CREATION_DELAY);
    const created = yield* polled(CREATION, () => this.#ifCreated(volumeId));
    if (!created) throw new CsiError('ABORTED', `timed out waiting for volume to create: ${volumeId}`);
    return created;
  }

  /** Waits until the disk is plugged into this machine. @throws CsiError INTERNAL */
  *untilAttached(volumeId: string, instanceId: string): Process<DiskAttachment> {
    const attachment = yield* polled(ATTACHMENT, () => this.#ifAttached(volumeId, instanceId));
    if (!attachment) throw new CsiError('INTERNAL', `timed out waiting for volume ${quoted(volumeId)} to be attached`);
    return attachment;
  }

  /** Waits until the disk is no longer in this machine; one that does not exist is not. @throws CsiError INTERNAL */
  *untilDetached(volumeId: string, instanceId: string): Process {
    const detached = yield* polled(ATTACHMENT, () => this.#ifDetached(volumeId, instanceId));
    if (!detached) throw new CsiError('INTERNAL', `timed out waiting for volume ${quoted(volumeId)} to be detached`);
  }

  /**
   * Makes a disk larger, faster or of another kind, unless it is so already.
   *
   * @throws CsiError NOT_FOUND; CloudError as `modifyVolume` does
   */
  *modify(volumeId: string, wanted: Wishes & { readonly sizeGiB?: number }): Process<CloudDisk> {
    const before = yield* this.#unmodified(volumeId);
    if (fulfils(before, wanted)) return before;
    yield* this.change('modifyVolume', (cloud) => cloud.modifyVolume({ volumeId, ...wanted }));
    const after = yield* this.#unmodified(volumeId);
    if (!fulfils(after, wanted)) throw new CsiError('INTERNAL', `volume ${quoted(volumeId)} is still being modified`);
    return after;
  }

  /** The disk once no modification is under way. One that is being optimised has what was ordered already. */
  *#unmodified(volumeId: string): Process<CloudDisk> {
    const volume = yield* polled(MODIFICATION, () => this.#ifModified(volumeId));
    if (!volume) throw new CsiError('INTERNAL', `timed out waiting for the modification of volume ${quoted(volumeId)}`);
    return volume;
  }

  *#ifModified(volumeId: string): Process<CloudDisk | undefined> {
    const volume = yield* this.find(volumeId);
    if (!volume) throw new CsiError('NOT_FOUND', `Volume ${quoted(volumeId)} not found`);
    return volume.modification === 'modifying' ? undefined : volume;
  }

  *#ifCreated(volumeId: string): Process<CloudDisk | undefined> {
    const volume = yield* this.find(volumeId);
    if (!volume) throw new CsiError('ABORTED', `volume ${volumeId} is gone before it could be used`);
    return volume.state === 'creating' ? undefined : volume;
  }

  *#ifAttached(volumeId: string, instanceId: string): Process<DiskAttachment | undefined> {
    const volume = yield* this.find(volumeId);
    const attachment = volume?.attachments.find((each) => each.instanceId === instanceId);
    if (!attachment)
      throw new CsiError('INTERNAL', `attachment of disk ${quoted(volumeId)} failed, expected device to be attached but was detached`);
    return attachment.state === 'attached' ? attachment : undefined;
  }

  *#ifDetached(volumeId: string, instanceId: string): Process<true | undefined> {
    const volume = yield* this.find(volumeId);
    return volume?.attachments.some((each) => each.instanceId === instanceId) ? undefined : true;
  }
}

function fulfils(volume: CloudDisk, { sizeGiB = 0, volumeType, iops, throughput }: Wishes & { readonly sizeGiB?: number }): boolean {
  return (
    volume.sizeGiB >= sizeGiB &&
    (volumeType === undefined || volume.volumeType === volumeType) &&
    (iops === undefined || volume.iops === iops) &&
    (throughput === undefined || volume.throughput === throughput)
  );
}

/** What CSI calls a cloud's refusal to attach. Source of messages: pkg/driver/controller.go, ControllerPublishVolume. */
export function attachError(error: unknown, volumeId: string, nodeId: string): CsiError {
  const code = codeOf(error);
  if (code === 'InvalidVolume.NotFound') return new CsiError('NOT_FOUND', `Volume ${quoted(volumeId)} not found`);
  if (code === 'InvalidInstanceID.NotFound') return new CsiError('NOT_FOUND', `Node ${quoted(nodeId)} not found`);
  const what = `volume ${quoted(volumeId)} on node ${quoted(nodeId)}: ${apiError(error)}`;
  if (code === 'AttachmentLimitExceeded') return new CsiError('RESOURCE_EXHAUSTED', `Attachment limit exceeded for ${what}`);
  const could = `Could not attach volume ${quoted(volumeId)} to node ${quoted(nodeId)}: ${apiError(error)}`;
  // Upstream says INTERNAL; the spec has a code for a volume that another node has.
  return new CsiError(code === 'VolumeInUse' ? 'FAILED_PRECONDITION' : troubleOf(error), could);
}
