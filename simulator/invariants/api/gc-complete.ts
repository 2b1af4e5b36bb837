import { type Micros, minutes } from '@slipway/kernel';
import type { KubeObject, Stored } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';
import { titleOf } from '../titles.ts';
import { Owners } from './owners.ts';

/** A collector hears of a deletion, looks the owner up and deletes within so long. */
const COLLECTION: Micros = minutes(1);
/** So long without a fault, and whoever was held up by one has tried again. */
const QUIET: Micros = minutes(10);

/** Follows owners that went while something named them, and objects that were made after their owner had gone. */
export const gcComplete: Invariant = {
  id: 'API-08',
  name: 'gc-complete',
  kind: 'Q',
  holds: 'no object remains whose owners are all gone',
  watch: ({ kernel, server }, verdict, { staleness }) => {
    const { violated, met } = verdict;
    const owners = new Owners(server);
    /** Since when, by uid of the owner. */
    const gone = new Map<string, Micros>();
    const judge = (): void => {
      for (const [uid, since] of gone) {
        if (since + COLLECTION > kernel.now) continue;
        if (!verdict.isAsking) gone.delete(uid);
        met();
        for (const object of server.dependents(uid)) if (isLeft(object, owners)) report(object);
      }
    };
    const told = new Set<string>();
    const report = (object: Stored<KubeObject>): void => {
      if (told.has(object.metadata.uid)) return;
      if (!verdict.isAsking) told.add(object.metadata.uid);
      const names = (object.metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind} ${name}`);
      violated(`${titleOf(object)} is left over: its owner${names.length === 1 ? '' : 's'} ${names.join(' and ')} went`, titleOf(object));
    };
    return {
      write({ type, object }) {
        const { uid, ownerReferences = [] } = object.metadata;
        if (type === 'DELETED') {
          if (server.dependents(uid).length > 0) gone.set(uid, kernel.now);
        } else if (type === 'ADDED') {
          for (const owner of ownerReferences) if (owners.stateOf(owner, object) === 'gone') gone.set(owner.uid, kernel.now);
        }
      },
      atRest() {
        if (staleness.quietFor >= QUIET) judge();
      },
      afterCalm: judge,
    };
  },
};

/** Nothing of its owners is there, and nobody has deleted it yet: what then holds it is another matter. */
function isLeft(object: Stored<KubeObject>, owners: Owners): boolean {
  const { ownerReferences = [], deletionTimestamp } = object.metadata;
  return (
    deletionTimestamp === undefined &&
    ownerReferences.length > 0 &&
    ownerReferences.every((owner) => owners.stateOf(owner, object) === 'gone')
  );
}
