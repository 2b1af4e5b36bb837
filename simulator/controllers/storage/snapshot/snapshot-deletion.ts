import type { ControllerContext } from '@slipway/client';
import { codeOf, type Process } from '@slipway/kernel';
import { keyOf, type Stored } from '@slipway/kube';
import {
  contentNameFor,
  hasFinalizer,
  isBeingDeleted,
  SNAPSHOT_CONTENTS,
  snapshotAnnotations,
  snapshotFinalizers,
  SNAPSHOTS,
  standsFor,
  type VolumeSnapshot,
  type VolumeSnapshotContent,
  withAnnotation,
} from './snapshot-objects.ts';

/**
 * Lets a snapshot go, and its content first if that is the policy. Source: pkg/common-controller/snapshot_controller.go,
 * processSnapshotWithDeletionTimestamp, checkandRemoveSnapshotFinalizersAndCheckandDeleteContent.
 */
export function* deleteSnapshot(snapshot: Stored<VolumeSnapshot>, context: ControllerContext): Process {
  const { api, events, informers } = context;
  const isHeld = [snapshotFinalizers.source, snapshotFinalizers.bound].some((finalizer) => hasFinalizer(snapshot, finalizer));
  if (!isHeld) return;
  const contents = api.resource<VolumeSnapshotContent>(SNAPSHOT_CONTENTS);
  // Its status may not have been written any more; the name is certain for one that was taken of a claim.
  const name = snapshot.status?.boundVolumeSnapshotContentName ?? contentNameFor(snapshot);
  const found = informers.get<VolumeSnapshotContent>(SNAPSHOT_CONTENTS).get(name);
  const content = found && standsFor(found, snapshot) ? found : undefined;
  if (content && isBeingRestored(snapshot, context)) {
    events.warning(snapshot, 'SnapshotDeletePending', 'Snapshot is being used to restore a PVC');
    return;
  }
  if (content && content.metadata.annotations?.[snapshotAnnotations.beingDeleted] !== 'yes')
    yield* gone(contents.patch({ name, patch: withAnnotation(snapshotAnnotations.beingDeleted, 'yes') }));
  const goesToo = content?.spec.deletionPolicy === 'Delete';
  if (content && goesToo && !isBeingDeleted(content)) yield* gone(contents.delete({ name }));
  const lets = goesToo ? [snapshotFinalizers.source] : [snapshotFinalizers.source, snapshotFinalizers.bound];
  const finalizers = (snapshot.metadata.finalizers ?? []).filter((each) => !(lets as readonly string[]).includes(each));
  if (finalizers.length === snapshot.metadata.finalizers?.length) return;
  yield* gone(api.resource<VolumeSnapshot>(SNAPSHOTS).update({ ...snapshot, metadata: { ...snapshot.metadata, finalizers } }));
}

/** Whether a claim waits for a volume that is filled from the snapshot. */
function isBeingRestored(snapshot: Stored<VolumeSnapshot>, { informers }: ControllerContext): boolean {
  const claims = informers.get('persistentvolumeclaims').byIndex('snapshotSource', keyOf(snapshot));
  return claims.some(({ status }) => status?.phase === 'Pending');
}

/** What is gone already need not be let go. */
function* gone(call: Process<unknown>): Process {
  try {
    yield* call;
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}
