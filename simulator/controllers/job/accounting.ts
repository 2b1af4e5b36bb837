import type { JobStatus, Pod, Stored, UncountedTerminatedPods } from '@slipway/kube';
import type { Ending } from './finish.ts';
import { indexOf } from './indexes.ts';
import { isCounted, isIndexed, type Observation } from './observation.ts';
import { isPodFailed, isTracked } from './pod-states.ts';

// Each pod is counted exactly once, whatever crashes in between: first its uid is written down as uncounted, then its finalizer goes, and
// only when that is done the number grows and the uid is taken off the list. Source: `pkg/controller/job/job_controller.go`,
// trackJobStatusAndRemoveFinalizers.

/** Uids that one status write adds at the most. Source: `MaxUncountedPods`. */
const MOST_UNCOUNTED = 500;

export interface Accounting {
  /** Lists for the status, with what is new. */
  readonly uncounted: UncountedTerminatedPods;
  /** Pods whose finalizer may go once the lists are written. */
  readonly release: readonly Stored<Pod>[];
  /** False when more pods wait for their turn: the Job cannot end yet. */
  readonly complete: boolean;
}

export function accountFor(view: Observation, ending: Ending | undefined): Accounting {
  const { job, released, awaitingReplacement, completions } = view;
  const succeeded = new Set(job.status?.uncountedTerminatedPods?.succeeded);
  const failed = new Set(job.status?.uncountedTerminatedPods?.failed);
  const awaited = new Set([...awaitingReplacement.values()].map(({ metadata }) => metadata.uid));
  const jobEnds = job.metadata.deletionTimestamp !== undefined || ending !== undefined;
  const release: Stored<Pod>[] = [];
  let added = 0;
  for (const pod of view.pods) {
    const { uid } = pod.metadata;
    if (!isTracked(pod) || released.has(uid)) continue;
    const isDone = pod.status?.phase === 'Succeeded';
    const hasFailed = isPodFailed(pod, job);
    if (!jobEnds && !isDone && (!hasFailed || awaited.has(uid))) continue;
    if (added >= MOST_UNCOUNTED) return { uncounted: listsOf(succeeded, failed), release, complete: false };
    release.push(pod);
    const index = indexOf(pod, completions);
    if (isDone && !failed.has(uid)) {
      // An index is counted by itself: nobody needs the uid.
      if (!isIndexed(job) && !succeeded.has(uid)) {
        succeeded.add(uid);
        added += 1;
      }
      // Pods that a failing Job leaves behind count as failed, even if their kubelet has not stopped them yet.
    } else if ((hasFailed || ending?.type === 'FailureTarget') && !failed.has(uid)) {
      if ((isIndexed(job) && index === undefined) || (hasFailed && !isCounted(pod, job))) continue;
      failed.add(uid);
      added += 1;
    }
  }
  return { uncounted: listsOf(succeeded, failed), release, complete: true };
}

/** Counts the uids on the lists whose pods have no finalizer any more. */
export function settle(status: JobStatus, stillTracked: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const done = (uid: string): boolean => !stillTracked.has(uid);
  const newSucceeded = succeeded.filter(done).length;
  const newFailed = failed.filter(done).length;
  if (newSucceeded === 0 && newFailed === 0) return status;
  return {
    ...status,
    succeeded: (status.succeeded ?? 0) + newSucceeded,
    failed: (status.failed ?? 0) + newFailed,
    uncountedTerminatedPods: listsOf(new Set(succeeded.filter((uid) => !done(uid))), new Set(failed.filter((uid) => !done(uid)))),
  };
}

export function hasUncounted({ uncountedTerminatedPods: lists }: JobStatus): boolean {
  return (lists?.succeeded?.length ?? 0) > 0 || (lists?.failed?.length ?? 0) > 0;
}

function listsOf(succeeded: ReadonlySet<string>, failed: ReadonlySet<string>): UncountedTerminatedPods {
  return {
    ...(succeeded.size === 0 ? {} : { succeeded: [...succeeded] }),
    ...(failed.size === 0 ? {} : { failed: [...failed] }),
  };
}
