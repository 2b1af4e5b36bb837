import type { ControllerContext } from '@slipway/client';
import type { Process } from '@slipway/kernel';
import { keyOf, type PersistentVolume, type PersistentVolumeClaim, type Stored } from '@slipway/kube';
import {
  contentNameFor,
  hasFinalizer,
  isBeingDeleted,
  secretOf,
  SNAPSHOT_CLASSES,
  SNAPSHOT_CONTENTS,
  SNAPSHOT_GROUP,
  snapshotAnnotations,
  snapshotFinalizers,
  standsFor,
  type VolumeSnapshot,
  type VolumeSnapshotClass,
  type VolumeSnapshotContent,
} from './snapshot-objects.ts';

type Snapshot = Stored<VolumeSnapshot>;
type Content = Stored<VolumeSnapshotContent>;

/** Why a snapshot cannot be taken now: reason and message of the event. It is tried again. */
export class SnapshotRefusal extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * The content of a snapshot of a claim, made if it is not there yet. Source: pkg/common-controller/snapshot_controller.go,
 * createSnapshotContent, getCreateSnapshotInput.
 *
 * @throws SnapshotRefusal, ApiError
 */
export function* takeFor(snapshot: Snapshot, context: ControllerContext): Process<Content> {
  const name = contentNameFor(snapshot);
  const known = context.informers.get<VolumeSnapshotContent>(SNAPSHOT_CONTENTS).get(name);
  if (known && standsFor(known, snapshot)) return known;
  const refuse = (why: string): SnapshotRefusal =>
    new SnapshotRefusal('SnapshotContentCreationFailed', `Failed to create snapshot content with error ${why}`);
  const { claim, volume } = sourceOf(snapshot, context, refuse);
  const snapshotClass = classFor(snapshot, volume, context);
  if (snapshotClass.driver !== volume.spec.csi?.driver)
    throw refuse(
      `snapshot controller failed to update ${snapshot.metadata.name} on API server: the driver of the class and that of the volume differ`,
    );
  yield* holdClaim(claim, context, refuse);
  const { namespace = '', name: snapshotName, uid } = snapshot.metadata;
  const secret = secretOf(snapshotClass, name, { name: snapshotName, namespace });
  const content: VolumeSnapshotContent = {
    apiVersion: `${SNAPSHOT_GROUP}/v1`,
    kind: 'VolumeSnapshotContent',
    metadata: {
      name,
      finalizers: [snapshotFinalizers.content],
      ...(secret === undefined
        ? {}
        : {
            annotations: {
              [snapshotAnnotations.deletionSecretName]: secret.name,
              [snapshotAnnotations.deletionSecretNamespace]: secret.namespace,
            },
          }),
    },
    spec: {
      volumeSnapshotRef: { apiVersion: `${SNAPSHOT_GROUP}/v1`, kind: 'VolumeSnapshot', name: snapshotName, namespace, uid },
      source: { volumeHandle: volume.spec.csi.volumeHandle },
      volumeSnapshotClassName: snapshotClass.metadata.name,
      deletionPolicy: snapshotClass.deletionPolicy,
      driver: snapshotClass.driver,
      sourceVolumeMode: volume.spec.volumeMode ?? 'Filesystem',
    },
  };
  const made = yield* context.api.resource<VolumeSnapshotContent>(SNAPSHOT_CONTENTS).create(content);
  context.events.normal(snapshot, 'CreatingSnapshot', `Waiting for a snapshot ${keyOf(snapshot)} to be created by the CSI driver.`);
  return made;
}

function sourceOf({ metadata, spec }: Snapshot, { informers }: ControllerContext, refuse: (why: string) => SnapshotRefusal) {
  const name = spec.source.persistentVolumeClaimName ?? '';
  const claim = informers.get('persistentvolumeclaims').get(`${metadata.namespace}/${name}`);
  if (!claim) throw refuse(`failed to get PVC ${name}: persistentvolumeclaim ${JSON.stringify(name)} not found`);
  const volume = informers.get('persistentvolumes').get(claim.spec.volumeName ?? '');
  if (claim.status?.phase !== 'Bound' || !volume)
    throw refuse(`the PVC ${name} is not yet bound to a PV, will not attempt to take a snapshot`);
  if (!volume.spec.csi) throw refuse(`the PV ${volume.metadata.name} of PVC ${name} is no CSI volume`);
  return { claim, volume };
}

/** The class that the snapshot names, or the default one of the volume's driver. @throws SnapshotRefusal */
function classFor({ spec }: Snapshot, volume: PersistentVolume, { informers }: ControllerContext): Stored<VolumeSnapshotClass> {
  const classes = informers.get<VolumeSnapshotClass>(SNAPSHOT_CLASSES);
  const { volumeSnapshotClassName: name } = spec;
  if (name !== undefined) {
    const named = classes.get(name);
    if (named) return named;
    const why = `volumesnapshotclass.${SNAPSHOT_GROUP} ${JSON.stringify(name)} not found`;
    throw new SnapshotRefusal('GetSnapshotClassFailed', `Failed to get snapshot class with error ${why}`);
  }
  const defaults = classes
    .list()
    .filter(
      ({ driver, metadata }) => driver === volume.spec.csi?.driver && metadata.annotations?.[snapshotAnnotations.defaultClass] === 'true',
    );
  const [only, another] = defaults;
  if (only && !another) return only;
  const why = another ? `${defaults.length} default snapshot classes were found` : 'cannot find default snapshot class';
  throw new SnapshotRefusal('SetDefaultSnapshotClassFailed', `Failed to set default snapshot class with error ${why}`);
}

/** A claim that is being snapshot stays until that is done. */
function* holdClaim(claim: Stored<PersistentVolumeClaim>, { api }: ControllerContext, refuse: (why: string) => SnapshotRefusal): Process {
  if (hasFinalizer(claim, snapshotFinalizers.claim)) return;
  if (isBeingDeleted(claim)) throw refuse('cannot add finalizer on claim for snapshot: the claim is being deleted');
  const finalizers = [...(claim.metadata.finalizers ?? []), snapshotFinalizers.claim];
  yield* api.persistentvolumeclaims.update({ ...claim, metadata: { ...claim.metadata, finalizers } });
}
