import { writeThing } from './footprint.ts';
import { type Process, Wait, type Waiter } from './process.ts';

/** The right to be inside; ends with its holder when that is killed, as an OS drops a `flock`. */
export interface Permit {
  /** Gives the permit back; a second time does nothing. */
  release(): void;
}

/** A waiter that can hold permits: the kernel's task. */
interface Holder extends Waiter {
  keep(permit: Permit): void;
  dropPermit(permit: Permit): void;
}

/** Admits at most `size` processes at a time, in order of arrival. */
export class Semaphore {
  readonly name: string;
  #free: number;
  #waiting: Holder[] = [];

  constructor(size: number, name = 'semaphore') {
    this.#free = size;
    this.name = name;
  }

  /** Waits for a permit. Prefer `hold`, which gives it back on every way out. */
  acquire(): Process<Permit> {
    return new Wait<Permit>(
      this.name,
      (waiter) => {
        writeThing(this);
        if (this.#free === 0) {
          this.#waiting.push(waiter as Holder);
          return false;
        }
        this.#free -= 1;
        waiter.answer(this.#grant(waiter as Holder));
        return true;
      },
      (waiter) => {
        writeThing(this);
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
      },
    );
  }

  /** Runs the process inside. */
  *hold<T>(process: Process<T>): Process<T> {
    const permit = yield* this.acquire();
    try {
      return yield* process;
    } finally {
      permit.release();
    }
  }

  #grant(holder: Holder): Permit {
    let held = true;
    const permit: Permit = {
      release: () => {
        if (!held) return;
        held = false;
        writeThing(this);
        holder.dropPermit(permit);
        const next = this.#waiting.shift();
        if (!next) {
          this.#free += 1;
          return;
        }
        // Who waited for a turn acts upon what it acted upon before, not upon what its forerunner did.
        const { cause } = next;
        next.resume(this.#grant(next));
        next.cause = cause;
      },
    };
    holder.keep(permit);
    return permit;
  }
}

/** Admits one process at a time. */
export class Mutex extends Semaphore {
  constructor(name = 'mutex') {
    super(1, name);
  }
}
