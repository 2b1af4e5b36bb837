import type { PersistentVolume, PersistentVolumeClaim, Stored } from '@slipway/kube';
import { annotations, isKeptFor } from '../../volumes/binding-facts.ts';
import type { VolumeCaches } from '../../volumes/volume-caches.ts';
import type { PodVolumes, StaticBinding } from './find-pod-volumes.ts';

/** The volume as bound to the claim. Source: component-helpers `storage/volume/pv_helpers.go` GetBindVolumeToClaim. */
export function boundTo(volume: Stored<PersistentVolume>, claim: Stored<PersistentVolumeClaim>): Stored<PersistentVolume> {
  const { name, namespace = 'default', uid, resourceVersion } = claim.metadata;
  const { claimRef } = volume.spec;
  const own = volume.metadata.annotations ?? {};
  const byAuthor = isKeptFor(volume, claim) || own[annotations.boundByController] !== undefined;
  if (byAuthor && claimRef?.uid === uid) return volume;
  return {
    ...volume,
    metadata: { ...volume.metadata, ...(!byAuthor && { annotations: { ...own, [annotations.boundByController]: 'yes' } }) },
    spec: { ...volume.spec, claimRef: { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name, uid, resourceVersion } },
  };
}

/** The claim as its provisioner shall see it. */
export function selectedFor(claim: Stored<PersistentVolumeClaim>, nodeName: string): Stored<PersistentVolumeClaim> {
  const own = claim.metadata.annotations;
  if (own?.[annotations.selectedNode] === nodeName) return claim;
  return { ...claim, metadata: { ...claim.metadata, annotations: { ...own, [annotations.selectedNode]: nodeName } } };
}

/**
 * Keeps a pod's volumes for it before the API server knows, so that the next cycle leaves them alone. All or nothing.
 * Source: `plugins/volumebinding/binder.go` AssumePodVolumes.
 */
export function assumeVolumes(
  { bindings, provisions }: PodVolumes,
  nodeName: string,
  caches: VolumeCaches,
): PodVolumes | { readonly broken: string } {
  const assumed: { bindings: StaticBinding[]; provisions: Stored<PersistentVolumeClaim>[] } = { bindings: [], provisions: [] };
  const giveUp = (broken: string): { readonly broken: string } => {
    revertVolumes(assumed, caches);
    return { broken };
  };
  for (const { claim, volume } of bindings) {
    const bound = boundTo(volume, claim);
    const problem = bound === volume ? undefined : caches.volumes.assume(bound);
    if (problem !== undefined) return giveUp(problem);
    assumed.bindings.push({ claim, volume: bound });
  }
  for (const claim of provisions) {
    const selected = selectedFor(claim, nodeName);
    const problem = caches.claims.assume(selected);
    if (problem !== undefined) return giveUp(problem);
    assumed.provisions.push(selected);
  }
  return assumed;
}

/** Gives back what has not been written; may be called again. */
export function revertVolumes({ bindings, provisions }: PodVolumes, caches: VolumeCaches): void {
  for (const { volume } of bindings) caches.volumes.restore(volume);
  for (const claim of provisions) caches.claims.restore(claim);
}
