import type { Pod } from '@slipway/kube';

/** A daemon's pod names its node by an affinity until it is bound. */
export function nodeOfPod({ spec }: Pod): string {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const field = terms.flatMap(({ matchFields = [] }) => matchFields).find(({ key }) => key === 'metadata.name');
  return spec.nodeName ?? field?.values?.[0] ?? '';
}
