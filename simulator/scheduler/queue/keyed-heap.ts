/** A binary heap whose items can be found and removed by key. The order must be total, so that equal states act alike. */
export class KeyedHeap<T> {
  readonly #keyOf: (item: T) => string;
  readonly #isBefore: (a: T, b: T) => boolean;
  readonly #items: T[] = [];
  readonly #positions = new Map<string, number>();

  constructor(keyOf: (item: T) => string, isBefore: (a: T, b: T) => boolean) {
    this.#keyOf = keyOf;
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  get(key: string): T | undefined {
    const position = this.#positions.get(key);
    return position === undefined ? undefined : this.#items[position];
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  items(): readonly T[] {
    return this.#items;
  }

  /** Adds the item, or puts it where it belongs after a change. */
  set(item: T): void {
    const key = this.#keyOf(item);
    const position = this.#positions.get(key) ?? this.#items.length;
    this.#place(item, position);
    this.#settle(position);
  }

  pop(): T | undefined {
    const [first] = this.#items;
    if (first !== undefined) this.delete(this.#keyOf(first));
    return first;
  }

  delete(key: string): T | undefined {
    const position = this.#positions.get(key);
    if (position === undefined) return undefined;
    const removed = this.#items[position];
    const last = this.#items.pop();
    this.#positions.delete(key);
    if (last !== undefined && position < this.#items.length) {
      this.#place(last, position);
      this.#settle(position);
    }
    return removed;
  }

  #place(item: T, position: number): void {
    this.#items[position] = item;
    this.#positions.set(this.#keyOf(item), position);
  }

  #settle(start: number): void {
    let position = start;
    for (;;) {
      const parent = (position - 1) >> 1;
      if (position === 0 || !this.#comesFirst(position, parent)) break;
      this.#swap(position, parent);
      position = parent;
    }
    for (;;) {
      const left = 2 * position + 1;
      if (left >= this.#items.length) return;
      const child = left + 1 < this.#items.length && this.#comesFirst(left + 1, left) ? left + 1 : left;
      if (!this.#comesFirst(child, position)) return;
      this.#swap(child, position);
      position = child;
    }
  }

  #comesFirst(a: number, b: number): boolean {
    const [first, second] = [this.#items[a], this.#items[b]];
    return first !== undefined && second !== undefined && this.#isBefore(first, second);
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#items[a], this.#items[b]];
    if (first === undefined || second === undefined) return;
    this.#place(second, a);
    this.#place(first, b);
  }
}
