import type { Invariant } from './invariant.ts';

export const revisions: Invariant = {
  id: 'API-01',
  name: 'revisions',
  kind: 'S',
  holds: "each write gets a larger revision, and a delete event carries the delete's own",
  watch: (_world, violated) => {
    let newest = 0;
    return {
      write({ type, object, revision }) {
        const title = `${object.kind} ${object.metadata.name}`;
        if (revision <= newest) violated(`${title} was written at revision ${revision} after ${newest}`, title);
        if (object.metadata.resourceVersion !== String(revision))
          violated(`${type} of ${title} carries revision ${object.metadata.resourceVersion}, not its own ${revision}`, title);
        newest = Math.max(newest, revision);
      },
    };
  },
};
