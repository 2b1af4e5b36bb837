import type { Node } from '@slipway/kube';

/** Sums by topology key and value, such as `zone` and `a`. Values that come to zero are gone. */
export class TopologyCounts {
  readonly #byKey: Map<string, Map<string, number>>;

  constructor(from: Map<string, Map<string, number>> = new Map()) {
    this.#byKey = from;
  }

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  /** Adds to the domain of a node; nothing when the node has none. */
  add(node: Node, key: string, by: number): void {
    const value = node.metadata.labels?.[key];
    if (value === undefined) return;
    const values = this.#byKey.get(key) ?? new Map<string, number>();
    const sum = (values.get(value) ?? 0) + by;
    if (sum === 0) values.delete(value);
    else values.set(value, sum);
    if (values.size === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, values);
  }

  /** The sum of a node's domain for one key. */
  at(node: Node, key: string): number {
    const value = node.metadata.labels?.[key];
    return value === undefined ? 0 : (this.#byKey.get(key)?.get(value) ?? 0);
  }

  /** The sums of all of a node's domains. */
  total(node: Node): number {
    let sum = 0;
    for (const key of this.#byKey.keys()) sum += this.at(node, key);
    return sum;
  }

  /** Whether any of a node's domains is above zero. */
  anyAt(node: Node): boolean {
    for (const key of this.#byKey.keys()) if (this.at(node, key) > 0) return true;
    return false;
  }

  clone(): TopologyCounts {
    return new TopologyCounts(new Map([...this.#byKey].map(([key, values]) => [key, new Map(values)])));
  }
}
