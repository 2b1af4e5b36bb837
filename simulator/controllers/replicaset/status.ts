import { messageOf } from '@slipway/kernel';
import {
  findCondition,
  isPodAvailable,
  isPodReady,
  isTerminal,
  matchesLabelMap,
  type Pod,
  type ReplicaSet,
  type ReplicaSetStatus,
  setCondition,
  type Stored,
  type Time,
} from '@slipway/kube';
import type { PodCounts } from './pod-tallies.ts';

/** Pods that could not be made or deleted; `error` is what the first one met. */
export interface Failure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly error: unknown;
}

/** Counts a set's pods one by one. @param now Unix microseconds */
export function countPods(set: Stored<ReplicaSet>, pods: readonly Stored<Pod>[], now: number): PodCounts {
  const templateLabels = set.spec.template?.metadata?.labels ?? {};
  const counts = { active: 0, ready: 0, available: 0, fullyLabeled: 0, terminating: 0 };
  for (const pod of pods) {
    if (isTerminal(pod)) continue;
    if (pod.metadata.deletionTimestamp !== undefined) {
      counts.terminating += 1;
      continue;
    }
    counts.active += 1;
    if (isPodReady(pod)) counts.ready += 1;
    if (isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)) counts.available += 1;
    if (matchesLabelMap(templateLabels, pod.metadata.labels)) counts.fullyLabeled += 1;
  }
  return counts;
}

/**
 * The status that a set's pods amount to. Source: `pkg/controller/replicaset/replica_set_utils.go`.
 *
 * @param timestamp the time now as text
 */
export function replicaSetStatus(
  set: Stored<ReplicaSet>,
  counts: PodCounts,
  failure: Failure | undefined,
  timestamp: () => Time,
): ReplicaSetStatus {
  const { conditions: before, ...rest } = set.status ?? { replicas: 0 };
  let withFailure: ReplicaSetStatus['conditions'] = before?.filter(({ type }) => type !== 'ReplicaFailure');
  if (failure && findCondition(before, 'ReplicaFailure')) {
    // The first failure stands: a later message may differ in the name of the pod alone, and each write would wake the set for another try.
    withFailure = before;
  } else if (failure) {
    withFailure = setCondition(before, {
      type: 'ReplicaFailure',
      status: 'True',
      reason: failure.reason,
      message: messageOf(failure.error),
      lastTransitionTime: timestamp(),
    });
  }
  return {
    ...rest,
    replicas: counts.active,
    fullyLabeledReplicas: counts.fullyLabeled,
    readyReplicas: counts.ready,
    availableReplicas: counts.available,
    terminatingReplicas: counts.terminating,
    observedGeneration: set.metadata.generation ?? 0,
    ...(withFailure && withFailure.length > 0 ? { conditions: withFailure } : {}),
  };
}

/** Whether writing `after` over `before` would change anything. */
export function isSameStatus(before: ReplicaSetStatus | undefined, after: ReplicaSetStatus): boolean {
  return (
    before !== undefined &&
    before.replicas === after.replicas &&
    (before.fullyLabeledReplicas ?? 0) === after.fullyLabeledReplicas &&
    (before.readyReplicas ?? 0) === after.readyReplicas &&
    (before.availableReplicas ?? 0) === after.availableReplicas &&
    (before.terminatingReplicas ?? 0) === after.terminatingReplicas &&
    before.observedGeneration === after.observedGeneration &&
    (before.conditions?.length ?? 0) === (after.conditions?.length ?? 0) &&
    (before.conditions ?? []).every((condition, index) => condition === after.conditions?.[index])
  );
}
