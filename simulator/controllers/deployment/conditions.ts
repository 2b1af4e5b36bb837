import { type Deployment, type DeploymentCondition, type DeploymentStatus, type ReplicaSet, type Stored, type Time } from '@slipway/kube';
import { budgetOf, sizeOf } from './rollout.ts';

// What a Deployment reports. Source: `pkg/controller/deployment/{sync,progress}.go`.

/** Counts and conditions, before what progress adds. */
export function observedStatus(
  deployment: Stored<Deployment>,
  sets: readonly Stored<ReplicaSet>[],
  current: Stored<ReplicaSet> | undefined,
  now: Time,
): DeploymentStatus {
  const sum = (of: (set: Stored<ReplicaSet>) => number | undefined): number => sets.reduce((total, set) => total + (of(set) ?? 0), 0);
  const available = sum(({ status }) => status?.availableReplicas);
  const total = sum(sizeOf);
  const replicas = deployment.spec.replicas ?? 1;
  const enough = available >= replicas - budgetOf(deployment).unavailable;
  const { collisionCount, conditions: before } = deployment.status ?? {};
  const availability = enough
    ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : condition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', now);
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum(({ status }) => status?.replicas),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum(({ status }) => status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, total - available),
    terminatingReplicas: sum(({ status }) => status?.terminatingReplicas),
    conditions: putCondition(before, availability),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  };
}

/** All that is wanted is there, nothing else is, and this is the generation that it was asked for in. */
export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const replicas = deployment.spec.replicas ?? 1;
  return (
    status.updatedReplicas === replicas &&
    status.replicas === replicas &&
    status.availableReplicas === replicas &&
    (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)
  );
}

/** More new pods, fewer old ones, more ready or more available ones than before. */
export function isProgressing(before: DeploymentStatus | undefined, after: DeploymentStatus): boolean {
  const number = (status: DeploymentStatus | undefined, field: 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas') =>
    status?.[field] ?? 0;
  const old = (status: DeploymentStatus | undefined): number => number(status, 'replicas') - number(status, 'updatedReplicas');
  return (
    number(after, 'updatedReplicas') > number(before, 'updatedReplicas') ||
    old(after) < old(before) ||
    number(after, 'readyReplicas') > number(before, 'readyReplicas') ||
    number(after, 'availableReplicas') > number(before, 'availableReplicas')
  );
}

export function condition(
  type: string,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  now: Time,
): DeploymentCondition {
  return { type, status, reason, message, lastUpdateTime: now, lastTransitionTime: now };
}

/**
 * Puts a condition in the place of the one with its type. One that says the same (status and reason) stays as it was, time of update
 * included; the transition time changes with the status only. Source: `util.SetDeploymentCondition`.
 */
export function putCondition(conditions: readonly DeploymentCondition[] = [], next: DeploymentCondition): readonly DeploymentCondition[] {
  const at = conditions.findIndex(({ type }) => type === next.type);
  const old = conditions[at];
  if (!old) return [...conditions, next];
  if (old.status === next.status && old.reason === next.reason) return conditions;
  const kept =
    old.status === next.status && old.lastTransitionTime !== undefined ? { ...next, lastTransitionTime: old.lastTransitionTime } : next;
  return conditions.with(at, kept);
}

export function withoutCondition(conditions: readonly DeploymentCondition[] = [], type: string): readonly DeploymentCondition[] {
  return conditions.some((each) => each.type === type) ? conditions.filter((each) => each.type !== type) : conditions;
}
