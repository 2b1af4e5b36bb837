import type { Pod } from '@slipway/kube';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { type CycleState, StateKey } from '../../framework/cycle-state.ts';
import { skip, type Status, success, unschedulable, unschedulableAndUnresolvable } from '../../framework/status.ts';
import { type Constraint, constraintsOf, hasAllDomains, includesNode, matchingByNode } from './constraints.ts';

/** One constraint and how many matching pods each of its domains has. */
interface Spread {
  readonly constraint: Constraint;
  readonly counts: Map<string, number>;
  /** Smallest count; undefined until asked after a change. */
  least: number | undefined;
}

const spreadKey = new StateKey<readonly Spread[]>('PreFilterPodTopologySpread', (spreads) =>
  spreads.map(({ constraint, counts, least }) => ({ constraint, counts: new Map(counts), least })),
);

const skewed = unschedulable("node(s) didn't match pod topology spread constraints");
const unlabelled = unschedulableAndUnresolvable("node(s) didn't match pod topology spread constraints (missing required label)");

/** Counts matching pods by domain, over the nodes that count. Source: `plugins/podtopologyspread/filtering.go`. */
export function preFilter(pod: Pod, nodes: readonly NodeInfo[], state: CycleState): Status {
  const { snapshot, podInfo } = state;
  const constraints = constraintsOf(pod, 'DoNotSchedule', (selected) => snapshot.defaultSelector(selected));
  if (constraints.length === 0) return skip;
  const labelled = nodes.filter(({ node }) => hasAllDomains(node, constraints));
  const spreads = constraints.map((constraint): Spread => {
    const matching = matchingByNode(constraint, podInfo.namespace, snapshot);
    const counts = new Map<string, number>();
    for (const { node } of labelled) {
      if (!includesNode(constraint, pod, node)) continue;
      const domain = node.metadata.labels?.[constraint.topologyKey] ?? '';
      counts.set(domain, (counts.get(domain) ?? 0) + (matching.get(node.metadata.name) ?? 0));
    }
    return { constraint, counts, least: undefined };
  });
  state.write(spreadKey, spreads);
  return success;
}

/** Skew after placing the pod here must stay within each constraint's bound. */
export function filter(pod: Pod, { node }: NodeInfo, state: CycleState): Status {
  for (const spread of state.read(spreadKey) ?? []) {
    const { constraint, counts } = spread;
    const domain = node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined) return unlabelled;
    const self = constraint.matcher?.matches(pod.metadata.labels) ? 1 : 0;
    if ((counts.get(domain) ?? 0) + self - globalMinimum(spread) > constraint.maxSkew) return skewed;
  }
  return success;
}

/** Zero while there are fewer domains than the constraint wants. */
function globalMinimum(spread: Spread): number {
  if (spread.counts.size < spread.constraint.minDomains) return 0;
  spread.least ??= [...spread.counts.values()].reduce((least, count) => Math.min(least, count), Number.POSITIVE_INFINITY);
  return spread.least;
}

/** What-if: a pod joins or leaves a node. */
export function updateWithPod(pod: Pod, changed: PodInfo, { node }: NodeInfo, state: CycleState, by: 1 | -1): void {
  const spreads = state.read(spreadKey);
  if (!spreads || changed.namespace !== state.podInfo.namespace) return;
  if (
    !hasAllDomains(
      node,
      spreads.map(({ constraint }) => constraint),
    )
  )
    return;
  for (const spread of spreads) {
    const { constraint, counts } = spread;
    if (!constraint.matcher?.matches(changed.pod.metadata.labels) || !includesNode(constraint, pod, node)) continue;
    const domain = node.metadata.labels?.[constraint.topologyKey] ?? '';
    counts.set(domain, (counts.get(domain) ?? 0) + by);
    spread.least = undefined;
  }
}
