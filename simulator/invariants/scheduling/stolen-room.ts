import { type Micros, seconds } from '@slipway/kernel';
import { type Pod, type Stored, formatResourceAmount, isTerminal } from '@slipway/kube';
import { isBinding } from '../facts/scheduled-pods.ts';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';
import { effectiveRequests } from './requests.ts';

interface Nominee {
  readonly node: string;
  readonly by: string;
  readonly at: Micros;
  readonly pod: Stored<Pod>;
}

/** A nomination that is given up is so in memory first. */
const GIVING_UP: Micros = seconds(2);

/**
 * Judged at each binding, for nominations that the binder itself has written in time: beside all of which it must have known, its pod and
 * the nominees that are at least as important must have had room. Void while watches may lag.
 */
export const stolenRoom: Invariant = {
  id: 'SCH-06',
  name: 'no-stolen-room',
  kind: 'S',
  holds: 'room freed by preemption is not given to a pod of equal or lower priority while the nominee waits',
  watch: (world, { violated, met }, { placements, allocatable, staleness }) => {
    const nominees = new Map<string, Nominee>();
    const changed = (pod: Stored<Pod>, by: string, at: Micros): void => {
      const { uid } = pod.metadata;
      const node = pod.status?.nominatedNodeName;
      const before = nominees.get(uid);
      if (!node || pod.spec.nodeName || isTerminal(pod) || pod.metadata.deletionTimestamp !== undefined) nominees.delete(uid);
      else {
        if (before?.node !== node) met();
        nominees.set(uid, before?.node === node ? { ...before, pod } : { node, by, at, pod });
      }
    };
    return {
      resources: ['pods'],
      write(write, by) {
        const pod = write.object as Stored<Pod>;
        if (write.type === 'DELETED') nominees.delete(pod.metadata.uid);
        else if (nominees.size > 0 || pod.status?.nominatedNodeName) changed(pod, by?.actor ?? '', world.kernel.now);
        if (nominees.size === 0 || !isBinding(write)) return;
        const placed = placements.of(pod.metadata.uid);
        const since = placed ? staleness.seenSince(placed.decidedAt) : 0;
        if (!placed || since === 0) return;
        const priority = pod.spec.priority ?? 0;
        const held = [...nominees.values()].filter((nominee) => {
          const decision = placements.decision(nominee.pod);
          return (
            nominee.node === placed.node &&
            nominee.by === placed.by &&
            nominee.at < placed.decidedAt &&
            staleness.endsOf(placed.by) === placed.era &&
            (nominee.pod.spec.priority ?? 0) >= priority &&
            // It has not been tried since, nor is it about to give up or to be bound.
            decision?.node === undefined &&
            decision !== undefined &&
            decision.at + GIVING_UP < placed.decidedAt &&
            decision.at <= nominee.at
          );
        });
        if (held.length === 0) return;
        const wanted = [pod, ...held.map((nominee) => nominee.pod)].map(effectiveRequests);
        for (const [resource, own] of effectiveRequests(pod)) {
          if (own === 0) continue;
          let used = wanted.reduce((sum, amounts) => sum + (amounts.get(resource) ?? 0), 0);
          for (const other of placements.on(placed.node).values())
            if (other !== placed && placements.knew(placed, other)) used += effectiveRequests(other.pod).get(resource) ?? 0;
          const limit = allocatable.most(placed.node, resource, since);
          if (limit === undefined || used <= limit) continue;
          const names = held.map((nominee) => podTitle(nominee.pod)).join(', ');
          violated(
            `${placed.by || 'somebody'} bound ${podTitle(pod)} to ${placed.node}, whose room is held for ${names}: together they ask for ${formatResourceAmount(resource, used)} ${resource} of ${formatResourceAmount(resource, limit)}`,
            podTitle(pod),
            ...held.map((nominee) => podTitle(nominee.pod)),
            `Node ${placed.node}`,
          );
          return;
        }
      },
    };
  },
};
