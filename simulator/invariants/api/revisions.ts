import type { Invariant } from '../invariant.ts';
import { titleOf } from '../titles.ts';

export const revisions: Invariant = {
  id: 'API-01',
  name: 'revisions',
  kind: 'S',
  holds: "each write gets a larger revision, and a delete event carries the delete's own",
  watch: (_world, { violated, met }) => {
    let newest = 0;
    return {
      write({ type, object, revision }) {
        met();
        if (!(revision > newest)) {
          violated(`${titleOf(object)} was written at revision ${revision} after ${newest}`, titleOf(object));
        }
        const { resourceVersion } = object.metadata;
        if (resourceVersion !== String(revision)) {
          const what = { ADDED: 'create', MODIFIED: 'update', DELETED: 'delete' }[type];
          violated(
            `the ${what} of ${titleOf(object)} carries revision ${resourceVersion} instead of its own, ${revision}`,
            titleOf(object),
          );
        }
        newest = Math.max(newest, revision);
      },
    };
  },
};
