import type { PersistentVolumeClaim, Pod } from '@slipway/kube';

/** A claim that a volume of a pod names. */
export interface ClaimUse {
  /** `namespace/name`. */
  readonly key: string;
  readonly name: string;
  /** Made from the pod's own template, and good for no other pod. */
  readonly ephemeral: boolean;
}

const none: readonly ClaimUse[] = [];

/** The claims of a pod's volumes, in order. Source: component-helpers `storage/ephemeral/ephemeral.go` for computed names. */
export function claimsOf({ metadata, spec: { volumes } }: Pod): readonly ClaimUse[] {
  if (volumes === undefined) return none;
  let claims: ClaimUse[] | undefined;
  for (const { name: volume, persistentVolumeClaim, ephemeral } of volumes) {
    if (persistentVolumeClaim === undefined && ephemeral === undefined) continue;
    const name = persistentVolumeClaim ? persistentVolumeClaim.claimName : `${metadata.name}-${volume}`;
    claims ??= [];
    claims.push({ key: `${metadata.namespace ?? 'default'}/${name}`, name, ephemeral: persistentVolumeClaim === undefined });
  }
  return claims ?? none;
}

/** Whether a change of the claim can matter to the pod. */
export function usesClaim(pod: Pod, claim: PersistentVolumeClaim | undefined): boolean {
  if (claim === undefined || claim.metadata.namespace !== pod.metadata.namespace) return false;
  return claimsOf(pod).some(({ name }) => name === claim.metadata.name);
}

/** Undefined for a claim that may serve the pod's ephemeral volume: one that the pod owns. Otherwise upstream's complaint. */
export function strangerProblem(pod: Pod, claim: PersistentVolumeClaim): string | undefined {
  const owned = claim.metadata.ownerReferences?.some(({ uid, controller }) => controller === true && uid === pod.metadata.uid) ?? false;
  const names = [claim, pod].map(({ metadata }) => `${metadata.namespace ?? 'default'}/${metadata.name}`);
  return owned ? undefined : `PVC ${names[0]} was not created for pod ${names[1]} (pod is not owner)`;
}
