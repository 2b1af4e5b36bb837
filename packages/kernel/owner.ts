import { Freezer } from './freezer.ts';
import { hashText } from './chance.ts';
import { readThing, writeThing } from './footprint.ts';
import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';
import { Task } from './task.ts';
import type { Micros } from './time.ts';

/** Told of an error that nobody waited for; the run then goes on. */
export type CrashHandler = (error: unknown, task: Task) => void;

/**
 * Whoever processes belong to: a machine, a daemon on it, a controller. Owners form a tree; what ends an owner ends all below it. An
 * owner lives once: what comes up again after a restart is a new owner.
 */
export class Owner {
  readonly kernel: Kernel;
  readonly name: string;
  readonly parent: Owner | undefined;
  readonly onCrash: CrashHandler | undefined;
  /** Set while it stands still, as all below it. */
  freezer: Freezer | undefined;
  /** How far the clock that it reads is ahead, in microseconds: a machine's. Spans of time are as they are. */
  clockOffset = 0;
  #state: 'alive' | 'stopped' | 'killed' = 'alive';
  #tasks = new Set<Task>();
  #children: Set<Owner> | undefined;
  #endings: Set<() => void> | undefined;
  #hash: number | undefined;

  constructor(kernel: Kernel, name: string, options: { readonly parent?: Owner; readonly onCrash?: CrashHandler } = {}) {
    this.kernel = kernel;
    this.name = name;
    this.parent = options.parent;
    this.onCrash = options.onCrash;
    if (options.parent) {
      options.parent.#children ??= new Set();
      options.parent.#children.add(this);
      if (!options.parent.alive) this.#state = 'killed';
      this.freezer = options.parent.freezer;
      this.clockOffset = options.parent.clockOffset;
    }
  }

  /** Hash of the name. */
  get hash(): number {
    this.#hash ??= hashText(this.name);
    return this.#hash;
  }

  get alive(): boolean {
    readThing(this);
    return this.#state === 'alive';
  }

  /** Processes that have not ended, in order of their start. */
  get tasks(): ReadonlySet<Task> {
    writeThing(this);
    return this.#tasks;
  }

  child(name: string, options: { readonly onCrash?: CrashHandler } = {}): Owner {
    return new Owner(this.kernel, name, { ...options, parent: this });
  }

  /** Starts a process at this instant. On an owner that has ended, the process is gone before it began. */
  spawn<T>(name: string, process: Process<T>, onEnd?: (task: Task<T>) => void): Task<T> {
    const task = new Task<T>(this.kernel, this, name, process, this.kernel.cause);
    this.kernel.claim(process);
    if (onEnd) task.onEnd = onEnd;
    if (!this.alive) {
      task.kill();
      return task;
    }
    this.#tasks.add(task as Task);
    this.kernel.pushReady(task);
    return task;
  }

  /** Power loss: every process is dropped where it stands, locks are released, timers are gone, calls being answered end. */
  kill(): void {
    this.#finish('killed', (task) => task.kill());
  }

  /** Stands still, with all below it: nothing of it runs, and what is sent to it waits, until `thaw`. Safe to repeat. */
  freeze(): void {
    if (!this.alive || this.freezer) return;
    const freezer = new Freezer();
    this.#each((owner) => {
      owner.freezer = freezer;
    });
  }

  /** Goes on where it stood: timers whose time has passed fire now. Safe to repeat. */
  thaw(): void {
    readThing(this);
    const { freezer } = this;
    if (!freezer) return;
    this.#each((owner) => {
      owner.freezer = undefined;
    });
    freezer.release(this.kernel);
  }

  /** Sets its clock, and those of all below it. @param offset microseconds ahead; below zero: behind */
  skew(offset: Micros): void {
    const { clockError } = this.kernel;
    clockError.ahead = Math.max(clockError.ahead, offset);
    clockError.behind = Math.max(clockError.behind, -offset);
    this.#each((owner) => {
      owner.clockOffset = offset;
    });
  }

  /** An orderly end: every process runs its `finally`; clean-up that waits goes on in the background. */
  stop(): void {
    this.#finish('stopped', (task) => task.stop());
  }

  /** Calls back once when the owner ends. Returns what takes the callback back. */
  onEnd(callback: () => void): () => void {
    writeThing(this);
    if (!this.alive) {
      callback();
      return () => {};
    }
    this.#endings ??= new Set();
    this.#endings.add(callback);
    return () => {
      writeThing(this);
      this.#endings?.delete(callback);
    };
  }

  /** For tasks: it has ended. */
  forget(task: Task): void {
    this.#tasks.delete(task as Task);
  }

  /** For child owners: it has ended. */
  forgetChild(child: Owner): void {
    this.#children?.delete(child);
  }

  #each(change: (owner: Owner) => void): void {
    writeThing(this);
    change(this);
    if (this.#children) for (const child of this.#children) child.#each(change);
  }

  #finish(state: 'stopped' | 'killed', end: (task: Task) => void): void {
    writeThing(this);
    this.kernel.touch(this);
    const again = state === 'killed' && this.#state === 'stopped';
    if (!this.alive && !again) return;
    this.#state = state;
    if (this.#children) for (const child of [...this.#children]) child.#finish(state, end);
    for (const task of [...this.#tasks]) end(task);
    this.parent?.forgetChild(this);
    // Nobody waits for what never goes on: tasks are gone, and calls learn that their callee is.
    this.freezer?.release(this.kernel);
    this.freezer = undefined;
    const endings = this.#endings;
    this.#endings = undefined;
    if (endings) for (const ending of endings) ending();
  }
}
