import type { ControllerContext, ReconcileResult } from '@slipway/client';
import { messageOf, type Micros, minutes, seconds } from '@slipway/kernel';
import { isAnswer } from './driver-error.ts';

const FIRST: Micros = seconds(1);
const LONGEST: Micros = minutes(5);

/** How long a side-car waits before it tries a key again: 1 s, doubling to 5 min. Source: `--retry-interval-start`, `--retry-interval-max`. */
export class RetryDelays {
  readonly #failures = new Map<string, number>();

  /** Counts a failure and tells how long to wait. */
  next(key: string): Micros {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    // Nine doublings are past the longest.
    return Math.min(FIRST * 2 ** Math.min(failures, 9), LONGEST);
  }

  /** What a reconcile answers whose driver or API server refused. @throws the error, where it is nobody's answer */
  again(key: string, error: unknown, { log }: ControllerContext): ReconcileResult {
    if (!isAnswer(error)) throw error;
    const requeueAfter = this.next(key);
    log(`will be tried again: ${messageOf(error)}`, key);
    return { requeueAfter };
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}
