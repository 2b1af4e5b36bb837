import { finalizers, type Job, type Pod, parseTime, type Stored } from '@slipway/kube';

// How a Job sees its pods. Source: `pkg/controller/job/job_controller.go`, `backoff_utils.go`.

/** The pod has not been counted yet, or its count is not certain yet. */
export const isTracked = ({ metadata }: Stored<Pod>): boolean => metadata.finalizers?.includes(finalizers.jobTracking) ?? false;

/** Only pods that have ended are replaced; otherwise a pod that is being deleted counts as failed already. */
export const replacesFailedOnly = ({ spec }: Job): boolean => spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined;

export function isPodFailed(pod: Stored<Pod>, job: Job): boolean {
  const phase = pod.status?.phase;
  if (phase === 'Failed') return true;
  return !replacesFailedOnly(job) && pod.metadata.deletionTimestamp !== undefined && phase !== 'Succeeded';
}

/** When the pod ended, in Unix microseconds, as well as one can tell. */
export function finishTime(pod: Stored<Pod>): number {
  const { status, metadata } = pod;
  let latest: number | undefined;
  for (const { state } of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    const at = state?.terminated?.finishedAt;
    const time = at === undefined ? undefined : parseTime(at);
    if (time !== undefined && (latest === undefined || time > latest)) latest = time;
  }
  if (latest !== undefined) return latest;
  const unready = status?.conditions?.find(({ type, status: is }) => type === 'Ready' && is === 'False')?.lastTransitionTime;
  if (unready !== undefined) return parseTime(unready) ?? 0;
  if (metadata.deletionTimestamp !== undefined)
    return (parseTime(metadata.deletionTimestamp) ?? 0) - (metadata.deletionGracePeriodSeconds ?? 0) * 1_000_000;
  return parseTime(metadata.creationTimestamp) ?? 0;
}

/** Restarts of the containers of pods that still run, for templates that restart them in place. */
export function restartsOf(pods: readonly Stored<Pod>[]): number {
  let restarts = 0;
  for (const { status } of pods) {
    if (status?.phase !== 'Running' && status?.phase !== 'Pending') continue;
    for (const { restartCount } of [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]) restarts += restartCount;
  }
  return restarts;
}
