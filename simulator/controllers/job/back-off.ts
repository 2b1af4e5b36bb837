import { type Micros, minutes, seconds } from '@slipway/kernel';

const FIRST: Micros = seconds(10);
const LONGEST: Micros = minutes(10);

/** Failures of a Job (or of an index) since its last success. Times are Unix microseconds. */
export interface BackOffRecord {
  readonly failures: number;
  readonly lastFailure: number | undefined;
}

export const NO_FAILURES: BackOffRecord = { failures: 0, lastFailure: undefined };

/** Takes in newly ended pods by the times of their ends. Source: `pkg/controller/job/backoff_utils.go`, newBackoffRecord. */
export function afterEnds(before: BackOffRecord, succeeded: readonly number[], failed: readonly number[]): BackOffRecord {
  if (failed.length === 0 && succeeded.length === 0) return before;
  if (succeeded.length === 0)
    return { failures: before.failures + failed.length, lastFailure: Math.max(before.lastFailure ?? 0, ...failed) };
  const lastSuccess = Math.max(...succeeded);
  const later = failed.filter((time) => time > lastSuccess);
  return later.length === 0 ? NO_FAILURES : { failures: later.length, lastFailure: Math.max(...later) };
}

/** How long to wait before the next pod: 10 s after the first failure, doubling up to 10 min. */
export function remaining({ failures, lastFailure }: BackOffRecord, now: number): Micros {
  if (failures === 0 || lastFailure === undefined) return 0;
  // Beyond 2^30 the limit has long been reached.
  const delay = Math.min(LONGEST, FIRST * 2 ** Math.min(30, failures - 1));
  return Math.max(0, lastFailure + delay - now);
}
