import type { Micros } from '@slipway/kernel';

interface Entry {
  readonly delay: Micros;
  readonly updatedAt: Micros;
}

/**
 * Growing pauses by key: the base, then twice as long each time, up to a limit. What was left alone for long enough starts afresh.
 *
 * Source: `client-go/util/flowcontrol/backoff.go`.
 */
export class BackOff {
  readonly #base: Micros;
  readonly #limit: Micros;
  readonly #forgottenAfter: Micros;
  readonly #entries = new Map<string, Entry>();

  /** @param forgottenAfter an event this much later than the last update starts afresh; left out: twice the limit */
  constructor(base: Micros, limit: Micros, forgottenAfter: Micros = 2 * limit) {
    this.#base = base;
    this.#limit = limit;
    this.#forgottenAfter = forgottenAfter;
  }

  /** The present pause; 0 when there is none. */
  delay(key: string): Micros {
    return this.#entries.get(key)?.delay ?? 0;
  }

  /** The pause counts from `eventAt`, and is not over. */
  isWaitingSince(key: string, eventAt: Micros, now: Micros): boolean {
    const entry = this.#entries.get(key);
    if (!entry || this.#isForgotten(entry, eventAt)) return false;
    return now - eventAt < entry.delay;
  }

  /** The pause counts from the last `advance`, and is not over at `now`. */
  isWaiting(key: string, now: Micros): boolean {
    const entry = this.#entries.get(key);
    if (!entry || this.#isForgotten(entry, now)) return false;
    return now - entry.updatedAt < entry.delay;
  }

  /** Makes the pause longer, after something that happened at `eventAt`. */
  advance(key: string, eventAt: Micros, now: Micros): void {
    const entry = this.#entries.get(key);
    const delay = !entry || this.#isForgotten(entry, eventAt) ? this.#base : Math.min(2 * entry.delay, this.#limit);
    this.#entries.set(key, { delay, updatedAt: now });
  }

  /** Drops what nobody will ask for again. */
  collectGarbage(now: Micros): void {
    for (const [key, { updatedAt }] of this.#entries) if (now - updatedAt > 2 * this.#limit) this.#entries.delete(key);
  }

  #isForgotten(entry: Entry, eventAt: Micros): boolean {
    return eventAt - entry.updatedAt > this.#forgottenAfter;
  }
}
