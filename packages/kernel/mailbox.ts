import { Step, type Process, type WaitEffect, type Waiter } from './process.ts';

/** An ordered queue between processes of one owner: any number of senders, receivers served in order of arrival. */
export class Mailbox<T> {
  readonly name: string;
  #items: T[] = [];
  #receivers: Waiter[] = [];

  constructor(name = 'mailbox') {
    this.name = name;
  }

  get size(): number {
    return this.#items.length;
  }

  /** Never waits; a mailbox has no bound (a `Stream` has). */
  send(item: T): void {
    const receiver = this.#receivers.shift();
    if (receiver) receiver.resume(item);
    else this.#items.push(item);
  }

  /** Takes the oldest item, waiting for one if there is none. */
  receive(): Process<T> {
    return new Receive<T>(
      this.name,
      (waiter) => {
        if (this.#items.length > 0) {
          waiter.answer(this.#items.shift());
          return true;
        }
        this.#receivers.push(waiter);
        return false;
      },
      (waiter) => {
        this.#receivers = this.#receivers.filter((other) => other !== waiter);
      },
    );
  }
}

class Receive<T> extends Step<T> implements WaitEffect {
  readonly effect = 'wait';
  readonly what: string;
  readonly begin: (waiter: Waiter) => boolean;
  readonly cancel: (waiter: Waiter) => void;

  constructor(name: string, begin: (waiter: Waiter) => boolean, cancel: (waiter: Waiter) => void) {
    super();
    this.what = `mail in ${name}`;
    this.begin = begin;
    this.cancel = cancel;
  }
}
