import { type Micros, type Owner, type Process, sleepUntil } from '@slipway/kernel';

/**
 * A loop with a fixed period of which only those ticks exist that have something to look at.
 *
 * Each key is looked at on the tick for which it was asked, under the cause of whoever asked first.
 */
export class TickQueue {
  readonly #owner: Owner;
  readonly #period: Micros;
  readonly #phase: Micros;
  readonly #onTick: (keys: ReadonlyMap<string, number>) => void;
  readonly #ticks = new Map<Micros, Map<string, number>>();

  /** @param onTick keys with their causes */
  constructor(owner: Owner, period: Micros, onTick: (keys: ReadonlyMap<string, number>) => void) {
    this.#owner = owner;
    this.#period = period;
    this.#phase = owner.kernel.now % period;
    this.#onTick = onTick;
  }

  /** Looks at the key on the first tick after this time; left out: after now. */
  add(key: string, after: Micros = this.#owner.kernel.now): void {
    const tick = (Math.floor((after - this.#phase) / this.#period) + 1) * this.#period + this.#phase;
    const { cause } = this.#owner.kernel;
    const keys = this.#ticks.get(tick);
    if (keys) {
      if (!keys.has(key)) keys.set(key, cause);
      return;
    }
    this.#ticks.set(tick, new Map([[key, cause]]));
    this.#owner.spawn('volume reconciler', this.#wait(tick));
  }

  *#wait(tick: Micros): Process {
    yield* sleepUntil(tick);
    const keys = this.#ticks.get(tick);
    this.#ticks.delete(tick);
    if (keys) this.#onTick(keys);
  }
}
