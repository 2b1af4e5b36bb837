import type { Pod } from '@slipway/kube';
import type { NamespaceLabels } from './affinity-term.ts';
import type { NodeInfo } from './node-info.ts';
import type { LabelMatcher } from './label-matcher.ts';

/** Pods of one namespace that a selector matches, counted by node; kept current by the cache, so that asking costs no walk. */
export interface MatchingPods {
  /** Only nodes with at least one; pods that are being deleted do not count. */
  readonly live: ReadonlyMap<string, number>;
  /** Also those that are being deleted. */
  readonly all: ReadonlyMap<string, number>;
}

/** The cluster as one scheduling cycle sees it. Source: `pkg/scheduler/backend/cache/snapshot.go`. */
export interface Snapshot {
  /** In the order of the search: zones in turn. */
  readonly nodes: readonly NodeInfo[];
  get(nodeName: string): NodeInfo | undefined;
  /** Nodes with a pod that has any affinity term, in the order of `nodes`. */
  readonly nodesWithAffinityPods: readonly NodeInfo[];
  /** Nodes with a pod that has a required anti-affinity term, in the order of `nodes`. */
  readonly nodesWithRequiredAntiAffinityPods: readonly NodeInfo[];
  readonly namespaceLabels: NamespaceLabels;
  /** Counts pods by a selector; the first question about a selector walks the namespace, later ones are free. */
  matchingPods(namespace: string, matcher: LabelMatcher): MatchingPods;
  /** Placed pods that use a claim (`namespace/name`), also those on nodes that the cluster has lost: their containers may run on. */
  podsUsingClaim(key: string): number;
  /** What selects the pod from outside: its Services and its controller; undefined when nothing does. */
  defaultSelector(pod: Pod): LabelMatcher | undefined;
}
