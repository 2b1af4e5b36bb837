import type { CriServices } from '@slipway/cri';
import { isProcess, isPromise, type Micros, minutes } from '@slipway/kernel';
import type { Pod, Stored } from '@slipway/kube';
import type { Invariant, Watched } from '../invariant.ts';
import { atOnce } from '../runtime/at-once.ts';
import { hasLongBeenReady } from '../runtime/nodes.ts';
import { podTitle } from '../titles.ts';

/** A relist is due every second, and a status that could not be written is tried again every ten. */
const PATIENCE: Micros = minutes(2);

/**
 * Judged after the calm: what the runtimes themselves hold, as far as they answer at once, against the statuses in the store. Void on
 * nodes that wait for an image, whose pods' turns have not ended, and on machines with a wrong clock.
 */
export const exitNoticed: Invariant = {
  id: 'KUB-11',
  name: 'exit-noticed',
  kind: 'L',
  holds: 'a container exit shows in the pod status within one relist, even if its event was lost',
  watch: (world, { violated, met }, { runtime, staleness }) => ({
    resources: ['pods'],
    write({ type, object, old }, by) {
      if (type !== 'MODIFIED' || !by?.actor.startsWith('kubelet/')) return;
      const after = (object as Pod).status?.containerStatuses;
      if (after === (old as Pod).status?.containerStatuses) return;
      if (after?.some(({ state, lastState }) => state?.terminated ?? lastState?.terminated)) met();
    },
    afterCalm() {
      if (staleness.quietFor < PATIENCE) return;
      for (const [node, { host, cri }] of world.nodes) {
        if (!host.on || host.clockOffset !== 0 || runtime.isPulling(node) || !hasLongBeenReady(world, node, PATIENCE)) continue;
        const exited = new Set(exitedLongAgo(world, cri));
        if (exited.size === 0) continue;
        for (const object of world.server.objects('pods')) {
          const pod = object as Stored<Pod>;
          if (pod.spec.nodeName !== node) continue;
          for (const { name, containerID = '', state } of [
            ...(pod.status?.containerStatuses ?? []),
            ...(pod.status?.initContainerStatuses ?? []),
          ]) {
            const id = containerID.slice(containerID.indexOf('://') + 3);
            if (!state?.running || !exited.has(id)) continue;
            violated(
              `container ${name} of ${podTitle(pod)} is running by its status, but it has ended on ${node}`,
              podTitle(pod),
              `Node ${node}`,
            );
          }
        }
      }
    },
  }),
};

/** Ids of containers that ended before the patience with their kubelet is over. */
function* exitedLongAgo({ kernel }: Watched, cri: CriServices | undefined): Generator<string> {
  if (!cri) return;
  for (const { id, state } of atOnce(cri.runtime, 'listContainers')?.containers ?? []) {
    if (state !== 'CONTAINER_EXITED') continue;
    const answer: unknown = cri.runtime.containerStatus({ containerId: id });
    if (isProcess(answer) || isPromise(answer)) return;
    const { finishedAt } = (answer as { readonly status: { readonly finishedAt: bigint } }).status;
    if (kernel.unixMicros - Number(finishedAt / 1000n) >= PATIENCE) yield id;
  }
}
