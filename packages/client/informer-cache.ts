import type { KubeObject, Stored } from '@slipway/kube';

/** Values under which an object is found again. */
export type Indexer<T extends KubeObject> = (object: Stored<T>) => readonly string[];

interface Index<T extends KubeObject> {
  readonly valuesOf: Indexer<T>;
  readonly byValue: Map<string, Map<string, Stored<T>>>;
}

/** Objects by key and by index. Plain data structure; an informer keeps it up to date. */
export class InformerCache<T extends KubeObject> {
  readonly #objects = new Map<string, Stored<T>>();
  readonly #indexes = new Map<string, Index<T>>();
  #list: readonly Stored<T>[] | undefined;

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): Stored<T> | undefined {
    return this.#objects.get(key);
  }

  /** All objects, in order of arrival: sort before order matters. The same list until the cache changes. */
  list(): readonly Stored<T>[] {
    this.#list ??= [...this.#objects.values()];
    return this.#list;
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  /** Objects with this value, in order of arrival. @throws RangeError for an index that was not asked for. */
  byIndex(name: string, value: string): readonly Stored<T>[] {
    const index = this.#indexes.get(name);
    if (!index) throw new RangeError(`there is no index "${name}"; there are: ${[...this.#indexes.keys()].join(', ') || 'none'}`);
    const found = index.byValue.get(value);
    return found ? [...found.values()] : [];
  }

  hasIndex(name: string): boolean {
    return this.#indexes.has(name);
  }

  /** Adds an index over what is there and what comes. */
  addIndex(name: string, valuesOf: Indexer<T>): void {
    const index: Index<T> = { valuesOf, byValue: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) insert(index, key, object);
  }

  /** Stores the object and returns what was there. */
  set(key: string, object: Stored<T>): Stored<T> | undefined {
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    this.#list = undefined;
    for (const index of this.#indexes.values()) {
      if (old && replaced(index, key, old, object)) continue;
      if (old) remove(index, key, old);
      insert(index, key, object);
    }
    return old;
  }

  delete(key: string): Stored<T> | undefined {
    const old = this.#objects.get(key);
    if (!old) return undefined;
    this.#objects.delete(key);
    this.#list = undefined;
    for (const index of this.#indexes.values()) remove(index, key, old);
    return old;
  }
}

/** Puts the new object in the place of the old one, where both are found under the same single value, as nearly always. */
function replaced<T extends KubeObject>(index: Index<T>, key: string, old: Stored<T>, object: Stored<T>): boolean {
  const before = index.valuesOf(old);
  const after = index.valuesOf(object);
  if (before.length !== 1 || after.length !== 1 || before[0] !== after[0]) return false;
  index.byValue.get(after[0] as string)?.set(key, object);
  return true;
}

function insert<T extends KubeObject>(index: Index<T>, key: string, object: Stored<T>): void {
  for (const value of index.valuesOf(object)) {
    const objects = index.byValue.get(value);
    if (objects) objects.set(key, object);
    else index.byValue.set(value, new Map([[key, object]]));
  }
}

function remove<T extends KubeObject>(index: Index<T>, key: string, object: Stored<T>): void {
  for (const value of index.valuesOf(object)) {
    const objects = index.byValue.get(value);
    if (!objects) continue;
    objects.delete(key);
    if (objects.size === 0) index.byValue.delete(value);
  }
}
