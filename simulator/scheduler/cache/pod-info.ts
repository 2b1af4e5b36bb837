import { type HostPort, hostPorts, keyOf, type Pod, podNonZeroRequests, podRequests } from '@slipway/kube';
import { type AffinityTerm, affinityTerms, type WeightedAffinityTerm, weightedAffinityTerms } from './affinity-term.ts';
import { reportsHeldResources, withHeldResources } from './resizing.ts';
import { type ClaimUse, claimsOf } from '../volumes/pod-claims.ts';
import { type Resource, resourceOfAmounts } from './resource.ts';

/** A pod with what scheduling needs of its spec, worked out once. Source: `pkg/scheduler/framework/types.go` PodInfo. */
export interface PodInfo {
  readonly pod: Pod;
  readonly uid: string;
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly priority: number;
  /** What the pod takes from its node. */
  readonly requests: Resource;
  /** CPU for scores: 100m for each container that names none. */
  readonly nonZeroMilliCPU: number;
  /** Memory for scores: 200 MiB for each container that names none. */
  readonly nonZeroMemory: number;
  readonly hostPorts: readonly HostPort[];
  /** Claims of its volumes; empty for most pods. */
  readonly claims: readonly ClaimUse[];
  readonly hasAffinity: boolean;
  readonly requiredAffinityTerms: readonly AffinityTerm[];
  readonly requiredAntiAffinityTerms: readonly AffinityTerm[];
  readonly preferredAffinityTerms: readonly WeightedAffinityTerm[];
  readonly preferredAntiAffinityTerms: readonly WeightedAffinityTerm[];
}

/** A stored pod always has a uid; one that was never stored goes by its key. */
export const uidOf = (pod: Pod): string => pod.metadata.uid ?? keyOf(pod);

/** @param before what was worked out for an older version of the pod; reused while the spec is the same object */
export function podInfoOf(pod: Pod, before?: PodInfo): PodInfo {
  if (before?.pod === pod) return before;
  if (before?.pod.spec === pod.spec && !reportsHeldResources(pod) && !reportsHeldResources(before.pod)) return { ...before, pod };
  const { affinity } = pod.spec;
  const requiredAffinityTerms = affinityTerms(pod, affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
  const requiredAntiAffinityTerms = affinityTerms(pod, affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
  const preferredAffinityTerms = weightedAffinityTerms(pod, affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution);
  const preferredAntiAffinityTerms = weightedAffinityTerms(pod, affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution);
  const counted = withHeldResources(pod);
  const forScores = podNonZeroRequests(counted);
  return {
    pod,
    uid: uidOf(pod),
    key: keyOf(pod),
    namespace: pod.metadata.namespace ?? 'default',
    priority: pod.spec.priority ?? 0,
    requests: resourceOfAmounts(podRequests(counted)),
    nonZeroMilliCPU: forScores['cpu'] ?? 0,
    nonZeroMemory: forScores['memory'] ?? 0,
    hostPorts: hostPorts(pod),
    claims: claimsOf(pod),
    hasAffinity:
      requiredAffinityTerms.length + requiredAntiAffinityTerms.length + preferredAffinityTerms.length + preferredAntiAffinityTerms.length >
      0,
    requiredAffinityTerms,
    requiredAntiAffinityTerms,
    preferredAffinityTerms,
    preferredAntiAffinityTerms,
  };
}

/** The same pod placed on a node, as the scheduler assumes it before the API server has agreed. */
export function assignedTo(podInfo: PodInfo, nodeName: string): PodInfo {
  return { ...podInfo, pod: { ...podInfo.pod, spec: { ...podInfo.pod.spec, nodeName } } };
}
