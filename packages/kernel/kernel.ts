import { EventEmitter } from 'eventemitter3';
import { finish, hashText, Ids, KeyedChance, mix, Random } from './chance.ts';
import type { Scalar } from './contract.ts';
import { DeadlockError, ProcessCrash, RunawayError } from './failures.ts';
import { Alarm } from './effects.ts';
import { EventQueue, type Scheduled } from './event-queue.ts';
import { ForeignPromises } from './foreign-promises.ts';
import { Links } from './links.ts';
import { type CrashHandler, Owner } from './owner.ts';
import type { Process } from './process.ts';
import type { Task } from './task.ts';
import type { Micros } from './time.ts';
import type { Breach, TraceKind, TraceRecord } from './trace-record.ts';
import { UnstartedCalls } from './unstarted-calls.ts';

/** Which freedoms of order and time a run explores. */
export interface Exploration {
  /** Processes that are ready at the same instant run in random order. */
  readonly order: boolean;
  /** Latencies are drawn from their range instead of being its midpoint. */
  readonly jitter: boolean;
  /** Now and then a latency is many times its range. */
  readonly heavyTail: boolean;
}

export interface KernelOptions {
  /** Left out: 1. */
  readonly seed?: number | string;
  /** Unix time of virtual zero, in microseconds. Left out: 2026-01-01T00:00:00Z. */
  readonly epoch?: number;
  /** Left out: none. `swarm`: the seed draws which freedoms are on. */
  readonly explore?: Partial<Exploration> | 'swarm';
  /** Whether idle ticks of fixed grids are left out. Left out: true. */
  readonly elide?: boolean;
  /** Steps of one process at one instant beyond which it is taken for a runaway. Left out: 200,000. */
  readonly maxStepsPerInstant?: number;
  /** Events at one instant beyond which the run is taken for a runaway. Left out: 10 million. */
  readonly maxEventsPerInstant?: number;
  /** Real time in milliseconds after which a promise that does not settle aborts the run. Left out: 30,000. */
  readonly promiseLimitMs?: number;
}

/** What the kernel tells observers, as it happens. Listeners only look: they must not act on the world. */
export interface KernelEvents {
  trace: [record: TraceRecord];
  breach: [breach: Breach];
  crash: [error: unknown, task: Task];
}

/** 2026-01-01T00:00:00Z. */
const DEFAULT_EPOCH = 1_767_225_600_000_000;

/** One world's virtual time, event queue and chance. Two kernels in one process never touch. */
export class Kernel {
  readonly events = new EventEmitter<KernelEvents>();
  readonly seed: number;
  readonly epoch: number;
  readonly exploration: Exploration;
  readonly elide: boolean;
  readonly maxStepsPerInstant: number;
  readonly chance: KeyedChance;
  readonly ids = new Ids();
  /** Calls by interface name, heartbeats included. */
  readonly calls = new Map<string, number>();
  /** Calls that were made but whose `yield*` has not come yet. */
  readonly unstarted = new UnstartedCalls();
  readonly foreign: ForeignPromises;
  /** Who may call whom. */
  readonly links = new Links();
  /** True while somebody keeps the whole stream: only then are costly details worth building. */
  detailed = false;

  readonly #maxEventsPerInstant: number;
  readonly #queue = new EventQueue();
  readonly #randoms = new Map<string, Random>();
  readonly #pick: ((count: number) => number) | undefined;
  #now: Micros = 0;
  #cause = 0;
  #sequence = 0;
  #eventCount = 0;
  #instantStart = 0;
  #late = false;
  #current: Task | undefined;
  #failure: { readonly error: unknown } | undefined;
  #stopped = false;
  #running = false;

  constructor(options: KernelOptions = {}) {
    this.seed = typeof options.seed === 'number' ? finish(mix(0x51ed, options.seed)) : hashText(options.seed ?? '1', 0x51ed);
    if (options.seed === undefined) this.seed = finish(mix(0x51ed, 1));
    this.epoch = options.epoch ?? DEFAULT_EPOCH;
    this.elide = options.elide ?? true;
    this.maxStepsPerInstant = options.maxStepsPerInstant ?? 200_000;
    this.#maxEventsPerInstant = options.maxEventsPerInstant ?? 10_000_000;
    this.chance = new KeyedChance(this.seed);
    this.foreign = new ForeignPromises(options.promiseLimitMs ?? 30_000);
    this.exploration = explorationOf(options.explore, this.seed);
    if (this.exploration.order) {
      this.#pick = (count) => this.chance.between(0, count - 1, this.chance.draw(0x0def, this.#now, this.#eventCount, 1));
    }
  }

  /** Virtual time since the start. */
  get now(): Micros {
    return this.#now;
  }

  /** Virtual time as Unix time in microseconds. */
  get unixMicros(): number {
    return this.epoch + this.#now;
  }

  /** Trace event that the running code acts upon: what it does next has this as its cause. */
  get cause(): number {
    return this.#cause;
  }

  set cause(sequence: number) {
    this.#cause = sequence;
    if (this.#current) this.#current.cause = sequence;
  }

  /** Events handled so far. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** Sequence number of the newest trace event. */
  get traceSequence(): number {
    return this.#sequence;
  }

  /** Someone whom processes belong to. */
  owner(name: string, options: { readonly parent?: Owner; readonly onCrash?: CrashHandler } = {}): Owner {
    return new Owner(this, name, options);
  }

  /** The stream of chance with this name: for ids, names and generated input. What a call meets is drawn by key instead. */
  random(name: string): Random {
    let random = this.#randoms.get(name);
    if (!random) {
      random = new Random(hashText(name, this.seed));
      this.#randoms.set(name, random);
    }
    return random;
  }

  /**
   * Writes a trace event under the current cause (or the one given) and returns its sequence number.
   *
   * @param data short scalars that go into the hashed line; `full` is kept only in a kept stream.
   */
  record(
    kind: TraceKind,
    actor: string,
    name: string,
    subject: string | undefined,
    data: readonly Scalar[],
    full?: unknown,
    cause: number = this.#cause,
  ): number {
    this.#sequence += 1;
    this.events.emit('trace', { seq: this.#sequence, at: this.#now, actor, kind, name, subject, cause, data, full });
    return this.#sequence;
  }

  /** Runs `action` when `delay` has passed. For plain code that no process waits for. Returns what cancels it. */
  after(delay: Micros, action: () => void): () => void {
    const alarm = new Alarm(action);
    this.schedule(alarm, this.#now + delay);
    return () => this.#queue.remove(alarm);
  }

  /**
   * Handles events in order until the next lies beyond `until`, which the clock then shows; or, where there is no `until`, until none is
   * left (`idle`); or until `halt` is called.
   *
   * @throws what stopped the run: ProcessCrash, RunawayError, a forgotten `yield*`.
   */
  run(options: { readonly until?: Micros } = {}): 'idle' | 'until' | 'halted' {
    const state = this.#advance(options.until ?? Number.POSITIVE_INFINITY, false);
    if (state === 'promise') throw this.foreign.refusal();
    return state;
  }

  /** Like `run`, for worlds in which a plugin answers with promises. While one is pending, time stands still. */
  async runAsync(options: { readonly until?: Micros } = {}): Promise<'idle' | 'until' | 'halted'> {
    const until = options.until ?? Number.POSITIVE_INFINITY;
    for (;;) {
      if (this.foreign.pending === 0) {
        const state = this.#advance(until, false);
        if (state !== 'promise') return state;
        continue;
      }
      await this.foreign.drain();
      // A plugin that waits for the simulation itself lets time run on, one event at a time.
      if (this.foreign.pending > 0 && this.foreign.outstanding > 0) {
        const state = this.#advance(until, true);
        if (state === 'halted') return state;
        if (state === 'idle') throw this.foreign.stuck();
      }
    }
  }

  /**
   * Runs until the process has ended and returns its value.
   *
   * @throws what the process threw; DeadlockError when nothing is left that could wake it.
   */
  complete<T>(owner: Owner, name: string, process: Process<T>, options: { readonly until?: Micros } = {}): T {
    const task = owner.spawn(name, process, () => this.halt());
    try {
      return this.#resultOf(task, this.run(options));
    } finally {
      task.onEnd = undefined;
    }
  }

  /** Like `complete`, for worlds in which a plugin answers with promises. */
  async completeAsync<T>(owner: Owner, name: string, process: Process<T>, options: { readonly until?: Micros } = {}): Promise<T> {
    const task = owner.spawn(name, process, () => this.halt());
    try {
      return this.#resultOf(task, await this.runAsync(options));
    } finally {
      task.onEnd = undefined;
    }
  }

  /** Ends the current `run` after the event being handled. */
  halt(): void {
    this.#stopped = true;
  }

  // The rest is for the kernel's own parts: tasks, calls, links.

  get currentTask(): Task | undefined {
    return this.#current;
  }

  /** True once the ticks of this instant have begun to run. */
  get lateAtInstant(): boolean {
    return this.#late;
  }

  schedule(event: Scheduled, at: Micros, late = false): void {
    if (Number.isNaN(at)) throw new RangeError('a time to wait for is not a number');
    if (at <= this.#now && !late) this.#queue.pushReady(event);
    else this.#queue.push(event, at < this.#now ? this.#now : at, late);
  }

  pushReady(event: Scheduled): void {
    this.#queue.pushReady(event);
  }

  remove(event: Scheduled): void {
    this.#queue.remove(event);
  }

  enter(task: Task): Task | undefined {
    const outer = this.#current;
    this.#current = task;
    this.#cause = task.cause;
    return outer;
  }

  leave(outer: Task | undefined): void {
    const task = this.#current;
    this.#current = outer;
    this.#cause = outer?.cause ?? 0;
    if (this.unstarted.size === 0) return;
    if (task?.onForgotten) {
      task.onForgotten(this.unstarted.takeAfter(0));
      // What it goes on with is not what it asked for; its `finally` runs.
      if (task.state === 'waiting') task.stop();
    } else this.fail(this.unstarted.forgotten(task?.name ?? 'plain code', this.#now));
  }

  /** Runs plain code that acts upon a trace event: a contract method, say. Returns to the old cause afterwards. */
  under<T>(cause: number, code: () => T): T {
    const before = this.#cause;
    this.#cause = cause;
    try {
      return code();
    } finally {
      this.#cause = before;
    }
  }

  /** The process was handed on to someone who starts it. */
  claim(process: unknown): void {
    this.unstarted.claim(process);
    this.foreign.claim(process);
  }

  /** True while events are being handled: a call made now must be started before its maker waits. */
  get running(): boolean {
    return this.#running;
  }

  crashed(task: Task, error: unknown): void {
    this.events.emit('crash', error, task as Task);
    for (let owner: Owner | undefined = task.owner; owner; owner = owner.parent) {
      if (owner.onCrash) {
        owner.onCrash(error, task as Task);
        return;
      }
    }
    this.#failure ??= { error: new ProcessCrash(task as Task, this.#now, error) };
  }

  /** Stops the run with an error that is no process's own: a broken promise of the kernel's rules. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  runaway(task: Task): void {
    throw new RunawayError(`process ${task.name} of ${task.owner.name}`, this.maxStepsPerInstant, this.#now);
  }

  #resultOf<T>(task: Task<T>, state: 'idle' | 'until' | 'halted'): T {
    if (task.state === 'done') return task.outcome as T;
    if (task.state === 'failed') throw task.outcome;
    if (state === 'until') throw new DeadlockError(task as Task, this.#now, 'time is up');
    throw new DeadlockError(task as Task, this.#now, 'nothing is left that could wake it');
  }

  /** Handles events until there is a reason to stop; with `single`, at most one. */
  #advance(until: Micros, single: boolean): 'idle' | 'until' | 'halted' | 'promise' {
    if (this.#running) throw new Error('the kernel is running already: a process or a listener must not call run');
    this.#running = true;
    const queue = this.#queue;
    try {
      for (;;) {
        if (this.foreign.pending > 0 && !single) return 'promise';
        const event = queue.takeReady(this.#pick);
        if (event === undefined) {
          const next = queue.nextTime;
          if (next === Number.POSITIVE_INFINITY && until === Number.POSITIVE_INFINITY) return 'idle';
          if (next > until) {
            this.#now = Math.max(this.#now, until);
            return 'until';
          }
          if (next !== this.#now) {
            this.#now = next;
            this.#late = false;
            this.#instantStart = this.#eventCount;
          }
          if (queue.collect(next) === 'late') this.#late = true;
          continue;
        }
        this.#eventCount += 1;
        if (this.#eventCount - this.#instantStart > this.#maxEventsPerInstant) {
          throw new RunawayError(whoIs(event), this.#maxEventsPerInstant, this.#now);
        }
        event.fire();
        if (this.#failure !== undefined) {
          const { error } = this.#failure;
          this.#failure = undefined;
          throw error;
        }
        if (this.#stopped) {
          this.#stopped = false;
          return 'halted';
        }
        if (single) return 'promise';
      }
    } finally {
      this.#running = false;
    }
  }
}

/** What an event belongs to, for a message. */
function whoIs(event: Scheduled): string {
  const { name, owner, title } = event as { name?: string; owner?: Owner; title?: string };
  return owner ? `the run (now process ${name} of ${owner.name})` : title === undefined ? 'the run' : `the run (now call ${title})`;
}

function explorationOf(option: KernelOptions['explore'], seed: number): Exploration {
  if (option === 'swarm') return { order: (seed & 1) === 1, jitter: (seed & 2) === 2, heavyTail: (seed & 4) === 4 };
  return { order: option?.order ?? false, jitter: option?.jitter ?? false, heavyTail: option?.heavyTail ?? false };
}
