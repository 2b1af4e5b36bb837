import { type Change, type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf, type Process } from '@slipway/kernel';
import { finalizers, keyOf, type PersistentVolumeClaim, type Pod, splitKey, type Stored } from '@slipway/kube';
import { claimKeysOf, claimNameOf, isClaimOf, isPodTerminated } from './claims.ts';

/**
 * Keeps a claim that is being deleted until no pod uses it any more. Source: `pkg/controller/volume/pvcprotection`.
 *
 * A pod that has ended does not count: its volumes are unmounted whatever becomes of the claim.
 */
export const pvcProtection: ControllerDefinition = defineController({
  name: 'pvc-protection-controller',
  watches: [watch('persistentvolumeclaims', { keys: unprotected }), watch('pods', { indexers: { claim: claimKeysOf }, keys: claimsLetGo })],
  *reconcile(key, context) {
    const claim = context.informers.get('persistentvolumeclaims').get(key);
    if (!claim) return;
    const held = claim.metadata.finalizers ?? [];
    const protectedNow = held.includes(finalizers.pvcProtection);
    if (claim.metadata.deletionTimestamp === undefined) {
      if (!protectedNow) yield* writeFinalizers(claim, [...held, finalizers.pvcProtection], context);
    } else if (protectedNow && !(yield* isUsed(claim, key, context))) {
      yield* writeFinalizers(
        claim,
        held.filter((each) => each !== finalizers.pvcProtection),
        context,
      );
    }
  },
});

function unprotected(claim: Stored<PersistentVolumeClaim>, { event }: Change<PersistentVolumeClaim>): readonly string[] {
  const held = claim.metadata.finalizers?.includes(finalizers.pvcProtection) ?? false;
  const deleting = claim.metadata.deletionTimestamp !== undefined;
  return event !== 'DELETED' && held === deleting ? [keyOf(claim)] : [];
}

/** Only a pod that ends, goes, or has not been placed can be the last that held a claim. */
function claimsLetGo(pod: Stored<Pod>, { event }: Change<Pod>): readonly string[] {
  return event === 'DELETED' || !usesNow(pod) ? claimKeysOf(pod) : [];
}

/** A pod without a node cannot start with a claim that is being deleted, so it does not hold it. */
const usesNow = (pod: Pod): boolean => (pod.spec.nodeName ?? '') !== '' && !isPodTerminated(pod);

function uses(pod: Pod, claim: PersistentVolumeClaim): boolean {
  if (!usesNow(pod)) return false;
  return (pod.spec.volumes ?? []).some(
    (volume) => claimNameOf(pod, volume) === claim.metadata.name && (!volume.ephemeral || isClaimOf(pod, claim)),
  );
}

/** The cache may be behind, and a claim cannot be brought back: ask before letting go. */
function* isUsed(claim: Stored<PersistentVolumeClaim>, key: string, { informers, api }: ControllerContext): Process<boolean> {
  const inUse = (pod: Pod): boolean => uses(pod, claim);
  if (informers.get('pods').byIndex('claim', key).some(inUse)) return true;
  const { items } = yield* api.pods.list({ namespace: splitKey(key).namespace });
  return items.some(inUse);
}

function* writeFinalizers(claim: Stored<PersistentVolumeClaim>, list: readonly string[], { api }: ControllerContext): Process {
  try {
    yield* api.persistentvolumeclaims.update({ ...claim, metadata: { ...claim.metadata, finalizers: list } });
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}
