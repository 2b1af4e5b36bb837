import { type Kernel, type Micros, milliseconds, minutes, seconds } from '@slipway/kernel';

/**
 * The reflector's delays: 800 ms doubling up to 30 s, starting anew when nothing has failed for 2 minutes. Source: client-go
 * `tools/cache/reflector.go`. Upstream adds up to as much again by chance; here only a run that explores jitter does, so that others
 * read well.
 */
export class ReflectorBackoff {
  readonly #kernel: Kernel;
  #next = FIRST;
  #lastFailure = Number.NEGATIVE_INFINITY;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** How long to wait after a failure that happened now. */
  delay(): Micros {
    const { now } = this.#kernel;
    if (now - this.#lastFailure > RESET) this.#next = FIRST;
    this.#lastFailure = now;
    const delay = this.#next;
    this.#next = Math.min(delay * 2, LONGEST);
    return this.#kernel.exploration.jitter ? delay + this.#kernel.random('client/reflector').integer(0, delay) : delay;
  }
}

const FIRST = milliseconds(800);
const LONGEST = seconds(30);
const RESET = minutes(2);
