import type { ObjectReference, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass, Stored, Volume } from '@slipway/kube';
import { parseTime } from '@slipway/kube';
import { isDefaultClass, storageAnnotations } from './annotations.ts';

// What claims, volumes and pods say of each other. Source: component-helpers `storage/volume`, `storage/ephemeral`.

/** The class of a claim or volume; '' for none. The old annotation counts first. */
export function classOf(object: PersistentVolumeClaim | PersistentVolume): string {
  return object.metadata.annotations?.[storageAnnotations.betaClass] ?? object.spec.storageClassName ?? '';
}

/** False for a claim that leaves the choice of a class to the cluster; '' is a choice. */
export function hasClass(claim: PersistentVolumeClaim): boolean {
  return claim.metadata.annotations?.[storageAnnotations.betaClass] !== undefined || claim.spec.storageClassName !== undefined;
}

/** The class that claims without one get: the newest that calls itself the default, then the first by name. */
export function defaultClass(classes: readonly Stored<StorageClass>[]): Stored<StorageClass> | undefined {
  let chosen: Stored<StorageClass> | undefined;
  for (const each of classes) {
    if (!isDefaultClass(each)) continue;
    const age = chosen ? (parseTime(each.metadata.creationTimestamp) ?? 0) - (parseTime(chosen.metadata.creationTimestamp) ?? 0) : 1;
    if (!chosen || age > 0 || (age === 0 && each.metadata.name < chosen.metadata.name)) chosen = each;
  }
  return chosen;
}

/** Whether the volume names this claim: by name alone while it is only reserved for it, later by uid too. */
export function isBoundTo({ spec: { claimRef } }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  if (!claimRef || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return claimRef.uid === undefined || claimRef.uid === '' || claimRef.uid === metadata.uid;
}

/** How a volume names the claim that it is for. */
export function claimReference({ metadata: { namespace, name, uid, resourceVersion } }: Stored<PersistentVolumeClaim>): ObjectReference {
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...(namespace === undefined ? {} : { namespace }), name, uid, resourceVersion };
}

/** `namespace/name` of the claim that a volume names. */
export const claimKey = ({ namespace, name }: ObjectReference): string => `${namespace ?? ''}/${name ?? ''}`;

/** The claim that a generic ephemeral volume of a pod makes. */
export const ephemeralClaimName = (pod: Pod, volume: Volume): string => `${pod.metadata.name}-${volume.name}`;

/** Whether the pod controls the claim, as it must if the claim stands for one of its ephemeral volumes. */
export function isClaimOf(pod: Pod, claim: PersistentVolumeClaim): boolean {
  return claim.metadata.ownerReferences?.some(({ controller, uid }) => controller === true && uid === pod.metadata.uid) ?? false;
}

/** The name of the claim behind a volume of the pod, if there is one. */
export function claimNameOf(pod: Pod, volume: Volume): string | undefined {
  if (volume.persistentVolumeClaim) return volume.persistentVolumeClaim.claimName;
  return volume.ephemeral ? ephemeralClaimName(pod, volume) : undefined;
}

/** Index of pods: the keys of the claims that their volumes stand for. */
export function claimKeysOf(pod: Pod): readonly string[] {
  const keys: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimNameOf(pod, volume);
    if (name !== undefined) keys.push(`${pod.metadata.namespace ?? ''}/${name}`);
  }
  return keys;
}

/**
 * Whether nothing of the pod runs any more: it has ended, or it is being deleted and no container reports that it runs.
 * Source: `pkg/volume/util/util.go`, IsPodTerminated.
 */
export function isPodTerminated({ status, metadata }: Pod): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return true;
  if (metadata.deletionTimestamp === undefined) return false;
  return (status?.containerStatuses ?? []).every(({ state }) => state?.terminated !== undefined || state?.waiting !== undefined);
}
