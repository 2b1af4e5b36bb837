import type { PersistentVolume, PersistentVolumeClaim, Stored } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';
import { titleOf } from '../titles.ts';

/** Counts what is Bound: a claim may name a volume that another has, and then waits. */
export const bindingOneToOne: Invariant = {
  id: 'CSI-11',
  name: 'binding-one-to-one',
  kind: 'S',
  holds: 'claims and volumes point at each other in pairs, never two to one',
  watch: (world, { violated, met }) => {
    const claims = new Holders();
    const volumes = new Holders();
    return {
      resources: ['persistentvolumeclaims', 'persistentvolumes'],
      write({ type, object, old }) {
        const gone = type === 'DELETED';
        const title = titleOf(object);
        if (object.kind === 'PersistentVolumeClaim') {
          const { spec, status } = object as PersistentVolumeClaim;
          if (type === 'MODIFIED' && status?.phase === 'Bound' && (old as PersistentVolumeClaim | undefined)?.status?.phase !== 'Bound')
            met();
          const other = claims.hold(title, gone || status?.phase !== 'Bound' ? undefined : spec.volumeName);
          if (other !== undefined) violated(`${title} is bound to volume ${spec.volumeName}, as ${other} is`, title, other);
        } else {
          const { spec, status } = object as PersistentVolume;
          const other = volumes.hold(title, gone || status?.phase !== 'Bound' ? undefined : spec.claimRef?.uid);
          if (other !== undefined)
            violated(`${title} is bound to claim ${spec.claimRef?.namespace}/${spec.claimRef?.name}, as ${other} is`, title, other);
        }
      },
      atRest() {
        for (const object of world.server.objects('persistentvolumeclaims')) {
          const { spec, status, metadata } = object as unknown as Stored<PersistentVolumeClaim>;
          if (status?.phase !== 'Bound' || metadata.deletionTimestamp !== undefined) continue;
          const volume = world.server.peek('persistentvolumes', undefined, spec.volumeName ?? '') as Stored<PersistentVolume> | undefined;
          const { claimRef } = volume?.spec ?? {};
          if (!volume || claimRef?.uid === metadata.uid) continue;
          const other = claimRef ? `${claimRef.namespace}/${claimRef.name}` : 'no claim';
          violated(
            `${titleOf(object)} is bound to volume ${volume.metadata.name}, which points at ${other}${claimRef ? ` (${claimRef.uid})` : ''}`,
            titleOf(object),
            titleOf(volume),
          );
        }
      },
    };
  },
};

/** Who holds what; each holds one thing. */
class Holders {
  readonly #held = new Map<string, string>();
  readonly #holder = new Map<string, string>();

  /** Takes it, and gives back who else has it. */
  hold(who: string, what: string | undefined): string | undefined {
    const before = this.#held.get(who);
    if (before === what) return undefined;
    if (before !== undefined && this.#holder.get(before) === who) this.#holder.delete(before);
    if (what === undefined) {
      this.#held.delete(who);
      return undefined;
    }
    const other = this.#holder.get(what);
    this.#held.set(who, what);
    this.#holder.set(what, who);
    return other;
  }
}
