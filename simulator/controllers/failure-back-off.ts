import type { Kernel, Micros } from '@slipway/kernel';

/** A delay that doubles with each failure of a key, and starts anew when the key has been left alone for twice the maximum. */
export class FailureBackOff {
  readonly #kernel: Kernel;
  readonly #first: Micros;
  readonly #longest: Micros;
  readonly #byKey = new Map<string, { readonly delay: Micros; readonly since: Micros }>();

  constructor(kernel: Kernel, first: Micros, longest: Micros) {
    this.#kernel = kernel;
    this.#first = first;
    this.#longest = longest;
  }

  /** Time until the key may fail again; 0: now. */
  left(key: string): Micros {
    const entry = this.#byKey.get(key);
    return entry ? Math.max(0, entry.since + entry.delay - this.#kernel.now) : 0;
  }

  /** Notes a failure now. Source: client-go `util/flowcontrol/backoff.go`, Next and hasExpired. */
  failed(key: string): void {
    const entry = this.#byKey.get(key);
    const { now } = this.#kernel;
    const expired = entry !== undefined && now - entry.since > 2 * this.#longest;
    const delay = entry && !expired ? Math.min(entry.delay * 2, this.#longest) : this.#first;
    this.#byKey.set(key, { delay, since: now });
  }

  /** Drops keys that begin so. */
  forget(prefix: string): void {
    for (const key of [...this.#byKey.keys()]) if (key.startsWith(prefix)) this.#byKey.delete(key);
  }
}
