import type { ContainerStatus, Pod, Stored } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';

/** Judged at each status that a kubelet writes, against the status before and the containers that were made. */
export const restartCount: Invariant = {
  id: 'KUB-13',
  name: 'restart-count',
  kind: 'S',
  holds: 'restart counts only grow, by one per start',
  watch: (_world, { violated, met }, { runtime }) => ({
    resources: ['pods'],
    write({ type, object, old }, by) {
      if (type !== 'MODIFIED' || !by?.actor.startsWith('kubelet/')) return;
      const [pod, before] = [object as Stored<Pod>, old as Stored<Pod>];
      for (const list of ['containerStatuses', 'initContainerStatuses'] as const) {
        const statuses = pod.status?.[list];
        if (!statuses || statuses === before.status?.[list]) continue;
        const earlier = before.status?.[list];
        const creations = runtime.pod(pod.metadata.uid)?.creations;
        for (const [index, status] of statuses.entries()) {
          if (status.restartCount > 0) met();
          const wrong = whatIsWrong(status, sameContainer(earlier, status, index), creations?.get(status.name));
          if (wrong !== undefined) violated(`${by.actor} wrote that container ${status.name} of ${podTitle(pod)} ${wrong}`, podTitle(pod));
        }
      }
    },
  }),
};

/**
 * Whether the runtime did not know an instance that had run: its kubelet then counts a restart. Source: `pkg/kubelet/kubelet_pods.go`
 * convertToAPIContainerStatuses.
 */
export const wasLost = ({ lastState, state }: ContainerStatus): boolean =>
  lastState?.terminated?.reason === LOST || state?.terminated?.reason === LOST;

const LOST = 'ContainerStatusUnknown';

function whatIsWrong(status: ContainerStatus, same: ContainerStatus | undefined, made: number | undefined): string | undefined {
  if (wasLost(status) || (same && wasLost(same))) return undefined;
  const [count, before] = [status.restartCount, same?.restartCount];
  if (before !== undefined && count < before) return `was restarted ${count} times, after ${before}`;
  if (made === undefined || count <= Math.max(made - 1, before ?? 0)) return undefined;
  return `was restarted ${count} times, but it was made ${made === 1 ? 'once' : `${made} times`}`;
}

/** Statuses keep their order from write to write, so the place is tried first. */
function sameContainer(
  statuses: readonly ContainerStatus[] | undefined,
  { name }: ContainerStatus,
  index: number,
): ContainerStatus | undefined {
  const there = statuses?.[index];
  return there?.name === name ? there : statuses?.find((status) => status.name === name);
}
