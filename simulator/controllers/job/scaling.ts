import type { Micros } from '@slipway/kernel';
import type { Pod, Stored } from '@slipway/kube';
import { compareForDeletion } from '../replicaset/deletion-rank.ts';
import { type BackOffRecord, NO_FAILURES, remaining } from './back-off.ts';
import { countOf, FAILURE_COUNT, firstPending, IGNORED_FAILURE_COUNT, indexOf } from './indexes.ts';
import { isCounted, isIndexed, isSuspended, type Observation } from './observation.ts';
import { finishTime, replacesFailedOnly } from './pod-states.ts';

/** Pods that one reconcile makes or deletes at the most. Source: `MaxPodCreateDeletePerSync`. */
const BURST = 500;

/** A pod to make. For Indexed Jobs its index, and how often that has failed. */
export interface NewPod {
  readonly index?: number;
  readonly failures?: { readonly counted: number; readonly ignored: number };
}

/** One direction at a time; `wait` is the rest of a back-off. */
export interface JobScaling {
  readonly create: readonly NewPod[];
  readonly remove: readonly Stored<Pod>[];
  readonly wait?: Micros;
}

const NOTHING: JobScaling = { create: [], remove: [] };

/**
 * Pods to make or delete so that as many run as are wanted. Source: `pkg/controller/job/job_controller.go`, manageJob.
 *
 * @param now Unix microseconds
 */
export function scalingOf(view: Observation, record: BackOffRecord, now: number): JobScaling {
  const { job, active, terminating } = view;
  if (isSuspended(job)) return { create: [], remove: active };
  const wanted = wantedActive(view);
  const remove = surplusOf(view, Math.max(0, active.length - wanted), now).slice(0, BURST);
  if (remove.length > 0) return { create: [], remove };
  const missing = wanted - active.length - (replacesFailedOnly(job) ? terminating : 0);
  if (missing <= 0) return NOTHING;
  const perIndex = job.spec.backoffLimitPerIndex !== undefined;
  const wait = perIndex ? 0 : remaining(record, now);
  if (wait > 0) return { ...NOTHING, wait };
  const count = Math.min(missing, BURST);
  if (!isIndexed(job)) return { create: Array.from({ length: count }, () => ({})), remove: [] };
  const taken = takenIndexes(view);
  const indexes = firstPending(count, view.completions, (index) => taken.has(index));
  return perIndex ? perIndexScaling(view, indexes, now) : { create: indexes.map((index) => ({ index })), remove: [] };
}

function wantedActive({ job, active, succeeded }: Observation): number {
  const { parallelism = 1, completions } = job.spec;
  // A work queue: the first pod that succeeds says that the queue is empty; those that run finish what they have.
  if (completions === undefined) return succeeded > 0 ? active.length : parallelism;
  return Math.max(0, Math.min(parallelism, completions - succeeded));
}

function takenIndexes({ job, pods, active, completions, succeededIndexes, failedIndexes }: Observation): Set<number | undefined> {
  const taken = new Set<number | undefined>([...succeededIndexes, ...failedIndexes]);
  const holders = replacesFailedOnly(job)
    ? pods.filter(({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded')
    : active;
  for (const pod of holders) taken.add(indexOf(pod, completions));
  return taken;
}

/** Each index has a back-off of its own. */
function perIndexScaling({ job, awaitingReplacement }: Observation, indexes: readonly number[], now: number): JobScaling {
  const create: NewPod[] = [];
  let wait: Micros | undefined;
  for (const index of indexes) {
    const last = awaitingReplacement.get(index);
    const counted = last ? countOf(last, FAILURE_COUNT) + (isCounted(last, job) ? 1 : 0) : 0;
    const ignored = last ? countOf(last, IGNORED_FAILURE_COUNT) + (isCounted(last, job) ? 0 : 1) : 0;
    const record = last ? { failures: counted + ignored, lastFailure: finishTime(last) } : NO_FAILURES;
    const left = remaining(record, now);
    if (left > 0) wait = Math.min(wait ?? left, left);
    else create.push({ index, failures: { counted, ignored } });
  }
  return { create, remove: [], ...(wait === undefined ? {} : { wait }) };
}

/** Pods beyond what is wanted: first those of an index that another one has, or that is none; then by deletion rank. */
function surplusOf({ job, active, completions }: Observation, atLeast: number, now: number): readonly Stored<Pod>[] {
  const ranked = [...active].sort((a, b) => compareForDeletion(a, b, () => ({ relatedOnNode: 0, now })));
  if (!isIndexed(job)) return ranked.slice(0, atLeast);
  const remove: Stored<Pod>[] = [];
  const kept: Stored<Pod>[] = [];
  const seen = new Set<number>();
  // The pod that would go last keeps its index.
  for (const pod of ranked.toReversed()) {
    const index = indexOf(pod, completions);
    if (index === undefined || seen.has(index)) remove.push(pod);
    else {
      seen.add(index);
      kept.push(pod);
    }
  }
  const further = Math.max(0, atLeast - remove.length);
  return [...remove, ...kept.toReversed().slice(0, further)];
}
