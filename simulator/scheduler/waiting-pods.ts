import { Cell, formatDuration, type Micros, type Process, race, sleepUntil, until } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import type { Refusal } from './framework/run-filters.ts';
import { unschedulable } from './framework/status.ts';
import type { WaitingPod } from './framework/types.ts';

/** A pod that Permit holds until each plugin has said yes, one has said no, or its time is up. `framework/runtime/waiting_pods_map.go`. */
export class HeldPod implements WaitingPod {
  readonly pod: Pod;
  /** Plugins that are waited for, and until when. */
  readonly #pending: Map<string, Micros>;
  readonly #decided = new Cell(0);
  #refusal: Refusal | undefined;

  constructor(pod: Pod, pending: ReadonlyMap<string, Micros>) {
    this.pod = pod;
    this.#pending = new Map(pending);
  }

  get pendingPlugins(): readonly string[] {
    return [...this.#pending.keys()].sort();
  }

  allow(plugin: string): void {
    this.#pending.delete(plugin);
    if (this.#pending.size === 0) this.#decided.set(this.#decided.value + 1);
  }

  reject(plugin: string, message: string): void {
    this.#refusal ??= { plugin, status: unschedulable(message) };
    this.#decided.set(this.#decided.value + 1);
  }

  /** Waits for the decision; undefined means go on. */
  *decision(start: Micros): Process<Refusal | undefined> {
    while (this.#refusal === undefined && this.#pending.size > 0) {
      const [plugin, deadline] = this.#firstDeadline();
      const expired = yield* race<number>([until(this.#decided, 0), expiry(deadline)]);
      if (expired === EXPIRED && this.#refusal === undefined && this.#pending.has(plugin)) {
        this.reject(plugin, `rejected due to timeout after waiting ${formatDuration(deadline - start)} at plugin ${plugin}`);
      }
    }
    return this.#refusal;
  }

  #firstDeadline(): readonly [plugin: string, deadline: Micros] {
    let first: readonly [string, Micros] = ['', Number.POSITIVE_INFINITY];
    for (const entry of this.#pending) if (entry[1] < first[1]) first = entry;
    return first;
  }
}

const EXPIRED = -1;

function* expiry(deadline: Micros): Process<number> {
  yield* sleepUntil(deadline);
  return EXPIRED;
}
