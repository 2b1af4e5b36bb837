import { type Micros, seconds } from '@slipway/kernel';
import type { QueuedPodInfo } from './queued-pod.ts';

/** First back-off after a failed attempt. Source: `apis/config/v1/defaults.go`. */
export const INITIAL_BACKOFF: Micros = seconds(1);
export const MAX_BACKOFF: Micros = seconds(10);
/** Expiries are cut to this grid, and the queue is flushed on it. */
export const ORDERING_WINDOW: Micros = seconds(1);

/** 1 s, doubled for each further attempt, at most 10 s. @param count attempts that failed, from 1 */
export function backoffDuration(count: number): Micros {
  if (count === 0) return 0;
  return Math.min(INITIAL_BACKOFF * 2 ** Math.min(count - 1, 30), MAX_BACKOFF);
}

/** The start of the whole second that a time lies in. @param offset Unix time of virtual zero, since seconds are those of Unix time */
export function alignToWindow(time: Micros, offset: number): Micros {
  return Math.floor((time + offset) / ORDERING_WINDOW) * ORDERING_WINDOW - offset;
}

/** When the pod may be tried again; undefined when it never failed. Errors in a row count before refusals. `backend/queue/backoff_queue.go`. */
export function backoffExpiration(pod: QueuedPodInfo, offset: number): Micros | undefined {
  const count = pod.consecutiveErrorsCount > 0 ? pod.consecutiveErrorsCount : pod.unschedulableCount;
  if (count === 0) return undefined;
  pod.backoffExpiration ??= alignToWindow(pod.timestamp + backoffDuration(count), offset);
  return pod.backoffExpiration;
}
