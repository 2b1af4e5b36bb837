import { findCondition, isSameTaint, type Node, type Taint, taintKeys } from '@slipway/kube';

// Which taints a node's conditions mean. Source: `pkg/controller/nodelifecycle/node_lifecycle_controller.go`, nodeConditionToTaintKeyStatusMap.

const PRESSURE: Readonly<Record<string, string>> = {
  MemoryPressure: taintKeys.memoryPressure,
  DiskPressure: taintKeys.diskPressure,
  PIDPressure: taintKeys.pidPressure,
  NetworkUnavailable: taintKeys.networkUnavailable,
};

/** Keys that follow from conditions and from nothing else: a taint with one of them that no condition asks for goes. */
const MANAGED: ReadonlySet<string> = new Set([
  taintKeys.notReady,
  taintKeys.unreachable,
  taintKeys.unschedulable,
  ...Object.values(PRESSURE),
]);

/** The NoSchedule taints that the node should have, in the order of their keys. */
export function noScheduleTaints(node: Node): Taint[] {
  const keys: string[] = [];
  const ready = findCondition(node.status?.conditions, 'Ready')?.status;
  if (ready === 'False') keys.push(taintKeys.notReady);
  if (ready === 'Unknown') keys.push(taintKeys.unreachable);
  for (const [condition, key] of Object.entries(PRESSURE)) {
    if (findCondition(node.status?.conditions, condition as 'Ready')?.status === 'True') keys.push(key);
  }
  if (node.spec?.unschedulable) keys.push(taintKeys.unschedulable);
  return keys.sort().map((key) => ({ key, effect: 'NoSchedule' }));
}

/**
 * The node's taints with its NoSchedule ones as its conditions want them; the very same list when nothing changes. A node that has not
 * reported at all keeps what it was registered with.
 */
export function withScheduleTaints(node: Node, now: string): readonly Taint[] {
  const taints = node.spec?.taints ?? [];
  if (findCondition(node.status?.conditions, 'Ready') === undefined && !node.spec?.unschedulable) return taints;
  const wanted = noScheduleTaints(node);
  const kept = taints.filter(
    (taint) => taint.effect !== 'NoSchedule' || !MANAGED.has(taint.key) || wanted.some((want) => isSameTaint(want, taint)),
  );
  const missing = wanted.filter((want) => !taints.some((taint) => isSameTaint(want, taint)));
  if (missing.length === 0 && kept.length === taints.length) return taints;
  return [...kept, ...missing.map((taint) => ({ ...taint, timeAdded: now }))];
}

/** The NoExecute taint that a node in this state gets, once its turn comes. */
export function evictionTaint(node: Node): Taint | undefined {
  const ready = findCondition(node.status?.conditions, 'Ready')?.status;
  if (ready === 'False') return { key: taintKeys.notReady, effect: 'NoExecute' };
  if (ready === 'Unknown') return { key: taintKeys.unreachable, effect: 'NoExecute' };
  return undefined;
}

/** The two taints by which a node drives its pods out, without `keep`. */
export function withoutEvictionTaints(taints: readonly Taint[], keep?: string): readonly Taint[] {
  const evicting = (taint: Taint): boolean =>
    taint.effect === 'NoExecute' && (taint.key === taintKeys.notReady || taint.key === taintKeys.unreachable);
  return taints.some((taint) => evicting(taint) && taint.key !== keep)
    ? taints.filter((taint) => !evicting(taint) || taint.key === keep)
    : taints;
}
