import type { DescribeSnapshotsRequest, DiskSnapshot } from '@slipway/cloud';
import { codeOf, type Process } from '@slipway/kernel';
import { CsiError } from '../../errors.ts';
import type * as m from '../../messages/index.ts';
import { BatchedLookup } from '../aws-calls/batched-lookup.ts';
import { apiError, quoted, troubleOf } from '../aws-calls/cloud-errors.ts';
import type { InFlight } from '../in-flight.ts';
import { DRIVER_TAG, GIB, SNAPSHOT_NAME_TAG } from './parameters.ts';
import type { Volumes } from './volumes.ts';

/** Snapshots in one question. Source: aws-ebs-csi-driver pkg/cloud/cloud.go, newBatcherManager. */
const MOST_AT_ONCE = 1_000;

/** The snapshot half of the controller. Source: aws-ebs-csi-driver pkg/driver/controller.go, CreateSnapshot and on. */
export class Snapshots {
  readonly #volumes: Volumes;
  readonly #inFlight: InFlight;
  readonly #byName: BatchedLookup<DiskSnapshot>;

  constructor(volumes: Volumes, inFlight: InFlight) {
    this.#volumes = volumes;
    this.#inFlight = inFlight;
    this.#byName = new BatchedLookup<DiskSnapshot>({
      most: MOST_AT_ONCE,
      ask: (values) => this.#described({ tagged: { key: SNAPSHOT_NAME_TAG, values } }),
      keyOf: ({ tags }) => tags[SNAPSHOT_NAME_TAG] ?? '',
      isUnknown: () => false,
    });
  }

  create(request: m.CreateSnapshotRequest): Process<m.CreateSnapshotResponse> {
    return this.#inFlight.hold(request.name, this.#create(request));
  }

  delete({ snapshotId }: m.DeleteSnapshotRequest): Process<m.DeleteSnapshotResponse> {
    return this.#inFlight.hold(snapshotId, this.#delete(snapshotId));
  }

  /** Unlike upstream, which hands `maxEntries` to EC2, it gives pages of fewer than five. */
  *list({ snapshotId, sourceVolumeId, startingToken, maxEntries = 0 }: m.ListSnapshotsRequest): Process<m.ListSnapshotsResponse> {
    const found = yield* this.#find(snapshotId, sourceVolumeId);
    if (startingToken && !startingToken.startsWith('snap-'))
      throw new CsiError('ABORTED', `invalid starting token ${quoted(startingToken)}`);
    // A token is the id that the next page begins with, so that what comes and goes meanwhile moves nothing.
    const rest = found.filter((each) => !startingToken || each.snapshotId >= startingToken);
    const page = maxEntries > 0 ? rest.slice(0, maxEntries) : rest;
    const next = rest[page.length];
    return { entries: page.map((each) => ({ snapshot: shown(each) })), ...(next ? { nextToken: next.snapshotId } : {}) };
  }

  *#create({ name, sourceVolumeId, parameters = {} }: m.CreateSnapshotRequest): Process<m.CreateSnapshotResponse> {
    const strange = Object.keys(parameters).find((key) => !key.startsWith('tagSpecification') && !key.startsWith('csi.storage.k8s.io/'));
    if (strange !== undefined) throw new CsiError('INVALID_ARGUMENT', `Invalid parameter key ${strange} for CreateSnapshot`);
    try {
      const known = yield* this.#volumes.read(() => this.#byName.find(name));
      if (known && known.volumeId !== sourceVolumeId)
        throw new CsiError('ALREADY_EXISTS', `Snapshot ${name} already exists for different volume (${known.volumeId})`);
      if (known) return { snapshot: shown(known) };
      const order = { clientToken: name, volumeId: sourceVolumeId, tags: { [SNAPSHOT_NAME_TAG]: name, [DRIVER_TAG]: 'true' } };
      const { snapshot } = yield* this.#volumes.change('createSnapshot', (cloud) => cloud.createSnapshot(order));
      return { snapshot: shown(snapshot) };
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ALREADY_EXISTS') throw error;
      if (code === 'IdempotentParameterMismatch') throw new CsiError('ALREADY_EXISTS', `Snapshot ${quoted(name)} already exists`);
      const what = `Could not create snapshot ${quoted(name)}: error creating snapshot of volume ${sourceVolumeId}: ${apiError(error)}`;
      throw new CsiError(code === 'InvalidVolume.NotFound' ? 'NOT_FOUND' : troubleOf(error), what);
    }
  }

  *#delete(snapshotId: string): Process<m.DeleteSnapshotResponse> {
    try {
      yield* this.#volumes.change('deleteSnapshot', (cloud) => cloud.deleteSnapshot({ snapshotId }));
    } catch (error) {
      const code = codeOf(error);
      if (code !== 'InvalidSnapshot.NotFound') {
        const what = `Could not delete snapshot ID ${quoted(snapshotId)}: ${apiError(error)}`;
        throw new CsiError(code === 'InvalidSnapshot.InUse' ? 'FAILED_PRECONDITION' : troubleOf(error), what);
      }
    }
    return {};
  }

  *#find(snapshotId: string | undefined, volumeId: string | undefined): Process<readonly DiskSnapshot[]> {
    const request = { ...(snapshotId ? { snapshotIds: [snapshotId] } : {}), ...(volumeId ? { volumeId } : {}) };
    try {
      return yield* this.#volumes.read(() => this.#described(request));
    } catch (error) {
      if (codeOf(error) === 'InvalidSnapshot.NotFound') return [];
      throw new CsiError(troubleOf(error), `Could not list snapshots: ${apiError(error)}`);
    }
  }

  *#described(request: DescribeSnapshotsRequest): Process<readonly DiskSnapshot[]> {
    return (yield* this.#volumes.cloud.describeSnapshots(request)).snapshots;
  }
}

const shown = ({ snapshotId, volumeId, sizeGiB, startTime, state }: DiskSnapshot): m.Snapshot => ({
  snapshotId,
  sourceVolumeId: volumeId,
  sizeBytes: sizeGiB * GIB,
  creationTime: startTime,
  readyToUse: state === 'completed',
});
