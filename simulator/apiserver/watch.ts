import type { WatchEvent, WatchRequest } from '@slipway/client';
import type { Stream } from '@slipway/kernel';
import { badRequest, tooLargeResourceVersion, tooOldResourceVersion } from '@slipway/kube';
import type { Machinery } from './machinery.ts';
import { readSelection } from './selection.ts';
import type { Table } from './table.ts';
import { Watcher } from './watchers.ts';

/** A revision as a client names it; undefined for "any". @throws ApiError BadRequest. */
export function readRevision(text: string | undefined): number | undefined {
  if (text === undefined || text === '' || text === '0') return undefined;
  const revision = Number(text);
  if (!Number.isSafeInteger(revision) || revision < 0)
    throw badRequest(`resourceVersion: Invalid value: "${text}": invalid resource version`);
  return revision;
}

/**
 * Opens a watch. It starts at once: what is committed from now on is in the stream, before any bookmark that claims it.
 *
 * @throws ApiError Expired when changes after the wanted revision are no longer kept.
 */
export function openWatch({ store, kernel }: Machinery, table: Table, request: WatchRequest): Stream<WatchEvent> {
  const { kind, history, watchers } = table;
  const selection = readSelection(request, kind.plural);
  const from = readRevision(request.resourceVersion);
  const current = store.revision.current;
  if (from !== undefined && from > current) throw tooLargeResourceVersion(from, current);
  const oldest = Math.max(history.dropped, store.revision.compacted);
  // What was dropped may not have concerned this resource; the server cannot know, and upstream's does not either.
  if (from !== undefined && from < oldest) throw tooOldResourceVersion(from, oldest);

  const initial = from === undefined ? table.select(selection) : [];
  const watcher = new Watcher(selection, from ?? current, initial.length);
  const { stream } = watcher;
  for (const object of initial) stream.offer({ type: 'ADDED', object });
  watchers.add(watcher);
  if (request.allowWatchBookmarks === true) store.bookmarks.add(watcher, kind);
  if (from !== undefined) for (const event of history.after(from)) watchers.replay(watcher, event);
  if (request.timeoutSeconds !== undefined) {
    const cancel = kernel.after(request.timeoutSeconds * 1_000_000, () => stream.end());
    const leave = stream.onClose;
    stream.onClose = () => {
      leave?.();
      cancel();
    };
  }
  return stream;
}
