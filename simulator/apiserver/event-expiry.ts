import { hours, type Micros } from '@slipway/kernel';
import type { Event, Stored } from '@slipway/kube';
import type { Store } from './store.ts';
import type { Table } from './table.ts';

/** Source: `pkg/controlplane/apiserver/options/options.go`, event-ttl. */
const TTL: Micros = hours(1);

/**
 * Events last an hour from their last write. They are taken away when somebody next writes or reads events, so that idle time costs
 * nothing.
 */
export class EventExpiry {
  readonly #store: Store;
  readonly #table: Table;
  #queue: { readonly due: Micros; readonly event: Stored<Event> }[] = [];
  #head = 0;

  constructor(store: Store, table: Table) {
    this.#store = store;
    this.#table = table;
    store.observe(({ resource, type, object }) => {
      if (resource === 'events' && type !== 'DELETED') this.#queue.push({ due: store.kernel.now + TTL, event: object as Stored<Event> });
    });
  }

  /** Takes away what has expired. */
  sweep(): void {
    const { now } = this.#store.kernel;
    for (;;) {
      const first = this.#queue[this.#head];
      if (first === undefined || first.due > now) break;
      this.#head += 1;
      const { namespace, name } = first.event.metadata;
      // An event that was written again since has a later place in the queue.
      if (this.#table.get(namespace, name) === first.event) this.#store.remove(this.#table, first.event, 'expire');
    }
    if (this.#head > 64 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
  }
}
