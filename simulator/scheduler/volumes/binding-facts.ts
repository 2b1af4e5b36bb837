import { matchesNodeSelector, type Node, type PersistentVolume, type PersistentVolumeClaim, quantityValue } from '@slipway/kube';

// What claims and volumes say about each other. Source: component-helpers `storage/volume/pv_helpers.go`, `helpers.go`.

export const annotations = {
  /** On a claim: the first binding is complete. */
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  /** On a volume or claim: the other half was chosen for it, not named by its author. */
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  /** On a claim: the node for which its volume shall be made. */
  selectedNode: 'volume.kubernetes.io/selected-node',
  betaStorageClass: 'volume.beta.kubernetes.io/storage-class',
} as const;

/** Provisioner of classes whose volumes are all made by hand. */
export const NO_PROVISIONER = 'kubernetes.io/no-provisioner';

/** The class of a claim or volume: the old annotation first, "" for none. */
export function classOf({ metadata, spec }: PersistentVolumeClaim | PersistentVolume): string {
  return metadata.annotations?.[annotations.betaStorageClass] ?? spec.storageClassName ?? '';
}

/** The claim has its volume, and the binder is done with it. */
export function isFullyBound({ metadata, spec }: PersistentVolumeClaim): boolean {
  return (spec.volumeName ?? '') !== '' && metadata.annotations?.[annotations.bindCompleted] !== undefined;
}

/** The volume is kept for this very claim; a reference without uid was written by hand and fits any claim of the name. */
export function isKeptFor({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  if (claimRef === undefined || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return (claimRef.uid ?? '') === '' || claimRef.uid === metadata.uid;
}

export const requestedBytes = ({ spec }: PersistentVolumeClaim): number => quantityValue(spec.resources?.requests?.['storage'] ?? '0');
export const capacityBytes = ({ spec }: PersistentVolume): number => quantityValue(spec.capacity?.['storage'] ?? '0');

/** Whether the node is one of those that can reach the volume. Only labels count. */
export function isReachableFrom({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(required, node);
}
