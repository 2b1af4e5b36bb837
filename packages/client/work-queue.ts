import { type Micros, milliseconds, type Owner, type Process, seconds, Wait, type Waiter } from '@slipway/kernel';

export interface WorkQueueOptions {
  /** Whose queue it is: when that ends, its delayed keys are dropped and its timers removed. */
  readonly owner: Owner;
  /** For messages. */
  readonly name?: string;
  /** First delay of `addRateLimited`; each further failure doubles it. Left out: 5 ms. */
  readonly baseDelay?: Micros;
  /** Left out: 1000 s. */
  readonly maxDelay?: Micros;
}

/**
 * Keys to work on, each at most once at a time. A key that is added while it waits is not added twice; one that is added while it is
 * being worked on comes again after `done`. Each key remembers the trace event that woke it, and `take` goes on under it.
 * Source: client-go `util/workqueue` (the overall bucket of 10 a second, burst 100, is left out: it needs a hundred failures at once).
 */
export class WorkQueue<K extends string = string> {
  readonly name: string;
  readonly #owner: Owner;
  readonly #baseDelay: Micros;
  readonly #maxDelay: Micros;
  /** Waiting keys in order of arrival, with the cause of each. */
  readonly #waiting = new Map<K, number>();
  readonly #processing = new Set<K>();
  /** Added while being worked on. */
  readonly #dirty = new Map<K, number>();
  readonly #delayed = new Map<K, { readonly due: Micros; readonly cancel: () => void }>();
  readonly #failures = new Map<K, number>();
  #takers: Waiter[] = [];

  constructor(options: WorkQueueOptions) {
    this.name = options.name ?? 'work queue';
    this.#owner = options.owner;
    this.#baseDelay = options.baseDelay ?? milliseconds(5);
    this.#maxDelay = options.maxDelay ?? seconds(1000);
    this.#owner.onEnd(() => {
      for (const { cancel } of this.#delayed.values()) cancel();
      this.#delayed.clear();
    });
  }

  /** Keys that wait to be taken. */
  get size(): number {
    return this.#waiting.size;
  }

  /** True when nothing waits, is delayed, or is being worked on. */
  get idle(): boolean {
    return this.#waiting.size === 0 && this.#delayed.size === 0 && this.#processing.size === 0;
  }

  /** @param cause trace event behind it; left out: the one that the running code acts upon. */
  add(key: K, cause: number = this.#owner.kernel.cause): void {
    if (this.#processing.has(key)) {
      this.#dirty.set(key, Math.max(cause, this.#dirty.get(key) ?? 0));
      return;
    }
    const known = this.#waiting.get(key);
    if (known !== undefined) {
      // A Map keeps the place of a key that is set again.
      if (cause > known) this.#waiting.set(key, cause);
      return;
    }
    const taker = this.#takers.shift();
    if (taker) this.#hand(taker, key, cause, true);
    else this.#waiting.set(key, cause);
  }

  /** Adds the key when the delay has passed; of several delays the shortest counts. */
  addAfter(key: K, delay: Micros): void {
    if (delay <= 0) {
      this.add(key);
      return;
    }
    if (!this.#owner.alive) return;
    const { kernel } = this.#owner;
    const due = kernel.now + delay;
    const known = this.#delayed.get(key);
    if (known && known.due <= due) return;
    known?.cancel();
    const { cause } = kernel;
    const cancel = kernel.after(delay, () => {
      this.#delayed.delete(key);
      this.add(key, cause);
    });
    this.#delayed.set(key, { due, cancel });
  }

  /** Adds the key after its back-off, which doubles until `forget`. */
  addRateLimited(key: K): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    // Beyond 2^40 the cap has long been reached; the shift keeps the product finite.
    this.addAfter(key, Math.min(this.#baseDelay * 2 ** Math.min(failures, 40), this.#maxDelay));
  }

  /** How often `addRateLimited` was called since the last `forget`. */
  failures(key: K): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The key's work went well: its back-off starts anew. */
  forget(key: K): void {
    this.#failures.delete(key);
  }

  /** Waits for a key. Whoever takes it calls `done`. */
  take(): Process<K> {
    return new Wait<K>(`a key of ${this.name}`, this.#begin, this.#leave);
  }

  /** The work on the key has ended, well or not. */
  done(key: K): void {
    if (!this.#processing.delete(key)) return;
    const cause = this.#dirty.get(key);
    if (cause === undefined) return;
    this.#dirty.delete(key);
    this.add(key, cause);
  }

  #hand(taker: Waiter, key: K, cause: number, waits: boolean): void {
    this.#processing.add(key);
    taker.cause = cause;
    if (waits) taker.resume(key);
    else {
      this.#owner.kernel.cause = cause;
      taker.answer(key);
    }
  }

  readonly #begin = (waiter: Waiter): boolean => {
    for (const [key, cause] of this.#waiting) {
      this.#waiting.delete(key);
      this.#hand(waiter, key, cause, false);
      return true;
    }
    this.#takers.push(waiter);
    return false;
  };

  readonly #leave = (waiter: Waiter): void => {
    this.#takers = this.#takers.filter((other) => other !== waiter);
  };
}
