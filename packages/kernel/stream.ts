import { CallError } from './contract.ts';
import { writeThing } from './footprint.ts';
import { type Process, Wait, type Waiter } from './process.ts';

/**
 * The answer of a streaming RPC: a bounded, ordered mailbox with one reader. It has no `next`, so that a returned generator always
 * means a process that takes time.
 *
 * The writer calls `offer` and `end`; the reader calls `take` and `cancel`. Over a link the reader holds a stream of its own, which
 * gets the items in order after the link's delay and ends with UNAVAILABLE when either side dies.
 */
export class Stream<T> implements Source<T> {
  readonly capacity: number;
  #items: T[] = [];
  #reader: Waiter | undefined;
  #ended = false;
  #error: unknown;
  #listener: StreamListener<T> | undefined;
  /** Called once when the reader goes away or the stream ends, so that a writer can forget it. */
  onClose: (() => void) | undefined;
  /** Sequence number of the trace event behind the newest item. */
  cause = 0;

  constructor(capacity = 10_000) {
    this.capacity = capacity;
  }

  /** False once the stream ended or the reader cancelled. */
  get open(): boolean {
    writeThing(this);
    return !this.#ended;
  }

  /** Adds an item. Returns false (and drops it) when the stream is closed or its reader has fallen `capacity` items behind. */
  offer(item: T, cause = 0): boolean {
    writeThing(this);
    if (this.#ended) return false;
    if (this.#listener) {
      this.#listener.item(item, cause);
      return true;
    }
    if (this.#items.length >= this.capacity) return false;
    if (cause > 0) this.cause = cause;
    this.#items.push(item);
    this.#wake();
    return true;
  }

  /** Ends the stream after the items that are in it: cleanly, or with the error that the reader's `take` shall throw. */
  end(error?: unknown): void {
    writeThing(this);
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener) listener.end(error);
    else this.#wake();
    this.#closed();
  }

  /** The reader goes away. */
  cancel(): void {
    writeThing(this);
    if (this.#ended) return;
    this.#ended = true;
    this.#items = [];
    this.#listener = undefined;
    this.#closed();
  }

  /**
   * Waits for at least one item and takes all that are there, in order. Returns an empty list once the stream has ended cleanly.
   *
   * @throws what the stream was ended with.
   */
  take(): Process<readonly T[]> {
    return new Take<T>('items of a stream', this.#begin, this.#forget);
  }

  /** For links: items go to the listener from now on, those waiting first. */
  pipe(listener: StreamListener<T>): void {
    writeThing(this);
    const waiting = this.#items;
    this.#items = [];
    for (const item of waiting) listener.item(item, this.cause);
    if (this.#ended) listener.end(this.#error);
    else this.#listener = listener;
  }

  readonly #begin = (waiter: Waiter): boolean => {
    writeThing(this);
    if (this.#ready(waiter)) return true;
    this.#reader = waiter;
    return false;
  };

  readonly #forget = (): void => {
    writeThing(this);
    this.#reader = undefined;
  };

  #ready(waiter: Waiter): boolean {
    if (this.#items.length > 0) {
      const items = this.#items;
      this.#items = [];
      if (this.cause > 0) waiter.cause = this.cause;
      waiter.answer(items);
      return true;
    }
    if (!this.#ended) return false;
    if (this.#error !== undefined) throw this.#error;
    waiter.answer([]);
    return true;
  }

  #wake(): void {
    const reader = this.#reader;
    if (!reader) return;
    this.#reader = undefined;
    // The reader takes when it runs, not now: all items of one instant then come as one batch.
    reader.resume(REREAD);
  }

  #closed(): void {
    const callback = this.onClose;
    this.onClose = undefined;
    callback?.();
  }
}

/** The reader's half of a stream. */
export interface Source<T> {
  readonly open: boolean;
  take(): Process<readonly T[]>;
  cancel(): void;
}

/** Where a link sends a stream's items. */
export interface StreamListener<T> {
  item(item: T, cause: number): void;
  end(error: unknown): void;
}

const REREAD = Symbol.for('@slipway/kernel/reread');

class Take<T> extends Wait<readonly T[]> {
  override next(value?: unknown): ReturnType<Wait<readonly T[]>['next']> {
    // Woken: begin anew, now that all items of the instant are there.
    if (value === REREAD) return { done: false, value: this };
    return super.next(value);
  }
}

/** Tells a stream from a plain answer, whichever copy of the package made it. */
export function isStream(value: unknown): value is Stream<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { offer?: unknown }).offer === 'function' &&
    typeof (value as { pipe?: unknown }).pipe === 'function'
  );
}

/** What a reader sees when the other side of a stream died. */
export const streamLost = (who: string): CallError =>
  new CallError('UNAVAILABLE', `the stream from ${who} was cut: the other side is gone`);
