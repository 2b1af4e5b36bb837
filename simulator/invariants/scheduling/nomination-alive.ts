import { type Micros, minutes, seconds } from '@slipway/kernel';
import { isTerminal, matchesRequiredNodeAffinity, type Pod, resourceAmount, type Stored } from '@slipway/kube';
import type { Facts } from '../facts/index.ts';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';
import { effectiveRequests } from './requests.ts';

/** Whoever missed what happened to a node tries again after five minutes, on a grid of thirty seconds. Source: `scheduling_queue.go`. */
const LEFT_OVER: Micros = minutes(6);

/**
 * Judged after the calm: by the nominations in the store, whose pods have been tried again since the node changed; and at rest by those
 * that the scheduler holds, where it shows them.
 */
export const nominationAlive: Invariant = {
  id: 'SCH-05',
  name: 'nomination-alive',
  kind: 'S',
  holds: 'room is held for a nominated pod only while that pod exists, is unbound and still fits',
  watch: (world, { violated, met }, facts) => ({
    resources: ['pods'],
    write({ object, old }) {
      const before = (old as Pod | undefined)?.status?.nominatedNodeName;
      if (before && (object as Pod).status?.nominatedNodeName !== before) met();
    },
    atRest() {
      const scheduler = world.scheduler?.();
      if (!scheduler || facts.staleness.quietFor < minutes(1)) return;
      for (const { uid, namespace, name, node } of scheduler.nominated()) {
        met();
        const pod = world.server.peek('pods', namespace, name) as Stored<Pod> | undefined;
        const isThere = pod?.metadata.uid === uid && !pod.spec.nodeName;
        if (isThere || facts.placements.lastEnd > world.kernel.now - seconds(5)) continue;
        const title = `Pod ${namespace}/${name}`;
        violated(
          `the scheduler keeps room on ${node} for ${title}, which ${pod?.metadata.uid === uid ? 'is bound' : 'is gone'}`,
          title,
          `Node ${node}`,
        );
      }
    },
    afterCalm() {
      const since = world.kernel.now - LEFT_OVER;
      if (facts.staleness.quietFor < LEFT_OVER || facts.nodes.lastChange > since) return;
      for (const object of world.server.objects('pods')) {
        const pod = object as Stored<Pod>;
        const node = pod.status?.nominatedNodeName;
        if (!node || pod.spec.nodeName || isTerminal(pod) || pod.metadata.deletionTimestamp !== undefined) continue;
        const madeAt = facts.placements.madeAt(pod.metadata.uid);
        if (madeAt === undefined || madeAt > since) continue;
        met();
        const wrong = whyNever(facts, pod, node);
        if (wrong === undefined) continue;
        violated(`${podTitle(pod)} is still nominated to ${node}, ${wrong}`, podTitle(pod), `Node ${node}`);
      }
    },
  }),
};

/** Why the pod cannot be there, even if all others left. */
function whyNever({ nodes }: Facts, pod: Stored<Pod>, name: string): string | undefined {
  const node = nodes.now(name);
  if (!node) return 'which is gone';
  if (!matchesRequiredNodeAffinity(pod, node)) return 'which it does not select';
  for (const [resource, amount] of effectiveRequests(pod)) {
    if (amount > resourceAmount(resource, node.status?.allocatable?.[resource] ?? '0'))
      return `which has less ${resource} than it asks for`;
  }
  return undefined;
}
