import { readThing, writeThing } from './footprint.ts';
import { parseSpan, type Range, type Span } from './latency.ts';
import type { Link } from './link.ts';

/** The links of one world, so that what goes wrong can be set on all that it concerns, those that are made later included. */
export class Links implements Iterable<Link> {
  readonly #links = new Set<Link>();
  readonly #observers = new Set<(link: Link) => void>();
  readonly #ranges = new Map<Span, Range>();
  /** Links are looked through for dead ones when there are so many. */
  #full = 64;

  /** For links: it is there, or has another caller. */
  add(link: Link): void {
    writeThing(this);
    writeThing(link);
    if (this.#links.size >= this.#full) {
      this.#prune();
      this.#full = Math.max(64, 2 * this.#links.size);
    }
    this.#links.add(link);
    for (const observer of this.#observers) observer(link);
  }

  /** Calls back for each link as it is made or gets another caller. Returns what takes it back. */
  observe(observer: (link: Link) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** What a method may take. A world's links have a few spans between them, each read once. @throws RangeError for text that is no span */
  rangeOf(span: Span): Range {
    let range = this.#ranges.get(span);
    if (!range) {
      range = parseSpan(span);
      this.#ranges.set(span, range);
    }
    return range;
  }

  /** Links whose callers live, in the order in which they were made. */
  [Symbol.iterator](): IterableIterator<Link> {
    readThing(this);
    this.#prune();
    return this.#links.values();
  }

  #prune(): void {
    for (const link of this.#links) if (!link.from.alive) this.#links.delete(link);
  }
}
