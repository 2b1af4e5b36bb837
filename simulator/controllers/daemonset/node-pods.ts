import { type DaemonSet, isTerminal, type Pod, type Stored, workloadLabels } from '@slipway/kube';
import { targetNodeOf } from './placement.ts';

/** Pods of a set by the node that they are on or meant for; only those of nodes that have some. */
export type NodePods = ReadonlyMap<string, readonly Stored<Pod>[]>;

/** Groups the pods, oldest first; those that have ended and are being deleted no longer count. */
export function groupByNode(pods: readonly Stored<Pod>[]): NodePods {
  const groups = new Map<string, Stored<Pod>[]>();
  for (const pod of pods) {
    if (isTerminal(pod) && pod.metadata.deletionTimestamp !== undefined) continue;
    const node = targetNodeOf(pod);
    if (node === undefined) continue;
    const group = groups.get(node);
    if (group) group.push(pod);
    else groups.set(node, [pod]);
  }
  for (const group of groups.values()) if (group.length > 1) group.sort(assignedThenOlder);
  return groups;
}

/** Source: `pkg/controller/daemon/daemon_controller.go`, podByCreationTimestampAndPhase. */
function assignedThenOlder(a: Stored<Pod>, b: Stored<Pod>): number {
  const assigned = Number(Boolean(b.spec.nodeName)) - Number(Boolean(a.spec.nodeName));
  if (assigned !== 0) return assigned;
  const [left, right] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (left !== right) return left < right ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

/** Whether the pod was made from the revision with this hash. */
export function isUpdated(pod: Stored<Pod>, hash: string): boolean {
  return pod.metadata.labels?.[workloadLabels.controllerRevisionHash] === hash;
}

/** Whether updates run a new pod beside the old one. */
export function allowsSurge({ spec }: DaemonSet): boolean {
  const { type = 'RollingUpdate', rollingUpdate } = spec.updateStrategy ?? {};
  const surge = rollingUpdate?.maxSurge ?? 0;
  return type === 'RollingUpdate' && surge !== 0 && surge !== '0%';
}
