import { matchesLabelMap, matchesRequirement } from './selectors.ts';
import type { Node, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod } from './types/index.ts';

// Source: component-helpers `scheduling/corev1/nodeaffinity/nodeaffinity.go`.

type LabelledNode = Pick<Node, 'metadata'>;

/** Whether a term holds: all its expressions and fields. A term without any matches nothing. */
export function matchesNodeSelectorTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: LabelledNode): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  const { labels, name } = node.metadata;
  return (
    matchExpressions.every((requirement) => matchesRequirement(withValues(requirement), labels)) &&
    // Only the node's name can be selected by field.
    matchFields.every((requirement) => matchesRequirement(withValues(requirement), { 'metadata.name': name }))
  );
}

function withValues({ key, operator, values = [] }: NodeSelectorRequirement) {
  return { key, operator, values };
}

/** Whether any term holds. */
export function matchesNodeSelector(selector: NodeSelector, node: LabelledNode): boolean {
  return selector.nodeSelectorTerms.some((term) => matchesNodeSelectorTerm(term, node));
}

/** Whether the pod's `nodeSelector` and required node affinity both allow the node. */
export function matchesRequiredNodeAffinity(pod: Pick<Pod, 'spec'>, node: LabelledNode): boolean {
  const { nodeSelector, affinity } = pod.spec;
  if (nodeSelector !== undefined && !matchesLabelMap(nodeSelector, node.metadata.labels)) return false;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

/** Sum of the weights of the preferred terms that hold. A term without requirements counts for no node. */
export function preferredNodeAffinityWeight(pod: Pick<Pod, 'spec'>, node: LabelledNode): number {
  const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  let sum = 0;
  for (const { weight, preference } of preferred) if (matchesNodeSelectorTerm(preference, node)) sum += weight;
  return sum;
}
