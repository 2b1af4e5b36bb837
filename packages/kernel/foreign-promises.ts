import type { NamedCall } from './unstarted-calls.ts';

// What Node and browsers share; the compiler is given neither's library, so that nothing else of them slips in.
declare const performance: { now(): number };
declare const MessageChannel: new () => {
  port1: { onmessage: (() => void) | null; close(): void };
  port2: { postMessage(message: undefined): void };
};

/** Promises of plugins written with `async`: the only place where the kernel meets microtasks and real time. */
export class ForeignPromises {
  /** Calls by which promise plugins wait for the simulation itself: while there are any, time may run on. */
  outstanding = 0;
  /** Calls that plugins made between their awaits. */
  #made: NamedCall[] = [];
  readonly #limitMs: number;
  readonly #pending = new Set<{ readonly who: string }>();
  #idleSince: number | undefined;

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Promises that have not settled: while there are any, time stands still. */
  get pending(): number {
    return this.#pending.size;
  }

  /** A plugin's promise made a call: what nobody awaits is found when it ends. */
  made(call: NamedCall): void {
    this.#made.push(call);
  }

  /** The call was started, or handed to someone who starts it. */
  claim(call: unknown): void {
    if (this.#made.length > 0) this.#made = this.#made.filter((other) => other !== call);
  }

  /** Calls that ended promises have made. While others are pending, it is not known whose they are: a later end has them. */
  takeMade(): readonly NamedCall[] {
    return this.pending === 0 ? this.#made.splice(0) : [];
  }

  /** A plugin answered with a promise. */
  add(who: string, promise: PromiseLike<unknown>, done: (value: unknown, failed: boolean) => void): void {
    const entry = { who };
    this.#pending.add(entry);
    const settled = (value: unknown, failed: boolean): void => {
      if (!this.#pending.delete(entry)) return;
      this.#idleSince = undefined;
      done(value, failed);
    };
    promise.then(
      (value) => settled(value, false),
      (error: unknown) => settled(error, true),
    );
  }

  /** Why `runAsync` cannot go on: those who wait for the simulation wait for what never comes. */
  stuck(): Error {
    return new Error(`the promise from ${this.#forgetAll()} waits for a call that nothing will ever answer; the run is aborted`);
  }

  /** Why `run` cannot go on. */
  refusal(): Error {
    const who = this.#forgetAll();
    return new Error(`${who} answers with a promise: use runAsync instead of run`);
  }

  /**
   * Lets microtasks drain.
   *
   * @throws Error when nothing has settled within the limit of real time: that aborts the run, never the call, since wall time must not
   *   enter a result.
   */
  async drain(): Promise<void> {
    await macrotask();
    if (this.#pending.size === 0 || this.outstanding > 0) return;
    this.#idleSince ??= performance.now();
    if (performance.now() - this.#idleSince > this.#limitMs) {
      const who = this.#forgetAll();
      throw new Error(`the promise from ${who} did not settle within ${this.#limitMs / 1000} s of real time; the run is aborted`);
    }
  }

  #forgetAll(): string {
    const who = [...this.#pending].map((entry) => entry.who).join(', ');
    this.#pending.clear();
    return who;
  }
}

/** A turn of the real event loop, in Node and in browsers. */
function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
