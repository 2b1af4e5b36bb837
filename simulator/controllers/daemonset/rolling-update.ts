import { type DaemonSet, isPodAvailable, type Pod, scaledValue, type Stored } from '@slipway/kube';
import { isUpdated, type NodePods } from './node-pods.ts';
import type { Verdict } from './placement.ts';

// One step of a rolling update, from data to data. Source: `pkg/controller/daemon/update.go`.

/** What a step changes: pods to delete, nodes that get a new pod beside the old one. */
export interface Step {
  readonly remove: readonly Stored<Pod>[];
  readonly create: readonly string[];
}

export interface UpdateView {
  readonly set: DaemonSet;
  readonly pods: NodePods;
  /** Hash of the revision that is wanted. */
  readonly hash: string;
  /** Names of nodes that should run a pod. */
  readonly desired: readonly string[];
  readonly verdict: (node: string) => Verdict | undefined;
  /** Unix microseconds. */
  readonly now: number;
}

/** How many pods may be missing, and how many may be extra: percentages of the desired number, rounded up. */
export function daemonBudget({ spec }: DaemonSet, desired: number): { readonly unavailable: number; readonly surge: number } {
  const { maxUnavailable = 1, maxSurge = 0 } = spec.updateStrategy?.rollingUpdate ?? {};
  const unavailable = scaledValue(maxUnavailable, desired, 'up');
  const surge = scaledValue(maxSurge, desired, 'up');
  return desired > 0 && unavailable === 0 && surge === 0 ? { unavailable: 1, surge } : { unavailable, surge };
}

export function nextStep(view: UpdateView): Step {
  const { surge, unavailable } = daemonBudget(view.set, view.desired.length);
  return surge === 0 ? replace(view, unavailable) : surgeStep(view, surge);
}

/** Nodes in order of their names: those with pods and those that should have one. */
function nodesOf({ pods, desired }: UpdateView): readonly string[] {
  return [...new Set([...pods.keys(), ...desired])].sort();
}

/** Deletes old pods as far as the budget allows; the next look at the nodes makes the new ones. */
function replace(view: UpdateView, maxUnavailable: number): Step {
  let unavailable = 0;
  const allowed: Stored<Pod>[] = [];
  const candidates: Stored<Pod>[] = [];
  for (const node of nodesOf(view)) {
    const found = versionsOn(view, node);
    // None, both, or several of one kind: making order on the node comes first, and it counts as one without.
    if (!found || (found.fresh === undefined) === (found.old === undefined)) unavailable += 1;
    else if (found.fresh) unavailable += isAvailable(view, found.fresh) ? 0 : 1;
    else if (found.old && !isAvailable(view, found.old)) allowed.push(found.old);
    else if (found.old && unavailable < maxUnavailable) candidates.push(found.old);
  }
  return { remove: [...allowed, ...candidates.slice(0, Math.max(0, maxUnavailable - unavailable))], create: [] };
}

/** Makes new pods beside old ones as far as the budget allows, and deletes old ones whose successor is available. */
function surgeStep(view: UpdateView, maxSurge: number): Step {
  let surging = 0;
  let available = 0;
  const remove: Stored<Pod>[] = [];
  const misplaced: Stored<Pod>[] = [];
  const allowed: string[] = [];
  const candidates: string[] = [];
  for (const node of nodesOf(view)) {
    const found = versionsOn(view, node);
    if (!found) {
      surging += 1;
      continue;
    }
    const { fresh, old } = found;
    if ((fresh && isAvailable(view, fresh)) || (old && isAvailable(view, old))) available += 1;
    if (!old) continue;
    if (fresh) {
      if (isAvailable(view, fresh)) remove.push(old);
      else surging += 1;
    } else if (!view.verdict(node)?.run) misplaced.push(old);
    else if (isAvailable(view, old)) candidates.push(node);
    else allowed.push(node);
  }
  // A node that may no longer run a pod keeps its old one until others make up for it.
  const spare = Math.max(0, available - view.desired.length);
  return {
    remove: [...remove, ...misplaced.slice(0, spare)],
    create: [...allowed, ...candidates.slice(0, Math.max(0, maxSurge - surging))],
  };
}

/** The node's one new and one old pod that are not being deleted; undefined when it has several of a kind. */
function versionsOn(
  { pods, hash }: UpdateView,
  node: string,
): { readonly fresh: Stored<Pod> | undefined; readonly old: Stored<Pod> | undefined } | undefined {
  const live = (pods.get(node) ?? []).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const fresh = live.filter((pod) => isUpdated(pod, hash));
  const old = live.filter((pod) => !isUpdated(pod, hash));
  return fresh.length > 1 || old.length > 1 ? undefined : { fresh: fresh[0], old: old[0] };
}

function isAvailable({ set, now }: UpdateView, pod: Stored<Pod>): boolean {
  return isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now);
}
