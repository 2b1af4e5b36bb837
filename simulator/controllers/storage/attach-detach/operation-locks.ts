import type { Kernel, Micros } from '@slipway/kernel';
import { milliseconds, minutes, seconds } from '@slipway/kernel';
import { FailureBackOff } from '../../failure-back-off.ts';

export type OperationName = 'attach' | 'detach';

/**
 * One operation at a time per volume, or per volume and node where several nodes may have it; a failed one waits 500 ms, doubling to
 * 2 min 2 s, before the same is tried again. Source: `pkg/volume/util/nestedpendingoperations`, `pkg/util/goroutinemap/exponentialbackoff`.
 */
export class OperationLocks {
  readonly #pending = new Set<string>();
  readonly #backOff: FailureBackOff;

  constructor(kernel: Kernel) {
    this.#backOff = new FailureBackOff(kernel, milliseconds(500), minutes(2) + seconds(2));
  }

  isPending(key: string): boolean {
    return this.#pending.has(key);
  }

  /** Time until the operation may be tried again; 0: now. */
  left(key: string, operation: OperationName): Micros {
    return this.#backOff.left(entry(key, operation));
  }

  begin(key: string, operation: OperationName): void {
    this.#pending.add(key);
    // An operation of the other kind starts with a clean slate.
    this.#backOff.forget(entry(key, operation === 'attach' ? 'detach' : 'attach'));
  }

  end(key: string, operation: OperationName, failed: boolean): void {
    this.#pending.delete(key);
    if (failed) this.#backOff.failed(entry(key, operation));
    else this.#backOff.forget(entry(key, operation));
  }
}

/** The line break keeps one volume's key from being the beginning of another's. */
const entry = (key: string, operation: OperationName): string => `${key}\n${operation}`;
