import { type Kernel, type Micros, seconds } from '@slipway/kernel';
import type { KubeObject, Stored } from '@slipway/kube';

/** A committed write as watches see it. For DELETED, `object` is the last content under the delete's revision. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly revision: number;
  readonly at: Micros;
  readonly object: Stored<KubeObject>;
  readonly old: Stored<KubeObject> | undefined;
  /** Trace event of the write. */
  readonly seq: number;
}

/** Source: `AP/storage/cacher/watch_cache.go`: events are kept at least this long … */
const FRESH: Micros = seconds(75);
/** … the buffer holds at least and at most this many. */
const LOWER_BOUND = 100;
const UPPER_BOUND = 100 * 1024;

/** The newest writes of one resource, from which watches are taken up again. */
export class WatchCache {
  readonly #kernel: Kernel;
  #events: StoreEvent[] = [];
  #head = 0;
  #dropped = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Revision of the newest event that is no longer kept; 0 when all are. */
  get dropped(): number {
    return this.#dropped;
  }

  add(event: StoreEvent): void {
    this.#events.push(event);
    const oldest = this.#kernel.now - FRESH;
    for (;;) {
      const size = this.#events.length - this.#head;
      const first = this.#events[this.#head];
      if (first === undefined || size <= LOWER_BOUND || (size <= UPPER_BOUND && first.at >= oldest)) break;
      this.#dropped = first.revision;
      this.#head += 1;
    }
    // Dropped events hold on to objects until the array is cut; cutting at half keeps that cheap.
    if (this.#head > 64 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Events after this revision, oldest first. */
  *after(revision: number): Generator<StoreEvent> {
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as StoreEvent).revision > revision) high = middle;
      else low = middle + 1;
    }
    for (let index = low; index < this.#events.length; index++) yield this.#events[index] as StoreEvent;
  }

  /** Revision of the newest event up to a time, or a later one up to which nothing happened; undefined when nothing has since. */
  revisionBefore(time: Micros): number | undefined {
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle] as StoreEvent).at > time) high = middle;
      else low = middle + 1;
    }
    const next = this.#events[low];
    return next && next.revision - 1;
  }

  /** As after a restart of the server: nothing before `revision` is known. */
  clear(revision: number): void {
    this.#events = [];
    this.#head = 0;
    this.#dropped = revision;
  }
}
