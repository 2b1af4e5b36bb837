import { isPodAvailable, isTerminal, type Pod, type StatefulSet, type StatefulSetStatus, type Stored } from '@slipway/kube';
import { isLeavingWithEarlierPod } from './claim-owners.ts';
import { type ClaimLookup, type ClaimWork, claimWork, needsOwners } from './claim-work.ts';
import {
  claimsFor,
  firstOrdinal,
  isInRange,
  newPod,
  ordinalOf,
  replicasOf,
  type Revision,
  revisionFor,
  revisionOf,
  withIdentity,
} from './identity.ts';
import { countPods, isRunningAndReady } from './status.ts';

// What a set does next, from data to data. Source: `pkg/controller/statefulset/stateful_set_control.go` updateStatefulSet.

export interface SetView {
  readonly set: Stored<StatefulSet>;
  /** Pods of the set; those whose names are no member's are left alone. */
  readonly pods: readonly Stored<Pod>[];
  readonly claim: ClaimLookup;
  /** The revision that the set came from, and the one of its template. */
  readonly current: Revision;
  readonly update: Revision;
  readonly collisionCount: number;
  /** Unix microseconds. */
  readonly now: number;
}

/** One thing to do. `claims` come first, and a claim that is being deleted stops a creation. */
export type Action =
  | { readonly kind: 'create'; readonly pod: Pod; readonly claims: ClaimWork }
  /** The pod exists and lacks claims. */
  | { readonly kind: 'claims'; readonly pod: Stored<Pod>; readonly claims: ClaimWork }
  /** The pod, or its claims, lost what ties them to their place. */
  | { readonly kind: 'update'; readonly pod: Stored<Pod>; readonly claims: ClaimWork }
  /** Only the owners of the claims of a pod that is about to go. */
  | { readonly kind: 'owners'; readonly pod: Stored<Pod>; readonly claims: ClaimWork }
  | { readonly kind: 'delete'; readonly pod: Stored<Pod>; readonly why: 'ended' | 'condemned' | 'outdated' };

export interface Decision {
  /** One after the other; an action that fails ends the sync. */
  readonly phases: readonly (readonly Action[])[];
  /** Parallel sets do a phase in growing batches, others one by one. */
  readonly burst: boolean;
  /** Of the pods as they are; a deletion for an update is still to be taken off `currentReplicas`. */
  readonly status: StatefulSetStatus;
}

/** Where a place in the set stands. */
interface Place {
  readonly ordinal: number;
  readonly pod: Stored<Pod> | undefined;
}

export function decide(view: SetView): Decision {
  const { set, pods } = view;
  const burst = set.spec.podManagementPolicy === 'Parallel';
  const status = countPods(set, pods, view);
  if (set.metadata.deletionTimestamp !== undefined) return { phases: [], burst, status };
  const { places, condemned } = partition(view);
  const phases: (readonly Action[])[] = [];

  const replicas = actionsForPlaces(places, view, burst);
  phases.push(replicas.actions);
  if (replicas.blocked) return { phases, burst, status };

  phases.push(condemned.flatMap((place) => ownersOf(place, view)));
  const leaving = actionsForCondemned(places, condemned, view, burst);
  phases.push(leaving.actions);
  if (leaving.blocked) return { phases, burst, status };

  const outdated = nextOutdated(places, view);
  if (outdated) phases.push([{ kind: 'delete', pod: outdated, why: 'outdated' }]);
  return { phases: phases.filter((actions) => actions.length > 0), burst, status };
}

/** Places of the set in ascending order, and pods beyond them in descending order. */
function partition({ set, pods }: SetView): {
  readonly places: readonly Place[];
  readonly condemned: readonly (Place & { readonly pod: Stored<Pod> })[];
} {
  const byOrdinal = new Map<number, Stored<Pod>>();
  const condemned: (Place & { readonly pod: Stored<Pod> })[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod);
    if (ordinal === undefined) continue;
    if (isInRange(set, ordinal)) byOrdinal.set(ordinal, pod);
    else condemned.push({ ordinal, pod });
  }
  const first = firstOrdinal(set);
  const places = Array.from({ length: replicasOf(set) }, (_, index) => ({ ordinal: first + index, pod: byOrdinal.get(first + index) }));
  return { places, condemned: condemned.sort((a, b) => b.ordinal - a.ordinal) };
}

function actionsForPlaces(
  places: readonly Place[],
  view: SetView,
  burst: boolean,
): { readonly actions: readonly Action[]; readonly blocked: boolean } {
  const actions: Action[] = [];
  for (const place of places) {
    const blocked = actOnPlace(place, view, actions);
    if (blocked && !burst) return { actions, blocked };
  }
  return { actions, blocked: false };
}

/** Adds what one place needs. True when those after it must wait, in a set that keeps the order. Source: processReplica. */
function actOnPlace({ ordinal, pod }: Place, view: SetView, actions: Action[]): boolean {
  const { set, claim, current, update, now } = view;
  if (!pod) {
    const made = newPod(set, ordinal, revisionFor(set, ordinal, current, update));
    const stale = claimsFor(set, ordinal).some(({ metadata }) => {
      const found = claim(metadata.name);
      return found !== undefined && isLeavingWithEarlierPod(found, set, made);
    });
    if (!stale) actions.push({ kind: 'create', pod: made, claims: claimWork(set, ordinal, made, claim) });
    return true;
  }
  // Whatever its exit code: a pod that was evicted or lost its node may end either way, and this place shall run.
  if (isTerminal(pod)) {
    if (!isTerminating(pod)) actions.push({ kind: 'delete', pod, why: 'ended' });
    return true;
  }
  if (pod.status?.phase === 'Pending') {
    const claims = claimWork(set, ordinal, pod, claim);
    if (claims.create.length + claims.leaving.length + claims.owners.length > 0) actions.push({ kind: 'claims', pod, claims });
  }
  if (isTerminating(pod) || !isRunningAndReady(pod) || !isAvailable(pod, set, now)) return true;
  const right = withIdentity(set, ordinal, pod);
  if (right !== pod || needsOwners(set, ordinal, pod, claim)) {
    const claims = claimWork(set, ordinal, pod, claim);
    // A claim that a running pod lost is made again only when the pod itself is to be put right.
    actions.push({ kind: 'update', pod: right, claims: right.spec === pod.spec ? { ...claims, create: [], leaving: [] } : claims });
  }
  return false;
}

function ownersOf({ ordinal, pod }: Place & { readonly pod: Stored<Pod> }, { set, claim }: SetView): readonly Action[] {
  return needsOwners(set, ordinal, pod, claim) ? [{ kind: 'owners', pod, claims: claimWork(set, ordinal, pod, claim) }] : [];
}

/** The highest one, or in a parallel set all at once. Source: processCondemned. */
function actionsForCondemned(
  places: readonly Place[],
  condemned: readonly (Place & { readonly pod: Stored<Pod> })[],
  view: SetView,
  burst: boolean,
): { readonly actions: readonly Action[]; readonly blocked: boolean } {
  const remove = (pod: Stored<Pod>): Action => ({ kind: 'delete', pod, why: 'condemned' });
  if (burst) return { actions: condemned.filter(({ pod }) => !isTerminating(pod)).map(({ pod }) => remove(pod)), blocked: false };
  const [highest] = condemned;
  if (!highest) return { actions: [], blocked: false };
  const { pod } = highest;
  const healthy = isRunningAndReady(pod) && isAvailable(pod, view.set, view.now);
  // An unhealthy one goes only if it is the lowest unhealthy pod of all: else the order would break further down.
  const lowestUnhealthy = [...places, ...condemned.toReversed()].find((place) => isUnavailable(place.pod, view));
  const mayGo = !isTerminating(pod) && (healthy || lowestUnhealthy?.pod === pod);
  return { actions: mayGo ? [remove(pod)] : [], blocked: true };
}

/** The pod that the update replaces next: from the highest down to the partition, and only while all above are available. */
function nextOutdated(places: readonly Place[], view: SetView): Stored<Pod> | undefined {
  const { set, update } = view;
  const { type = 'RollingUpdate', rollingUpdate } = set.spec.updateStrategy ?? {};
  if (type === 'OnDelete') return undefined;
  for (let index = places.length - 1; index >= (rollingUpdate?.partition ?? 0); index--) {
    const pod = places[index]?.pod;
    // One that has ended is deleted already, as such.
    if (pod && revisionOf(pod) !== update.name && !isTerminating(pod) && !isTerminal(pod)) return pod;
    if (isUnavailable(pod, view)) return undefined;
  }
  return undefined;
}

const isTerminating = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;
const isAvailable = (pod: Pod, { spec }: StatefulSet, now: number): boolean => isPodAvailable(pod, spec.minReadySeconds ?? 0, now);
const isUnavailable = (pod: Pod | undefined, { set, now }: SetView): boolean =>
  pod === undefined || isTerminating(pod) || !isAvailable(pod, set, now);
