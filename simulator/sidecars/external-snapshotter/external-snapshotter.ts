import { type Change, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { type Process } from '@slipway/kernel';
import type { Stored } from '@slipway/kube';
import {
  isBeingDeleted,
  SNAPSHOT_CLASSES,
  SNAPSHOT_CONTENTS,
  snapshotAnnotations,
  type VolumeSnapshotContent,
} from '../../controllers/storage/snapshot/snapshot-objects.ts';
import { type DriverConnection, type DriverInfo, learnDriver } from '../driver-info.ts';
import { RetryDelays } from '../retry-delays.ts';
import { remove, type SnapshotTools, take, look } from './driver-snapshots.ts';

type Content = Stored<VolumeSnapshotContent>;

/**
 * Takes and deletes snapshots with a driver, as VolumeSnapshotContents ask for. To be run where the kinds of `snapshot.storage.k8s.io` are
 * defined: upstream ends when they are not. Source: kubernetes-csi/external-snapshotter pkg/sidecar-controller.
 */
export function externalSnapshotter({ identity, controller }: DriverConnection): ControllerDefinition {
  const delays = new RetryDelays();
  let info: DriverInfo | undefined;

  return defineController({
    name: 'external-snapshotter',
    workers: 10,
    watches: [watch<VolumeSnapshotContent>(SNAPSHOT_CONTENTS, { keys: noteContent }), watch(SNAPSHOT_CLASSES, { keys: () => [] })],
    *start(context) {
      info = yield* learnDriver({ identity, controller }, (message) => context.log(message));
      if (!info.controller.has('CREATE_DELETE_SNAPSHOT')) context.log(`driver ${info.name} takes no snapshots`);
    },
    *reconcile(name, context) {
      const content = context.informers.get<VolumeSnapshotContent>(SNAPSHOT_CONTENTS).get(name);
      if (!info?.controller.has('CREATE_DELETE_SNAPSHOT') || content?.spec.driver !== info.name) return undefined;
      try {
        const done = yield* sync(content, { info, controller, context });
        if (!done) return { requeueAfter: delays.next(name) };
        delays.forget(name);
        return undefined;
      } catch (error) {
        return delays.again(name, error, context);
      }
    },
  });
}

/** New contents, wishes and farewells; its own reports do not cut its back-off short. */
function noteContent(content: Content, { event, old }: Change<VolumeSnapshotContent>): readonly string[] {
  if (event === 'DELETED') return [];
  const farewell = (each: Content | undefined): boolean => each !== undefined && isToGo(each);
  const isNew = !old || old.spec !== content.spec || isBeingDeleted(old) !== isBeingDeleted(content);
  return isNew || farewell(content) !== farewell(old) ? [content.metadata.name] : [];
}

/** Whether what a content stands for is to be deleted now: not while the driver may still be taking it. Source: shouldDelete. */
function isToGo(content: Content): boolean {
  const { annotations = {} } = content.metadata;
  if (!isBeingDeleted(content) || snapshotAnnotations.beingCreated in annotations) return false;
  const { source, volumeSnapshotRef } = content.spec;
  const isUnused = source.snapshotHandle !== undefined && (volumeSnapshotRef.uid ?? '') === '';
  return isUnused || snapshotAnnotations.beingDeleted in annotations;
}

/** Whether there is nothing to come back for. @throws DriverError, ApiError */
function* sync(content: Content, tools: SnapshotTools): Process<boolean> {
  if (isToGo(content)) {
    yield* remove(content, tools);
    return true;
  }
  if (content.status?.readyToUse === true) return true;
  return yield* content.spec.source.snapshotHandle === undefined ? take(content, tools) : look(content, tools);
}
