import type { NodesDocument } from './schema.ts';

/** Names as people give them to machines: `node-1`, `node-2`, and so on. One counter a world. */
export class NodeNames {
  readonly #counts = new Map<string, number>();

  /** The names of all machines of one sort. */
  of(document: NodesDocument): readonly string[] {
    return Array.from({ length: document.count ?? 1 }, () => this.#next(document));
  }

  #next({ name = 'node', count = 1 }: NodesDocument): string {
    if (count === 1 && name !== 'node' && !this.#counts.has(name)) {
      this.#counts.set(name, 0);
      return name;
    }
    const number = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, number);
    return `${name}-${number}`;
  }
}
