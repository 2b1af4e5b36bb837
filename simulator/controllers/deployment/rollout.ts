import { type Deployment, type ReplicaSet, scaledValue, type Stored } from '@slipway/kube';

// The arithmetic of rollouts, from data to data. Source: `pkg/controller/deployment/{rolling,recreate,util}`.

export interface Budget {
  readonly surge: number;
  readonly unavailable: number;
}

/** A change of one set's size. */
export interface Scaling {
  readonly set: Stored<ReplicaSet>;
  readonly to: number;
}

/** How many pods may be beyond, and how many below what is wanted. */
export function budgetOf({ spec }: Deployment): Budget {
  const replicas = spec.replicas ?? 1;
  if (spec.strategy?.type === 'Recreate') return { surge: 0, unavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy?.rollingUpdate ?? {};
  const surge = scaledValue(maxSurge, replicas, 'up');
  const unavailable = scaledValue(maxUnavailable, replicas, 'down');
  // Both can round to 0, and then nothing would ever move.
  const usable = surge === 0 && unavailable === 0 ? 1 : unavailable;
  return { surge, unavailable: Math.min(usable, replicas) };
}

export const sizeOf = ({ spec }: ReplicaSet): number => spec.replicas ?? 1;
const availableOf = ({ status }: ReplicaSet): number => status?.availableReplicas ?? 0;
const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number => sets.reduce((total, set) => total + of(set), 0);

/** Size of the new set when it may grow; `undefined` when it stays. */
export function newSizeWhileRolling(deployment: Deployment, current: ReplicaSet, all: readonly ReplicaSet[]): number | undefined {
  const replicas = deployment.spec.replicas ?? 1;
  const size = sizeOf(current);
  if (size === replicas) return undefined;
  if (size > replicas) return replicas;
  if (deployment.spec.strategy?.type === 'Recreate') return replicas;
  const room = replicas + budgetOf(deployment).surge - sum(all, sizeOf);
  if (room <= 0) return undefined;
  return size + Math.min(room, replicas - size);
}

/** Old sets to shrink: first pods that are not available anyway, then as many available ones as the budget lets go, oldest set first. */
export function shrinkOld(deployment: Deployment, current: Stored<ReplicaSet>, old: readonly Stored<ReplicaSet>[]): Scaling[] {
  const oldSize = sum(old, sizeOf);
  if (oldSize === 0) return [];
  const replicas = deployment.spec.replicas ?? 1;
  const minimum = replicas - budgetOf(deployment).unavailable;
  const newUnavailable = sizeOf(current) - availableOf(current);
  let most = oldSize + sizeOf(current) - minimum - newUnavailable;
  if (most <= 0) return [];
  const sizes = new Map(old.map((set) => [set, sizeOf(set)]));
  const byAge = [...old].sort(olderFirst);
  const shrink = (set: Stored<ReplicaSet>, by: number): void => {
    sizes.set(set, (sizes.get(set) ?? 0) - by);
  };
  for (const set of byAge) {
    const unhealthy = Math.min(most, sizeOf(set) - availableOf(set));
    if (unhealthy <= 0) continue;
    shrink(set, unhealthy);
    most -= unhealthy;
  }
  let spare = sum(old, availableOf) + availableOf(current) - minimum;
  for (const set of byAge) {
    const by = Math.min(spare, sizes.get(set) ?? 0);
    if (by <= 0) continue;
    shrink(set, by);
    spare -= by;
  }
  return [...sizes].filter(([set, to]) => to !== sizeOf(set)).map(([set, to]) => ({ set, to }));
}

/**
 * New sizes when the Deployment is scaled in the middle of a rollout: each active set gets its share, the biggest first; what rounding
 * leaves over goes to the first.
 *
 * @param oldMaximum of a set: what replicas + surge were when it was last scaled (its annotation).
 */
export function scaleProportionally(
  deployment: Deployment,
  active: readonly Stored<ReplicaSet>[],
  oldMaximum: (set: Stored<ReplicaSet>) => number,
): Scaling[] {
  const replicas = deployment.spec.replicas ?? 1;
  const allowed = replicas > 0 ? replicas + budgetOf(deployment).surge : 0;
  const toAdd = allowed - sum(active, sizeOf);
  const ageOrder = toAdd > 0 ? (a: Stored<ReplicaSet>, b: Stored<ReplicaSet>) => -olderFirst(a, b) : olderFirst;
  const sorted = [...active].sort((a, b) => sizeOf(b) - sizeOf(a) || ageOrder(a, b));
  const sizes = new Map(sorted.map((set) => [set, sizeOf(set)]));
  let added = 0;
  for (const set of sorted) {
    if (toAdd === 0) break;
    // A set without the annotation: the size that was last reported is the next best.
    const base = oldMaximum(set) || (deployment.status?.replicas ?? 0);
    const share = shareOf(set, allowed, base, toAdd, added, replicas);
    sizes.set(set, sizeOf(set) + share);
    added += share;
  }
  const [first] = sorted;
  if (first) sizes.set(first, Math.max(0, (sizes.get(first) ?? 0) + toAdd - added));
  return [...sizes].map(([set, to]) => ({ set, to }));
}

function shareOf(set: Stored<ReplicaSet>, allowed: number, oldMaximum: number, toAdd: number, added: number, replicas: number): number {
  const size = sizeOf(set);
  if (size === 0 || toAdd === added) return 0;
  if (replicas > 0 && oldMaximum === 0) return 0;
  const fraction = replicas === 0 ? -size : roundAway((size * allowed) / oldMaximum) - size;
  const left = toAdd - added;
  return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
}

/** Halves go away from zero, as Go's math.Round has it. */
function roundAway(value: number): number {
  return value < 0 ? -Math.round(-value) : Math.round(value);
}

/** By creation time, then name. */
export function olderFirst(a: Stored<ReplicaSet>, b: Stored<ReplicaSet>): number {
  const [left, right] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (left !== right) return left < right ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
