import type { Pod } from '@slipway/kube';
import { allocatableOf, type NodeInfo } from '../../cache/node-info.ts';
import { type PodInfo, podInfoOf } from '../../cache/pod-info.ts';
import { amountOf, isNothing, isScalarResource, noResource, type Resource } from '../../cache/resource.ts';
import { asNode, asPod, isOwnUpdate, isUnplaced } from '../../framework/hints.ts';
import { success, type Status, unschedulable, unschedulableAndUnresolvable } from '../../framework/status.ts';
import type { FilterPlugin, PreFilterPlugin, PreScorePlugin, ScorePlugin } from '../../framework/types.ts';
import {
  leastAllocated,
  mostAllocated,
  requestedToCapacityRatio,
  type ResourceScorer,
  type ShapePoint,
  type WeightedResource,
} from './resource-scorers.ts';

/** How nodes are scored; `shape` is for RequestedToCapacityRatio. */
export type ScoringStrategy =
  | { readonly type: 'LeastAllocated' | 'MostAllocated'; readonly resources?: readonly WeightedResource[] }
  | { readonly type: 'RequestedToCapacityRatio'; readonly resources?: readonly WeightedResource[]; readonly shape: readonly ShapePoint[] };

const defaultResources: readonly WeightedResource[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/** One resource of which the node has too little. */
export interface InsufficientResource {
  readonly name: string;
  readonly reason: string;
  /** Even the empty node has too little. */
  readonly unresolvable: boolean;
}

/** What the node lacks for these requests: all of it, not the first. Source: `plugins/noderesources/fit.go` fitsRequest. */
export function insufficientResources(
  requests: Resource,
  node: { readonly allocatable: Resource; readonly requested: Resource; readonly pods: readonly unknown[] },
): readonly InsufficientResource[] {
  const { allocatable, requested } = node;
  const lacking: InsufficientResource[] = [];
  if (node.pods.length + 1 > allocatable.allowedPodNumber) lacking.push({ name: 'pods', reason: 'Too many pods', unresolvable: false });
  const check = (name: string, wanted: number, has: number, used: number): void => {
    if (wanted > 0 && wanted > has - used) lacking.push({ name, reason: `Insufficient ${name}`, unresolvable: wanted > has });
  };
  check('cpu', requests.milliCPU, allocatable.milliCPU, requested.milliCPU);
  check('memory', requests.memory, allocatable.memory, requested.memory);
  check('ephemeral-storage', requests.ephemeralStorage, allocatable.ephemeralStorage, requested.ephemeralStorage);
  for (const [name, wanted] of requests.scalar) check(name, wanted, amountOf(allocatable, name), amountOf(requested, name));
  return lacking;
}

/** The same question without the list, since most nodes that are looked at do fit. */
function fits(requests: Resource, { allocatable, requested, pods }: NodeInfo): boolean {
  if (pods.length + 1 > allocatable.allowedPodNumber) return false;
  if (requests.milliCPU > 0 && requests.milliCPU > allocatable.milliCPU - requested.milliCPU) return false;
  if (requests.memory > 0 && requests.memory > allocatable.memory - requested.memory) return false;
  if (requests.ephemeralStorage > 0 && requests.ephemeralStorage > allocatable.ephemeralStorage - requested.ephemeralStorage) return false;
  if (requests.scalar.size === 0) return true;
  for (const [name, wanted] of requests.scalar) {
    if (wanted > 0 && wanted > amountOf(allocatable, name) - amountOf(requested, name)) return false;
  }
  return true;
}

function refusal(lacking: readonly InsufficientResource[]): Status {
  const reasons = lacking.map(({ reason }) => reason);
  return lacking.some(({ unresolvable }) => unresolvable) ? unschedulableAndUnresolvable(...reasons) : unschedulable(...reasons);
}

/**
 * A node must have room for what the pod requests, and for one pod more; scored by how full it gets.
 * Source: `plugins/noderesources/fit.go`. Scores count 100m and 200 MiB for containers that request none; filters do not.
 */
export function nodeResourcesFit(
  strategy: ScoringStrategy = { type: 'LeastAllocated' },
): PreFilterPlugin & FilterPlugin & PreScorePlugin & ScorePlugin {
  const scorer = scorerOf(strategy);
  const { resources = defaultResources } = strategy;
  return {
    name: 'NodeResourcesFit',
    // Requests have been worked out when the pod was queued.
    preFilter: () => success,
    filter(_pod, nodeInfo, state) {
      const { requests } = state.podInfo;
      return fits(requests, nodeInfo) ? success : refusal(insufficientResources(requests, nodeInfo));
    },
    preScore: () => success,
    score: (_pod, nodeInfo, state) => weightedScore(scorer, resources, state.podInfo, nodeInfo),
    eventsToRegister: [
      { resource: 'Pod', actionType: ['Delete', 'UpdatePodScaleDown'], hint: afterPodChange },
      { resource: 'Node', actionType: ['Add', 'UpdateNodeAllocatable'], hint: afterNodeChange },
    ],
  };
}

function scorerOf(strategy: ScoringStrategy): ResourceScorer {
  switch (strategy.type) {
    case 'LeastAllocated':
      return leastAllocated;
    case 'MostAllocated':
      return mostAllocated;
    case 'RequestedToCapacityRatio':
      return requestedToCapacityRatio(strategy.shape);
  }
}

/**
 * CPU and memory with the defaults for scores; other resources only where the pod asks for them (`resource_allocation.go`). Asked of
 * every feasible node for every pod, hence without lists.
 */
function weightedScore(scorer: ResourceScorer, resources: readonly WeightedResource[], podInfo: PodInfo, nodeInfo: NodeInfo): number {
  let sum = 0;
  let weights = 0;
  for (const { name, weight } of resources) {
    const allocatable = amountOf(nodeInfo.allocatable, name);
    if (allocatable === 0) continue;
    const wanted = nonZeroRequest(podInfo, name);
    if (wanted === 0 && isScalarResource(name)) continue;
    const score = scorer.scoreOf(nonZeroUsed(nodeInfo, name) + wanted, allocatable);
    if (scorer.ignoresZero && score <= 0) continue;
    sum += score * weight;
    weights += weight;
  }
  if (weights === 0) return 0;
  return scorer.ignoresZero ? Math.round(sum / weights) : Math.trunc(sum / weights);
}

function nonZeroUsed(nodeInfo: NodeInfo, name: string): number {
  if (name === 'cpu') return nodeInfo.nonZeroMilliCPU;
  return name === 'memory' ? nodeInfo.nonZeroMemory : amountOf(nodeInfo.requested, name);
}

function nonZeroRequest(podInfo: PodInfo, name: string): number {
  if (name === 'cpu') return podInfo.nonZeroMilliCPU;
  return name === 'memory' ? podInfo.nonZeroMemory : amountOf(podInfo.requests, name);
}

function afterPodChange(pod: Pod, before: unknown, after: unknown): 'Queue' | 'QueueSkip' {
  const [was, is] = [asPod(before), asPod(after)];
  if (is === undefined) return was === undefined || isUnplaced(was) ? 'QueueSkip' : 'Queue';
  if (isOwnUpdate(pod, is)) return 'Queue';
  if (was === undefined || (is.spec.nodeName ?? '') === '') return 'QueueSkip';
  const wanted = podInfoOf(pod).requests;
  const [had, has] = [podInfoOf(was).requests, podInfoOf(is).requests];
  return requestedNames(wanted).some((name) => amountOf(had, name) > amountOf(has, name)) ? 'Queue' : 'QueueSkip';
}

/** Worth a try when the node could hold the pod if it were empty, and is new or has more of something that the pod wants. */
function afterNodeChange(pod: Pod, before: unknown, after: unknown): 'Queue' | 'QueueSkip' {
  const [was, is] = [asNode(before), asNode(after)];
  if (is === undefined) return 'QueueSkip';
  const { requests } = podInfoOf(pod);
  const now = allocatableOf(is);
  if (insufficientResources(requests, { allocatable: now, requested: noResource, pods: [] }).length > 0) return 'QueueSkip';
  if (was === undefined) return 'Queue';
  const then = allocatableOf(was);
  const grew = ['pods', ...requestedNames(requests)].some((name) => amountOf(now, name) > amountOf(then, name));
  return grew ? 'Queue' : 'QueueSkip';
}

function requestedNames(requests: Resource): readonly string[] {
  if (isNothing(requests)) return [];
  return ['cpu', 'memory', 'ephemeral-storage', ...requests.scalar.keys()].filter((name) => amountOf(requests, name) > 0);
}
