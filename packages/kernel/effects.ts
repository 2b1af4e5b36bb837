import type { Cell } from './cell.ts';
import { CallError } from './contract.ts';
import { Scheduled } from './event-queue.ts';
import { readThing } from './footprint.ts';
import { Step, type Process, type SleepEffect, type WaitEffect, type Waiter } from './process.ts';
import type { Task } from './task.ts';
import { formatDuration, type Micros } from './time.ts';

class Sleep extends Step<void> implements SleepEffect {
  readonly effect = 'sleep';
  readonly until: Micros;
  readonly relative: boolean;
  readonly late: boolean;

  constructor(until: Micros, relative: boolean, late: boolean) {
    super();
    this.until = until;
    this.relative = relative;
    this.late = late;
  }
}

/** Waits for a span of virtual time. */
export function sleep(duration: Micros): Process<void> {
  return new Sleep(duration, true, false);
}

/** Waits for a point of virtual time; one that has passed means this instant. */
export function sleepUntil(time: Micros): Process<void> {
  return new Sleep(time, false, false);
}

/** The virtual time. Takes none. */
export function now(): Process<Micros> {
  return instantly('the time', (task) => task.kernel.now);
}

/** The task that runs. Takes no time. */
export function self(): Process<Task> {
  return instantly('itself', (task) => task);
}

/** Starts a process of the same owner beside this one. Takes no time. */
export function spawn<T>(name: string, process: Process<T>): Process<Task<T>> {
  return instantly('a start', (task) => {
    return task.owner.spawn(name, process);
  });
}

function instantly<T>(what: string, answer: (task: Task) => T): Process<T> {
  return new Instant(what, answer);
}

class Instant<T> extends Step<T> implements WaitEffect {
  readonly effect = 'wait';
  readonly what: string;
  readonly #answer: (task: Task) => T;

  constructor(what: string, answer: (task: Task) => T) {
    super();
    this.what = what;
    this.#answer = answer;
  }

  begin(waiter: Waiter): boolean {
    waiter.answer(this.#answer(waiter as Task));
    return true;
  }

  cancel(): void {}
}

/** Processes that run beside each other on behalf of one that waits. */
abstract class Group<T, R> extends Step<R> implements WaitEffect {
  readonly effect = 'wait';
  abstract readonly what: string;
  protected readonly processes: readonly Process<T>[];
  protected children: Task<T>[] = [];

  constructor(processes: readonly Process<T>[]) {
    super();
    this.processes = processes;
  }

  begin(waiter: Waiter): boolean {
    const task = waiter as Task;
    this.children = this.processes.map((process, index) => {
      const child = task.owner.spawn(`${task.name}/${index + 1}`, process, (child) => {
        waiter.cause = Math.max(waiter.cause, child.cause);
        this.ended(child, index, waiter);
      });
      child.onForgotten = task.onForgotten;
      return child;
    });
    return false;
  }

  cancel(_waiter: Waiter, killed: boolean): void {
    for (const child of this.children) {
      if (killed) child.kill();
      else this.abandon(child);
    }
  }

  protected abstract ended(child: Task<T>, index: number, waiter: Waiter): void;

  protected abandon(child: Task<T>): void {
    // Its end concerns nobody any more; an error in its clean-up does.
    child.onEnd = undefined;
    child.stop();
  }
}

class All<T> extends Group<T, T[]> {
  readonly what = 'all of several processes';
  #left = 0;
  #values: T[] = [];

  override begin(waiter: Waiter): boolean {
    this.#left = this.processes.length;
    this.#values = new Array<T>(this.#left);
    if (this.#left === 0) {
      waiter.answer([]);
      return true;
    }
    return super.begin(waiter);
  }

  protected ended(child: Task<T>, index: number, waiter: Waiter): void {
    if (child.state === 'done') {
      this.#values[index] = child.outcome as T;
      this.#left -= 1;
      if (this.#left === 0) waiter.resume(this.#values);
      return;
    }
    for (const other of this.children) if (other !== child) this.abandon(other);
    waiter.fail(child.state === 'failed' ? child.outcome : new CallError('UNAVAILABLE', `${child.name} was stopped`));
  }
}

class Race<T> extends Group<T, T> {
  readonly what = 'the first of several processes';

  protected ended(child: Task<T>, _index: number, waiter: Waiter): void {
    for (const other of this.children) if (other !== child) this.abandon(other);
    if (child.state === 'done') waiter.resume(child.outcome);
    else waiter.fail(child.state === 'failed' ? child.outcome : new CallError('UNAVAILABLE', `${child.name} was stopped`));
  }
}

/** Runs all and returns their values in order. When one fails, the others are stopped and its error is thrown. */
export function all<T>(processes: readonly Process<T>[]): Process<T[]> {
  return new All(processes);
}

/** Runs all and returns what the first one to end returns (or throws); the others are stopped. */
export function race<T>(processes: readonly Process<T>[]): Process<T> {
  if (processes.length === 0) throw new RangeError('a race needs a runner');
  return new Race(processes);
}

class Timeout<T> extends Group<T, T> {
  readonly what: string;
  readonly #duration: Micros;
  #alarm: Alarm | undefined;

  constructor(process: Process<T>, duration: Micros) {
    super([process]);
    this.what = `a process, for at most ${formatDuration(duration)}`;
    this.#duration = duration;
  }

  override begin(waiter: Waiter): boolean {
    const { kernel } = waiter as Task;
    super.begin(waiter);
    const alarm = new Alarm(() => {
      // Where the machine stands still, its timers do too.
      const { owner } = waiter as Task;
      readThing(owner);
      const { freezer } = owner;
      if (freezer) {
        freezer.hold(alarm);
        return;
      }
      super.cancel(waiter, false);
      waiter.fail(new CallError('DEADLINE_EXCEEDED', `no result within ${formatDuration(this.#duration)}`));
    });
    this.#alarm = alarm;
    kernel.schedule(alarm, kernel.now + this.#duration);
    return false;
  }

  override cancel(waiter: Waiter, killed: boolean): void {
    super.cancel(waiter, killed);
    const [child] = this.children;
    if (this.#alarm) child?.kernel.remove(this.#alarm);
  }

  protected ended(child: Task<T>, _index: number, waiter: Waiter): void {
    if (this.#alarm) child.kernel.remove(this.#alarm);
    if (child.state === 'done') waiter.resume(child.outcome);
    else waiter.fail(child.state === 'failed' ? child.outcome : new CallError('UNAVAILABLE', `${child.name} was stopped`));
  }
}

/** A callback at a time. */
export class Alarm extends Scheduled {
  readonly #ring: () => void;

  constructor(ring: () => void) {
    super();
    this.#ring = ring;
  }

  fire(): void {
    this.#ring();
  }
}

/**
 * Runs the process for at most `duration`; then it is stopped.
 *
 * @throws CallError DEADLINE_EXCEEDED when the time is up.
 */
export function timeout<T>(process: Process<T>, duration: Micros): Process<T> {
  return new Timeout(process, duration);
}

/** What tells that it has changed, without saying how: a `Cell` of any kind. */
export type Change = Pick<Cell<unknown>, 'version' | 'subscribe' | 'unsubscribe'>;

/** When an idle tick may be left out. */
export interface Elision {
  /** What the tick would look at: while none of these changes, a tick would see nothing new. */
  readonly unless: readonly Change[];
  /** False while a tick could be noticed for another reason: a fault is set on the link, or somebody observes it. */
  readonly quiet?: () => boolean;
}

/**
 * A fixed grid of time: `phase`, `phase + period`, … Never `work; sleep(period)`, which drifts with each call. A tick runs after all
 * other events of its instant.
 */
export class Ticker {
  readonly period: Micros;
  readonly phase: Micros;
  #seen: readonly number[] | undefined;
  #last: Micros | undefined;

  constructor(period: Micros, phase: Micros) {
    if (!(period > 0)) throw new RangeError(`a ticker's period is above zero, not ${period}`);
    this.period = period;
    this.phase = phase;
  }

  /** The first point of the grid after `time`. */
  after(time: Micros): Micros {
    if (time < this.phase) return this.phase;
    return this.phase + (Math.floor((time - this.phase) / this.period) + 1) * this.period;
  }

  /**
   * Waits for the next point of the grid and returns its time. With `elision`, points at which there is nothing new to see are left
   * out while the kernel elides: what runs at the points that count is the same as if all had been waited for.
   */
  *next(elision?: Elision): Process<Micros> {
    const { kernel } = yield* self();
    this.#last ??= kernel.now;
    const { cause } = kernel;
    while (elision && kernel.elide && this.#unchanged(elision) && (elision.quiet?.() ?? true)) yield* anyChange(elision.unless);
    // The change ends the leaving out, but the tick happens because of the grid, as it does when none is left out.
    kernel.cause = cause;
    // A point that is reached before its ticks have run still counts, so that a change right upon it is seen in both cases.
    const tick = Math.max(this.after(this.#last), kernel.lateAtInstant ? this.after(kernel.now) : this.after(kernel.now - 1));
    yield* new Sleep(tick, false, true);
    this.#last = tick;
    if (elision) this.#seen = elision.unless.map((cell) => cell.version);
    return tick;
  }

  #unchanged(elision: Elision): boolean {
    const seen = this.#seen;
    return seen !== undefined && elision.unless.every((cell, index) => cell.version === seen[index]);
  }
}

/** A grid of ticks from `phase` on. */
export function every(period: Micros, phase: Micros = 0): Ticker {
  return new Ticker(period, phase);
}

/** Waits until one of the cells is set. */
export function anyChange(cells: Elision['unless']): Process<void> {
  return new AnyChange(cells);
}

class AnyChange extends Step<void> implements WaitEffect {
  readonly effect = 'wait';
  readonly what = 'one of several cells to change';
  readonly #cells: Elision['unless'];

  constructor(cells: Elision['unless']) {
    super();
    this.#cells = cells;
  }

  begin(waiter: Waiter): boolean {
    for (const cell of this.#cells) cell.subscribe(waiter);
    return false;
  }

  cancel(waiter: Waiter): void {
    for (const cell of this.#cells) cell.unsubscribe(waiter);
  }

  settle(waiter: Waiter): void {
    this.cancel(waiter);
  }
}
