import { Worker } from 'node:worker_threads';
import { type Attempted, hung } from '../../fuzz/index.ts';
import { type Answer, type Job, READY, type WorkerData } from './messages.ts';

/** Tries cases one after the other, or several at a time. What comes of a case does not depend on who tries it. */
export interface Pool {
  /** How many cases may be under way. */
  readonly size: number;
  try(job: Job): Promise<Attempted>;
  close(): Promise<void>;
}

/** Beside this file as source; beside the bundle in a folder of its own. */
const WORKER = import.meta.url.endsWith('.ts') ? new URL('./worker.ts', import.meta.url) : new URL('./fuzz/worker.js', import.meta.url);
/** Worlds are young when they die: room for some of them saves half of the garbage collector's work. */
const YOUNG = { maxYoungGenerationSizeMb: 128 };
/** How many cases wait at each thread, so that none is ever idle. */
const AHEAD = 2;

/** A place for a thread; one that hangs is replaced. */
interface Seat {
  thread: Worker;
  /** Under way; the thread works at the first. */
  readonly jobs: Job[];
  /** Whether it has loaded what it needs. */
  isReady: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Threads beside this one. */
export class ThreadPool implements Pool {
  readonly size: number;
  readonly #data: WorkerData;
  readonly #limitMs: number;
  readonly #seats: readonly Seat[];
  readonly #open = new Map<number, { resolve(attempted: Attempted): void; reject(error: Error): void }>();

  /** @param limitMs how long a case may take, in real time: code that never waits can be ended with its thread only */
  constructor(threads: number, data: WorkerData, limitMs: number) {
    this.size = threads * AHEAD;
    this.#data = data;
    this.#limitMs = limitMs;
    this.#seats = Array.from({ length: threads }, () => this.#seat());
  }

  try(job: Job): Promise<Attempted> {
    const seat = this.#seats.reduce((least, other) => (other.jobs.length < least.jobs.length ? other : least));
    return new Promise((resolve, reject) => {
      this.#open.set(job.index, { resolve, reject });
      seat.jobs.push(job);
      seat.thread.postMessage(job);
      if (seat.jobs.length === 1) this.#time(seat);
    });
  }

  async close(): Promise<void> {
    for (const { timer } of this.#seats) clearTimeout(timer);
    await Promise.all(this.#seats.map(({ thread }) => thread.terminate()));
  }

  #seat(): Seat {
    const seat: Seat = { thread: this.#thread((message) => this.#heard(seat, message)), jobs: [], isReady: false, timer: undefined };
    return seat;
  }

  #thread(onMessage: (message: Answer | typeof READY) => void): Worker {
    const thread = new Worker(WORKER, { workerData: this.#data, resourceLimits: YOUNG });
    thread.on('message', onMessage);
    thread.on('error', (error: Error) => this.#failAll(error));
    return thread;
  }

  #heard(seat: Seat, message: Answer | typeof READY): void {
    if (message !== READY) return this.#answered(seat, message);
    seat.isReady = true;
    this.#time(seat);
  }

  /** A thread answers in the order in which it was asked. */
  #answered(seat: Seat, message: Answer): void {
    const [job] = seat.jobs;
    if (job?.index !== message.job.index) return;
    seat.jobs.shift();
    this.#time(seat);
    const waiting = this.#open.get(job.index);
    this.#open.delete(job.index);
    if ('error' in message) waiting?.reject(new Error(message.error));
    else waiting?.resolve({ ...job, trial: message.trial });
  }

  /** Gives the first case its time. */
  #time(seat: Seat): void {
    clearTimeout(seat.timer);
    const [job] = seat.jobs;
    if (!job || !seat.isReady) return;
    // An answer that lies there unread is heard first.
    const late = (): void => void setImmediate(() => (seat.jobs[0] === job ? this.#replace(seat, job) : undefined));
    seat.timer = setTimeout(late, this.#limitMs);
  }

  #replace(seat: Seat, job: Job): void {
    void seat.thread.terminate();
    seat.isReady = false;
    seat.thread = this.#thread((message) => this.#heard(seat, message));
    for (const next of seat.jobs.slice(1)) seat.thread.postMessage(next);
    this.#answered(seat, { job, trial: hung(job.seed, this.#limitMs) });
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#open.values()) reject(error);
    this.#open.clear();
  }
}
