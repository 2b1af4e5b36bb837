import type { Micros } from '@slipway/kernel';
import type { CSINode, Pod, Stored } from '@slipway/kube';
import { isBinding } from '../facts/scheduled-pods.ts';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';
import { claimKeys, claimOf, volumeOf } from './claims.ts';

/** Most volumes of a driver on a node, and since when: the largest that was declared stays, so that an old one counts as well. */
interface Limit {
  readonly most: number;
  readonly since: Micros;
}

/** Judged at each binding, by the volumes of the pods of which the binder must have known, once the limit is old enough to be known. */
export const volumeLimit: Invariant = {
  id: 'SCH-15',
  name: 'volume-limit',
  kind: 'S',
  holds: 'volumes attached per driver stay within the limit the driver declared for the node',
  watch: (world, { violated, met }, { placements, staleness }) => {
    /** By `node driver`. */
    const limits = new Map<string, Limit>();
    const declare = ({ metadata, spec }: Stored<CSINode>): void => {
      for (const { name, allocatable } of spec.drivers ?? []) {
        const key = `${metadata.name} ${name}`;
        const before = limits.get(key);
        const count = allocatable?.count;
        // Without a number there is no limit, and for a while that is what others know.
        if (count === undefined) limits.delete(key);
        else if (!before || before.most !== count)
          limits.set(key, { most: Math.max(count, before?.most ?? 0), since: before?.since ?? world.kernel.now });
      }
    };
    return {
      resources: ['pods', 'csinodes'],
      write(write) {
        if (write.resource === 'csinodes') {
          const { name } = write.object.metadata;
          if (write.type === 'DELETED') {
            for (const key of [...limits.keys()]) if (key.startsWith(`${name} `)) limits.delete(key);
          } else declare(write.object as Stored<CSINode>);
          return;
        }
        if (!isBinding(write)) return;
        const pod = write.object as Stored<Pod>;
        const keys = claimKeys(pod);
        const placed = keys.length === 0 ? undefined : placements.of(pod.metadata.uid);
        if (!placed) return;
        const volumes = new Map<string, Set<string>>();
        const add = (user: Stored<Pod>): void => {
          for (const key of claimKeys(user)) {
            const csi = volumeOf(world, claimOf(world, key))?.spec?.csi;
            if (csi) volumes.set(csi.driver, (volumes.get(csi.driver) ?? new Set()).add(csi.volumeHandle));
          }
        };
        add(pod);
        const drivers = [...volumes.keys()];
        for (const other of placements.on(placed.node).values()) if (other !== placed && placements.knew(placed, other)) add(other.pod);
        for (const driver of drivers) {
          const limit = limits.get(`${placed.node} ${driver}`);
          const count = volumes.get(driver)?.size ?? 0;
          if (!limit || limit.since >= staleness.seenSince(placed.decidedAt)) continue;
          met();
          if (count <= limit.most) continue;
          violated(
            `${placed.by || 'somebody'} bound ${podTitle(pod)} to ${placed.node}, whose pods now use ${count} volumes of ${driver} of at most ${limit.most}`,
            podTitle(pod),
            `Node ${placed.node}`,
          );
        }
      },
    };
  },
};
