import type { Micros } from './time.ts';

/** Something that happens at an instant. */
export abstract class Scheduled {
  declare at: Micros;
  /** Orders events of one instant; ticks of a fixed grid come after the rest. */
  declare order: number;
  /** Of those that have come late at all: a tick keeps its turn among the ticks of an instant, however late somebody began to wait for it. */
  declare lateRank: number;
  /** Index in the heap, or where else the event is. */
  declare place: number;
  /** Where order is drawn: the lowest of an instant goes first; below zero until it is drawn. */
  declare rank: number;

  constructor() {
    // Set, not defined as fields: an engine defines those of a class with many heirs several times slower than it sets them.
    this.at = 0;
    this.order = 0;
    this.lateRank = 0;
    this.place = NOWHERE;
    this.rank = -1;
  }

  abstract fire(): void;

  /** Hash of the process that it is part of: the same in every run, and for all of the process's events. */
  get thread(): number {
    return 0;
  }
}

const NOWHERE = -1;
const READY = -2;
const ARITY = 4;
/** Far above any sequence number of a run: late events of an instant sort behind all its others. */
const LATE = 2 ** 52;

/**
 * Events by (time, sequence): a stable, indexed 4-ary heap with true removal for the future, beside a first-in-first-out array for the
 * current instant. A removed event leaves nothing behind, so a cancelled timer never moves the clock.
 */
export class EventQueue {
  #heap: Scheduled[] = [];
  #ready: (Scheduled | undefined)[] = [];
  #head = 0;
  #sequence = 0;
  #lateRanks = 0;
  /** Ready events may have been taken back. */
  #holes = false;

  get size(): number {
    return this.#heap.length + this.#ready.length - this.#head;
  }

  /** Number of events that are ready at the current instant. */
  get readyCount(): number {
    return this.#ready.length - this.#head;
  }

  /** The event happens at the current instant, after those that are ready already. */
  pushReady(event: Scheduled): void {
    event.place = READY;
    this.#ready.push(event);
  }

  /** The event happens at `at`, which lies ahead; `late` ones after all others of their instant. */
  push(event: Scheduled, at: Micros, late: boolean): void {
    this.#sequence += 1;
    event.at = at;
    if (late && event.lateRank === 0) event.lateRank = this.#lateRanks += 1;
    event.order = late ? LATE + event.lateRank : this.#sequence;
    this.#heap.push(event);
    this.#up(event, this.#heap.length - 1);
  }

  remove(event: Scheduled): void {
    if (event.place >= 0) this.#removeAt(event.place);
    else if (event.place === READY) {
      this.#ready[this.#ready.indexOf(event, this.#head)] = undefined;
      this.#holes = true;
      event.rank = -1;
    }
    event.place = NOWHERE;
  }

  /** Time of the next event of the future, or Infinity. */
  get nextTime(): Micros {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Moves what is due at `now` from the heap behind the ready events: all ordinary events, or else the first late one. */
  collect(now: Micros): 'none' | 'ordinary' | 'late' {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return 'none';
    if (first.order >= LATE) {
      this.#removeAt(0);
      this.pushReady(first);
      return 'late';
    }
    for (let next: Scheduled | undefined = first; next !== undefined && next.at <= now && next.order < LATE; next = this.#heap[0]) {
      this.#removeAt(0);
      this.pushReady(next);
    }
    return 'ordinary';
  }

  /** Takes the ready event at the place that `choose` returns; those that are left keep their order. */
  takeChosen(choose: (ready: readonly Scheduled[]) => number): Scheduled | undefined {
    if (this.#holes || this.#head > 0) {
      this.#clearReady(this.#ready.filter((event) => event !== undefined));
      this.#holes = false;
    }
    const ready = this.#ready as Scheduled[];
    if (ready.length === 0) return undefined;
    const [event] = ready.splice(choose(ready), 1);
    if (event) {
      event.place = NOWHERE;
      event.rank = -1;
    }
    return event;
  }

  /** Takes the oldest ready event. */
  takeReady(): Scheduled | undefined {
    const ready = this.#ready;
    while (this.#head < ready.length) {
      const head = this.#head;
      const event = ready[head];
      ready[head] = undefined;
      this.#head += 1;
      if (this.#head === ready.length) this.#clearReady([]);
      else if (this.#head === 4_096) this.#clearReady(ready.slice(this.#head));
      if (event !== undefined) {
        event.place = NOWHERE;
        return event;
      }
      if (this.#head === 0) return this.takeReady();
    }
    return undefined;
  }

  #clearReady(rest: (Scheduled | undefined)[]): void {
    this.#ready = rest;
    this.#head = 0;
  }

  #removeAt(index: number): void {
    const heap = this.#heap;
    const removed = heap[index] as Scheduled;
    const last = heap.pop() as Scheduled;
    removed.place = NOWHERE;
    if (last === removed) return;
    // The hole is filled by the last event, which may belong above or below it.
    this.#up(last, index);
    this.#down(last, last.place);
  }

  #up(event: Scheduled, from: number): void {
    const heap = this.#heap;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 2;
      const parent = heap[parentIndex] as Scheduled;
      if (parent.at < event.at || (parent.at === event.at && parent.order < event.order)) break;
      heap[index] = parent;
      parent.place = index;
      index = parentIndex;
    }
    heap[index] = event;
    event.place = index;
  }

  #down(event: Scheduled, from: number): void {
    const heap = this.#heap;
    const length = heap.length;
    let index = from;
    for (;;) {
      const firstChild = index * ARITY + 1;
      if (firstChild >= length) break;
      let leastIndex = firstChild;
      let least = heap[firstChild] as Scheduled;
      const end = Math.min(firstChild + ARITY, length);
      for (let childIndex = firstChild + 1; childIndex < end; childIndex++) {
        const child = heap[childIndex] as Scheduled;
        if (child.at < least.at || (child.at === least.at && child.order < least.order)) {
          least = child;
          leastIndex = childIndex;
        }
      }
      if (event.at < least.at || (event.at === least.at && event.order < least.order)) break;
      heap[index] = least;
      least.place = index;
      index = leastIndex;
    }
    heap[index] = event;
    event.place = index;
  }
}
