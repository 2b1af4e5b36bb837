import type { SignalName } from '@slipway/host';
import { Cell, type Mailbox, type Task } from '@slipway/kernel';

/** A command in the background. */
export interface Job {
  readonly pid: number;
  task?: Task<number>;
  /** Exit code, once it has ended. */
  status?: number;
  /** Where signals go while a program that minds them runs; without one, a signal ends the job. */
  receiver?: Mailbox<SignalName>;
}

/** What a shell and its subshells share: background jobs, and what wakes a `wait`. */
export class Jobs {
  readonly all: Job[] = [];
  /** Set when a job ends or a signal arrives. */
  readonly happened = new Cell(0);
  #lastPid: number;

  constructor(firstPid: number) {
    this.#lastPid = firstPid;
  }

  nextPid(): number {
    this.#lastPid += 1;
    return this.#lastPid;
  }

  /** By process id, or by number as `%2`. */
  find(name: string): Job | undefined {
    return name.startsWith('%') ? this.all[Number(name.slice(1)) - 1] : this.all.find(({ pid }) => String(pid) === name);
  }

  notify(): void {
    this.happened.set(this.happened.value + 1);
  }
}
