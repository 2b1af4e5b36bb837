import { type Micros, minutes, seconds } from '@slipway/kernel';

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

  forget(key: string): void {
    this.#failures.delete(key);
  }
}
