import type { WatchEvent } from '@slipway/client';
import type { Gathering, Micros, StreamItem } from '@slipway/kernel';
import { keyOf } from '@slipway/kube';

/** Watches that deliver every so long, and then only the newest state of each object. */
export class Coalescing implements Gathering {
  readonly every: Micros;
  #skipped = 0;

  constructor(every: Micros) {
    this.every = every;
  }

  /** How many states nobody saw. */
  get skipped(): number {
    return this.#skipped;
  }

  merge(items: readonly StreamItem[]): readonly StreamItem[] {
    const merged = newestStates(items);
    // A bookmark that another follows is no state of an object.
    this.#skipped += changes(items) - changes(merged);
    return merged;
  }
}

const changes = (items: readonly StreamItem[]): number => items.filter(({ item }) => (item as WatchEvent).type !== 'BOOKMARK').length;

/**
 * The newest event of each object, in the order of the newest ones, as a client would find it that had been away and lists anew: what was
 * made and deleted meanwhile was never there, and what was deleted and made again has changed (its uid with it). Of bookmarks the last.
 */
export function newestStates(items: readonly StreamItem[]): readonly StreamItem[] {
  if (items.length < 2) return items;
  const newest = new Map<string, { wasThere: boolean; last: StreamItem }>();
  for (const item of items) {
    const event = item.item as WatchEvent;
    const key = event.type === 'BOOKMARK' ? '' : keyOf(event.object);
    const known = newest.get(key);
    // Put at the end again: order is that of the newest events, so that revisions grow.
    newest.delete(key);
    newest.set(key, { wasThere: known ? known.wasThere : event.type !== 'ADDED', last: item });
  }
  const merged: StreamItem[] = [];
  for (const { wasThere, last } of newest.values()) {
    const event = last.item as WatchEvent;
    if (event.type === 'BOOKMARK') merged.push(last);
    else if (event.type === 'DELETED') {
      if (wasThere) merged.push(last);
    } else {
      const type = wasThere ? 'MODIFIED' : 'ADDED';
      merged.push(event.type === type ? last : { item: { type, object: event.object } satisfies WatchEvent, cause: last.cause });
    }
  }
  return merged;
}
