import { formatResourceAmount, type Pod, type Stored } from '@slipway/kube';
import { isBinding, isEnding } from '../facts/scheduled-pods.ts';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';
import { effectiveRequests } from './requests.ts';

/** Judged at each binding. Void for pods that were created with a node name, whom no scheduler has weighed. */
export const capacity: Invariant = {
  id: 'SCH-01',
  name: 'capacity',
  kind: 'S',
  holds: 'on each node the effective requests of bound, non-terminal pods stay within allocatable, for every resource',
  watch: (_world, { violated }, { scheduled, allocatable }) => {
    const sums = new Map<string, Map<string, number>>();
    const requests = new Map<string, ReadonlyMap<string, number>>();
    const count = (node: string, amounts: ReadonlyMap<string, number>, sign: 1 | -1): ReadonlyMap<string, number> => {
      const sum = sums.get(node) ?? new Map<string, number>();
      sums.set(node, sum);
      for (const [resource, amount] of amounts) sum.set(resource, (sum.get(resource) ?? 0) + sign * amount);
      return sum;
    };
    return {
      resources: ['pods'],
      write(write, by) {
        const pod = write.object as Stored<Pod>;
        const { uid } = pod.metadata;
        if (isBinding(write)) {
          const node = pod.spec.nodeName as string;
          const amounts = effectiveRequests(pod);
          requests.set(uid, amounts);
          const sum = count(node, amounts, 1);
          for (const [resource, amount] of amounts) {
            const limit = allocatable.most(node, resource, scheduled.on(node).get(uid) ?? 0);
            const used = sum.get(resource) ?? 0;
            if (amount === 0 || limit === undefined || used <= limit) continue;
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
