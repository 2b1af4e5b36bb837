import type { DeleteRequest } from '@slipway/client';
import { minutes } from '@slipway/kernel';
import type { Invariant } from '../invariant.ts';
import { titleOf } from '../titles.ts';
import { Owners } from './owners.ts';

/** So long after an object got other owners, somebody who decides by the old ones may not have heard. */
const NEWS = minutes(1);

/** Judged where the collector's delete is carried out, by the owners that the object names then. */
export const gcRightOwner: Invariant = {
  id: 'API-07',
  name: 'gc-right-owner',
  kind: 'S',
  holds: 'only dependents of an owner verified absent by uid and namespace are collected',
  watch: ({ kernel, server }, { violated, met }) => {
    const owners = new Owners(server);
    /** When an object got owners that it did not have at first, by uid. */
    const adopted = new Map<string, number>();
    return {
      write({ type, object, old, revision }, by) {
        const references = object.metadata.ownerReferences ?? [];
        if (type === 'DELETED') adopted.delete(object.metadata.uid);
        else if (old && references !== old.metadata.ownerReferences && references.length > 0) {
          const before = new Set(old.metadata.ownerReferences?.map(({ uid }) => uid));
          if (references.some(({ uid }) => !before.has(uid))) adopted.set(object.metadata.uid, kernel.now);
        }
        if (!old || by?.name !== 'api.Server/Delete' || !isCollector(by.actor)) return;
        const isDeletion = type === 'DELETED' || old.metadata.deletionTimestamp === undefined;
        if (!isDeletion || references.length === 0) return;
        const request = by.full as DeleteRequest;
        // Deletes may have others done on their behalf.
        if (request.name !== object.metadata.name || (adopted.get(object.metadata.uid) ?? -NEWS) + NEWS > kernel.now) return;
        met();
        const owner = references.find((reference) => owners.stateOf(reference, object) === 'there');
        if (!owner) return;
        const title = titleOf(object);
        violated(`${by.actor} collected ${title} at revision ${revision}, whose owner ${owner.kind} ${owner.name} is there`, title);
      },
    };
  },
};

const isCollector = (actor: string): boolean => /garbage|collector|\bgc\b/.test(actor) && actor !== 'pod-garbage-collector';
