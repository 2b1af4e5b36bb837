import { readThing, writeThing } from './footprint.ts';
import { Step, type Process, type WaitEffect, type Waiter } from './process.ts';

/**
 * A value with a version. Who waits names the version that it has seen, so a change that came before the wait is not lost.
 */
export class Cell<T> {
  #value: T;
  #version = 0;
  #waiters: Waiter[] = [];

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    readThing(this);
    return this.#value;
  }

  /** Grows by one with each `set`. */
  get version(): number {
    readThing(this);
    return this.#version;
  }

  /** Sets the value and wakes everyone who waits, in order of arrival; also when the value is the same as before. */
  set(value: T): void {
    writeThing(this);
    this.#value = value;
    this.#version += 1;
    if (this.#waiters.length === 0) return;
    const woken = this.#waiters;
    this.#waiters = [];
    for (const waiter of woken) waiter.resume(value);
  }

  /** For effects of the kernel: be woken at the next `set`. */
  subscribe(waiter: Waiter): void {
    readThing(this);
    this.#waiters.push(waiter);
  }

  /** Takes a waiter back. */
  unsubscribe(waiter: Waiter): void {
    readThing(this);
    const at = this.#waiters.indexOf(waiter);
    if (at >= 0) this.#waiters.splice(at, 1);
  }
}

class Until<T> extends Step<T> implements WaitEffect {
  readonly effect = 'wait';
  readonly what = 'a cell to change';
  readonly #cell: Cell<T>;
  readonly #since: number;

  constructor(cell: Cell<T>, since: number) {
    super();
    this.#cell = cell;
    this.#since = since;
  }

  begin(waiter: Waiter): boolean {
    if (this.#cell.version > this.#since) {
      waiter.answer(this.#cell.value);
      return true;
    }
    this.#cell.subscribe(waiter);
    return false;
  }

  cancel(waiter: Waiter): void {
    this.#cell.unsubscribe(waiter);
  }
}

/** Waits until the cell's version is above `since` (left out: the version now) and returns the value. */
export function until<T>(cell: Cell<T>, since: number = cell.version): Process<T> {
  return new Until(cell, since);
}
