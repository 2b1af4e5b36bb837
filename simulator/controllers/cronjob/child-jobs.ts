import { controllerOf, controllerReference, type CronJob, formatTime, type Job, parseTime, type Stored } from '@slipway/kube';
import { seconds } from '@slipway/kernel';

// The Jobs of a CronJob. Source: `pkg/controller/cronjob/utils.go`, getJobFromTemplate2, byJobStartTime.

const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** Name of the Job that starts at `time` (seconds since the Unix epoch). One name for each minute: it keeps a start from being made twice. */
export function jobNameOf({ metadata }: CronJob, time: number): string {
  return `${metadata.name}-${Math.floor(time / 60)}`;
}

export function jobOf(cronJob: Stored<CronJob>, time: number): Job {
  const { metadata = {}, spec } = cronJob.spec.jobTemplate;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobNameOf(cronJob, time),
      namespace: cronJob.metadata.namespace ?? 'default',
      ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
      annotations: { ...metadata.annotations, [SCHEDULED_AT]: formatTime(seconds(time)) },
      ownerReferences: [controllerReference(cronJob)],
    },
    spec,
  };
}

/** Key of the CronJob that the Job names as its controller, whether there is one or not. */
export function cronJobKeyOf(job: Job): string | undefined {
  const owner = controllerOf(job);
  return owner?.kind === 'CronJob' ? `${job.metadata.namespace}/${owner.name}` : undefined;
}

/** How the Job ended. */
export function endOf({ status }: Job): 'Complete' | 'Failed' | undefined {
  for (const { type, status: is } of status?.conditions ?? []) {
    if (is === 'True' && (type === 'Complete' || type === 'Failed')) return type;
  }
  return undefined;
}

/** The Jobs that ended so and are more than the CronJob wants to keep: those that started first. */
export function beyondLimit(jobs: readonly Stored<Job>[], end: 'Complete' | 'Failed', limit: number | undefined): readonly Stored<Job>[] {
  if (limit === undefined) return [];
  const ended = jobs
    .filter((job) => endOf(job) === end)
    .sort((a, b) => startOf(a) - startOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
  return ended.slice(0, Math.max(0, ended.length - limit));
}

/** One that never started counts as the youngest. */
function startOf({ status }: Job): number {
  return (status?.startTime === undefined ? undefined : parseTime(status.startTime)) ?? Number.MAX_SAFE_INTEGER;
}
