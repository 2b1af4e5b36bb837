import type { Node } from '@slipway/kube';
import { type AffinityTerm, matchesAllTerms } from '../../cache/affinity-term.ts';
import { LabelMatcher } from '../../cache/label-matcher.ts';
import type { Snapshot } from '../../cache/snapshot.ts';

/**
 * Tells each node on which placed pods match all the terms, and how many. One term that names its namespaces is answered from the
 * cache's counts; only several terms at once, or selected namespaces, need a walk over all pods, which is what upstream always does.
 */
export function forMatchingPods(terms: readonly AffinityTerm[], snapshot: Snapshot, tell: (node: Node, count: number) => void): void {
  const [term] = terms;
  if (term === undefined) return;
  if (terms.length === 1 && term.namespaceSelector === undefined) {
    if (term.selector === undefined) return;
    const matcher = LabelMatcher.of([term.selector]);
    for (const namespace of term.namespaces) {
      for (const [nodeName, count] of snapshot.matchingPods(namespace, matcher).all) {
        const node = snapshot.get(nodeName)?.node;
        if (node) tell(node, count);
      }
    }
    return;
  }
  for (const { node, pods } of snapshot.nodes) {
    let count = 0;
    for (const { pod } of pods) if (matchesAllTerms(terms, pod, snapshot.namespaceLabels)) count += 1;
    if (count > 0) tell(node, count);
  }
}
