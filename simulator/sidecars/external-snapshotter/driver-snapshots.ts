import type { ControllerContext } from '@slipway/client';
import type { CsiController, Snapshot } from '@slipway/csi';
import { CallError, type Client, codeOf, messageOf, type Process, seconds } from '@slipway/kernel';
import type { Stored } from '@slipway/kube';
import {
  secretOf,
  SNAPSHOT_CLASSES,
  SNAPSHOT_CONTENTS,
  snapshotAnnotations,
  snapshotFinalizers,
  type VolumeSnapshotClass,
  type VolumeSnapshotContent,
  withAnnotation,
} from '../../controllers/storage/snapshot/snapshot-objects.ts';
import { callDriver, isAnswer, isFinal } from '../driver-error.ts';
import type { DriverInfo } from '../driver-info.ts';
import { readSecret } from '../secrets.ts';

// What the side-car does with the driver. Source: kubernetes-csi/external-snapshotter pkg/sidecar-controller/snapshot_controller.go.

type Content = Stored<VolumeSnapshotContent>;

/** Of each call. Source: cmd/csi-snapshotter/main.go, `--timeout`. */
const CALL_LIMIT = seconds(60);

export interface SnapshotTools {
  readonly info: DriverInfo;
  readonly controller: Client<CsiController>;
  readonly context: ControllerContext;
}

const contentsOf = ({ api }: ControllerContext) => api.resource<VolumeSnapshotContent>(SNAPSHOT_CONTENTS);

/**
 * Has the driver take the snapshot, or asks it once more how far it is. The mark on the content stays until the driver has said yes or no,
 * so that a snapshot whose answer was lost is not forgotten. Tells whether it can be used.
 *
 * @throws DriverError, ApiError
 */
export function* take(content: Content, { controller, context }: SnapshotTools): Process<boolean> {
  const { name } = content.metadata;
  const contents = contentsOf(context);
  try {
    const { parameters, secrets } = yield* inputOf(content, context);
    if (content.metadata.annotations?.[snapshotAnnotations.beingCreated] === undefined)
      yield* contents.patch({ name, patch: withAnnotation(snapshotAnnotations.beingCreated, 'yes') });
    const request = {
      name: `snapshot-${content.spec.volumeSnapshotRef.uid ?? ''}`,
      sourceVolumeId: content.spec.source.volumeHandle ?? '',
      ...(parameters === undefined ? {} : { parameters }),
      ...(secrets === undefined ? {} : { secrets }),
    };
    const { snapshot } = yield* callDriver(controller.createSnapshot(request), CALL_LIMIT);
    yield* saveStatus(content, snapshot, context);
    yield* contents.patch({ name, patch: withAnnotation(snapshotAnnotations.beingCreated, null) });
    return snapshot.readyToUse;
  } catch (error) {
    if (!isAnswer(error)) throw error;
    if (isFinal(error)) yield* contents.patch({ name, patch: withAnnotation(snapshotAnnotations.beingCreated, null) });
    const why = `failed to take snapshot of the volume ${content.spec.source.volumeHandle ?? ''}: ${JSON.stringify(messageOf(error))}`;
    yield* saveError(content, 'SnapshotCreationFailed', `Failed to create snapshot: ${why}`, context);
    throw error;
  }
}

/** Asks the driver for a snapshot that somebody else has taken. Tells whether it can be used. @throws DriverError, ApiError */
export function* look(content: Content, { info, controller, context }: SnapshotTools): Process<boolean> {
  const snapshotId = content.spec.source.snapshotHandle ?? '';
  try {
    // A driver that does not list its snapshots is believed to have this one.
    const found = info.controller.has('LIST_SNAPSHOTS')
      ? (yield* callDriver(controller.listSnapshots({ snapshotId }), CALL_LIMIT)).entries?.[0]?.snapshot
      : { snapshotId, sourceVolumeId: '', creationTime: BigInt(context.owner.kernel.unixMicros) * 1_000n, readyToUse: true };
    if (!found) throw new CallError('NOT_FOUND', `can not find snapshot for snapshotID ${snapshotId}`);
    yield* saveStatus(content, found, context);
    return found.readyToUse;
  } catch (error) {
    if (!isAnswer(error)) throw error;
    const message = `Failed to check and update snapshot content: ${messageOf(error)}`;
    yield* saveError(content, 'SnapshotContentCheckandUpdateFailed', message, context);
    throw error;
  }
}

/** Has the driver delete the snapshot, if that is the policy, and lets the content go. @throws DriverError, ApiError */
export function* remove(content: Content, { controller, context }: SnapshotTools): Process {
  const { name, annotations = {}, finalizers = [] } = content.metadata;
  const contents = contentsOf(context);
  const snapshotId = content.status?.snapshotHandle ?? content.spec.source.snapshotHandle;
  let stored = content;
  if (content.spec.deletionPolicy === 'Delete' && snapshotId !== undefined && snapshotId !== '') {
    try {
      const [secretName, namespace] = [
        annotations[snapshotAnnotations.deletionSecretName],
        annotations[snapshotAnnotations.deletionSecretNamespace],
      ];
      const secrets =
        secretName === undefined ? undefined : yield* readSecret(context.api, { name: secretName, namespace: namespace ?? '' });
      yield* callDriver(controller.deleteSnapshot({ snapshotId, ...(secrets === undefined ? {} : { secrets }) }), CALL_LIMIT);
    } catch (error) {
      if (isAnswer(error)) context.events.warning(content, 'SnapshotDeleteError', 'Failed to delete snapshot');
      throw error;
    }
    const status = { snapshotHandle: null, creationTime: null, restoreSize: null, readyToUse: false };
    stored = yield* contents.patch({ name, patch: { status }, subresource: 'status' });
  }
  if (!finalizers.includes(snapshotFinalizers.content)) return;
  const others = finalizers.filter((each) => each !== snapshotFinalizers.content);
  try {
    yield* contents.update({ ...stored, metadata: { ...stored.metadata, finalizers: others } });
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}

/** Parameters for the driver, and what it needs to know in secret. @throws CallError FAILED_PRECONDITION, ApiError */
function* inputOf({ metadata, spec }: Content, { api, informers }: ControllerContext) {
  const { volumeSnapshotClassName: className = '' } = spec;
  const snapshotClass = informers.get<VolumeSnapshotClass>(SNAPSHOT_CLASSES).get(className);
  if (!snapshotClass)
    throw new CallError(
      'FAILED_PRECONDITION',
      `failed to get input parameters to create snapshot for content ${metadata.name}: no class ${className}`,
    );
  const all = Object.entries(snapshotClass.parameters ?? {});
  const own = all.filter(([key]) => !key.startsWith('csi.storage.k8s.io/'));
  const secret = secretOf(snapshotClass, metadata.name, spec.volumeSnapshotRef);
  return { parameters: own.length === 0 ? undefined : Object.fromEntries(own), secrets: yield* readSecret(api, secret) };
}

function* saveStatus({ metadata, status: before = {} }: Content, snapshot: Snapshot, context: ControllerContext): Process {
  const { snapshotId, sizeBytes = 0, creationTime, readyToUse } = snapshot;
  if (before.snapshotHandle === snapshotId && before.readyToUse === readyToUse && !before.error) return;
  const status = {
    snapshotHandle: snapshotId,
    creationTime: Number(creationTime),
    ...(sizeBytes > 0 ? { restoreSize: sizeBytes } : {}),
    readyToUse,
    error: null,
  };
  yield* contentsOf(context).patch({ name: metadata.name, patch: { status }, subresource: 'status' });
}

function* saveError(content: Content, reason: string, message: string, context: ControllerContext): Process {
  if (content.status?.error?.message === message) return;
  const status = { readyToUse: false, error: { message, time: context.timestamp() } };
  try {
    yield* contentsOf(context).patch({ name: content.metadata.name, patch: { status }, subresource: 'status' });
    context.events.warning(content, reason, message);
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}
