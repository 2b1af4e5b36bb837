import { Worker } from 'node:worker_threads';
import type { Attempted } from '../../fuzz/index.ts';
import type { Answer, Job, WorkerData } from './messages.ts';

/** Tries cases one after the other, or several at a time. What comes of a case does not depend on who tries it. */
export interface Pool {
  /** How many cases may be under way. */
  readonly size: number;
  try(job: Job): Promise<Attempted>;
  close(): Promise<void>;
}

/** Beside this file as source; beside the bundle in a folder of its own. */
const WORKER = import.meta.url.endsWith('.ts') ? new URL('./worker.ts', import.meta.url) : new URL('./fuzz/worker.js', import.meta.url);
/** How many cases wait at each thread, so that none is ever idle. */
const AHEAD = 2;

/** Threads beside this one. */
export class ThreadPool implements Pool {
  readonly size: number;
  readonly #workers: readonly { readonly thread: Worker; waiting: number }[];
  readonly #open = new Map<number, { resolve(attempted: Attempted): void; reject(error: Error): void }>();

  constructor(threads: number, data: WorkerData) {
    this.size = threads * AHEAD;
    this.#workers = Array.from({ length: threads }, () => {
      const worker = { thread: new Worker(WORKER, { workerData: data }), waiting: 0 };
      worker.thread.on('message', (message: Answer) => {
        worker.waiting -= 1;
        this.#settle(message);
      });
      worker.thread.on('error', (error: Error) => this.#failAll(error));
      return worker;
    });
  }

  try(job: Job): Promise<Attempted> {
    const worker = this.#workers.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    worker.waiting += 1;
    return new Promise((resolve, reject) => {
      this.#open.set(job.index, { resolve, reject });
      worker.thread.postMessage(job);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map(({ thread }) => thread.terminate()));
  }

  #settle(message: Answer): void {
    const { job } = message;
    const waiting = this.#open.get(job.index);
    this.#open.delete(job.index);
    if ('error' in message) waiting?.reject(new Error(message.error));
    else waiting?.resolve({ ...job, trial: message.trial });
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }
}
