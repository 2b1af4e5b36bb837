import { codeOf, type Micros, type Process, sleep } from '@slipway/kernel';

/** How often to try, and how long to wait in between. Upstream adds up to as much again by chance. */
export interface ConflictRetry {
  readonly steps: number;
  readonly pause: Micros;
}

/**
 * Makes a call again while the answer is Conflict: somebody else was faster. Any other error is the caller's at once. Source: client-go
 * `util/retry/util.go`, RetryOnConflict.
 */
export function* retryOnConflict<T>({ steps, pause }: ConflictRetry, call: () => Process<T>): Process<T> {
  for (let step = 1; ; step++) {
    try {
      return yield* call();
    } catch (error) {
      if (codeOf(error) !== 'Conflict' || step >= steps) throw error;
      yield* sleep(pause);
    }
  }
}
