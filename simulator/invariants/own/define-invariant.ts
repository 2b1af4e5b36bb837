import type { KindMap, ResourceName, Stored } from '@slipway/kube';
import type { CommittedWrite } from '../../apiserver/index.ts';
import type { Facts } from '../facts/index.ts';
import type { Check, Invariant, Verdict, Watched } from '../invariant.ts';
import { titleOf } from '../titles.ts';

/** What an object is asked after each of its changes. Answers `true`, or what is wrong with it. */
export type Asked<T> = (object: T, world: Watched) => true | string;

interface Named {
  /** Of your own, such as `SHOP-01`; scenarios switch it off by it. */
  readonly id: string;
  /** Left out: the id. */
  readonly name?: string;
  /** `S` if left out: holds after every event. */
  readonly kind?: Invariant['kind'];
  /** What always holds, for people: it stands in reports. */
  readonly holds: string;
}

/** About objects one by one: each is asked whenever it has been written. */
export interface InvariantOfObjects extends Named {
  /** By the plural of the kind: `{ pods: (pod) => pod.spec.containers.length < 5 || 'has too many containers' }`. */
  readonly each: { readonly [P in ResourceName]?: Asked<Stored<KindMap[P]>> };
}

/** About anything that happens: writes, calls of plugins and their answers. */
export interface InvariantOfEvents extends Named {
  /**
   * Starts a checker for one world; called once for each run, so that what it remembers belongs into it.
   *
   * @returns what it wants to be told of: `{ resources: ['pods'], write({ object }) { … } }`, `{ answered: { 'cni.Plugin/Add'({ call }) { … } } }`
   */
  watch(world: Watched, verdict: Verdict, facts: Facts): Check;
}

export type OwnInvariant = InvariantOfObjects | InvariantOfEvents;

/**
 * An invariant of one's own: what must never happen in a cluster with one's plugins and manifests. The default export of a module that a
 * scenario names in `spec.invariants.own`, or an option of a world.
 *
 * ```ts
 * export default defineInvariant({
 *   id: 'SHOP-01',
 *   holds: 'a shop has at most three carts',
 *   each: { deployments: ({ spec }) => (spec.replicas ?? 1) <= 3 || `asks for ${spec.replicas} carts` },
 * });
 * ```
 */
export function defineInvariant(own: OwnInvariant): Invariant {
  const { id, name = id, kind = 'S', holds } = own;
  return { id, name, kind, holds, watch: 'watch' in own ? own.watch.bind(own) : (world, verdict) => ofObjects(own, world, verdict) };
}

function ofObjects({ each }: InvariantOfObjects, world: Watched, { violated, met }: Verdict): Check {
  const asked = new Map(Object.entries(each)) as ReadonlyMap<string, Asked<CommittedWrite['object']>>;
  /** By uid: what is wrong is told once, until it is right again. */
  const told = new Map<string, string>();
  return {
    resources: [...asked.keys()],
    write({ type, resource, object }) {
      const { uid } = object.metadata;
      if (type === 'DELETED') {
        told.delete(uid);
        return;
      }
      met();
      const answer = asked.get(resource)?.(object, world) ?? true;
      if (answer === true) told.delete(uid);
      else if (told.get(uid) !== answer) {
        told.set(uid, answer);
        violated(`${titleOf(object)} ${answer}`, titleOf(object));
      }
    },
  };
}
