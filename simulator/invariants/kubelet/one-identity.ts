import type { Pod, Stored } from '@slipway/kube';
import { containersOf, mayRun } from '../facts/runtime-objects.ts';
import type { ObservedPod } from '../facts/index.ts';
import type { Invariant } from '../invariant.ts';

/**
 * Judged at each start, by what the runtimes of other nodes hold of pods of the same name by all that they said. Void for pods that left
 * the store by another hand than their kubelet's: forced deletes, and what controllers clear away.
 */
export const oneIdentity: Invariant = {
  id: 'KUB-02',
  name: 'one-identity',
  kind: 'S',
  holds: 'at most one node runs containers for a given namespace/name at a time',
  watch: (_world, { violated, met }, { runtime, staleness }) => {
    /** Pods that were started, by their name. */
    const byName = new Map<string, Set<ObservedPod>>();
    const forced = new Set<string>();
    return {
      resources: ['pods'],
      write({ type, object, old }, by) {
        if (type !== 'DELETED') return;
        const pod = (old ?? object) as Stored<Pod>;
        if (by?.actor !== `kubelet/${pod.spec.nodeName ?? ''}` && runtime.pod(pod.metadata.uid)) forced.add(pod.metadata.uid);
      },
      called: {
        'cri.RuntimeService/StartContainer'(call) {
          const { sandbox, name } = runtime.container(call) ?? {};
          if (!sandbox || name === undefined) return;
          const { pod } = sandbox;
          const key = `${pod.namespace}/${pod.name}`;
          let known = byName.get(key);
          if (!known) byName.set(key, (known = new Set()));
          for (const other of known) {
            if (other.sandboxes.size === 0) {
              known.delete(other);
              forced.delete(other.uid);
              continue;
            }
            if (other !== pod) met();
            if (forced.has(other.uid)) continue;
            for (const elsewhere of other.sandboxes) {
              // A runtime that was ended may have forgotten what it had.
              if (elsewhere.node === sandbox.node || !runtime.hasPower(elsewhere) || staleness.endsOf(`cri/${elsewhere.node}`) > 0)
                continue;
              const running = [...containersOf(elsewhere)].find((container) => mayRun(container) && !container.stopAsked);
              if (!running) continue;
              violated(
                `${call.actor} starts container ${name} of Pod ${key}, while container ${running.name} of a pod of that name runs on ${elsewhere.node}`,
                `Pod ${key}`,
                `Node ${elsewhere.node}`,
              );
              return;
            }
          }
          known.add(pod);
        },
      },
    };
  },
};
