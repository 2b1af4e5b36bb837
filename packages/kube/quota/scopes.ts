import { qosClass } from '../pods.ts';
import type { Pod, PodAffinityTerm, ResourceQuota, ScopedResourceSelectorRequirement } from '../types/index.ts';

// Which pods a quota counts. Source: `pkg/quota/v1/evaluator/core/pods.go`, podMatchesScopeFunc; `apiserver/pkg/quota/v1/generic`.

/** All that the quota asks of what it counts; empty: it counts everything. */
export function scopesOf({ spec }: ResourceQuota): readonly ScopedResourceSelectorRequirement[] {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' as const }));
  return [...plain, ...(spec?.scopeSelector?.matchExpressions ?? [])];
}

/** Whether the pod is in all of the quota's scopes. */
export function isInScopes(quota: ResourceQuota, pod: Pod): boolean {
  return scopesOf(quota).every((requirement) => matches(requirement, pod));
}

function matches(requirement: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  const { activeDeadlineSeconds } = pod.spec;
  switch (requirement.scopeName) {
    case 'Terminating':
      return activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0;
    case 'NotTerminating':
      return !(activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0);
    case 'BestEffort':
      return qosClass(pod) === 'BestEffort';
    case 'NotBestEffort':
      return qosClass(pod) !== 'BestEffort';
    case 'PriorityClass':
      return isOfClass(requirement, pod.spec.priorityClassName ?? '');
    case 'CrossNamespacePodAffinity':
      return affinityTerms(pod).some(({ namespaces = [], namespaceSelector }) => namespaces.length > 0 || namespaceSelector !== undefined);
    default:
      return false;
  }
}

function isOfClass({ operator, values = [] }: ScopedResourceSelectorRequirement, name: string): boolean {
  switch (operator) {
    case 'Exists':
      return name !== '';
    case 'DoesNotExist':
      return name === '';
    case 'In':
      return name !== '' && values.includes(name);
    case 'NotIn':
      return name === '' || !values.includes(name);
  }
}

function affinityTerms({ spec: { affinity } }: Pod): readonly PodAffinityTerm[] {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].flatMap((side) => [
    ...(side?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(side?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
  ]);
}
