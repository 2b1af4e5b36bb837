import type { OwnerReference, PersistentVolumeClaim, Pod, StatefulSet, Stored } from '@slipway/kube';
import { hasOtherController, wantedOwners } from './claim-owners.ts';
import { claimsFor } from './identity.ts';

/** What is to be done about the claims of one pod. */
export interface ClaimWork {
  readonly create: readonly PersistentVolumeClaim[];
  /** Being deleted: until they are gone there is nothing that a pod could use. */
  readonly leaving: readonly string[];
  readonly owners: readonly {
    readonly claim: Stored<PersistentVolumeClaim>;
    readonly ownerReferences: readonly OwnerReference[] | undefined;
    readonly conflicting: boolean;
  }[];
}

/** Looks a claim of the set's namespace up by name. */
export type ClaimLookup = (name: string) => Stored<PersistentVolumeClaim> | undefined;

export function claimWork(set: StatefulSet, ordinal: number, pod: Pod, lookup: ClaimLookup): ClaimWork {
  const create: PersistentVolumeClaim[] = [];
  const leaving: string[] = [];
  const owners: ClaimWork['owners'][number][] = [];
  for (const wanted of claimsFor(set, ordinal)) {
    const claim = lookup(wanted.metadata.name);
    if (!claim) {
      create.push(wanted);
      continue;
    }
    if (claim.metadata.deletionTimestamp !== undefined) leaving.push(claim.metadata.name);
    const ownerReferences = wantedOwners(claim, set, pod);
    const conflicting = hasOtherController(claim, set, pod);
    if (ownerReferences || conflicting) owners.push({ claim, ownerReferences, conflicting });
  }
  return { create, leaving, owners };
}

/** Whether some claim of the pod has other owners than it should. */
export function needsOwners(set: StatefulSet, ordinal: number, pod: Pod, lookup: ClaimLookup): boolean {
  return claimsFor(set, ordinal).some(({ metadata }) => {
    const claim = lookup(metadata.name);
    return claim !== undefined && wantedOwners(claim, set, pod) !== undefined;
  });
}
