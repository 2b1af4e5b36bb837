import type { OpenWatch } from '../facts/index.ts';
import type { Invariant } from '../invariant.ts';

export const bookmarkTrue: Invariant = {
  id: 'API-03',
  name: 'bookmark-true',
  kind: 'S',
  holds: "nothing at or below a bookmark's revision arrives after it",
  watch: (_world, { violated, met }, { watches }) => {
    const bookmarks = new WeakMap<OpenWatch, number>();
    watches.listen({
      event(watch, { type, object }, revision) {
        const bookmark = bookmarks.get(watch) ?? 0;
        if (type === 'BOOKMARK') {
          bookmarks.set(watch, Math.max(bookmark, revision));
          return;
        }
        if (bookmark > 0) met();
        if (revision > bookmark) return;
        const { name, namespace } = object.metadata;
        const title = `${object.kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
        violated(
          `the watch of ${watch.client} on ${watch.resource} heard of ${title} at ${revision} after a bookmark at ${bookmark}`,
          title,
        );
      },
    });
    return {};
  },
};
