import type { PodInfo } from '../cache/pod-info.ts';
import type { Snapshot } from '../cache/snapshot.ts';

/** Names what a plugin keeps for the length of one cycle, and remembers its type. */
export class StateKey<T> {
  readonly name: string;
  /** How to copy the value for a what-if (nominated pods, preemption). Left out: the value does not change with other pods. */
  readonly clone: ((value: T) => T) | undefined;

  constructor(name: string, clone?: (value: T) => T) {
    this.name = name;
    this.clone = clone;
  }
}

interface Entry {
  readonly key: StateKey<unknown>;
  readonly value: unknown;
}

/**
 * What plugins keep between the points of one scheduling cycle, and what the cycle is about.
 * Source: `pkg/scheduler/framework/cycle_state.go`.
 */
export class CycleState {
  /** The pod that looks for a node, with what has been worked out of its spec. */
  readonly podInfo: PodInfo;
  /** The cluster as this cycle sees it. */
  readonly snapshot: Snapshot;
  /** Plugins whose PreFilter said Skip. */
  readonly skipFilter: Set<string>;
  /** Plugins whose PreScore said Skip. */
  readonly skipScore = new Set<string>();
  readonly #entries: Map<StateKey<unknown>, Entry>;

  constructor(podInfo: PodInfo, snapshot: Snapshot, entries: Map<StateKey<unknown>, Entry> = new Map(), skipFilter = new Set<string>()) {
    this.podInfo = podInfo;
    this.snapshot = snapshot;
    this.#entries = entries;
    this.skipFilter = skipFilter;
  }

  read<T>(key: StateKey<T>): T | undefined {
    return this.#entries.get(key as StateKey<unknown>)?.value as T | undefined;
  }

  write<T>(key: StateKey<T>, value: T): void {
    this.#entries.set(key as StateKey<unknown>, { key: key as StateKey<unknown>, value });
  }

  /** A copy for a what-if: values that change with other pods are copied, the rest is shared. */
  clone(): CycleState {
    const entries = new Map<StateKey<unknown>, Entry>();
    for (const [key, entry] of this.#entries) {
      entries.set(key, key.clone ? { key, value: key.clone(entry.value) } : entry);
    }
    return new CycleState(this.podInfo, this.snapshot, entries, this.skipFilter);
  }
}
