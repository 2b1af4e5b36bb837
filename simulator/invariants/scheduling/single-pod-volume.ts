import type { Pod, Stored } from '@slipway/kube';
import { isBinding, isEnding } from '../facts/scheduled-pods.ts';
import type { Placement } from '../facts/index.ts';
import type { Invariant } from '../invariant.ts';
import { podTitle } from '../titles.ts';
import { claimKeys, claimOf } from './claims.ts';

/** Judged at each binding, against the pods of which the binder must have known. */
export const singlePodVolume: Invariant = {
  id: 'SCH-16',
  name: 'single-pod-volume',
  kind: 'S',
  holds: 'a volume for one pod only is used by at most one live pod',
  watch: (world, { violated, met }, { placements }) => {
    /** Placed pods by the claim that they use. */
    const users = new Map<string, Set<Placement>>();
    const byUid = new Map<string, Placement>();
    return {
      resources: ['pods'],
      write(write) {
        const pod = write.object as Stored<Pod>;
        const { uid } = pod.metadata;
        if (isEnding(write)) {
          const ended = byUid.get(uid);
          byUid.delete(uid);
          if (ended) for (const key of claimKeys(ended.pod)) users.get(key)?.delete(ended);
        }
        if (!isBinding(write)) return;
        const keys = claimKeys(pod);
        const placed = keys.length === 0 ? undefined : placements.of(uid);
        if (!placed) return;
        byUid.set(uid, placed);
        for (const key of keys) {
          const others = users.get(key) ?? new Set();
          users.set(key, others);
          const claim = claimOf(world, key);
          if (claim?.spec?.accessModes?.includes('ReadWriteOncePod') === true) {
            met();
            const other = [...others].find((each) => placements.knew(placed, each) && isOlder(claim, each.pod));
            if (other)
              violated(
                `${placed.by || 'somebody'} bound ${podTitle(pod)} to ${placed.node}, though ${podTitle(other.pod)} uses claim ${key}, which is for one pod only`,
                podTitle(pod),
                podTitle(other.pod),
                `PersistentVolumeClaim ${key}`,
              );
          }
          others.add(placed);
        }
      },
    };
  },
};

/** One of the same name that was made later is not what the pod was bound with. */
const isOlder = (claim: { readonly metadata: { readonly creationTimestamp?: string } }, pod: Stored<Pod>): boolean =>
  (claim.metadata.creationTimestamp ?? '') <= (pod.metadata.creationTimestamp ?? '');
