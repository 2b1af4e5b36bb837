import { isPodAvailable, isPodReady, type Pod, type StatefulSet, type StatefulSetStatus } from '@slipway/kube';
import { replicasOf, type Revision, revisionOf } from './identity.ts';

export const isRunningAndReady = (pod: Pod): boolean => pod.status?.phase === 'Running' && isPodReady(pod);

/** What a set's pods amount to. Source: `pkg/controller/statefulset/stateful_set_control.go` updateStatus. @param now Unix microseconds */
export function countPods(
  set: StatefulSet,
  pods: readonly Pod[],
  {
    current,
    update,
    now,
    collisionCount,
  }: { readonly current: Revision; readonly update: Revision; readonly now: number; readonly collisionCount: number },
): StatefulSetStatus {
  const counts = { replicas: 0, readyReplicas: 0, availableReplicas: 0, currentReplicas: 0, updatedReplicas: 0 };
  for (const pod of pods) {
    counts.replicas += 1;
    if (isRunningAndReady(pod)) {
      counts.readyReplicas += 1;
      if (isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now)) counts.availableReplicas += 1;
    }
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    const revision = revisionOf(pod);
    if (revision === current.name) counts.currentReplicas += 1;
    if (revision === update.name) counts.updatedReplicas += 1;
  }
  return {
    observedGeneration: set.metadata.generation ?? 0,
    ...counts,
    currentRevision: current.name,
    updateRevision: update.name,
    collisionCount,
  };
}

/** A rolling update that has reached every pod makes its revision the current one. Source: completeRollingUpdate. */
export function completed(set: StatefulSet, status: StatefulSetStatus): StatefulSetStatus {
  const wanted = replicasOf(set);
  const { replicas, readyReplicas, updatedReplicas, updateRevision } = status;
  if ((set.spec.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return status;
  if (updatedReplicas !== wanted || readyReplicas !== wanted || replicas !== wanted) return status;
  return { ...status, currentReplicas: updatedReplicas, ...(updateRevision !== undefined && { currentRevision: updateRevision }) };
}

const counted = ['replicas', 'readyReplicas', 'availableReplicas', 'currentReplicas', 'updatedReplicas'] as const;

/** Whether writing `after` over `before` would tell anything new. Source: inconsistentStatus. */
export function tellsNothingNew(before: StatefulSetStatus | undefined, after: StatefulSetStatus): boolean {
  return (
    (after.observedGeneration ?? 0) <= (before?.observedGeneration ?? 0) &&
    counted.every((field) => (before?.[field] ?? 0) === (after[field] ?? 0)) &&
    before?.currentRevision === after.currentRevision &&
    before?.updateRevision === after.updateRevision
  );
}
