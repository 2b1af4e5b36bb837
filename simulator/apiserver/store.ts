import { EventEmitter } from 'eventemitter3';
import type { Kernel } from '@slipway/kernel';
import type { Kind, KubeObject, Stored } from '@slipway/kube';
import { Bookmarks } from './bookmarks.ts';
import { deepFreeze } from './deep-freeze.ts';
import { Digester } from './digest.ts';
import { OwnerIndex } from './owner-index.ts';
import { RevisionCounter } from './revision.ts';
import { Table } from './table.ts';
import type { StoreEvent } from './watch-cache.ts';

/** A committed write, as observers see it. */
export interface CommittedWrite {
  /** Plural. */
  readonly resource: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** For DELETED the last content under the delete's revision. */
  readonly object: Stored<KubeObject>;
  readonly old: Stored<KubeObject> | undefined;
  readonly revision: number;
}

/** What wrote, for the trace line: `create`, `update status`, `bind`. */
export type Verb = string;

/**
 * The objects of the cluster, what etcd and the watch cache are in life. A commit gives the write its revision, keeps the indexes, leaves
 * a trace event and tells the watchers, all in one step: nobody sees a half of it.
 */
export class Store {
  readonly kernel: Kernel;
  readonly revision: RevisionCounter;
  readonly bookmarks: Bookmarks;
  readonly #owners = new OwnerIndex();
  readonly #tables = new Map<string, Table>();
  readonly #digester = new Digester();
  readonly #events = new EventEmitter<{ write: [write: CommittedWrite] }>();
  readonly #titles = new Map<string, string>();
  readonly #actor: string;
  readonly #freeze: boolean;

  constructor(kernel: Kernel, options: { readonly actor: string; readonly freeze: boolean }) {
    this.kernel = kernel;
    this.#actor = options.actor;
    this.#freeze = options.freeze;
    this.revision = new RevisionCounter(kernel);
    this.bookmarks = new Bookmarks(kernel, () => this.revision.current);
  }

  /** Serves a kind from now on. */
  addTable(kind: Kind): Table {
    const table = new Table(kind, this.kernel);
    this.#tables.set(tableKey(kind), table);
    return table;
  }

  removeTable(kind: Kind): void {
    this.#tables.delete(tableKey(kind));
  }

  tables(): IterableIterator<Table> {
    return this.#tables.values();
  }

  /** Objects that name this uid as an owner. */
  dependents(uid: string): readonly Stored<KubeObject>[] {
    return this.#owners.dependents(uid);
  }

  /** Calls back after each commit, in the same step. Listeners only look. Returns what takes the listener back. */
  observe(listener: (write: CommittedWrite) => void): () => void {
    this.#events.on('write', listener);
    return () => void this.#events.off('write', listener);
  }

  /** Stores a new object, or the new state of `old`. */
  put(table: Table, draft: KubeObject, old: Stored<KubeObject> | undefined, verb: Verb): Stored<KubeObject> {
    const revision = this.revision.next();
    const object = withRevision(draft, revision);
    if (this.#freeze) deepFreeze(object);
    table.set(object, old);
    this.#owners.update(object, old);
    this.#announce(table, old ? 'MODIFIED' : 'ADDED', object, old, revision, verb);
    return object;
  }

  /** Takes an object away; the answer is its last content under the delete's revision. */
  remove(table: Table, old: Stored<KubeObject>, verb: Verb): Stored<KubeObject> {
    const revision = this.revision.next();
    const object = withRevision(old, revision);
    table.remove(old);
    this.#owners.update(undefined, old);
    this.#announce(table, 'DELETED', object, old, revision, verb);
    return object;
  }

  #announce(
    table: Table,
    type: StoreEvent['type'],
    object: Stored<KubeObject>,
    old: Stored<KubeObject> | undefined,
    revision: number,
    verb: Verb,
  ): void {
    const { kernel } = this;
    const { plural } = table.kind;
    const { namespace, name } = object.metadata;
    const observed = kernel.events.listenerCount('trace') > 0;
    const seq = kernel.record(
      'write',
      this.#actor,
      this.#title(verb, plural),
      namespace === undefined ? name : `${namespace}/${name}`,
      observed ? [revision, type === 'DELETED' ? 0 : this.#digester.ofObject(object)] : NOTHING,
      object,
    );
    const event: StoreEvent = { type, revision, at: kernel.now, object, old, seq };
    table.history.add(event);
    table.watchers.announce(event);
    this.bookmarks.noteWrite();
    if (this.#events.listenerCount('write') > 0) this.#events.emit('write', { resource: plural, type, object, old, revision });
  }

  #title(verb: Verb, plural: string): string {
    const key = `${verb} ${plural}`;
    let title = this.#titles.get(key);
    if (title === undefined) {
      title = `api/${key}`;
      this.#titles.set(key, title);
    }
    return title;
  }
}

const NOTHING: readonly never[] = [];

const tableKey = ({ group, plural }: Kind): string => `${plural}.${group}`;

function withRevision(object: KubeObject, revision: number): Stored<KubeObject> {
  // Objects have hundreds of shapes: of such, copying and then setting takes half as long as a literal that spreads and names.
  const metadata = { ...object.metadata } as { resourceVersion: string };
  metadata.resourceVersion = String(revision);
  const stored = { ...object } as { metadata: unknown };
  stored.metadata = metadata;
  return stored as unknown as Stored<KubeObject>;
}
