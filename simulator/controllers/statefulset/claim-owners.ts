import { controllerReference, type OwnerReference, type PersistentVolumeClaim, type Pod, type StatefulSet } from '@slipway/kube';
import { isInRange, ordinalOf } from './identity.ts';

// Who takes the claims along when it goes, as the retention policy says.
// Source: `pkg/controller/statefulset/stateful_set_utils.go` isClaimOwnerUpToDate, updateClaimOwnerRefForSetAndPod.

type Policy = { readonly deleteWithSet: boolean; readonly deleteWithPod: boolean };

function policyOf({ spec }: StatefulSet): Policy {
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {};
  return { deleteWithSet: whenDeleted === 'Delete', deleteWithPod: whenScaled === 'Delete' };
}

const names = (reference: OwnerReference, { apiVersion, kind, metadata }: StatefulSet | Pod): boolean =>
  reference.apiVersion === apiVersion && reference.kind === kind && reference.name === metadata.name;

const isStale = (reference: OwnerReference | undefined, owner: StatefulSet | Pod): boolean =>
  reference !== undefined && reference.uid !== owner.metadata.uid;

const referenceTo = ({ metadata }: PersistentVolumeClaim, owner: StatefulSet | Pod): OwnerReference | undefined =>
  metadata.ownerReferences?.find((reference) => names(reference, owner));

/** A claim that still names an earlier pod of this name will go with it: a new pod must not use it. Only where scaling down deletes. */
export function isLeavingWithEarlierPod(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): boolean {
  return policyOf(set).deleteWithPod && isStale(referenceTo(claim, pod), pod);
}

/** Somebody else manages the claim, although the policy would have the set do it. */
export function hasOtherController(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): boolean {
  const { deleteWithSet, deleteWithPod } = policyOf(set);
  if (!deleteWithSet && !deleteWithPod) return false;
  return (claim.metadata.ownerReferences ?? []).some((reference) => {
    const own = [set, pod].find((owner) => names(reference, owner));
    return own ? isStale(reference, own) : reference.controller === true;
  });
}

/** The owners that the claim should have; undefined when it has them, or when it is none of this set's business. */
export function wantedOwners(claim: PersistentVolumeClaim, set: StatefulSet, pod: Pod): readonly OwnerReference[] | undefined {
  const references = claim.metadata.ownerReferences ?? [];
  // Left over from an earlier set or pod: the garbage collector's.
  if (isStale(referenceTo(claim, set), set) || isStale(referenceTo(claim, pod), pod)) return undefined;
  const owners = [set, pod];
  const has = (owner: StatefulSet | Pod): boolean => references.some(({ uid }) => uid === owner.metadata.uid);
  const others = references.filter((reference) => !owners.some((owner) => names(reference, owner)));
  if (hasOtherController(claim, set, pod)) return owners.some(has) ? others : undefined;
  const { deleteWithSet, deleteWithPod } = policyOf(set);
  const condemned = !isInRange(set, ordinalOf(set, pod) ?? -1);
  const wanted = new Set<StatefulSet | Pod>();
  if (deleteWithSet && !(deleteWithPod && condemned)) wanted.add(set);
  if (deleteWithPod && condemned) wanted.add(pod);
  const manages = references.every(({ uid, controller }) => controller === true || !owners.some(({ metadata }) => metadata.uid === uid));
  if (manages && owners.every((owner) => has(owner) === wanted.has(owner))) return undefined;
  return [...others, ...[...wanted].map(controllerReference)];
}
