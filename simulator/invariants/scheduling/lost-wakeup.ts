import { type Micros, minutes, seconds } from '@slipway/kernel';
import type { Pod, Stored } from '@slipway/kube';
import type { Facts } from '../facts/index.ts';
import { isBinding } from '../facts/scheduled-pods.ts';
import type { Invariant, Watched } from '../invariant.ts';
import { podTitle } from '../titles.ts';
import { certainlyFits, isPlain } from './fit.ts';

/** What makes a pod fit wakes it at once; then it backs off for ten seconds at most. */
const PATIENCE: Micros = seconds(30);
/** Whoever missed what happened is tried again after five minutes, on a grid of thirty seconds. Source: `scheduling_queue.go`. */
const LEFT_OVER: Micros = minutes(6);

/**
 * Judged for plain pods: when one that was refused is bound at last, by how long nothing had changed on the node that took it; and after
 * the calm, by a check of its own whether one that waits fits somewhere.
 */
export const lostWakeup: Invariant = {
  id: 'SCH-09',
  name: 'no-lost-wakeup',
  kind: 'L',
  holds: 'a pending pod that fits somewhere is tried again within the bound after the change that made it fit',
  watch: (world, { violated, met }, facts) => ({
    resources: ['pods'],
    write(write) {
      if (!isBinding(write)) return;
      const pod = write.object as Stored<Pod>;
      const { placements, nodes, staleness } = facts;
      const placed = placements.of(pod.metadata.uid);
      const decision = placements.decision(pod);
      if (!placed || decision?.before === undefined || decision.node !== placed.node || !isPlain(pod)) return;
      if (placements.promisesOn(placed.node) > 0 || placements.lastRelease >= decision.before) return;
      met();
      const { node } = placed;
      const since = Math.max(
        decision.before,
        placements.lastChangeOn(node),
        placements.lastChangeOn(placed.uid),
        nodes.lastChange,
        placements.lastEnd,
      );
      // Until then others may have stood before it in the queue, or in its way.
      const waited = decision.at - since;
      if (
        waited <= PATIENCE ||
        since <= decision.before ||
        staleness.seenSince(since) === 0 ||
        staleness.quietFor < world.kernel.now - since
      )
        return;
      violated(
        `${podTitle(pod)} was tried ${Math.floor(waited / seconds(1))} s after the last change on ${node}, which takes it: nobody woke it`,
        podTitle(pod),
        `Node ${node}`,
      );
    },
    afterCalm() {
      const since = world.kernel.now - LEFT_OVER;
      if (facts.staleness.quietFor < LEFT_OVER || !hasLongBeenTheSame(facts, since)) return;
      for (const pod of waiting(world, facts, since)) {
        const node = [...facts.nodes.names()].find((name) => certainlyFits(world, facts, pod, name, since));
        if (node === undefined) continue;
        met();
        const last = facts.placements.decision(pod)?.at;
        if (last !== undefined && last > since) continue;
        violated(
          `${podTitle(pod)} waits, though ${node} has had room for it for ${LEFT_OVER / minutes(1)} minutes, and is not tried`,
          podTitle(pod),
          `Node ${node}`,
        );
      }
    },
  }),
};

/** No pod has left, and no node changed. */
export const hasLongBeenTheSame = ({ placements, nodes }: Facts, since: Micros): boolean =>
  nodes.lastChange <= since && placements.lastEnd <= since;

/** Plain pods that have waited all the time. */
export function* waiting({ server }: Watched, { placements }: Facts, since: Micros): Generator<Stored<Pod>> {
  for (const object of server.objects('pods')) {
    const pod = object as Stored<Pod>;
    if (pod.spec.nodeName || (pod.status?.phase ?? 'Pending') !== 'Pending' || !isPlain(pod)) continue;
    const madeAt = placements.madeAt(pod.metadata.uid);
    if (madeAt !== undefined && madeAt <= since && !pod.status?.nominatedNodeName) yield pod;
  }
}
