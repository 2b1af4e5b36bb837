import { isPodReady, type Pod, parseTime, type Stored } from '@slipway/kube';

/** What is known of a pod's surroundings when its set has too many. */
export interface RankContext {
  /** Active pods, on the same node, of all sets with the same owner. */
  readonly relatedOnNode: number;
  /** Unix microseconds. */
  readonly now: number;
}

const PHASES: readonly string[] = ['Pending', 'Unknown', 'Running'];
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/**
 * Which of two pods goes first: negative for `a`. Unassigned, then Pending before Unknown before Running, not ready, cheaper, on a more
 * crowded node, ready for a shorter time, with more restarts, newer. Source: `pkg/controller/controller_utils.go`, ActivePodsWithRanks.
 */
export function compareForDeletion(a: Stored<Pod>, b: Stored<Pod>, contextOf: (pod: Stored<Pod>) => RankContext): number {
  return (
    order(a, b, (pod) => (pod.spec.nodeName ? 1 : 0)) ||
    order(a, b, (pod) => PHASES.indexOf(pod.status?.phase ?? 'Pending')) ||
    order(a, b, (pod) => (isPodReady(pod) ? 1 : 0)) ||
    order(a, b, deletionCost) ||
    order(a, b, (pod) => -contextOf(pod).relatedOnNode) ||
    (isPodReady(a) && isPodReady(b) ? compareAges(a, b, readySince, contextOf(a).now) : 0) ||
    order(a, b, (pod) => -worstRestarts(pod)) ||
    compareAges(a, b, ({ metadata }) => parseTime(metadata.creationTimestamp) ?? 0, contextOf(a).now) ||
    (a.metadata.uid < b.metadata.uid ? -1 : 1)
  );
}

function order(a: Stored<Pod>, b: Stored<Pod>, rank: (pod: Stored<Pod>) => number): number {
  return rank(a) - rank(b);
}

function deletionCost(pod: Stored<Pod>): number {
  const text = pod.metadata.annotations?.[DELETION_COST];
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : 0;
}

function worstRestarts(pod: Stored<Pod>): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));
}

function readySince(pod: Stored<Pod>): number {
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  return parseTime(ready?.lastTransitionTime ?? '') ?? 0;
}

/** Younger first; ages of one power of two (of nanoseconds) count as equal and then the smaller uid goes first. */
function compareAges(a: Stored<Pod>, b: Stored<Pod>, since: (pod: Stored<Pod>) => number, now: number): number {
  const [left, right] = [since(a), since(b)];
  if (left === right) return 0;
  const byBucket = magnitude(now - left) - magnitude(now - right);
  return byBucket || (a.metadata.uid < b.metadata.uid ? -1 : 1);
}

/** floor(log2) of an age in nanoseconds, -1 for none: counted, since engines round logarithms as they like. */
function magnitude(ageMicros: number): number {
  let exponent = -1;
  for (let rest = Math.floor(ageMicros * 1_000); rest >= 1; rest = Math.floor(rest / 2)) exponent += 1;
  return exponent;
}
