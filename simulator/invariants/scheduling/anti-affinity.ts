import type { Pod, PodAffinityTerm, Stored } from '@slipway/kube';
import type { Facts, Placement } from '../facts/index.ts';
import { isBinding, isEnding } from '../facts/scheduled-pods.ts';
import type { Invariant, Watched } from '../invariant.ts';
import { podTitle } from '../titles.ts';
import { antiAffinityTerms, speaksOf } from './terms.ts';

/**
 * Judged at each binding, against the pods of which the binder must have known, by labels that pods and nodes had all the time. Terms that
 * select namespaces by label are left out.
 */
export const antiAffinity: Invariant = {
  id: 'SCH-10',
  name: 'anti-affinity',
  kind: 'S',
  holds: 'at bind time no required anti-affinity term is broken, in either direction',
  watch: (world, { violated, met }, facts) => {
    const { placements } = facts;
    /** Placed pods with such terms, by uid. */
    const withTerms = new Map<string, Placement>();
    return {
      resources: ['pods'],
      write(write) {
        const pod = write.object as Stored<Pod>;
        const { uid } = pod.metadata;
        if (isEnding(write)) withTerms.delete(uid);
        if (!isBinding(write)) return;
        const placed = placements.of(uid);
        if (!placed) return;
        const own = antiAffinityTerms(pod);
        if (own.length > 0 || withTerms.size > 0) met();
        const report = (owner: Placement, other: Placement, { topologyKey }: PodAffinityTerm): void =>
          violated(
            `${placed.by || 'somebody'} bound ${podTitle(pod)} to ${placed.node}, though ${podTitle(owner.pod)} keeps away from ${podTitle(other.pod)} by ${topologyKey}`,
            podTitle(placed.pod),
            podTitle(owner === placed ? other.pod : owner.pod),
          );
        for (const term of own) {
          for (const other of placedNear(facts, placed, term.topologyKey)) {
            if (
              other === placed ||
              !placements.knew(placed, other) ||
              placements.wasRelabelled(other.uid) ||
              !matches(world, term, placed, other)
            )
              continue;
            report(placed, other, term);
            break;
          }
        }
        for (const owner of withTerms.values()) {
          if (!placements.knew(placed, owner) || placements.wasRelabelled(uid)) continue;
          for (const term of antiAffinityTerms(owner.pod)) {
            if (!isNear(facts, placed, owner, term.topologyKey) || !matches(world, term, owner, placed)) continue;
            report(owner, placed, term);
            break;
          }
        }
        if (own.length > 0) withTerms.set(uid, placed);
      },
    };
  },
};

/** Pods that may be in the same place: on the same node, where that is what the key says, else all. */
function placedNear(facts: Facts, placed: Placement, key: string): Iterable<Placement> {
  if (key === HOSTNAME) return facts.placements.on(placed.node).values();
  return [...facts.placements.all()].filter((other) => isNear(facts, placed, other, key));
}

const HOSTNAME = 'kubernetes.io/hostname';

/** Whether both nodes had one value of the label for as long as it counts. */
function isNear({ nodes, staleness }: Facts, placed: Placement, other: Placement, key: string): boolean {
  const value = nodes.now(placed.node)?.metadata.labels?.[key];
  if (value === undefined) return false;
  const since = staleness.seenSince(placed.decidedAt);
  return [placed.node, other.node].every((name) => nodes.always(name, since, ({ metadata }) => metadata.labels?.[key] === value));
}

/** By the labels that the other pod had when it was bound and has now. */
function matches({ server }: Watched, term: PodAffinityTerm, owner: Placement, other: Placement): boolean {
  if (!speaksOf(term, owner.pod, other.pod)) return false;
  const { namespace, name, uid } = other.pod.metadata;
  const now = server.peek('pods', namespace, name) as Stored<Pod> | undefined;
  return now?.metadata.uid === uid && now.metadata.deletionTimestamp === undefined && speaksOf(term, owner.pod, now);
}
