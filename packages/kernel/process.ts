import type { Micros } from './time.ts';

/**
 * What a process yields to the kernel when it waits. Two copies of this package in one process agree, because the kernel looks at
 * the tag and calls the methods; it never asks for a class.
 */
export type Effect = SleepEffect | WaitEffect;

/** Wake me at `until`. The kernel knows this one itself, since it is by far the most frequent. */
export interface SleepEffect {
  readonly effect: 'sleep';
  /** Virtual time of waking, or the span to sleep when `relative`; what has passed means this instant. */
  readonly until: Micros;
  readonly relative: boolean;
  /** Ticks of a fixed grid run after everything else of their instant, so that skipping an idle tick changes nothing. */
  readonly late: boolean;
}

/** Anything else that a process can wait for. */
export interface WaitEffect {
  readonly effect: 'wait';
  /** What is waited for, for messages about deadlocks: `mutex disk`, `call cri.RunPodSandbox`. */
  readonly what: string;
  /**
   * Starts the wait. Either the answer is there and `begin` returns true after `waiter.answer(value)`; or it returns false and the
   * thing that is waited for calls `waiter.resume` or `waiter.fail` later, once.
   */
  begin(waiter: Waiter): boolean;
  /** The waiter will not come back: it was stopped or (no `finally` for anyone) killed. */
  cancel(waiter: Waiter, killed: boolean): void;
  /** The waiter was woken: takes back what else it had subscribed to. */
  settle?(waiter: Waiter): void;
}

/** A process as the things that it waits for see it. */
export interface Waiter {
  readonly name: string;
  /** Continues the process at this instant, after those that are ready already. */
  resume(value: unknown): void;
  /** Throws the error into the process at this instant. */
  fail(error: unknown): void;
  /** Leaves the answer of a wait that need not wait. */
  answer(value: unknown): void;
  /** Sequence number of the trace event that this process acts upon. Whoever wakes it passes on what it acts upon itself. */
  cause: number;
  /** The world, as far as things that are waited for need it: what the running code acts upon. */
  readonly kernel: { readonly cause: number };
}

/**
 * A process of the simulation: a generator that yields effects. It waits only by `yield*`.
 *
 * An interface, for short compiler messages; the phantom `then` lets lint see a call whose `yield*` was forgotten as a floating promise.
 */
export interface Process<T = void> extends Generator<Effect, T, unknown> {
  readonly then?: (yieldStarInstead: (value: T) => never, reason: (error: unknown) => never) => never;
}

/** Tells a process from a plain answer: a stream has no `next`, a promise neither. */
export function isProcess(value: unknown): value is Process<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { next?: unknown }).next === 'function' &&
    typeof (value as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function'
  );
}

/** Tells a promise (of any library) from a plain answer. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function' && !isProcess(value);
}

/** A process of one step: yields itself as the effect, then ends with what the kernel sends. Cheaper than a generator. */
export abstract class Step<T> implements Process<T> {
  declare private begun: boolean;

  constructor() {
    // Set, not defined as a field: see `Scheduled`.
    this.begun = false;
  }

  next(value?: unknown): IteratorResult<Effect, T> {
    if (this.begun) return { done: true, value: value as T };
    this.begun = true;
    return { done: false, value: this as unknown as Effect };
  }

  return(value: T): IteratorResult<Effect, T> {
    return { done: true, value };
  }

  throw(error: unknown): IteratorResult<Effect, T> {
    throw error;
  }

  [Symbol.iterator](): this {
    return this;
  }

  get [Symbol.toStringTag](): string {
    return 'Process';
  }
}

/** A wait whose beginning and end somebody else knows: what mailboxes, locks and queues hand to their callers. */
export class Wait<T> extends Step<T> implements WaitEffect {
  readonly effect = 'wait';
  readonly what: string;
  readonly begin: (waiter: Waiter) => boolean;
  readonly cancel: (waiter: Waiter) => void;

  constructor(what: string, begin: (waiter: Waiter) => boolean, cancel: (waiter: Waiter) => void) {
    super();
    this.what = what;
    this.begin = begin;
    this.cancel = cancel;
  }
}
