import { Cell, codeOf, type Kernel, type Micros, type Process, self, sleep, type Source, type Task, until } from '@slipway/kernel';
import { type KubeObject, keyOf, type Stored } from '@slipway/kube';
import type { Resource } from './api-client.ts';
import { ReflectorBackoff } from './backoff.ts';
import type { WatchEvent } from './contract.ts';
import { type Indexer, InformerCache } from './informer-cache.ts';

/**
 * Told of each change after the cache has it. `old` is missing for ADDED, `object` for DELETED. It runs inside the informer and under
 * the cause of the write: what it adds to a work queue carries that cause.
 */
export type ChangeHandler<T extends KubeObject> = (
  event: 'ADDED' | 'MODIFIED' | 'DELETED',
  old: Stored<T> | undefined,
  object: Stored<T> | undefined,
) => void;

export interface InformerOptions<T extends KubeObject> {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Named functions from an object to the values under which it is found: `byIndex('node', 'node-1')`. */
  readonly indexers?: { readonly [name: string]: Indexer<T> };
  /** Staleness: how long each batch is held back before the cache sees it. For the lag of a link see `connect`. Left out: 0. */
  readonly lag?: Micros;
}

/**
 * A local copy of a resource, kept up to date by list and watch. Lost watches are taken up again from the last revision after a
 * back-off; `Expired` makes it list anew, and then the difference is handed to the handlers. Source: client-go `tools/cache`.
 */
export class Informer<T extends KubeObject> {
  /** True once the first list has been applied. */
  readonly synced = new Cell(false);
  /** Set after each batch. */
  readonly changed = new Cell(0);
  readonly resource: Resource<T>;
  readonly #options: InformerOptions<T>;
  readonly #cache = new InformerCache<T>();
  #handlers: ChangeHandler<T>[] = [];
  #revision: string | undefined;

  constructor(resource: Resource<T>, options: InformerOptions<T> = {}) {
    this.resource = resource;
    this.#options = options;
    for (const [name, indexer] of Object.entries(options.indexers ?? {})) this.#cache.addIndex(name, indexer);
  }

  /** The revision up to which the cache is complete; undefined before the first list. */
  get revision(): string | undefined {
    return this.#revision;
  }

  get size(): number {
    return this.#cache.size;
  }

  /** @param key `namespace/name`, or `name` for cluster-scoped objects. */
  get(key: string): Stored<T> | undefined {
    return this.#cache.get(key);
  }

  /** All objects, in order of arrival: sort before order matters. */
  list(): readonly Stored<T>[] {
    return this.#cache.list();
  }

  /** Objects with this value in an index. @throws RangeError for an unknown index. */
  byIndex(name: string, value: string): readonly Stored<T>[] {
    return this.#cache.byIndex(name, value);
  }

  /** Adds an index; one that is there already stays. */
  addIndexers(indexers: { readonly [name: string]: Indexer<T> }): void {
    for (const [name, indexer] of Object.entries(indexers)) if (!this.#cache.hasIndex(name)) this.#cache.addIndex(name, indexer);
  }

  /** Registers a handler; what the cache has already is handed to it as ADDED at once. Returns what takes the handler back. */
  onChange(handler: ChangeHandler<T>): () => void {
    this.#handlers = [...this.#handlers, handler];
    for (const object of this.list()) handler('ADDED', undefined, object);
    return () => {
      this.#handlers = this.#handlers.filter((other) => other !== handler);
    };
  }

  /** Waits until the first list has been applied. */
  *waitForSync(): Process {
    if (!this.synced.value) yield* until(this.synced, 0);
  }

  /** Lists, then watches, for ever. */
  *run(): Process<never> {
    const task = yield* self();
    const { kernel } = task;
    const backoff = new ReflectorBackoff(kernel);
    for (;;) {
      try {
        if (this.#revision === undefined) yield* this.#relist(kernel);
        yield* this.#follow(task);
      } catch (error) {
        const code = codeOf(error);
        // No code: not the server's answer but a defect, here or in a handler.
        if (code === 'UNKNOWN') throw error;
        if (code === 'Expired' || code === 'Gone') this.#revision = undefined;
        yield* sleep(backoff.delay());
      }
    }
  }

  *#relist(kernel: Kernel): Process {
    const { namespace, labelSelector, fieldSelector } = this.#options;
    const { items, resourceVersion } = yield* this.resource.list({
      // The first list may come from any replica's cache; after Expired only the newest will do.
      // Source: client-go `tools/cache/reflector.go`, relistResourceVersion.
      ...(this.synced.value ? {} : { resourceVersion: '0' }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
    });
    if (this.#options.lag) yield* this.#hold(kernel, this.#options.lag);
    const listed = new Set<string>();
    for (const object of items) {
      const key = keyOf(object);
      listed.add(key);
      this.#put(key, object);
    }
    for (const key of [...this.#cache.keys()]) if (!listed.has(key)) this.#remove(key);
    this.#revision = resourceVersion;
    if (!this.synced.value) this.synced.set(true);
    this.changed.set(this.changed.value + 1);
  }

  *#follow(task: Task): Process {
    const { kernel } = task;
    const { namespace, labelSelector, fieldSelector } = this.#options;
    const stream: Source<WatchEvent<T>> = yield* this.resource.watch({
      ...(namespace === undefined ? {} : { namespace }),
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      ...(this.#revision === undefined ? {} : { resourceVersion: this.#revision }),
      allowWatchBookmarks: true,
    });
    try {
      for (;;) {
        const events = yield* stream.take();
        // A clean end: the server closed the watch, which is nothing to wait for.
        if (events.length === 0) return;
        // Items that were there already come without the task being resumed: what follows is under their cause all the same.
        kernel.cause = task.cause;
        if (this.#options.lag) yield* this.#hold(kernel, this.#options.lag);
        for (const event of events) this.#apply(event);
        this.changed.set(this.changed.value + 1);
      }
    } finally {
      stream.cancel();
    }
  }

  *#hold(kernel: Kernel, lag: Micros): Process {
    const { cause } = kernel;
    yield* sleep(lag);
    kernel.cause = cause;
  }

  #apply(event: WatchEvent<T>): void {
    this.#revision = event.object.metadata.resourceVersion;
    if (event.type === 'BOOKMARK') return;
    const key = keyOf(event.object);
    if (event.type === 'DELETED') this.#remove(key);
    else this.#put(key, event.object);
  }

  #put(key: string, object: Stored<T>): void {
    const old = this.#cache.set(key, object);
    if (old === undefined) this.#notify('ADDED', undefined, object);
    else if (old.metadata.resourceVersion !== object.metadata.resourceVersion) this.#notify('MODIFIED', old, object);
  }

  #remove(key: string): void {
    const old = this.#cache.delete(key);
    if (old) this.#notify('DELETED', old, undefined);
  }

  #notify(event: 'ADDED' | 'MODIFIED' | 'DELETED', old: Stored<T> | undefined, object: Stored<T> | undefined): void {
    for (const handler of this.#handlers) handler(event, old, object);
  }
}

/** `informer(api.pods, { fieldSelector: 'spec.nodeName=node-1' })`; somebody has to run it. */
export function informer<T extends KubeObject>(resource: Resource<T>, options: InformerOptions<T> = {}): Informer<T> {
  return new Informer(resource, options);
}
