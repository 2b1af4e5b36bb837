import {
  type Change,
  type ControllerContext,
  type ControllerDefinition,
  defineController,
  type ReconcileResult,
  watch,
} from '@slipway/client';
import { codeOf, messageOf, type Process, seconds } from '@slipway/kernel';
import { controllerOf, type CronJob, formatTime, isControlledBy, type Job, keyOf, parseCronSchedule, type Stored } from '@slipway/kube';
import { isNamespaceTerminating } from '../pod-control.ts';
import { cronJobKeyOf, jobNameOf, jobOf } from './child-jobs.ts';
import { CronJobTurn } from './cronjob-turn.ts';
import { areTooMany, NeverComes, startTimes, untilNextStart } from './start-times.ts';

/**
 * Starts Jobs on schedules, which it reads in UTC (`unsimulated.ts` warns of any other zone). Between two starts a CronJob costs one timer.
 * Source: `pkg/controller/cronjob/cronjob_controllerv2.go`. Its event MissSchedule can never come, there or here: what is past
 * `startingDeadlineSeconds` is no longer looked for (kubernetes#111223).
 */
export const cronJobController: ControllerDefinition = defineController({
  name: 'cronjob-controller',
  workers: 5,
  watches: [
    watch('cronjobs', { keys: keysOfCronJob }),
    watch('jobs', { indexers: { cronjob: (job) => [cronJobKeyOf(job) ?? ''] }, keys: keysOfJob }),
  ],
  *reconcile(key, context) {
    const cronJob = context.informers.get('cronjobs').get(key);
    if (!cronJob) return undefined;
    // In the order of their names, which is that of their times.
    const jobs = [...context.informers.get('jobs').byIndex('cronjob', key)].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const turn = new CronJobTurn(cronJob, context);
    yield* turn.trimHistory(jobs);
    let result: ReconcileResult | undefined;
    try {
      yield* turn.follow(jobs);
      result = yield* startIfDue(turn);
    } catch (error) {
      // What has been done counts, although the rest has to be tried again.
      yield* turn.write();
      throw error;
    }
    yield* turn.write();
    return result;
  },
});

const nowOf = ({ owner }: ControllerContext): number => owner.kernel.unixMicros;

/** Starts the Job that is due, if one is, and says when to look again. Source: syncCronJob, its second half. */
function* startIfDue(turn: CronJobTurn): Process<ReconcileResult | undefined> {
  const { cronJob, context } = turn;
  const { metadata, spec } = cronJob;
  if (metadata.deletionTimestamp !== undefined || spec.suspend === true) return undefined;
  const read = parseCronSchedule(spec.schedule);
  if ('problem' in read) {
    turn.warning('UnparseableSchedule', `unparseable schedule: ${JSON.stringify(spec.schedule)} : ${read.problem}`);
    return undefined;
  }
  const { schedule } = read;
  const now = nowOf(context);
  let due: number | undefined;
  try {
    const times = startTimes(cronJob, schedule, now, true);
    due = times.due;
    if (due !== undefined && areTooMany(times)) {
      const advice = 'Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      turn.warning('TooManyMissedTimes', `too many missed start times. ${advice}`);
    }
  } catch (error) {
    if (!(error instanceof NeverComes)) throw error;
    turn.warning('InvalidSchedule', `invalid schedule: ${spec.schedule} : ${error.message}`);
    return undefined;
  }
  if (due !== undefined && !(yield* start(turn, due))) return undefined;
  return { requeueAfter: untilNextStart(turn.cronJob, schedule, now) };
}

/** Starts the Job of `time` unless that has been done or the policy forbids it. False: only a change wakes the CronJob again. */
function* start(turn: CronJobTurn, time: number): Process<boolean> {
  const { cronJob, context } = turn;
  const { concurrencyPolicy } = cronJob.spec;
  const name = jobNameOf(cronJob, time);
  const startTime = formatTime(seconds(time));
  if (turn.active.some((job) => job.name === name) || cronJob.status?.lastScheduleTime === startTime) return true;
  if (concurrencyPolicy === 'Forbid' && turn.active.length > 0) {
    turn.normal('JobAlreadyActive', 'Not starting job because prior execution is running and concurrency policy is Forbid');
    return true;
  }
  if (concurrencyPolicy === 'Replace') yield* deleteActive(turn);
  try {
    const job = yield* context.api.jobs.create(jobOf(cronJob, time));
    turn.normal('SuccessfulCreate', `Created job ${name}`);
    turn.started(job, startTime);
    return true;
  } catch (error) {
    if (codeOf(error) === 'AlreadyExists') return yield* recognize(turn, name, startTime);
    if (!isNamespaceTerminating(error)) turn.warning('FailedCreate', `Error creating job: ${messageOf(error)}`);
    throw error;
  }
}

/**
 * Whether the Job of that name is the own one, made just before a crash, so that only the status has to be put right. One of somebody
 * else is left alone, and as upstream the schedule then stands still until something about the CronJob or its Jobs changes.
 */
function* recognize(turn: CronJobTurn, name: string, startTime: string): Process<boolean> {
  const { namespace = 'default' } = turn.cronJob.metadata;
  const job = yield* turn.context.api.jobs.get({ namespace, name });
  if (!isControlledBy(job, turn.cronJob) || turn.active.some(({ uid }) => uid === job.metadata.uid)) return false;
  turn.started(job, startTime);
  return true;
}

function* deleteActive(turn: CronJobTurn): Process {
  for (const { namespace = 'default', name = '' } of turn.active) {
    let job: Stored<Job>;
    try {
      job = yield* turn.context.api.jobs.get({ namespace, name });
    } catch (error) {
      turn.warning('FailedGet', `Get job: ${messageOf(error)}`);
      throw error;
    }
    yield* turn.delete(job);
  }
}

/** A new schedule moves the next look; whatever else changes is looked at now. Source: updateCronJob. */
function keysOfCronJob(cronJob: Stored<CronJob>, { event, old, context }: Change<CronJob>): readonly string[] {
  const { schedule: text, timeZone } = cronJob.spec;
  const key = keyOf(cronJob);
  if (event !== 'MODIFIED' || !old || (old.spec.schedule === text && old.spec.timeZone === timeZone)) return [key];
  const read = parseCronSchedule(text);
  if ('problem' in read) context.events.warning(cronJob, 'UnParseableCronJobSchedule', `unparseable schedule for cronjob: ${text}`);
  else context.queue.addAfter(key, untilNextStart(cronJob, read.schedule, nowOf(context)));
  return [];
}

function keysOfJob(job: Stored<Job>, { old, context }: Change<Job>): readonly string[] {
  const now = wokenBy(job, context);
  const before = old === undefined ? undefined : wokenBy(old, context);
  return [...new Set([now, before].filter((key) => key !== undefined))];
}

/** Key of the CronJob that made the Job, while there is one: a later one of its name is not meant. */
function wokenBy(job: Stored<Job>, { informers }: ControllerContext): string | undefined {
  const key = cronJobKeyOf(job);
  const cronJob = key === undefined ? undefined : informers.get('cronjobs').get(key);
  return cronJob?.metadata.uid === controllerOf(job)?.uid ? key : undefined;
}
