import { type Micros, seconds } from '@slipway/kernel';
import { findCondition, type Job, type JobCondition, parseTime, type Stored } from '@slipway/kube';
import { matchFailurePolicy } from './failure-policy.ts';
import { isIndexed, isSuspended, type Observation } from './observation.ts';
import { isPodFailed, restartsOf } from './pod-states.ts';
import { matchSuccessPolicy } from './success-policy.ts';

/** How a Job ends. It says so before its last pods are gone, and ends for good only afterwards. */
export interface Ending {
  readonly type: 'FailureTarget' | 'SuccessCriteriaMet';
  readonly reason: string;
  readonly message: string;
}

export function isFinished({ status }: Job): boolean {
  return status?.conditions?.some(({ type, status: is }) => is === 'True' && (type === 'Complete' || type === 'Failed')) ?? false;
}

/**
 * Why the Job must end before its completions are reached; what has been said once stays.
 * Source: `pkg/controller/job/job_controller.go`, syncJob.
 */
export function endingOf(view: Observation, now: number): Ending | undefined {
  const { job } = view;
  return announced(job, 'FailureTarget') ?? failureOf(view, now) ?? announced(job, 'SuccessCriteriaMet') ?? earlySuccessOf(view);
}

/** All that was wanted has succeeded and nothing runs any more. */
export function completionOf({ job, succeeded }: Observation, activeAfter: number): Ending | undefined {
  const { completions } = job.spec;
  const enough = completions === undefined ? succeeded > 0 : succeeded >= completions;
  if (!enough || activeAfter > 0) return undefined;
  return { type: 'SuccessCriteriaMet', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
}

/** Time until the active deadline; undefined where there is none. */
export function untilDeadline(job: Stored<Job>, now: number): Micros | undefined {
  const { activeDeadlineSeconds } = job.spec;
  const start = job.status?.startTime;
  if (activeDeadlineSeconds === undefined || start === undefined || isSuspended(job)) return undefined;
  return (parseTime(start) ?? 0) + seconds(activeDeadlineSeconds) - now;
}

function announced({ status }: Job, type: Ending['type']): Ending | undefined {
  const condition: JobCondition | undefined = findCondition(status?.conditions, type);
  if (condition?.status !== 'True') return undefined;
  return { type, reason: condition.reason ?? '', message: condition.message ?? '' };
}

function failureOf(view: Observation, now: number): Ending | undefined {
  const { job, pods, failed } = view;
  const { podFailurePolicy, backoffLimit = 6 } = job.spec;
  if (podFailurePolicy) {
    for (const pod of pods) {
      if (!isPodFailed(pod, job)) continue;
      const { action, message } = matchFailurePolicy(podFailurePolicy, pod);
      if (action === 'FailJob') return failure('PodFailurePolicy', message);
    }
  }
  if (failed > backoffLimit || isPastLimitInPlace(view, backoffLimit)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  const left = untilDeadline(job, now);
  if (left !== undefined && left <= 0) return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
  return indexFailureOf(view);
}

/** With restartPolicy OnFailure containers fail in place, and their restarts count instead. */
function isPastLimitInPlace({ job, pods }: Observation, limit: number): boolean {
  if (job.spec.template.spec.restartPolicy !== 'OnFailure') return false;
  const restarts = restartsOf(pods);
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

function indexFailureOf({ job, failedIndexes, succeededIndexes, completions }: Observation): Ending | undefined {
  const { backoffLimitPerIndex, maxFailedIndexes } = job.spec;
  if (!isIndexed(job) || backoffLimitPerIndex === undefined) return undefined;
  if (maxFailedIndexes !== undefined && failedIndexes.size > maxFailedIndexes) {
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  }
  if (failedIndexes.size > 0 && failedIndexes.size + succeededIndexes.size >= completions) {
    return failure('FailedIndexes', 'Job has failed indexes');
  }
  return undefined;
}

function earlySuccessOf({ job, completions, succeededIndexes }: Observation): Ending | undefined {
  if (!isIndexed(job) || !job.spec.successPolicy) return undefined;
  const message = matchSuccessPolicy(job.spec.successPolicy, completions, succeededIndexes);
  return message === undefined ? undefined : { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message };
}

const failure = (reason: string, message: string): Ending => ({ type: 'FailureTarget', reason, message });
