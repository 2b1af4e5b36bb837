import type { Node, Pod } from '@slipway/kube';
import { matchesAllTerms, termMatches } from '../../cache/affinity-term.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import type { PodInfo } from '../../cache/pod-info.ts';
import { type CycleState, StateKey } from '../../framework/cycle-state.ts';
import { skip, type Status, success, unschedulable, unschedulableAndUnresolvable } from '../../framework/status.ts';
import { forMatchingPods } from './matching-nodes.ts';
import { TopologyCounts } from './topology-counts.ts';

/** Who is where, as far as the pod's terms and others' terms about the pod care. */
interface Counts {
  /** Placed pods whose required anti-affinity the pod matches. */
  readonly existingAntiAffinity: TopologyCounts;
  /** Placed pods that match all of the pod's required affinity terms. */
  readonly affinity: TopologyCounts;
  /** Placed pods that match the pod's required anti-affinity terms. */
  readonly antiAffinity: TopologyCounts;
}

const countsKey = new StateKey<Counts>('PreFilterInterPodAffinity', ({ existingAntiAffinity, affinity, antiAffinity }) => ({
  existingAntiAffinity: existingAntiAffinity.clone(),
  affinity: affinity.clone(),
  antiAffinity: antiAffinity.clone(),
}));

const noAffinity = unschedulableAndUnresolvable("node(s) didn't match pod affinity rules");
const noAntiAffinity = unschedulable("node(s) didn't match pod anti-affinity rules");
const refusedByExisting = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");

/** Source: `plugins/interpodaffinity/filtering.go`. */
export function preFilter(pod: Pod, _nodes: readonly NodeInfo[], state: CycleState): Status {
  const { snapshot, podInfo } = state;
  const counts: Counts = { existingAntiAffinity: new TopologyCounts(), affinity: new TopologyCounts(), antiAffinity: new TopologyCounts() };
  for (const { node, podsWithRequiredAntiAffinity } of snapshot.nodesWithRequiredAntiAffinityPods) {
    for (const existing of podsWithRequiredAntiAffinity) countExisting(counts, existing, pod, node, state, 1);
  }
  const { requiredAffinityTerms, requiredAntiAffinityTerms } = podInfo;
  forMatchingPods(requiredAffinityTerms, snapshot, (node, count) => {
    for (const { topologyKey } of requiredAffinityTerms) counts.affinity.add(node, topologyKey, count);
  });
  for (const term of requiredAntiAffinityTerms) {
    forMatchingPods([term], snapshot, (node, count) => counts.antiAffinity.add(node, term.topologyKey, count));
  }
  if (counts.existingAntiAffinity.isEmpty && requiredAffinityTerms.length === 0 && requiredAntiAffinityTerms.length === 0) return skip;
  state.write(countsKey, counts);
  return success;
}

export function filter(pod: Pod, { node }: NodeInfo, state: CycleState): Status {
  const counts = state.read(countsKey);
  if (!counts) return success;
  const { requiredAffinityTerms, requiredAntiAffinityTerms } = state.podInfo;
  if (requiredAffinityTerms.length > 0 && !satisfiesAffinity(counts, pod, node, state)) return noAffinity;
  if (requiredAntiAffinityTerms.some(({ topologyKey }) => counts.antiAffinity.at(node, topologyKey) > 0)) return noAntiAffinity;
  return counts.existingAntiAffinity.anyAt(node) ? refusedByExisting : success;
}

/** All labels must be there. The first of a group that wants its own company may start anywhere. */
function satisfiesAffinity({ affinity }: Counts, pod: Pod, node: Node, { podInfo, snapshot }: CycleState): boolean {
  const { requiredAffinityTerms } = podInfo;
  if (!requiredAffinityTerms.every(({ topologyKey }) => node.metadata.labels?.[topologyKey] !== undefined)) return false;
  if (requiredAffinityTerms.every(({ topologyKey }) => affinity.at(node, topologyKey) > 0)) return true;
  return affinity.isEmpty && matchesAllTerms(requiredAffinityTerms, pod, snapshot.namespaceLabels);
}

/** What-if: a pod joins or leaves a node. */
export function updateWithPod(pod: Pod, changed: PodInfo, { node }: NodeInfo, state: CycleState, by: 1 | -1): void {
  const counts = state.read(countsKey);
  if (!counts) return;
  const { podInfo, snapshot } = state;
  countExisting(counts, changed, pod, node, state, by);
  if (matchesAllTerms(podInfo.requiredAffinityTerms, changed.pod, snapshot.namespaceLabels)) {
    for (const { topologyKey } of podInfo.requiredAffinityTerms) counts.affinity.add(node, topologyKey, by);
  }
  for (const term of podInfo.requiredAntiAffinityTerms) {
    if (termMatches(term, changed.pod, snapshot.namespaceLabels)) counts.antiAffinity.add(node, term.topologyKey, by);
  }
}

function countExisting(counts: Counts, existing: PodInfo, pod: Pod, node: Node, { snapshot }: CycleState, by: 1 | -1): void {
  for (const term of existing.requiredAntiAffinityTerms) {
    if (termMatches(term, pod, snapshot.namespaceLabels)) counts.existingAntiAffinity.add(node, term.topologyKey, by);
  }
}
