import type { Kernel } from './kernel.ts';
import type { Process } from './process.ts';
import { Task } from './task.ts';

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
  #state: 'alive' | 'stopped' | 'killed' = 'alive';
  #tasks = new Set<Task>();
  #children: Set<Owner> | undefined;
  #endings: Set<() => void> | undefined;

  constructor(kernel: Kernel, name: string, options: { readonly parent?: Owner; readonly onCrash?: CrashHandler } = {}) {
    this.kernel = kernel;
    this.name = name;
    this.parent = options.parent;
    this.onCrash = options.onCrash;
    if (options.parent) {
      options.parent.#children ??= new Set();
      options.parent.#children.add(this);
      if (!options.parent.alive) this.#state = 'killed';
    }
  }

  get alive(): boolean {
    return this.#state === 'alive';
  }

  /** Processes that have not ended, in order of their start. */
  get tasks(): ReadonlySet<Task> {
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

  /** An orderly end: every process runs its `finally`; clean-up that waits goes on in the background. */
  stop(): void {
    this.#finish('stopped', (task) => task.stop());
  }

  /** Calls back once when the owner ends. Returns what takes the callback back. */
  onEnd(callback: () => void): () => void {
    if (!this.alive) {
      callback();
      return () => {};
    }
    this.#endings ??= new Set();
    this.#endings.add(callback);
    return () => this.#endings?.delete(callback);
  }

  /** For tasks: it has ended. */
  forget(task: Task): void {
    this.#tasks.delete(task as Task);
  }

  /** For child owners: it has ended. */
  forgetChild(child: Owner): void {
    this.#children?.delete(child);
  }

  #finish(state: 'stopped' | 'killed', end: (task: Task) => void): void {
    const again = state === 'killed' && this.#state === 'stopped';
    if (!this.alive && !again) return;
    this.#state = state;
    if (this.#children) for (const child of [...this.#children]) child.#finish(state, end);
    for (const task of [...this.#tasks]) end(task);
    this.parent?.forgetChild(this);
    const endings = this.#endings;
    this.#endings = undefined;
    if (endings) for (const ending of endings) ending();
  }
}
