import { compareQuantities, isEqual, type PersistentVolume, type PersistentVolumeClaim, type Stored, type Time } from '@slipway/kube';
import { storageAnnotations } from './annotations.ts';
import { claimReference, isBoundTo } from './claims.ts';

// The objects that a binding writes, each given back as it is when nothing has to change. Source:
// `pkg/controller/volume/persistentvolume/pv_controller.go`, component-helpers `storage/volume/pv_helpers.go`.

/** The volume with a reference to the claim; marked when it was the binder's choice. */
export function volumeBoundTo(volume: Stored<PersistentVolume>, claim: Stored<PersistentVolumeClaim>): Stored<PersistentVolume> {
  const { claimRef } = volume.spec;
  const { namespace, name, uid } = claim.metadata;
  const bound = claimRef?.uid === uid && claimRef.name === name && claimRef.namespace === namespace;
  const marks =
    isBoundTo(volume, claim) || volume.metadata.annotations?.[storageAnnotations.boundByController] !== undefined
      ? undefined
      : { ...volume.metadata.annotations, [storageAnnotations.boundByController]: 'yes' };
  if (bound && !marks) return volume;
  return {
    ...volume,
    metadata: marks ? { ...volume.metadata, annotations: marks } : volume.metadata,
    spec: bound
      ? volume.spec
      : {
          ...volume.spec,
          claimRef: claimReference(claim),
        },
  };
}

/** The claim with the volume's name, and the mark that its binding is complete. */
export function claimBoundTo(claim: Stored<PersistentVolumeClaim>, volume: PersistentVolume): Stored<PersistentVolumeClaim> {
  const { annotations = {} } = claim.metadata;
  const chosen = claim.spec.volumeName !== volume.metadata.name;
  if (!chosen && annotations[storageAnnotations.bindCompleted] !== undefined) return claim;
  return {
    ...claim,
    metadata: {
      ...claim.metadata,
      annotations: {
        ...annotations,
        ...(chosen && annotations[storageAnnotations.boundByController] === undefined
          ? { [storageAnnotations.boundByController]: 'yes' }
          : {}),
        [storageAnnotations.bindCompleted]: 'yes',
      },
    },
    spec: chosen ? { ...claim.spec, volumeName: volume.metadata.name } : claim.spec,
  };
}

/**
 * The claim with its phase and, when it is bound, what it got: access modes, class of attributes and size. The size is copied only as the
 * claim gets bound; later it is the resizer's and the kubelet's to write.
 */
export function claimWithPhase(
  claim: Stored<PersistentVolumeClaim>,
  phase: 'Pending' | 'Bound' | 'Lost',
  volume?: PersistentVolume,
): Stored<PersistentVolumeClaim> {
  const { accessModes: _modes, capacity, currentVolumeAttributesClassName, ...rest } = claim.status ?? {};
  if (!volume) {
    const status = { ...rest, phase };
    return isEqual(status, claim.status) ? claim : { ...claim, status };
  }
  const modes = volume.spec.accessModes;
  const attributes = claim.status?.phase === 'Pending' ? volume.spec.volumeAttributesClassName : currentVolumeAttributesClassName;
  const size = claim.status?.phase === phase ? capacity : sizeGot(capacity, volume);
  const status = {
    ...rest,
    phase,
    ...(modes === undefined ? {} : { accessModes: modes }),
    ...(size === undefined ? {} : { capacity: size }),
    ...(attributes === undefined ? {} : { currentVolumeAttributesClassName: attributes }),
  };
  return isEqual(status, claim.status) ? claim : { ...claim, status };
}

type Capacity = NonNullable<PersistentVolumeClaim['status']>['capacity'];

function sizeGot(known: Capacity, { spec, metadata }: PersistentVolume): Capacity {
  // The volume has grown, its file system not yet.
  const before = metadata.annotations?.[storageAnnotations.preResizeCapacity];
  if (before !== undefined) return { ...known, storage: before };
  const size = spec.capacity?.['storage'];
  return size !== undefined && known?.['storage'] !== undefined && compareQuantities(size, known['storage']) === 0 ? known : spec.capacity;
}

/** The volume without its reference; a reservation that a person made stays, without the uid. */
export function unbound(volume: Stored<PersistentVolume>): Stored<PersistentVolume> {
  const { claimRef, ...spec } = volume.spec;
  const { [storageAnnotations.boundByController]: byController, ...annotations } = volume.metadata.annotations ?? {};
  if (byController !== undefined) {
    const { annotations: _all, ...metadata } = volume.metadata;
    return { ...volume, metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata, spec };
  }
  const { uid: _uid, ...reservation } = claimRef ?? {};
  return { ...volume, spec: { ...spec, claimRef: reservation } };
}

/** The volume with its phase. */
export function volumeWithPhase(
  volume: Stored<PersistentVolume>,
  phase: NonNullable<NonNullable<PersistentVolume['status']>['phase']>,
  now: Time,
  message?: string,
): Stored<PersistentVolume> {
  if (volume.status?.phase === phase) return volume;
  const { message: _old, ...rest } = volume.status ?? {};
  return { ...volume, status: { ...rest, phase, ...(message === undefined ? {} : { message }), lastPhaseTransitionTime: now } };
}
