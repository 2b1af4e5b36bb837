import { hashText } from './chance.ts';
import { Scheduled } from './event-queue.ts';
import { threadOf } from './exploration.ts';
import { readThing, writeThing } from './footprint.ts';
import type { Kernel } from './kernel.ts';
import type { Permit } from './semaphore.ts';
import type { Owner } from './owner.ts';
import type { Effect, Process, WaitEffect, Waiter } from './process.ts';
import type { NamedCall } from './unstarted-calls.ts';

export type TaskState = 'ready' | 'running' | 'waiting' | 'done' | 'failed' | 'stopping' | 'gone';

/** What is called at a task's end; written as a method so that a list of tasks of any result is a list of tasks. */
export type TaskEnding<T> = { bivariant(task: Task<T>): void }['bivariant'];

/** A process that the kernel runs. It is its own timer: a task waits for one thing at a time. */
export class Task<T = unknown> extends Scheduled implements Waiter {
  readonly kernel: Kernel;
  readonly owner: Owner;
  readonly name: string;
  cause: number;
  state: TaskState = 'ready';
  /** The value of a task that is done; the error of one that failed. */
  outcome: unknown;
  /** What the task waits for, for messages. */
  waitingFor: WaitEffect | undefined;
  /** Called once at the end, however it comes. Who sets it has taken over the error. */
  onEnd: TaskEnding<T> | undefined;

  /** Takes the calls that the process made and did not start, of work that somebody else asked for. Left out: they stop the run. */
  onForgotten: ((calls: readonly NamedCall[]) => void) | undefined;

  readonly #process: Process<T>;
  #input: unknown;
  #throws = false;
  #doom: 'kill' | 'stop' | undefined;
  #permits: Set<Permit> | undefined;
  #joiners: Waiter[] | undefined;
  #stepsAt = -1;
  #steps = 0;
  #thread: number | undefined;

  constructor(kernel: Kernel, owner: Owner, name: string, process: Process<T>, cause: number) {
    super();
    this.kernel = kernel;
    this.owner = owner;
    this.name = name;
    this.cause = cause;
    this.#process = process;
  }

  /** True until the task has ended. */
  get alive(): boolean {
    readThing(this);
    return this.state === 'ready' || this.state === 'running' || this.state === 'waiting' || this.state === 'stopping';
  }

  /** By its name and its owner's. */
  override get thread(): number {
    this.#thread ??= threadOf(this.owner.hash, hashText(this.name));
    return this.#thread;
  }

  resume(value: unknown): void {
    writeThing(this);
    if (!this.alive) return;
    this.#input = value;
    this.#throws = false;
    this.#ready();
  }

  fail(error: unknown): void {
    writeThing(this);
    if (!this.alive) return;
    this.#input = error;
    this.#throws = true;
    this.#ready();
  }

  answer(value: unknown): void {
    this.#input = value;
    this.#throws = false;
  }

  /** Continues the task within the event that brings its answer. */
  continueWith(value: unknown, throws: boolean): void {
    if (!this.alive) return;
    this.#input = value;
    this.#throws = throws;
    this.waitingFor = undefined;
    this.fire();
  }

  /** A permit that ends with its holder, as an OS drops a `flock`. */
  keep(permit: Permit): void {
    this.#permits ??= new Set();
    this.#permits.add(permit);
  }

  dropPermit(permit: Permit): void {
    this.#permits?.delete(permit);
  }

  /** Waits for the end and returns the value, or throws the error. */
  join(): Process<T> {
    return join(this);
  }

  /** For `join`: be told of the end. */
  addJoiner(waiter: Waiter): void {
    writeThing(this);
    this.#joiners ??= [];
    this.#joiners.push(waiter);
  }

  removeJoiner(waiter: Waiter): void {
    writeThing(this);
    this.#joiners = this.#joiners?.filter((other) => other !== waiter);
  }

  /** Drops the process where it stands: no `finally`. Aimed at the running task itself, it acts at the next `yield`. */
  kill(): void {
    this.kernel.touch(this);
    if (!this.alive) return;
    if (this.state === 'running') {
      this.#doom = 'kill';
      return;
    }
    this.#leaveWait(true);
    this.#end('gone', undefined);
  }

  /** Runs `finally` at once; clean-up that waits goes on in the background. Aimed at the running task itself, it acts at the next `yield`. */
  stop(): void {
    this.kernel.touch(this);
    if (!this.alive || this.state === 'stopping') return;
    if (this.state === 'running') {
      this.#doom = 'stop';
      return;
    }
    this.#leaveWait(false);
    this.#unwind();
  }

  fire(): void {
    const { kernel } = this;
    readThing(this.owner);
    if (this.owner.freezer) {
      this.owner.freezer.hold(this);
      return;
    }
    // Held while its machine stood still, and ended by somebody else meanwhile.
    if (!this.alive) return;
    const stopping = this.state === 'stopping';
    this.state = 'running';
    this.waitingFor = undefined;
    const outer = kernel.enter(this);
    this.#countStep();
    for (;;) {
      let result: IteratorResult<Effect, T>;
      try {
        result = this.#throws ? this.#process.throw(this.#input) : this.#process.next(this.#input);
      } catch (error) {
        kernel.leave(outer);
        this.#end('failed', error);
        return;
      }
      if (result.done) {
        kernel.leave(outer);
        this.#end('done', result.value);
        return;
      }
      if (this.#doom !== undefined) {
        const doom = this.#doom;
        this.#doom = undefined;
        kernel.leave(outer);
        if (doom === 'kill') this.#end('gone', undefined);
        else this.#unwind();
        return;
      }
      if (this.#begin(result.value)) {
        // What answered may have said what it follows from.
        kernel.cause = this.cause;
        this.#countStep();
        continue;
      }
      if (stopping) this.state = 'stopping';
      kernel.leave(outer);
      return;
    }
  }

  /** Starts the wait; true when the answer is there already. */
  #begin(effect: Effect): boolean {
    this.#throws = false;
    if (effect.effect === 'sleep') {
      this.state = 'waiting';
      this.#input = undefined;
      if (Number.isNaN(effect.until)) {
        this.#input = new RangeError(`process ${this.name} sleeps for a time that is not a number`);
        this.#throws = true;
        this.state = 'running';
        return true;
      }
      this.kernel.schedule(this, effect.relative ? this.kernel.now + effect.until : effect.until, effect.late);
      return false;
    }
    if (effect.effect !== 'wait') {
      this.#input = new TypeError(`process ${this.name} yielded something that is no effect; write yield* before calls`);
      this.#throws = true;
      return true;
    }
    this.state = 'waiting';
    this.waitingFor = effect;
    try {
      if (!effect.begin(this)) return false;
    } catch (error) {
      this.#input = error;
      this.#throws = true;
    }
    this.state = 'running';
    this.waitingFor = undefined;
    return true;
  }

  #ready(): void {
    // Woken twice in one instant: the first waking counts.
    if (this.place !== -1) return;
    const wait = this.waitingFor;
    this.waitingFor = undefined;
    if (wait?.settle) wait.settle(this);
    // Whoever wakes a process passes on what it acts upon itself.
    if (this.kernel.cause > this.cause) this.cause = this.kernel.cause;
    if (this.state === 'waiting') this.state = 'ready';
    this.kernel.pushReady(this);
  }

  #leaveWait(killed: boolean): void {
    const wait = this.waitingFor;
    this.waitingFor = undefined;
    wait?.cancel(this, killed);
    this.kernel.remove(this);
  }

  /** Makes the generator run its `finally` blocks; when one of them waits, the rest goes on as a task of its own pace. */
  #unwind(): void {
    const outer = this.kernel.enter(this);
    this.state = 'running';
    try {
      const result = this.#process.return(undefined as T);
      if (result.done) {
        this.kernel.leave(outer);
        this.#end('gone', undefined);
        return;
      }
      if (this.#begin(result.value)) this.#ready();
      this.state = 'stopping';
      this.kernel.leave(outer);
    } catch (error) {
      this.kernel.leave(outer);
      this.#end('failed', error);
    }
  }

  #end(state: 'done' | 'failed' | 'gone', outcome: unknown): void {
    this.state = state;
    this.outcome = outcome;
    this.owner.forget(this);
    if (this.#permits) for (const permit of [...this.#permits]) permit.release();
    const { onEnd } = this;
    const joiners = this.#joiners;
    this.onEnd = undefined;
    this.#joiners = undefined;
    if (onEnd) onEnd(this);
    if (joiners) {
      for (const joiner of joiners) {
        joiner.cause = Math.max(joiner.cause, this.cause);
        if (state === 'done') joiner.resume(outcome);
        else joiner.fail(state === 'failed' ? outcome : goneError(this.name));
      }
    }
    if (state === 'failed' && !onEnd && !joiners) this.kernel.crashed(this, outcome);
  }

  #countStep(): void {
    if (this.#stepsAt !== this.kernel.now) {
      this.#stepsAt = this.kernel.now;
      this.#steps = 0;
    }
    this.#steps += 1;
    if (this.#steps > this.kernel.maxStepsPerInstant) this.kernel.runaway(this);
  }
}

const goneError = (name: string): Error => Object.assign(new Error(`${name} was stopped`), { code: 'UNAVAILABLE' });

function* join<T>(task: Task<T>): Process<T> {
  if (!task.alive) {
    if (task.state === 'done') return task.outcome as T;
    throw task.state === 'failed' ? task.outcome : goneError(task.name);
  }
  return (yield {
    effect: 'wait',
    what: `${task.name} to end`,
    begin: (waiter) => {
      task.addJoiner(waiter);
      return false;
    },
    cancel: (waiter) => task.removeJoiner(waiter),
  }) as T;
}
