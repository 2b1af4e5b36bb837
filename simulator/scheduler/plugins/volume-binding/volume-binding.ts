import type { CSIDriver, CSIStorageCapacity, PersistentVolumeClaim, StorageClass } from '@slipway/kube';
import { isEqual, quantityValue } from '@slipway/kube';
import { StateKey } from '../../framework/cycle-state.ts';
import { error, skip, success, unschedulableAndUnresolvable } from '../../framework/status.ts';
import type { FilterPlugin, FrameworkHandle, PreBindPlugin, PreFilterPlugin, ReservePlugin } from '../../framework/types.ts';
import { isFullyBound } from '../../volumes/binding-facts.ts';
import { usesClaim } from '../../volumes/pod-claims.ts';
import { assumeVolumes, revertVolumes } from './assume-volumes.ts';
import { type BindingSight, bindVolumes } from './bind-volumes.ts';
import { findPodVolumes, type PodVolumes, volumeLimit } from './find-pod-volumes.ts';
import { podVolumeClaims, type PodVolumeClaims } from './pod-volume-claims.ts';

interface BindingState {
  readonly claims: PodVolumeClaims;
  /** What Filter found, by node; after Reserve the chosen node's entry is what was assumed, then what was written. */
  readonly byNode: Map<string, PodVolumes>;
  /** Reserve found nothing left to bind. */
  allBound: boolean;
}

// Other pods change none of it, so what-ifs share it.
const stateKey = new StateKey<BindingState>('VolumeBinding');

/**
 * A pod goes where its volumes are or can be: bound ones by their node affinity, unbound ones by matching or by having them made there.
 * Source: `plugins/volumebinding/volume_binding.go`. Upstream scores only with the feature gate StorageCapacityScoring, which is off;
 * in-tree volumes are not translated to CSI, since none is simulated.
 */
export function volumeBinding(): PreFilterPlugin & FilterPlugin & ReservePlugin & PreBindPlugin {
  let handle: FrameworkHandle;
  return {
    name: 'VolumeBinding',
    initialize(given) {
      handle = given;
    },
    preFilter(pod, _nodes, state) {
      const uses = state.podInfo.claims;
      if (uses.length === 0) return skip;
      const claims = podVolumeClaims(pod, uses, handle.volumes);
      if ('refusal' in claims) return claims.refusal;
      state.write(stateKey, { claims, byNode: new Map(), allBound: false });
      return success;
    },
    filter(_pod, { node }, state) {
      const known = state.read(stateKey);
      if (!known) return error('reading "VolumeBinding" from cycleState: not found');
      const found = findPodVolumes(known.claims, node, handle.volumes);
      if ('broken' in found) return error(found.broken);
      if ('reasons' in found) return unschedulableAndUnresolvable(...found.reasons);
      known.byNode.set(node.metadata.name, found);
      return success;
    },
    reserve(_pod, nodeName, state) {
      const known = state.read(stateKey);
      const found = known?.byNode.get(nodeName);
      if (!known || !found) return success;
      known.allBound = state.podInfo.claims.every(({ key }) => {
        const claim = handle.volumes.claim(key);
        return claim !== undefined && isFullyBound(claim);
      });
      if (known.allBound) return success;
      const assumed = assumeVolumes(found, nodeName, handle.volumes);
      if ('broken' in assumed) return error(assumed.broken);
      known.byNode.set(nodeName, assumed);
      return success;
    },
    unreserve(_pod, nodeName, state) {
      const known = state.read(stateKey)?.byNode.get(nodeName);
      if (known) revertVolumes(known, handle.volumes);
    },
    preBindPreFlight(_pod, _nodeName, state) {
      const known = state.read(stateKey);
      return known === undefined || known.allBound ? skip : success;
    },
    preBind(pod, nodeName, state) {
      const known = state.read(stateKey);
      if (!known || known.allBound) return success;
      const volumes = known.byNode.get(nodeName);
      if (!volumes) return error(`no pod volume found for node "${nodeName}"`);
      const { followers, claims, volumes: persistent } = handle.volumes;
      const sight = (): BindingSight => ({
        node: handle.snapshot().get(nodeName)?.node,
        podExists: handle.podExists(state.podInfo.uid),
        volume: (name) => persistent.getStored(name),
        claim: (key) => claims.getStored(key),
      });
      const written = (newest: PodVolumes): void => {
        known.byNode.set(nodeName, newest);
      };
      return bindVolumes(pod, nodeName, volumes, { api: handle.api, followers, sight, written });
    },
    eventsToRegister: [
      {
        resource: 'StorageClass',
        actionType: ['Add', 'Update'],
        hint(_pod, before, after) {
          const [was, is] = [before as StorageClass | undefined, after as StorageClass];
          return was === undefined || !isEqual(was.allowedTopologies, is.allowedTopologies) ? 'Queue' : 'QueueSkip';
        },
      },
      {
        resource: 'PersistentVolumeClaim',
        actionType: ['Add', 'Update'],
        hint: (pod, _before, after) => (usesClaim(pod, after as PersistentVolumeClaim) ? 'Queue' : 'QueueSkip'),
      },
      { resource: 'PersistentVolume', actionType: ['Add', 'Update'] },
      { resource: 'Node', actionType: ['Add', 'UpdateNodeLabel'] },
      // An update would matter only to in-tree volumes that become CSI ones.
      { resource: 'CSINode', actionType: ['Add'] },
      {
        resource: 'CSIDriver',
        actionType: ['Update'],
        hint(pod, before, after) {
          const [was, is] = [before as CSIDriver, after as CSIDriver];
          const named = pod.spec.volumes?.some(({ csi }) => csi?.driver === is.metadata.name) ?? false;
          return named && was.spec.storageCapacity === true && is.spec.storageCapacity !== true ? 'Queue' : 'QueueSkip';
        },
      },
      {
        resource: 'CSIStorageCapacity',
        actionType: ['Add', 'Update'],
        hint(_pod, before, after) {
          const was = before === undefined ? undefined : volumeLimit(before as CSIStorageCapacity);
          const is = volumeLimit(after as CSIStorageCapacity);
          if (before === undefined) return 'Queue';
          return is !== undefined && (was === undefined || quantityValue(is) > quantityValue(was)) ? 'Queue' : 'QueueSkip';
        },
      },
    ],
  };
}
