import { EventEmitter } from 'eventemitter3';
import { finish, hashText, Ids, KeyedChance, mix, Random } from './chance.ts';
import type { Scalar } from './contract.ts';
import { DeadlockError, ProcessCrash, RunawayError } from './failures.ts';
import { Alarm } from './effects.ts';
import { EventQueue, type Scheduled } from './event-queue.ts';
import { type Choices, drawExploration, type Exploration, NO_CHOICES, OrderSearch } from './exploration.ts';
import { type EventFootprint, FootprintLog, readThing, writeThing } from './footprint.ts';
import { ForeignPromises } from './foreign-promises.ts';
import type { KernelEvents, KernelOptions } from './kernel-options.ts';
import { Links } from './links.ts';
import { type CrashHandler, Owner } from './owner.ts';
import type { Process } from './process.ts';
import type { Task } from './task.ts';
import type { Micros } from './time.ts';
import type { TraceKind } from './trace-record.ts';
import { UnstartedCalls } from './unstarted-calls.ts';

/** 2026-01-01T00:00:00Z. */
const DEFAULT_EPOCH = 1_767_225_600_000_000;

/** One world's virtual time, event queue and chance. Two kernels in one process never touch. */
export class Kernel {
  readonly events = new EventEmitter<KernelEvents>();
  readonly seed: number;
  readonly epoch: number;
  readonly elide: boolean;
  readonly maxStepsPerInstant: number;
  readonly chance: KeyedChance;
  readonly ids = new Ids();
  /** Calls by interface name, heartbeats included. */
  readonly calls = new Map<string, number>();
  /** Calls that were made but whose `yield*` has not come yet. */
  readonly unstarted: UnstartedCalls;
  readonly foreign: ForeignPromises;
  /** Who may call whom. */
  readonly links = new Links();
  /** True while somebody keeps the whole stream: only then are costly details worth building. */
  detailed = false;
  /** For links: on whose behalf plain code of a contract's method runs now, which is no task. */
  actingFor: Owner | undefined;
  /** By how much the clock of any machine has been ahead or behind so far, in microseconds. */
  readonly clockError = { ahead: 0, behind: 0 };

  readonly #maxEventsPerInstant: number;
  readonly #queue = new EventQueue();
  readonly #randoms = new Map<string, Random>();
  readonly #explored: Exploration;
  readonly #exploredUntil: Micros;
  readonly #search: OrderSearch | undefined;
  readonly #footprints: FootprintLog | undefined;
  /** Present while somebody wants to choose, or to know, who goes first. */
  #choose: ((ready: readonly Scheduled[]) => number) | undefined;
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
    this.unstarted = new UnstartedCalls(options.callPlaces);
    this.maxStepsPerInstant = options.maxStepsPerInstant ?? 200_000;
    this.#maxEventsPerInstant = options.maxEventsPerInstant ?? 10_000_000;
    this.chance = new KeyedChance(this.seed);
    this.foreign = new ForeignPromises(options.promiseLimitMs ?? 30_000);
    this.#explored = options.explore === 'swarm' ? drawExploration(this.seed) : (options.explore ?? NOT_EXPLORED);
    this.#exploredUntil = this.#explored.until ?? Number.POSITIVE_INFINITY;
    if (this.#explored.order) this.#search = new OrderSearch(this.#explored, this.chance);
    if (options.footprints) this.#footprints = new FootprintLog(options.footprints === true ? {} : options.footprints);
    if (this.#search || this.#footprints) this.#choose = (ready) => this.#chosen(ready);
  }

  /** Which freedoms are explored at this time. */
  get exploration(): Exploration {
    return this.#now < this.#exploredUntil ? this.#explored : NOT_EXPLORED;
  }

  /** Who went first so far where more than one event was ready. */
  get choices(): Choices {
    return this.#search ?? NO_CHOICES;
  }

  /** What each event so far has read and written; empty unless it was asked for. */
  get footprints(): readonly EventFootprint[] {
    return this.#footprints?.events ?? [];
  }

  /** Virtual time since the start. */
  get now(): Micros {
    return this.#now;
  }

  /** Unix time in microseconds, as the clock of whoever reads it has it: virtual time, where no machine's clock is wrong. */
  get unixMicros(): number {
    return this.epoch + this.#now + ((this.#current?.owner ?? this.actingFor)?.clockOffset ?? 0);
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
    const alarm = new Alarm(() => {
      // Whose memory plain code works in is not known.
      this.#footprints?.everything();
      action();
    });
    this.schedule(alarm, this.#now + delay);
    return () => this.remove(alarm);
  }

  /**
   * Handles events in order until the next lies beyond `until`, which the clock then shows; or, where there is no `until`, until none is
   * left (`idle`); or until `halt` is called.
   *
   * @throws what stopped the run: ProcessCrash, RunawayError, a forgotten `yield*`.
   */
  run(options: { readonly until?: Micros } = {}): 'idle' | 'until' | 'halted' {
    this.#footprints?.begin();
    const state = this.#advance(options.until ?? Number.POSITIVE_INFINITY, false);
    if (state === 'promise') throw this.foreign.refusal();
    return state;
  }

  /** Like `run`, for worlds in which a plugin answers with promises. While one is pending, time stands still. */
  async runAsync(options: { readonly until?: Micros } = {}): Promise<'idle' | 'until' | 'halted'> {
    const until = options.until ?? Number.POSITIVE_INFINITY;
    this.#footprints?.begin();
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
    this.#footprints?.everything();
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
    if (this.#footprints) {
      writeThing(event);
      // Ticks of one instant keep the order in which they first came late.
      if (late && event.lateRank === 0) writeThing(TICKS);
    }
    if (at <= this.#now && !late) this.#queue.pushReady(event);
    else this.#queue.push(event, at < this.#now ? this.#now : at, late);
  }

  pushReady(event: Scheduled): void {
    this.#queue.pushReady(event);
  }

  remove(event: Scheduled): void {
    if (this.#footprints) writeThing(event);
    this.#queue.remove(event);
  }

  enter(task: Task): Task | undefined {
    const outer = this.#current;
    if (this.#footprints) this.touch(task);
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

  /** The running event works on behalf of this owner, in its memory, or goes on with this task of it. */
  touch(of: Owner | Task): void {
    if (!this.#footprints) return;
    const owner = 'owner' in of ? of.owner : of;
    writeThing(of);
    readThing(owner);
    this.#footprints.domain(owner);
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
    this.#footprints?.everything();
    this.#failure ??= { error: new ProcessCrash(task as Task, this.#now, error) };
  }

  /** Stops the run with an error that is no process's own: a broken promise of the kernel's rules. */
  fail(error: unknown): void {
    this.#footprints?.everything();
    this.#failure ??= { error };
  }

  runaway(task: Task): void {
    this.#footprints?.everything();
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
    const outer = this.#footprints?.enter();
    try {
      for (;;) {
        if (this.foreign.pending > 0 && !single) {
          // What a promise does when it settles belongs to this event, and is not seen.
          this.#footprints?.everything();
          return 'promise';
        }
        const event = this.#choose === undefined ? queue.takeReady() : queue.takeChosen(this.#choose);
        if (event === undefined) {
          this.#footprints?.drained();
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
          this.#footprints?.begin();
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
      this.#footprints?.leave(outer);
      this.#running = false;
    }
  }

  #chosen(ready: readonly Scheduled[]): number {
    const search = this.#now < this.#exploredUntil ? this.#search : undefined;
    const point = search !== undefined && ready.length > 1 ? search.points : undefined;
    const chosen = search?.choose(ready, this.#now) ?? 0;
    if (this.#footprints) this.#footprints.take(ready, chosen, point);
    else if (!search) this.#choose = undefined;
    return chosen;
  }
}

const NOT_EXPLORED: Exploration = {};
const TICKS = 'order of ticks';

/** What an event belongs to, for a message. */
function whoIs(event: Scheduled): string {
  const { name, owner, title } = event as { name?: string; owner?: Owner; title?: string };
  return owner ? `the run (now process ${name} of ${owner.name})` : title === undefined ? 'the run' : `the run (now call ${title})`;
}
