import type { Pod } from '@slipway/kube';
import { type AffinityTerm, termMatches } from '../../cache/affinity-term.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { type CycleState, StateKey } from '../../framework/cycle-state.ts';
import { skip, type Status, success } from '../../framework/status.ts';
import { MAX_NODE_SCORE } from '../../framework/types.ts';
import { forMatchingPods } from './matching-nodes.ts';
import { TopologyCounts } from './topology-counts.ts';

/** What a placed pod's *required* affinity to the new pod counts (`InterPodAffinityArgs`). */
const HARD_POD_AFFINITY_WEIGHT = 1;

const weightsKey = new StateKey<TopologyCounts>('PreScoreInterPodAffinity');

/** Sums wishes, the pod's own and those of placed pods about it, by domain. Source: `plugins/interpodaffinity/scoring.go`. */
export function preScore(pod: Pod, _nodes: readonly NodeInfo[], state: CycleState): Status {
  const { snapshot, podInfo } = state;
  const weights = new TopologyCounts();
  let found = false;
  for (const [terms, sign] of [
    [podInfo.preferredAffinityTerms, 1],
    [podInfo.preferredAntiAffinityTerms, -1],
  ] as const) {
    for (const term of terms) {
      forMatchingPods([term], snapshot, (node, count) => {
        found ||= node.metadata.labels?.[term.topologyKey] !== undefined;
        weights.add(node, term.topologyKey, sign * term.weight * count);
      });
    }
  }
  for (const { node, podsWithAffinity } of snapshot.nodesWithAffinityPods) {
    const count = (term: AffinityTerm, weight: number): void => {
      if (!termMatches(term, pod, snapshot.namespaceLabels)) return;
      found ||= node.metadata.labels?.[term.topologyKey] !== undefined;
      weights.add(node, term.topologyKey, weight);
    };
    for (const existing of podsWithAffinity) {
      for (const term of existing.requiredAffinityTerms) count(term, HARD_POD_AFFINITY_WEIGHT);
      for (const term of existing.preferredAffinityTerms) count(term, term.weight);
      for (const term of existing.preferredAntiAffinityTerms) count(term, -term.weight);
    }
  }
  if (!found) return skip;
  state.write(weightsKey, weights);
  return success;
}

export function score({ node }: NodeInfo, state: CycleState): number {
  return state.read(weightsKey)?.total(node) ?? 0;
}

/** Stretched over 0 to 100; all 0 when nobody stands out. Upstream does this one in floating point. */
export function normalize(scores: readonly number[]): readonly number[] {
  const least = scores.reduce((low, each) => Math.min(low, each), Number.POSITIVE_INFINITY);
  const most = scores.reduce((high, each) => Math.max(high, each), Number.NEGATIVE_INFINITY);
  if (most <= least) return scores.map(() => 0);
  return scores.map((each) => Math.trunc(MAX_NODE_SCORE * ((each - least) / (most - least))));
}
