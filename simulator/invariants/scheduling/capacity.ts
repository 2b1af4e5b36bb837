import { formatResourceAmount, type Pod, type Stored } from '@slipway/kube';
import type { Placement } from '../facts/index.ts';
import { isBinding, isEnding } from '../facts/scheduled-pods.ts';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';
import { effectiveRequests } from './requests.ts';

/**
 * Judged at each binding, against the most that the node had of late. Void for pods that were created with a node name, whom no scheduler
 * has weighed, and for those of which the binder could not know: bound by one before it, or by a call of its own that failed as far as it
 * was told.
 */
export const capacity: Invariant = {
  id: 'SCH-01',
  name: 'capacity',
  kind: 'S',
  holds: 'on each node the effective requests of bound, non-terminal pods stay within allocatable, for every resource',
  watch: (_world, { violated, met }, { placements, allocatable, staleness }) => {
    const sums = new Map<string, Map<string, number>>();
    const requests = new Map<string, ReadonlyMap<string, number>>();
    const count = (node: string, amounts: ReadonlyMap<string, number>, sign: 1 | -1): ReadonlyMap<string, number> => {
      const sum = sums.get(node) ?? new Map<string, number>();
      sums.set(node, sum);
      for (const [resource, amount] of amounts) sum.set(resource, (sum.get(resource) ?? 0) + sign * amount);
      return sum;
    };
    /** What those ask for of which the binder of one must have known. */
    const knownSum = (placed: Placement, resource: string): number => {
      let sum = 0;
      for (const other of placements.on(placed.node).values()) {
        if (other === placed || placements.knew(placed, other)) sum += requests.get(other.uid)?.get(resource) ?? 0;
      }
      return sum;
    };
    return {
      resources: ['pods'],
      write(write, by) {
        const pod = write.object as Stored<Pod>;
        const { uid } = pod.metadata;
        if (isBinding(write)) {
          const placed = placements.of(uid);
          if (!placed) return;
          const { node } = placed;
          const amounts = effectiveRequests(pod);
          requests.set(uid, amounts);
          const sum = count(node, amounts, 1);
          if (amounts.size > 0 && placements.on(node).size > 1) met();
          for (const [resource, amount] of amounts) {
            const limit = allocatable.most(node, resource, staleness.seenSince(placed.decidedAt));
            if (amount === 0 || limit === undefined || (sum.get(resource) ?? 0) <= limit) continue;
            const used = knownSum(placed, resource);
            if (used <= limit) continue;
            const [asked, given] = [used, limit].map((value) => formatResourceAmount(resource, value));
            violated(
              `${by?.actor ?? 'somebody'} bound ${podTitle(pod)} to ${node}, whose pods now ask for ${asked} ${resource} of ${given}`,
              podTitle(pod),
              `Node ${node}`,
            );
          }
        } else if (isEnding(write)) {
          const amounts = requests.get(uid);
          if (amounts) count((write.old as Pod).spec.nodeName ?? '', amounts, -1);
          requests.delete(uid);
        }
      },
    };
  },
};
