import { kernelMath } from '@slipway/kernel';
import { nodeLabels, type Pod } from '@slipway/kube';
import type { NodeInfo } from '../../cache/node-info.ts';
import { type CycleState, StateKey } from '../../framework/cycle-state.ts';
import { skip, type Status, success } from '../../framework/status.ts';
import { MAX_NODE_SCORE } from '../../framework/types.ts';
import { type Constraint, constraintsOf, hasAllDomains, includesNode, matchingByNode } from './constraints.ts';

/** One soft constraint: how many matching pods a node's domain has, and how much a pod counts. */
interface SoftSpread {
  readonly constraint: Constraint;
  /** By domain; for host names the counts by node serve. */
  readonly counts: ReadonlyMap<string, number>;
  readonly weight: number;
}

interface ScoreState {
  readonly spreads: readonly SoftSpread[];
  /** Nodes that lack a domain; they score 0. */
  readonly ignored: ReadonlySet<string>;
}

const scoreKey = new StateKey<ScoreState>('PreScorePodTopologySpread');

/** Source: `plugins/podtopologyspread/scoring.go` PreScore. */
export function preScore(pod: Pod, feasible: readonly NodeInfo[], state: CycleState): Status {
  const { snapshot } = state;
  const constraints = constraintsOf(pod, 'ScheduleAnyway', (selected) => snapshot.defaultSelector(selected));
  if (constraints.length === 0) return skip;
  // The system's defaults shall also spread over hosts where nodes have no zone.
  const needsAll = (pod.spec.topologySpreadConstraints?.length ?? 0) > 0;
  const scored = needsAll ? feasible.filter(({ node }) => hasAllDomains(node, constraints)) : feasible;
  const kept = new Set(scored);
  const ignored = new Set(feasible.filter((nodeInfo) => !kept.has(nodeInfo)).map(({ node }) => node.metadata.name));
  const spreads = constraints.map((constraint) => softSpread(constraint, constraints, pod, scored, state, needsAll));
  state.write(scoreKey, { spreads, ignored });
  return success;
}

function softSpread(
  constraint: Constraint,
  constraints: readonly Constraint[],
  pod: Pod,
  scored: readonly NodeInfo[],
  { snapshot, podInfo }: CycleState,
  needsAll: boolean,
): SoftSpread {
  const matching = matchingByNode(constraint, podInfo.namespace, snapshot);
  if (constraint.topologyKey === nodeLabels.hostname) return { constraint, counts: matching, weight: domainWeight(scored.length) };
  const counts = new Map<string, number>();
  for (const { node } of scored) counts.set(node.metadata.labels?.[constraint.topologyKey] ?? '', 0);
  const weight = domainWeight(counts.size);
  // Only nodes with matching pods add anything, which are far fewer than all nodes.
  for (const [nodeName, count] of matching) {
    const node = snapshot.get(nodeName)?.node;
    if (!node || (needsAll && !hasAllDomains(node, constraints)) || !includesNode(constraint, pod, node)) continue;
    const domain = node.metadata.labels?.[constraint.topologyKey] ?? '';
    const known = counts.get(domain);
    if (known !== undefined) counts.set(domain, known + count);
  }
  return { constraint, counts, weight };
}

/** Pods in few large domains count less each, so that these do not drown the many small ones. */
export const domainWeight = (domains: number): number => kernelMath.log(domains + 2);

/** Fewer matching pods in the node's domains are better; turned round when normalised. */
export function score({ node }: NodeInfo, state: CycleState): number {
  const { spreads, ignored } = state.read(scoreKey) ?? { spreads: [], ignored: new Set() };
  if (ignored.has(node.metadata.name)) return 0;
  let sum = 0;
  for (const { constraint, counts, weight } of spreads) {
    const domain = node.metadata.labels?.[constraint.topologyKey];
    if (domain === undefined) continue;
    const key = constraint.topologyKey === nodeLabels.hostname ? node.metadata.name : domain;
    sum += scoreForCount(counts.get(key) ?? 0, constraint.maxSkew, weight);
  }
  return Math.round(sum);
}

/** `maxSkew − 1` waters down differences where much skew is allowed. */
export const scoreForCount = (count: number, maxSkew: number, weight: number): number => count * weight + (maxSkew - 1);

/** `100 · (max + min − s) / max`; all 100 when nobody has any. */
export function normalize(scores: readonly number[], nodes: readonly NodeInfo[], state: CycleState): readonly number[] {
  const ignored = state.read(scoreKey)?.ignored;
  const isIgnored = (index: number): boolean => ignored?.has(nodes[index]?.node.metadata.name ?? '') ?? false;
  const counted = scores.filter((_, index) => !isIgnored(index));
  const least = counted.reduce((low, each) => Math.min(low, each), Number.POSITIVE_INFINITY);
  const most = counted.reduce((high, each) => Math.max(high, each), 0);
  return scores.map((each, index) => {
    if (isIgnored(index)) return 0;
    return most === 0 ? MAX_NODE_SCORE : Math.trunc((MAX_NODE_SCORE * (most + least - each)) / most);
  });
}
