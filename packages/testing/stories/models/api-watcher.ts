import type { ApiServer, WatchEvent } from '@slipway/client';
import { type Client, codeOf, type Process, seconds, sleep } from '@slipway/kernel';

/** What a watch has shown, kept as an informer keeps it. */
export class ApiWatcher {
  /** By name: the revision that the object was last shown with. */
  readonly objects = new Map<string, string>();
  /** Every revision that an event carried. */
  readonly revisions = new Set<string>();
  /** What no watch may show. */
  readonly mistakes: string[] = [];
  /** Whether something may have been missed, since the watch had to begin anew with a list. */
  gap = false;
  #last = 0;

  /** Lists, then watches for ever; comes back after whatever ends it. @param ready called once the first watch is open */
  *follow(api: Client<ApiServer>, selection: Parameters<ApiServer['watch']>[0], ready: () => void): Process {
    let from: string | undefined;
    for (;;) {
      try {
        if (from === undefined) from = yield* this.#list(api, selection);
        const source = yield* api.watch({ ...selection, resourceVersion: from });
        ready();
        for (;;) {
          const batch: readonly WatchEvent[] = yield* source.take();
          if (batch.length === 0) break;
          for (const event of batch) this.#take(event);
          from = String(this.#last);
        }
      } catch (error) {
        if (codeOf(error) === 'Expired' || codeOf(error) === 'Gone') {
          this.gap = true;
          from = undefined;
        }
      }
      yield* sleep(seconds(1));
    }
  }

  *#list(api: Client<ApiServer>, selection: Parameters<ApiServer['watch']>[0]): Process<string> {
    const { items, resourceVersion } = yield* api.list(selection);
    this.objects.clear();
    for (const { metadata } of items) this.objects.set(metadata.name, metadata.resourceVersion);
    this.#last = Number(resourceVersion);
    return resourceVersion;
  }

  #take({ type, object }: WatchEvent): void {
    const { name = '', resourceVersion = '' } = object.metadata as { readonly name?: string; readonly resourceVersion?: string };
    const revision = Number(resourceVersion);
    if (revision <= this.#last && type !== 'BOOKMARK') this.mistakes.push(`${type} ${name} at ${revision} comes after ${this.#last}`);
    this.#last = Math.max(this.#last, revision);
    if (type === 'BOOKMARK') return;
    this.revisions.add(resourceVersion);
    const isThere = this.objects.has(name);
    if (isThere === (type === 'ADDED')) this.mistakes.push(`${type} of ${name}, which is ${isThere ? '' : 'not '}there`);
    if (type === 'DELETED') this.objects.delete(name);
    else this.objects.set(name, resourceVersion);
  }
}
