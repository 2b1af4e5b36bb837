import type { Micros } from '@slipway/kernel';

/** Upstream's status codes. `Skip` (PreFilter, PreScore, Bind) means "nothing to do here", `Wait` is Permit's. */
export type StatusCode = 'Success' | 'Error' | 'Unschedulable' | 'UnschedulableAndUnresolvable' | 'Wait' | 'Skip' | 'Pending';

/** A plugin's verdict. Source: `staging/src/k8s.io/kube-scheduler/framework/interface.go` Status. */
export interface Status {
  readonly code: StatusCode;
  /** What a user reads, one entry a reason; each is counted on its own in the message of an unschedulable pod. */
  readonly reasons: readonly string[];
  /** Permit's `Wait`: how long at most. */
  readonly timeout?: Micros;
}

/** All is well. */
export const success: Status = { code: 'Success', reasons: [] };
/** Nothing to do for this pod; the plugin's later half (Filter, Score) is left out of this cycle. */
export const skip: Status = { code: 'Skip', reasons: [] };

/** Not here now; evicting other pods may help. */
export const unschedulable = (...reasons: readonly string[]): Status => ({ code: 'Unschedulable', reasons });
/** Not here, and evicting other pods would not change it. */
export const unschedulableAndUnresolvable = (...reasons: readonly string[]): Status => ({ code: 'UnschedulableAndUnresolvable', reasons });
/** Something broke; the pod is tried again after a back-off. */
export const error = (...reasons: readonly string[]): Status => ({ code: 'Error', reasons });
/** Permit only: hold the pod until somebody allows or rejects it, at most `timeout`. */
export const wait = (timeout: Micros): Status => ({ code: 'Wait', reasons: [], timeout });
/** Rejected for now by something that will itself say when to go on: the next try skips the back-off. */
export const pending = (...reasons: readonly string[]): Status => ({ code: 'Pending', reasons });

export const isSuccess = (status: Status): boolean => status.code === 'Success';
/** A refusal, as opposed to a failure. */
export const isRejected = (status: Status): boolean =>
  status.code === 'Unschedulable' || status.code === 'UnschedulableAndUnresolvable' || status.code === 'Pending';
/** All reasons in one line, as upstream joins them. */
export const messageOfStatus = (status: Status): string => status.reasons.join(', ');
