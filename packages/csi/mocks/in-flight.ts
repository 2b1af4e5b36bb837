import type { Process } from '@slipway/kernel';
import { CsiError } from '../errors.ts';

/** One operation on a volume at a time: a second one is told to come back. CSI 1.12, "Concurrency". */
export class InFlight {
  readonly #busy = new Set<string>();

  *hold<T>(key: string, work: Process<T>): Process<T> {
    if (this.#busy.has(key)) throw new CsiError('ABORTED', `An operation with the given Volume ${key} already exists`);
    this.#busy.add(key);
    try {
      return yield* work;
    } finally {
      this.#busy.delete(key);
    }
  }
}
