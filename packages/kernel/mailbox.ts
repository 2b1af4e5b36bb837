import { writeThing } from './footprint.ts';
import { type Process, Wait, type Waiter } from './process.ts';

/** An ordered queue between processes of one owner: any number of senders, receivers served in order of arrival. */
export class Mailbox<T> {
  readonly name: string;
  #items: { readonly item: T; readonly cause: number }[] = [];
  #receivers: Waiter[] = [];
  /** Known from the first receiver on. */
  #kernel: Waiter['kernel'] | undefined;

  constructor(name = 'mailbox') {
    this.name = name;
  }

  get size(): number {
    writeThing(this);
    return this.#items.length;
  }

  /** Never waits; a mailbox has no bound (a `Stream` has). */
  send(item: T): void {
    writeThing(this);
    const receiver = this.#receivers.shift();
    if (receiver) receiver.resume(item);
    else this.#items.push({ item, cause: this.#kernel?.cause ?? 0 });
  }

  /** Takes the oldest item, waiting for one if there is none. The receiver then acts upon what the sender acted upon. */
  receive(): Process<T> {
    return new Wait<T>(`mail in ${this.name}`, this.#begin, this.#leave);
  }

  readonly #begin = (waiter: Waiter): boolean => {
    writeThing(this);
    this.#kernel = waiter.kernel;
    const oldest = this.#items.shift();
    if (oldest === undefined) {
      this.#receivers.push(waiter);
      return false;
    }
    if (oldest.cause > 0) waiter.cause = oldest.cause;
    waiter.answer(oldest.item);
    return true;
  };

  readonly #leave = (waiter: Waiter): void => {
    writeThing(this);
    this.#receivers = this.#receivers.filter((other) => other !== waiter);
  };
}
