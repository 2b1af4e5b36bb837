import type { ControllerContext } from '@slipway/client';
import { codeOf, messageOf, type Process } from '@slipway/kernel';
import { type CronJob, type CronJobStatus, type Job, type ObjectReference, parseTime, type Stored } from '@slipway/kube';
import { beyondLimit, endOf } from './child-jobs.ts';

/** One look at a CronJob: what it does to the Jobs, and the status that is written once at its end. */
export class CronJobTurn {
  readonly context: ControllerContext;
  #cronJob: Stored<CronJob>;
  #changed = false;

  constructor(cronJob: Stored<CronJob>, context: ControllerContext) {
    this.context = context;
    this.#cronJob = cronJob;
  }

  /** With the status as it is by now. */
  get cronJob(): Stored<CronJob> {
    return this.#cronJob;
  }

  get active(): readonly ObjectReference[] {
    return this.#cronJob.status?.active ?? [];
  }

  normal(reason: string, message: string): void {
    this.context.events.normal(this.#cronJob, reason, message);
  }

  warning(reason: string, message: string): void {
    this.context.events.warning(this.#cronJob, reason, message);
  }

  /** Deletes ended Jobs beyond the limits of history. What cannot be deleted stays until the next turn. */
  *trimHistory(jobs: readonly Stored<Job>[]): Process {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = this.#cronJob.spec;
    const old = [...beyondLimit(jobs, 'Complete', successfulJobsHistoryLimit), ...beyondLimit(jobs, 'Failed', failedJobsHistoryLimit)];
    for (const job of old) {
      try {
        yield* this.delete(job);
      } catch (error) {
        if (codeOf(error) === 'UNKNOWN') throw error;
      }
    }
  }

  /** Brings the list of active Jobs up to what is there. Source: `cronjob_controllerv2.go`, syncCronJob, its first half. */
  *follow(jobs: readonly Stored<Job>[]): Process {
    for (const job of jobs) {
      const { name, uid } = job.metadata;
      const end = endOf(job);
      if (end === undefined) {
        if (!this.#lists(uid)) yield* this.#meet(job);
        continue;
      }
      if (this.#lists(uid)) {
        this.#drop(uid);
        this.normal('SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`);
      }
      if (end === 'Complete') this.#noteSuccess(job);
    }
    const there = new Set(jobs.map(({ metadata }) => metadata.uid));
    for (const { namespace = 'default', name = '', uid = '' } of this.active) {
      if (there.has(uid) || (yield* this.#exists(namespace, name))) continue;
      this.normal('MissingJob', `Active job went missing: ${name}`);
      this.#drop(uid);
    }
  }

  /** Deletes a Job; its pods follow. @throws what the API server says */
  *delete({ metadata: { namespace = 'default', name, uid } }: Stored<Job>): Process {
    try {
      yield* this.context.api.jobs.delete({ namespace, name, propagationPolicy: 'Background' });
    } catch (error) {
      this.warning('FailedDelete', `Deleted job: ${messageOf(error)}`);
      throw error;
    }
    this.#drop(uid);
    this.normal('SuccessfulDelete', `Deleted job ${name}`);
  }

  /** Puts down that the Job of `time` has been started. */
  started(job: Stored<Job>, time: string): void {
    const { apiVersion, kind, metadata } = job;
    const { namespace = 'default', name, uid, resourceVersion } = metadata;
    this.#set({ active: [...this.active, { kind, namespace, name, uid, apiVersion, resourceVersion }], lastScheduleTime: time });
  }

  /** Writes the status if it is another. */
  *write(): Process {
    if (!this.#changed) return;
    yield* this.context.api.cronjobs.updateStatus(this.#cronJob);
    this.#changed = false;
  }

  /** A Job that runs and is not listed: the cache may be behind, or the controller crashed before it could write the status. */
  *#meet({ metadata: { name, uid } }: Stored<Job>): Process {
    const { namespace = 'default', name: own } = this.#cronJob.metadata;
    const newest = yield* this.context.api.cronjobs.get({ namespace, name: own });
    if (newest.status?.active?.some((job) => job.uid === uid)) {
      this.#cronJob = newest;
      return;
    }
    this.warning('UnexpectedJob', `Saw a job that the controller did not create or forgot: ${name}`);
  }

  *#exists(namespace: string, name: string): Process<boolean> {
    try {
      yield* this.context.api.jobs.get({ namespace, name });
      return true;
    } catch (error) {
      if (codeOf(error) !== 'NotFound') throw error;
      return false;
    }
  }

  #lists(uid: string): boolean {
    return this.active.some((job) => job.uid === uid);
  }

  #drop(uid: string): void {
    this.#set({ active: this.active.filter((job) => job.uid !== uid) });
  }

  #noteSuccess({ status }: Stored<Job>): void {
    const ended = status?.completionTime;
    const last = this.#cronJob.status?.lastSuccessfulTime;
    if (ended === undefined || (last !== undefined && (parseTime(ended) ?? 0) <= (parseTime(last) ?? 0))) return;
    this.#set({ lastSuccessfulTime: ended });
  }

  #set(change: CronJobStatus): void {
    this.#cronJob = { ...this.#cronJob, status: { ...this.#cronJob.status, ...change } };
    this.#changed = true;
  }
}
