import { matchesNodeSelector, type Pod, type Stored } from '@slipway/kube';
import { isBinding } from '../facts/scheduled-pods.ts';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';
import { claimKeys, claimOf, volumeOf } from './claims.ts';

/** Judged at each binding, by what the volumes say of nodes and the labels that the node had. */
export const volumeReach: Invariant = {
  id: 'SCH-14',
  name: 'volume-reach',
  kind: 'S',
  holds: 'the chosen node can reach every bound volume of the pod (zone, node affinity)',
  watch: (world, { violated, met }, { placements, nodes, staleness }) => ({
    resources: ['pods'],
    write(write) {
      if (!isBinding(write)) return;
      const pod = write.object as Stored<Pod>;
      const placed = placements.of(pod.metadata.uid);
      if (!placed) return;
      for (const key of claimKeys(pod)) {
        const volume = volumeOf(world, claimOf(world, key));
        const required = volume?.spec?.nodeAffinity?.required;
        if (!volume || !required) continue;
        met();
        const since = staleness.seenSince(placed.decidedAt);
        if (!nodes.always(placed.node, since, (node) => !matchesNodeSelector(required, node))) continue;
        violated(
          `${placed.by || 'somebody'} bound ${podTitle(pod)} to ${placed.node}, from where its volume ${volume.metadata.name} cannot be reached`,
          podTitle(pod),
          `PersistentVolume ${volume.metadata.name}`,
          `Node ${placed.node}`,
        );
      }
    },
  }),
};
