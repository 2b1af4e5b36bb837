import type { CommittedWrite } from '../../apiserver/index.ts';
import { type OpenWatch, WatchSelection } from '../facts/open-watches.ts';
import type { Invariant } from '../invariant.ts';
import { ExpectedEvents } from './expected-events.ts';
import { RecentWrites } from './recent-writes.ts';

interface Follower {
  readonly watch: OpenWatch;
  readonly selection: WatchSelection;
  readonly expected: ExpectedEvents;
  /** Where it stands in the index. */
  readonly key: string;
}

/**
 * Follows every watch where the server hands its events over, and holds them against the store's writes. Watches are found by what they
 * select, so that a write costs as much as the watches that it concerns.
 */
export const watchComplete: Invariant = {
  id: 'API-02',
  name: 'watch-complete',
  kind: 'T',
  holds: 'a watch from revision r yields each later change once, in order, or ends with "gone"',
  watch: ({ server }, { violated, met }, { watches }) => {
    const since = server.revision;
    const recent = new Map<string, RecentWrites>();
    const writesOf = (resource: string): RecentWrites => {
      let log = recent.get(resource);
      if (!log) {
        log = new RecentWrites(since);
        recent.set(resource, log);
      }
      return log;
    };
    const followers = new Map<string, Set<Follower>>();
    const byWatch = new Map<OpenWatch, Follower>();
    /** Those that heard something since the last write. */
    let touched: Follower[] = [];
    /** Watches that begin with all that exists, or with what is not remembered here: until the first write they are not judged. */
    const starting = new Set<OpenWatch>();

    const forget = ({ watch, key }: Follower): void => {
      byWatch.delete(watch);
      starting.delete(watch);
      const set = followers.get(key);
      for (const follower of set ?? []) if (follower.watch === watch) set?.delete(follower);
      if (set?.size === 0) followers.delete(key);
    };
    const report = ({ watch: { client, resource } }: Follower, what: string): void =>
      violated(`the watch of ${client} on ${resource} ${what}`, `watch of ${resource} by ${client}`);

    watches.listen({
      opened(watch) {
        const { resource, request } = watch;
        // Two kinds of one plural cannot be told apart by it.
        if (server.kinds().filter(({ plural }) => plural === resource).length !== 1) return;
        const selection = new WatchSelection(request);
        const from = Number(request.resourceVersion ?? 0);
        const missed = from > 0 ? writesOf(resource).after(from) : undefined;
        const due = (missed ?? []).filter((write) => selection.concerns(write)).map(({ revision }) => revision);
        const key = indexKey(selection);
        const follower: Follower = { watch, selection, expected: new ExpectedEvents(due), key };
        byWatch.set(watch, follower);
        const set = followers.get(key);
        if (set) set.add(follower);
        else followers.set(key, new Set([follower]));
        if (!missed) starting.add(watch);
      },
      event(watch, { type }, revision) {
        const follower = byWatch.get(watch);
        if (!follower) return;
        const { overdue } = follower.expected;
        if (type === 'BOOKMARK') {
          if (overdue !== undefined && overdue <= revision)
            report(follower, `was told of revision ${revision} and never heard of ${overdue}`);
          return;
        }
        if (starting.has(watch)) return;
        met();
        const wrong = follower.expected.hear(revision);
        if (wrong !== undefined) report(follower, `heard of ${wrong}`);
        touched.push(follower);
      },
    });

    const expect = (key: string, write: CommittedWrite): void => {
      const set = followers.get(key);
      if (!set) return;
      for (const follower of set) {
        if (!follower.watch.stream.open) forget(follower);
        else if (starting.delete(follower.watch)) continue;
        else if (follower.selection.concerns(write)) follower.expected.expect(write.revision);
      }
    };
    return {
      write(write) {
        writesOf(write.resource).add(write);
        for (const key of keysOf(write)) expect(key, write);
        if (touched.length === 0) return;
        for (const follower of touched) {
          const wrong = follower.expected.settle();
          if (wrong !== undefined) report(follower, `heard of ${wrong}`);
        }
        touched = [];
      },
      atRest() {
        for (const follower of byWatch.values()) {
          const { overdue } = follower.expected;
          if (follower.watch.stream.open && overdue !== undefined) report(follower, `never heard of revision ${overdue}`);
        }
      },
    };
  },
};

/** Under which key a watch stands: the narrowest that it selects by. */
function indexKey({ resource, node, name, namespace }: WatchSelection): string {
  if (node !== undefined) return `${resource} node ${node}`;
  if (name !== undefined) return `${resource} name ${name}`;
  return namespace === undefined ? resource : `${resource} namespace ${namespace}`;
}

/** Keys under which watches stand that a write may concern. */
function keysOf({ resource, object, old }: CommittedWrite): readonly string[] {
  const { name, namespace } = object.metadata;
  const keys = [resource, `${resource} name ${name}`];
  if (namespace !== undefined) keys.push(`${resource} namespace ${namespace}`);
  if (resource === 'pods') {
    const [now, before] = [nodeNameOf(object), nodeNameOf(old)];
    keys.push(`${resource} node ${now}`);
    if (old !== undefined && before !== now) keys.push(`${resource} node ${before}`);
  }
  return keys;
}

const nodeNameOf = (object: object | undefined): string =>
  (object as { readonly spec?: { readonly nodeName?: string } } | undefined)?.spec?.nodeName ?? '';
