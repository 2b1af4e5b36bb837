import { messageOf } from '@slipway/kernel';
import {
  isPodAvailable,
  isPodReady,
  matchesLabelMap,
  type Pod,
  type ReplicaSet,
  type ReplicaSetStatus,
  setCondition,
  type Stored,
  type Time,
} from '@slipway/kube';

/** Pods that could not be made or deleted; `error` is what the first one met. */
export interface Failure {
  readonly reason: 'FailedCreate' | 'FailedDelete';
  readonly error: unknown;
}

/**
 * The status that a set's pods amount to. Source: `pkg/controller/replicaset/replica_set_utils.go`.
 *
 * @param active pods that count; `terminating` those that are being deleted; `now` in Unix microseconds, `timestamp` the same as text.
 */
export function replicaSetStatus(
  set: Stored<ReplicaSet>,
  active: readonly Stored<Pod>[],
  terminating: number,
  failure: Failure | undefined,
  now: number,
  timestamp: Time,
): ReplicaSetStatus {
  const templateLabels = set.spec.template?.metadata?.labels ?? {};
  const { conditions: before, ...rest } = set.status ?? { replicas: 0 };
  const withFailure = failure
    ? setCondition(before, {
        type: 'ReplicaFailure',
        status: 'True',
        reason: failure.reason,
        message: messageOf(failure.error),
        lastTransitionTime: timestamp,
      })
    : before?.filter(({ type }) => type !== 'ReplicaFailure');
  return {
    ...rest,
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => matchesLabelMap(templateLabels, pod.metadata.labels)).length,
    readyReplicas: active.filter(isPodReady).length,
    availableReplicas: active.filter((pod) => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length,
    terminatingReplicas: terminating,
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
