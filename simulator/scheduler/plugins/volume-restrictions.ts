import type { PersistentVolumeClaim, Pod } from '@slipway/kube';
import type { PodInfo } from '../cache/pod-info.ts';
import { StateKey } from '../framework/cycle-state.ts';
import { asPod } from '../framework/hints.ts';
import { skip, success, unschedulable, unschedulableAndUnresolvable } from '../framework/status.ts';
import type { FilterPlugin, FrameworkHandle, PreFilterPlugin } from '../framework/types.ts';
import { claimsOf, usesClaim } from '../volumes/pod-claims.ts';

interface Conflicts {
  /** Keys of the pod's claims that only one pod may use. */
  readonly exclusive: ReadonlySet<string>;
  /** Uses of these by placed pods. */
  count: number;
}

const conflictsKey = new StateKey<Conflicts>('PreFilterVolumeRestrictions', ({ exclusive, count }) => ({ exclusive, count }));
const refusal = unschedulable(
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod',
);

/**
 * A claim with access mode ReadWriteOncePod serves one pod at a time, wherever that runs. Source:
 * `plugins/volumerestrictions/volume_restrictions.go`, whose other half keeps pods with the same in-tree disk apart: those are not simulated.
 */
export function volumeRestrictions(): PreFilterPlugin & FilterPlugin {
  let handle: FrameworkHandle;
  return {
    name: 'VolumeRestrictions',
    initialize(given) {
      handle = given;
    },
    preFilter(_pod, _nodes, state) {
      const { claims } = state.podInfo;
      if (claims.length === 0) return skip;
      const exclusive = new Set<string>();
      let count = 0;
      for (const { key, name, ephemeral } of claims) {
        if (ephemeral) continue;
        const claim = handle.volumes.claim(key);
        if (!claim) return unschedulableAndUnresolvable(`persistentvolumeclaim "${name}" not found`);
        if (!claim.spec.accessModes?.includes('ReadWriteOncePod')) continue;
        exclusive.add(key);
        if (state.snapshot.podsUsingClaim(key) > 0) count += 1;
      }
      if (count === 0) return skip;
      state.write(conflictsKey, { exclusive, count });
      return success;
    },
    addPod: (_pod, added, _nodeInfo, state) => adjust(state.read(conflictsKey), added, 1),
    removePod: (_pod, removed, _nodeInfo, state) => adjust(state.read(conflictsKey), removed, -1),
    filter: (_pod, _nodeInfo, state) => ((state.read(conflictsKey)?.count ?? 0) > 0 ? refusal : success),
    eventsToRegister: [
      {
        resource: 'Pod',
        actionType: ['Delete'],
        hint: (pod, before) => (sharesClaim(pod, asPod(before)) ? 'Queue' : 'QueueSkip'),
      },
      { resource: 'Node', actionType: ['Add'] },
      {
        resource: 'PersistentVolumeClaim',
        actionType: ['Add'],
        hint: (pod, _before, after) => (usesClaim(pod, after as PersistentVolumeClaim) ? 'Queue' : 'QueueSkip'),
      },
    ],
  };
}

function adjust(conflicts: Conflicts | undefined, { claims }: PodInfo, sign: 1 | -1): void {
  if (!conflicts) return;
  for (const { key } of claims) if (conflicts.exclusive.has(key)) conflicts.count += sign;
}

function sharesClaim(pod: Pod, deleted: Pod | undefined): boolean {
  if (!deleted || deleted.metadata.namespace !== pod.metadata.namespace) return false;
  const keys = new Set(claimsOf(pod).map(({ key }) => key));
  return claimsOf(deleted).some(({ key }) => keys.has(key));
}
