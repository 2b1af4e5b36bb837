import { type Micros, minutes, seconds } from '@slipway/kernel';
import type { Pod, Stored } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';
import { hasLongBeenReady } from '../runtime/nodes.ts';
import { podTitle } from '../titles.ts';

/** A call that hangs is given up within minutes, and pauses between further tries grow up to two minutes. */
const PATIENCE: Micros = minutes(10);

/**
 * Judged after the calm, for pods on nodes that have been ready all the time. Void for those with finalizers, and while a kubelet waits
 * for an image: a pull has no deadline.
 */
export const terminationEnds: Invariant = {
  id: 'KUB-08',
  name: 'termination-ends',
  kind: 'L',
  holds: 'a deleted pod reaches "no containers left" whatever errors the runtime returned on the way',
  watch: (world, { violated, met }, { runtime, staleness }) => {
    const deletedAt = new Map<string, Micros>();
    return {
      resources: ['pods'],
      write({ type, object }) {
        const { uid, deletionTimestamp } = object.metadata;
        if (type === 'DELETED') {
          if (deletedAt.delete(uid) && runtime.pod(uid)) met();
        } else if (deletionTimestamp !== undefined && !deletedAt.has(uid)) deletedAt.set(uid, world.kernel.now);
      },
      afterCalm() {
        const { now } = world.kernel;
        if (staleness.quietFor < PATIENCE) return;
        for (const object of world.server.objects('pods')) {
          const pod = object as Stored<Pod>;
          const since = deletedAt.get(pod.metadata.uid);
          const node = pod.spec.nodeName;
          if (since === undefined || !node || (pod.metadata.finalizers ?? []).length > 0) continue;
          const grace = seconds(Math.max(pod.metadata.deletionGracePeriodSeconds ?? 0, pod.spec.terminationGracePeriodSeconds ?? 30));
          if (now - since < PATIENCE + grace || !world.nodes.get(node)?.host.on || runtime.isPulling(node)) continue;
          if (!hasLongBeenReady(world, node, PATIENCE)) continue;
          met();
          violated(
            `${podTitle(pod)} was deleted ${Math.floor((now - since) / minutes(1))} minutes ago, and ${node} has not let it go`,
            podTitle(pod),
            `Node ${node}`,
          );
        }
      },
    };
  },
};
