import { matchesLabelSelector, type Pod, type PodAffinityTerm, type Stored } from '@slipway/kube';

/** Required anti-affinity terms that can be judged from here: those that no other object has a say in. */
export function antiAffinityTerms({ spec }: Pick<Pod, 'spec'>): readonly PodAffinityTerm[] {
  const terms = spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.filter(
    ({ namespaceSelector, matchLabelKeys = [], mismatchLabelKeys = [] }) =>
      matchLabelKeys.length === 0 &&
      mismatchLabelKeys.length === 0 &&
      (namespaceSelector === undefined || Object.keys(namespaceSelector).length === 0),
  );
}

/** Whether a term of one pod speaks of another. Source: `pkg/scheduler/framework/types.go` AffinityTerm. */
export function speaksOf(term: PodAffinityTerm, owner: Stored<Pod>, { metadata }: Stored<Pod>): boolean {
  const { namespaces = [], namespaceSelector, labelSelector } = term;
  const ofNamespace =
    namespaceSelector !== undefined ||
    (namespaces.length === 0 ? metadata.namespace === owner.metadata.namespace : namespaces.includes(metadata.namespace ?? ''));
  return ofNamespace && matchesLabelSelector(labelSelector, metadata.labels);
}
