import type { Pod, Stored } from '@slipway/kube';
import { isBinding } from '../facts/scheduled-pods.ts';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';

/** Judged at each binding. Void for pods that were created with a node name, whom no scheduler has weighed. */
export const podSlots: Invariant = {
  id: 'SCH-02',
  name: 'pod-slots',
  kind: 'S',
  holds: 'a node never holds more non-terminal pods than its pod limit, and finished pods free their slot',
  watch: (_world, { violated }, { scheduled, allocatable }) => ({
    resources: ['pods'],
    write(write, by) {
      if (!isBinding(write)) return;
      const pod = write.object as Stored<Pod>;
      const node = pod.spec.nodeName as string;
      const pods = scheduled.on(node);
      const limit = allocatable.most(node, 'pods', pods.get(pod.metadata.uid) ?? 0);
      if (limit === undefined || pods.size <= limit) return;
      violated(
        `${by?.actor ?? 'somebody'} bound ${podTitle(pod)} to ${node}, which now holds ${pods.size} pods of at most ${limit}`,
        podTitle(pod),
        `Node ${node}`,
      );
    },
  }),
};
