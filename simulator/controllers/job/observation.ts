import { isPodActive, isPodReady, isTerminal, type Job, type Pod, type Stored } from '@slipway/kube';
import { matchFailurePolicy } from './failure-policy.ts';
import { countOf, FAILURE_COUNT, indexOf, parseIndexes } from './indexes.ts';
import { finishTime, isPodFailed, isTracked } from './pod-states.ts';

/** What one reconcile knows of a Job. Numbers include pods that have ended but are not counted in the status yet. */
export interface Observation {
  readonly job: Stored<Job>;
  readonly pods: readonly Stored<Pod>[];
  readonly active: readonly Stored<Pod>[];
  readonly ready: number;
  readonly terminating: number;
  /** Pods whose end is new: in no status yet. */
  readonly newSucceeded: readonly Stored<Pod>[];
  readonly newFailed: readonly Stored<Pod>[];
  readonly succeeded: number;
  readonly failed: number;
  /** Of an Indexed Job; empty otherwise. */
  readonly completions: number;
  readonly succeededIndexes: ReadonlySet<number>;
  /** Indexes that count as succeeded in the status already. */
  readonly knownIndexes: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** With a limit per index: by index, the last failed pod, which keeps its finalizer until it is replaced. */
  readonly awaitingReplacement: ReadonlyMap<number, Stored<Pod>>;
  /** Pods whose finalizer has gone though the cache shows it still. */
  readonly released: ReadonlySet<string>;
}

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed';
export const isSuspended = ({ spec }: Job): boolean => spec.suspend === true;

/** Source: `pkg/controller/job/job_controller.go`, syncJob up to the decisions. */
export function observe(job: Stored<Job>, pods: readonly Stored<Pod>[], released: ReadonlySet<string>): Observation {
  const active = pods.filter(isPodActive);
  const uncounted = job.status?.uncountedTerminatedPods ?? {};
  const isNew = ({ metadata: { uid } }: Stored<Pod>): boolean =>
    !released.has(uid) && !uncounted.succeeded?.includes(uid) && !uncounted.failed?.includes(uid);
  const counting = pods.filter((pod) => isTracked(pod) && isNew(pod));
  const newSucceeded = counting.filter(({ status }) => status?.phase === 'Succeeded');
  const newFailed = counting.filter((pod) => isPodFailed(pod, job));
  const completions = isIndexed(job) ? (job.spec.completions ?? 0) : 0;
  const indexes = indexesOf(job, pods, released, completions);
  return {
    job,
    pods,
    active,
    ready: active.filter(isPodReady).length,
    terminating: pods.filter((pod) => pod.metadata.deletionTimestamp !== undefined && !isTerminal(pod)).length,
    newSucceeded,
    newFailed,
    succeeded: isIndexed(job)
      ? indexes.succeededIndexes.size
      : (job.status?.succeeded ?? 0) + newSucceeded.length + (uncounted.succeeded?.length ?? 0),
    failed: (job.status?.failed ?? 0) + newFailed.filter((pod) => isCounted(pod, job)).length + (uncounted.failed?.length ?? 0),
    completions,
    released,
    ...indexes,
  };
}

/** Whether a failed pod adds to the number of failures. */
export function isCounted(pod: Stored<Pod>, { spec }: Job): boolean {
  return !spec.podFailurePolicy || matchFailurePolicy(spec.podFailurePolicy, pod).action !== 'Ignore';
}

type IndexSets = Pick<Observation, 'succeededIndexes' | 'knownIndexes' | 'failedIndexes' | 'awaitingReplacement'>;

function indexesOf(job: Stored<Job>, pods: readonly Stored<Pod>[], released: ReadonlySet<string>, completions: number): IndexSets {
  const knownIndexes = parseIndexes(job.status?.completedIndexes, completions);
  const succeededIndexes = new Set(knownIndexes);
  const failedIndexes = parseIndexes(job.status?.failedIndexes, completions);
  const awaitingReplacement = new Map<number, Stored<Pod>>();
  if (completions === 0) return { succeededIndexes, knownIndexes, failedIndexes, awaitingReplacement };
  const tracked = pods.filter((pod) => isTracked(pod) && !released.has(pod.metadata.uid));
  for (const pod of tracked) {
    const index = indexOf(pod, completions);
    if (index !== undefined && pod.status?.phase === 'Succeeded') succeededIndexes.add(index);
  }
  const { backoffLimitPerIndex: limit } = job.spec;
  if (limit === undefined) return { succeededIndexes, knownIndexes, failedIndexes, awaitingReplacement };
  for (const pod of tracked) {
    const index = indexOf(pod, completions);
    if (index !== undefined && isPodFailed(pod, job) && hasIndexFailed(pod, job, limit)) failedIndexes.add(index);
  }
  const replaced = new Set(pods.filter(isPodActive).map((pod) => indexOf(pod, completions)));
  for (const pod of tracked) {
    const index = indexOf(pod, completions);
    if (index === undefined || !isPodFailed(pod, job) || replaced.has(index)) continue;
    if (succeededIndexes.has(index) || failedIndexes.has(index)) continue;
    const known = awaitingReplacement.get(index);
    if (!known || isLater(pod, known)) awaitingReplacement.set(index, pod);
  }
  return { succeededIndexes, knownIndexes, failedIndexes, awaitingReplacement };
}

function hasIndexFailed(pod: Stored<Pod>, { spec }: Job, limit: number): boolean {
  const action = spec.podFailurePolicy && matchFailurePolicy(spec.podFailurePolicy, pod).action;
  if (action === 'FailIndex') return true;
  return action !== 'Ignore' && countOf(pod, FAILURE_COUNT) >= limit;
}

const isLater = (a: Stored<Pod>, b: Stored<Pod>): boolean =>
  countOf(a, FAILURE_COUNT) > countOf(b, FAILURE_COUNT) || finishTime(a) > finishTime(b);
