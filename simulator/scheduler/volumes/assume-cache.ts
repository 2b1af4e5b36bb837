import type { Informer } from '@slipway/client';
import { keyOf, type KubeObject, type Stored } from '@slipway/kube';

/**
 * An informer's objects, some of them as they will be once this scheduler's writes have arrived. An assumption holds only against the
 * version that it was made upon: whatever else the API server says about the object overrides it.
 * Source: `plugins/volumebinding/passive_assume_cache.go`.
 */
export class AssumeCache<T extends KubeObject> {
  readonly #informer: Informer<T>;
  readonly #assumed = new Map<string, Stored<T>>();

  constructor(informer: Informer<T>) {
    this.#informer = informer;
    informer.onChange((_event, before, after) => {
      if (this.#assumed.size === 0) return;
      const object = after ?? before;
      if (object) this.#expire(keyOf(object), after);
    });
  }

  /** The object as assumed, or as the API server has it. */
  get(key: string): Stored<T> | undefined {
    const stored = this.#informer.get(key);
    return stored && this.#overlaid(key, stored);
  }

  /** The object as the API server has it. */
  getStored(key: string): Stored<T> | undefined {
    return this.#informer.get(key);
  }

  /** Found by what is stored, shown as assumed: check what the index promised. */
  byIndex(name: string, value: string): readonly Stored<T>[] {
    const stored = this.#informer.byIndex(name, value);
    return this.#assumed.size === 0 ? stored : stored.map((object) => this.#overlaid(keyOf(object), object));
  }

  /** Undefined when it worked; otherwise why not: the object has changed or gone since it was read. */
  assume(object: Stored<T>): string | undefined {
    const key = keyOf(object);
    const stored = this.#informer.get(key);
    if (!stored) return `could not find object "${key}"`;
    const [is, wanted] = [stored, object].map(({ metadata }) => metadata.resourceVersion);
    if (is !== wanted) return `"${key}" is out of sync (stored: ${is}, assume: ${wanted})`;
    this.#assumed.set(key, object);
    return undefined;
  }

  /** Takes an assumption back, unless a write has made it true since. */
  restore(object: Stored<T>): void {
    const key = keyOf(object);
    if (this.#assumed.get(key)?.metadata.resourceVersion === object.metadata.resourceVersion) this.#assumed.delete(key);
  }

  #overlaid(key: string, stored: Stored<T>): Stored<T> {
    const assumed = this.#assumed.get(key);
    return assumed?.metadata.resourceVersion === stored.metadata.resourceVersion ? assumed : stored;
  }

  #expire(key: string, stored: Stored<T> | undefined): void {
    const assumed = this.#assumed.get(key);
    if (assumed && assumed.metadata.resourceVersion !== stored?.metadata.resourceVersion) this.#assumed.delete(key);
  }
}
