import {
  type Change,
  ControllerExpectations,
  type ControllerContext,
  type ControllerDefinition,
  defineController,
  type ReconcileResult,
  watch,
} from '@slipway/client';
import { all, codeOf, messageOf, type Micros, type Process, seconds } from '@slipway/kernel';
import {
  controllerOf,
  finalizers,
  findCondition,
  isEqual,
  type Job,
  type JobCondition,
  type JobStatus,
  keyOf,
  matchesLabelSelector,
  type Pod,
  setCondition,
  type Stored,
} from '@slipway/kube';
import { byController, claimPods, createPod, deletePod, orphansOf, slowStart } from '../pod-control.ts';
import { accountFor, hasUncounted, settle } from './accounting.ts';
import { afterEnds, type BackOffRecord, NO_FAILURES } from './back-off.ts';
import { completionOf, type Ending, endingOf, isFinished, untilDeadline } from './finish.ts';
import { formatIndexes } from './indexes.ts';
import { podOf } from './job-pods.ts';
import { isIndexed, isSuspended, type Observation, observe } from './observation.ts';
import { finishTime, isTracked } from './pod-states.ts';
import { scalingOf } from './scaling.ts';

/** Changes of pods are gathered for so long. */
const BATCH_PERIOD: Micros = seconds(1);
const FIRST_RETRY: Micros = seconds(1);
const LONGEST_RETRY: Micros = seconds(60);
/** Another controller may run a Job instead of this one. */
const OWN_NAME = 'kubernetes.io/job-controller';

/** What is remembered of a Job between reconciles, and may be lost in a crash. */
interface Memory {
  record: BackOffRecord;
  /** Pods whose ends are in `record` already. */
  readonly recorded: Set<string>;
  /** Pods whose finalizer has gone; the cache may show it still. */
  readonly released: Set<string>;
  /** The last own write: the cache must have it before the next decision, or pods would be counted twice. */
  written: string | undefined;
  retries: number;
}

/** What the shell did to the pods, and when to look again. */
interface Outcome {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  readonly ending: Ending | undefined;
  readonly wait?: Micros;
  readonly error?: unknown;
}

/** Runs pods to completion. Source: `pkg/controller/job/job_controller.go`. */
export function jobController(): ControllerDefinition {
  let expectations: ControllerExpectations;
  const memories = new Map<string, Memory>();

  return defineController({
    name: 'job-controller',
    workers: 5,
    watches: [
      watch('jobs', { indexers: { namespace: ({ metadata }) => [metadata.namespace ?? ''] } }),
      watch('pods', { indexers: { controller: byController, job: (pod) => [jobKeyOf(pod) ?? ''] }, keys: jobsOfPod }),
    ],
    start({ owner }) {
      expectations = new ControllerExpectations(owner.kernel);
    },
    *reconcile(key, context) {
      const job = context.informers.get('jobs').get(key);
      yield* releaseOrphans(key, job, context);
      if (!job || isFinished(job) || (job.spec.managedBy ?? OWN_NAME) !== OWN_NAME) {
        if (!job) expectations.delete(key);
        memories.delete(key);
        return undefined;
      }
      const memory = memoryOf(key);
      // Its arrival wakes this key again. Revisions of one resource are ordered.
      if (memory.written !== undefined && Number(job.metadata.resourceVersion) < Number(memory.written)) return undefined;
      try {
        const result = yield* sync(key, job, memory, context);
        memory.retries = 0;
        return result;
      } catch (error) {
        // Upstream's queue for Jobs is slower than others: a second, doubling up to a minute.
        if (codeOf(error) === 'UNKNOWN') throw error;
        const delay = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** Math.min(memory.retries, 10));
        memory.retries += 1;
        context.log(`will be retried: ${messageOf(error)}`, key);
        return { requeueAfter: delay };
      }
    },
  });

  function memoryOf(key: string): Memory {
    let memory = memories.get(key);
    if (!memory) {
      memory = { record: NO_FAILURES, recorded: new Set(), released: new Set(), written: undefined, retries: 0 };
      memories.set(key, memory);
    }
    return memory;
  }

  function* sync(key: string, job: Stored<Job>, memory: Memory, context: ControllerContext): Process<ReconcileResult | undefined> {
    const { informers, owner } = context;
    const controlled = informers.get('pods').byIndex('controller', job.metadata.uid);
    const orphans = informers.get('pods').byIndex('controller', orphansOf(job.metadata.namespace));
    const pods = yield* claimPods(context, job, job.spec.selector, controlled, orphans);
    const view = observe(job, pods, memory.released);
    noteEnds(view, memory);
    const started = withStart(job, context);
    const now = owner.kernel.unixMicros;
    const outcome = yield* act(key, { ...view, job: started }, memory, now, context);
    const status = statusAfter(started, view, outcome, context);
    yield* track(key, { ...view, job: started }, outcome, status, memory, context);
    if (outcome.error !== undefined) throw outcome.error;
    const left = outcome.ending ? undefined : untilDeadline(started, now);
    const wait = left === undefined ? outcome.wait : Math.min(left, outcome.wait ?? left);
    return wait === undefined ? undefined : { requeueAfter: Math.max(1, wait) };
  }

  /** Deletes what still runs when the Job ends; otherwise makes or deletes pods. */
  function* act(key: string, view: Observation, memory: Memory, now: number, context: ControllerContext): Process<Outcome> {
    const { job, active, ready, terminating } = view;
    const satisfied = expectations.satisfied(key);
    const ending = endingOf(view, now);
    if (ending) {
      const { deleted, error } = yield* removePods(key, job, active, context);
      const left = active.length - deleted.length;
      // Pods that are not known yet may still be on their way.
      const known = satisfied && left === 0;
      return {
        active: left,
        ready: ready - readyAmong(deleted),
        terminating: terminating + deleted.filter(isAssigned).length,
        ending: known ? ending : undefined,
        error,
      };
    }
    if (!satisfied || job.metadata.deletionTimestamp !== undefined) {
      return { active: active.length, ready, terminating, ending: satisfied ? completionOf(view, active.length) : undefined };
    }
    const { create, remove, wait } = scalingOf(view, memory.record, now);
    if (remove.length > 0) {
      const { deleted, error } = yield* removePods(key, job, remove, context);
      const left = active.length - deleted.length;
      return {
        active: left,
        ready: ready - readyAmong(deleted),
        terminating: terminating + deleted.filter(isAssigned).length,
        ending: completionOf(view, left),
        error,
      };
    }
    expectations.expectCreations(key, create.length);
    const { done, error } = yield* slowStart(create.length, (index) => createPod(context, job, podOf(job, create[index] ?? {})));
    // Those that failed or were never tried will never be seen.
    expectations.raise(key, -(create.length - done), 0);
    const running = active.length + done;
    return { active: running, ready, terminating, ending: completionOf(view, running), ...(wait === undefined ? {} : { wait }), error };
  }

  function* removePods(
    key: string,
    job: Stored<Job>,
    pods: readonly Stored<Pod>[],
    context: ControllerContext,
  ): Process<{ readonly deleted: readonly Stored<Pod>[]; readonly error: unknown }> {
    if (pods.length === 0) return { deleted: [], error: undefined };
    expectations.expectDeletionsOf(
      key,
      pods.map(({ metadata }) => metadata.uid),
    );
    const attempts = yield* all(pods.map((pod) => deletePod(context, job, pod)));
    const deleted: Stored<Pod>[] = [];
    let error: unknown;
    for (const [index, attempt] of attempts.entries()) {
      const pod = pods[index];
      if (!pod) continue;
      if (attempt.done) deleted.push(pod);
      else {
        expectations.deletionObserved(key, pod.metadata.uid);
        error ??= attempt.error;
      }
    }
    return { deleted, error };
  }

  /** Counts ended pods and lets them go, in the order that survives a crash; the last write ends the Job if it is time. */
  function* track(
    key: string,
    view: Observation,
    outcome: Outcome,
    planned: JobStatus,
    memory: Memory,
    context: ControllerContext,
  ): Process {
    const { ending } = outcome;
    const { uncounted, release, complete } = accountFor(view, ending);
    let status: JobStatus = { ...planned, uncountedTerminatedPods: uncounted };
    if (ending) status = withCondition(status, ending.type, 'True', ending.reason, ending.message, context);
    // What is to be released has to be on record first; numbers that came from the lists can wait for the write below.
    let job =
      release.length > 0 || (ending && !findCondition(view.job.status?.conditions, ending.type))
        ? yield* write(view.job, status, memory, context)
        : view.job;
    const failures = yield* releaseAll(release, memory, context);
    status = settle(status, stillTracked(view.pods, memory));
    const final = complete && !hasUncounted(status) && outcome.terminating === 0 ? ending : undefined;
    if (final) status = finished(status, final, context);
    job = yield* write(job, status, memory, context);
    if (final) report(job, final, context);
    const [failure] = failures;
    if (failure !== undefined) throw failure;
  }

  function* write(job: Stored<Job>, status: JobStatus, memory: Memory, { api }: ControllerContext): Process<Stored<Job>> {
    if (isEqual(job.status, status)) return job;
    const written = yield* api.jobs.updateStatus({ ...job, status });
    memory.written = written.metadata.resourceVersion;
    return written;
  }

  function jobsOfPod(pod: Stored<Pod>, { event, old, context }: Change<Pod>): readonly string[] {
    const key = jobKeyOf(pod);
    const { uid } = pod.metadata;
    if (key !== undefined) {
      if (event === 'DELETED' || !isTracked(pod)) memories.get(key)?.released.delete(uid);
      if (event === 'DELETED') memories.get(key)?.recorded.delete(uid);
      if (event === 'ADDED' && pod.metadata.deletionTimestamp === undefined) expectations?.creationObserved(key);
      if (event === 'DELETED' || pod.metadata.deletionTimestamp !== undefined) expectations?.deletionObserved(key, uid);
      context.queue.addAfter(key, BATCH_PERIOD);
    }
    const before = old && jobKeyOf(old);
    if (before !== undefined && before !== key) context.queue.addAfter(before, BATCH_PERIOD);
    if (controllerOf(pod) !== undefined || event === 'DELETED') return [];
    const jobs = context.informers.get('jobs').byIndex('namespace', pod.metadata.namespace ?? '');
    return jobs.filter(({ spec }) => matchesLabelSelector(spec.selector, pod.metadata.labels)).map(keyOf);
  }
}

/** Key of the Job that controls the pod, whether there is one or not. */
function jobKeyOf(pod: Stored<Pod>): string | undefined {
  const owner = controllerOf(pod);
  return owner?.kind === 'Job' ? `${pod.metadata.namespace}/${owner.name}` : undefined;
}

const isAssigned = ({ spec }: Stored<Pod>): boolean => Boolean(spec.nodeName);
const readyAmong = (pods: readonly Stored<Pod>[]): number =>
  pods.filter(({ status }) => findCondition(status?.conditions, 'Ready')?.status === 'True').length;

/** Pods that had ended when they were first seen so grow the back-off, once each. */
function noteEnds({ newSucceeded, newFailed }: Observation, memory: Memory): void {
  const fresh = (pods: readonly Stored<Pod>[]): number[] =>
    pods
      .filter(({ metadata: { uid } }) => !memory.recorded.has(uid))
      .map((pod) => {
        memory.recorded.add(pod.metadata.uid);
        return finishTime(pod);
      });
  memory.record = afterEnds(memory.record, fresh(newSucceeded), fresh(newFailed));
}

function stillTracked(pods: readonly Stored<Pod>[], { released }: Memory): Set<string> {
  const tracked = new Set<string>();
  for (const pod of pods) if (isTracked(pod) && !released.has(pod.metadata.uid)) tracked.add(pod.metadata.uid);
  return tracked;
}

/** Takes the finalizers off. Returns what went wrong. */
function* releaseAll(pods: readonly Stored<Pod>[], memory: Memory, context: ControllerContext): Process<unknown[]> {
  const errors = yield* all(
    pods.map(function* (pod): Process<unknown> {
      try {
        yield* release(pod, context);
        memory.released.add(pod.metadata.uid);
        return undefined;
      } catch (error) {
        return error;
      }
    }),
  );
  return errors.filter((error) => error !== undefined);
}

function* release(pod: Stored<Pod>, { api }: ControllerContext): Process {
  const { namespace = 'default', name, uid } = pod.metadata;
  const others = pod.metadata.finalizers?.filter((each) => each !== finalizers.jobTracking) ?? [];
  try {
    yield* api.pods.patch({ namespace, name, patch: { metadata: { uid, finalizers: others.length > 0 ? others : null } } });
  } catch (error) {
    // Gone, or another pod of that name.
    if (codeOf(error) !== 'NotFound' && codeOf(error) !== 'Conflict') throw error;
  }
}

/** Pods of a Job that is gone (or of an earlier one of that name) have nobody left who would count them. */
function* releaseOrphans(key: string, job: Stored<Job> | undefined, context: ControllerContext): Process {
  for (const pod of context.informers.get('pods').byIndex('job', key)) {
    if (controllerOf(pod)?.uid !== job?.metadata.uid && isTracked(pod)) yield* release(pod, context);
  }
}

/** The clock of the active deadline starts with the Job, and anew when it is resumed. */
function withStart(job: Stored<Job>, { timestamp }: ControllerContext): Stored<Job> {
  if (isSuspended(job)) return job;
  const resumed = findCondition(job.status?.conditions, 'Suspended')?.status === 'True';
  return job.status?.startTime && !resumed ? job : { ...job, status: { ...job.status, startTime: timestamp() } };
}

/** Numbers and the condition Suspended; what ends the Job comes later. */
function statusAfter(job: Stored<Job>, view: Observation, outcome: Outcome, context: ControllerContext): JobStatus {
  const { active, ready, terminating, ending } = outcome;
  let status: JobStatus = { ...job.status, active, ready, terminating };
  if (isIndexed(job)) {
    const failed = formatIndexes(view.failedIndexes);
    status = {
      ...status,
      succeeded: view.succeededIndexes.size,
      completedIndexes: formatIndexes(view.succeededIndexes),
      ...(job.spec.backoffLimitPerIndex === undefined ? {} : { failedIndexes: failed }),
    };
  }
  if (ending || job.metadata.deletionTimestamp !== undefined) return status;
  const before = findCondition(status.conditions, 'Suspended')?.status;
  if (isSuspended(job) && before !== 'True') {
    context.events.normal(job, 'Suspended', 'Job suspended');
    return withCondition(status, 'Suspended', 'True', 'JobSuspended', 'Job suspended', context);
  }
  if (!isSuspended(job) && before === 'True') {
    context.events.normal(job, 'Resumed', 'Job resumed');
    return withCondition(status, 'Suspended', 'False', 'JobResumed', 'Job resumed', context);
  }
  return status;
}

function withCondition(
  status: JobStatus,
  type: string,
  value: 'True' | 'False',
  reason: string,
  message: string,
  { timestamp }: ControllerContext,
): JobStatus {
  if (findCondition(status.conditions, type)?.status === value) return status;
  const at = timestamp();
  const condition: JobCondition = { type, status: value, lastProbeTime: at, lastTransitionTime: at, reason, message };
  return { ...status, conditions: setCondition(status.conditions, condition) };
}

function finished(status: JobStatus, { type, reason, message }: Ending, context: ControllerContext): JobStatus {
  if (type === 'FailureTarget') return withCondition(status, 'Failed', 'True', reason, message, context);
  return { ...withCondition(status, 'Complete', 'True', reason, message, context), completionTime: context.timestamp() };
}

function report(job: Stored<Job>, { type, reason, message }: Ending, { events }: ControllerContext): void {
  if (type === 'SuccessCriteriaMet') events.normal(job, 'Completed', 'Job completed');
  else events.warning(job, reason, message);
}
