import type { Pod, Stored } from '@slipway/kube';
import { isBinding } from '../facts/scheduled-pods.ts';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';

/** Judged at each binding, as SCH-01 is. Void for pods that were created with a node name, whom no scheduler has weighed. */
export const podSlots: Invariant = {
  id: 'SCH-02',
  name: 'pod-slots',
  kind: 'S',
  holds: 'a node never holds more non-terminal pods than its pod limit, and finished pods free their slot',
  watch: (_world, { violated, met }, { placements, allocatable, staleness }) => ({
    resources: ['pods'],
    write(write, by) {
      if (!isBinding(write)) return;
      const pod = write.object as Stored<Pod>;
      const placed = placements.of(pod.metadata.uid);
      if (!placed) return;
      const { node } = placed;
      const pods = placements.on(node);
      const limit = allocatable.most(node, 'pods', staleness.seenSince(placed.decidedAt));
      if (limit === undefined) return;
      met();
      if (pods.size <= limit) return;
      let known = 0;
      for (const other of pods.values()) if (other === placed || placements.knew(placed, other)) known += 1;
      if (known <= limit) return;
      violated(
        `${by?.actor ?? 'somebody'} bound ${podTitle(pod)} to ${node}, which now holds ${known} pods of at most ${limit}`,
        podTitle(pod),
        `Node ${node}`,
      );
    },
  }),
};
