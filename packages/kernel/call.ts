import { settle } from './awaited.ts';
import { Scheduled } from './event-queue.ts';
import { threadOf } from './exploration.ts';
import type { ActiveFault } from './faults.ts';
import { readThing, writeThing } from './footprint.ts';
import type { Link } from './link.ts';
import type { LinkMethod } from './link-method.ts';
import type { Owner } from './owner.ts';
import type { Effect, Process, WaitEffect, Waiter } from './process.ts';

/** Where a call is in its life: made → sent → delivered → answered → received. */
type Phase = 'made' | 'sent' | 'working' | 'answered' | 'received';

/**
 * One call over a link. To its caller it is a process to `yield*`; to the kernel it is an event that happens twice, when it is
 * delivered and when its answer is received. Known by its methods, never by `instanceof`.
 */
export class Call extends Scheduled implements Process<unknown>, WaitEffect {
  readonly effect = 'wait';
  readonly link: Link;
  readonly method: LinkMethod;
  readonly request: unknown;
  /** Where the call was made, for the message about a missing `yield*`. */
  readonly madeAt: { readonly stack?: string } | undefined;
  phase: Phase = 'made';
  /** To whom it was sent: a callee that is started anew is another. */
  to: Owner | undefined;
  caller: Waiter | undefined;
  /** Trace event of the sending; 0 for a heartbeat. */
  seq = 0;
  response: unknown;
  failed = false;
  /** Faults that strike on arrival or on the way back. */
  faults: ActiveFault[] | undefined;
  /** The alarm of the deadline, when one is set. */
  deadline: Scheduled | undefined;
  #begun = false;
  #claimed = false;

  constructor(link: Link, method: LinkMethod, request: unknown) {
    super();
    this.link = link;
    this.method = method;
    this.request = request;
    const { kernel } = link;
    const between = !kernel.running && kernel.foreign.pending > 0;
    if (kernel.running || between) {
      // A stack costs more than the call. A place in the code is nearly always reached early, so the first calls of a method are enough.
      if (method.places.left > 0) {
        method.places.left -= 1;
        this.madeAt = placeOf(this);
      }
      if (between) kernel.foreign.made(this);
      else kernel.unstarted.add(this);
    }
  }

  /** Somebody waits for it, or is about to. */
  get started(): boolean {
    return this.#begun || this.#claimed;
  }

  /** `cri.runPodSandbox`, for messages. */
  get title(): string {
    return `${this.link.service.interface}.${this.method.name}`;
  }

  get what(): string {
    return `call ${this.title} to ${this.link.to.name}`;
  }

  next(value?: unknown): IteratorResult<Effect, unknown> {
    if (this.#begun) return { done: true, value };
    this.#begun = true;
    this.link.kernel.claim(this);
    return { done: false, value: this };
  }

  return(value: unknown): IteratorResult<Effect, unknown> {
    this.link.kernel.claim(this);
    return { done: true, value };
  }

  throw(error: unknown): IteratorResult<Effect, unknown> {
    throw error;
  }

  /** What `await` calls: the author of an `async` method writes `await client.method(…)`, and it is made on behalf of the link's caller. */
  then(resolve: (value: unknown) => never, reject: (error: unknown) => never): never {
    this.#claimed = true;
    return settle(this, this.link.from, resolve, reject);
  }

  [Symbol.iterator](): this {
    return this;
  }

  get [Symbol.toStringTag](): string {
    return 'Call';
  }

  begin(waiter: Waiter): boolean {
    this.caller = waiter;
    // Calls of a link are counted.
    writeThing(this.link);
    readThing(this.link.to);
    this.link.send(this);
    return false;
  }

  /** The callee works on; its answer is dropped. */
  cancel(): void {
    writeThing(this);
    this.caller = undefined;
    if (this.deadline) this.link.kernel.remove(this.deadline);
  }

  /** That of its caller: a call is a step of whoever makes it. */
  override get thread(): number {
    const { caller, method } = this;
    return threadOf(caller ? (caller as unknown as Scheduled).thread : 0, method.key);
  }

  fire(): void {
    readThing(this.link);
    if (this.phase === 'sent') this.link.kernel.touch(this.link.to);
    if (this.phase === 'sent') this.link.deliver(this);
    else if (this.phase === 'answered') this.link.comeBack(this);
  }
}

/**
 * The stack where a call is made. Three frames are enough: the client's method, perhaps a typed façade, and the caller; engines format a stack only when somebody
 * reads it.
 */
function placeOf(call: Call): { readonly stack?: string } {
  const place: { stack?: string } = {};
  const errors = Error as { stackTraceLimit?: number; captureStackTrace?: (target: object, below?: unknown) => void };
  const limit = errors.stackTraceLimit;
  errors.stackTraceLimit = 3;
  errors.captureStackTrace?.(place, call.constructor);
  if (limit !== undefined) errors.stackTraceLimit = limit;
  return place;
}
