import type { ListRequest, ListResponse, ObjectRequest } from '@slipway/client';
import type { Micros } from '@slipway/kernel';
import { type KubeObject, keyOf, notFound, type Stored } from '@slipway/kube';
import type { Machinery } from './machinery.ts';
import { isSelected, readSelection } from './selection.ts';
import { sortByKey, type Table } from './table.ts';
import { readRevision } from './watch.ts';

/**
 * Reads as a replica answers them whose watch cache lags behind: what was stored so long ago, under the revision of then. As far back as
 * recent writes are kept: a server that has just come up knows nothing older than that.
 */
export class LaggingReads {
  readonly #machinery: Machinery;
  readonly #age: Micros;

  constructor(machinery: Machinery, age: Micros) {
    this.#machinery = machinery;
    this.#age = age;
  }

  /** @throws ApiError NotFound for what was not there then. */
  get({ resource, namespace, name }: ObjectRequest): Stored<KubeObject> {
    const table = this.#machinery.registry.table(resource);
    const wanted = table.kind.namespaced ? namespace || 'default' : '';
    let found = table.get(wanted, name);
    for (const { object, old } of table.history.after(this.#revision(table, undefined))) {
      if (object.metadata.name !== name || (object.metadata.namespace ?? '') !== wanted) continue;
      found = old;
      break;
    }
    if (!found) throw notFound(table.kind, name);
    return found;
  }

  list(request: ListRequest): ListResponse {
    const table = this.#machinery.registry.table(request.resource);
    const selection = readSelection(request, table.kind.plural);
    const revision = this.#revision(table, readRevision(request.resourceVersion));
    /** As they were then, of those that have been written since. */
    const before = new Map<string, Stored<KubeObject> | undefined>();
    for (const { object, old } of table.history.after(revision)) {
      const key = keyOf(object);
      if (!before.has(key)) before.set(key, old);
    }
    const items = table.select(selection).filter((object) => !before.has(keyOf(object)));
    for (const old of before.values()) if (old && isSelected(selection, table.kind.plural, old)) items.push(old);
    return { items: sortByKey(items), resourceVersion: String(revision) };
  }

  /** What the replica has got to; never before what the client has seen already. */
  #revision({ history }: Table, atLeast: number | undefined): number {
    const { kernel, store } = this.#machinery;
    const then = history.revisionBefore(kernel.now - this.#age) ?? store.revision.current;
    return Math.max(then, history.dropped, store.revision.compacted, atLeast ?? 0);
  }
}
