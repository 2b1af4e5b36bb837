import { minutes } from '@slipway/kernel';
import {
  isTerminal,
  type KubeObject,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Pod,
  qualifiedResource,
  type Stored,
} from '@slipway/kube';
import type { ClusterState, Lack } from './state.ts';

/** Clearing away takes several parts one after the other. */
const CLEARING = minutes(2);
/** Finalizers of the cluster's own parts; any other is somebody else's, who may keep the object as long as he likes. */
const OF_THE_CLUSTER =
  /^(kubernetes|orphan|foregroundDeletion|kubernetes\.io\/pvc-protection|kubernetes\.io\/pv-protection|batch\.kubernetes\.io\/job-tracking|service\.kubernetes\.io\/load-balancer-cleanup|external-attacher\/.+|external-provisioner\.volume\.kubernetes\.io\/finalizer|snapshot\.storage\.kubernetes\.io\/.+)$/;

/** What was deleted and is still there. */
export function* lingering(state: ClusterState, met: () => void): Generator<Lack> {
  const late: Lack[] = [];
  /** What has a right to be there still, and so what it is in. */
  const held = new Set<string>();
  const heldNamespaces = new Set<string>();
  const kinds = state.world.server.kinds();
  for (const kind of kinds) {
    // Two definitions may share a plural.
    const isAlone = kinds.every((other) => other === kind || other.plural !== kind.plural);
    for (const object of state.all(isAlone ? kind.plural : qualifiedResource(kind))) {
      const { deletionTimestamp, finalizers = [], namespace, uid } = object.metadata;
      if (deletionTimestamp === undefined) continue;
      if (state.isPast(deletionTimestamp, CLEARING) && !isHeld(object, state)) {
        late.push({
          object,
          wants: `was deleted and is still there${finalizers.length > 0 ? `, held by ${finalizers.join(' and ')}` : ''}`,
          since: deletionTimestamp,
        });
      } else {
        held.add(uid);
        if (namespace !== undefined) heldNamespaces.add(namespace);
      }
    }
  }
  for (const lack of late) {
    const { object } = lack;
    if (object.kind === 'Namespace' && heldNamespaces.has(object.metadata.name)) continue;
    if (state.world.server.dependents(object.metadata.uid).some(({ metadata }) => held.has(metadata.uid))) continue;
    met();
    yield lack;
  }
}

/** It has to wait, for as long as what it waits for. */
function isHeld(object: Stored<KubeObject>, state: ClusterState): boolean {
  const { finalizers = [], namespace, name } = object.metadata;
  if (finalizers.some((finalizer) => !OF_THE_CLUSTER.test(finalizer))) return true;
  switch (object.kind) {
    case 'Pod': {
      const { nodeName } = (object as Stored<Pod>).spec;
      // Only its kubelet can say that a pod is gone.
      return nodeName !== undefined && nodeName !== '' && !state.isAlive(nodeName);
    }
    case 'PersistentVolumeClaim':
      return state
        .podsIn(namespace)
        .some(
          (pod) =>
            !isTerminal(pod) &&
            (pod.spec.volumes ?? []).some(
              (volume) =>
                volume.persistentVolumeClaim?.claimName === name || (volume.ephemeral && `${pod.metadata.name}-${volume.name}` === name),
            ),
        );
    case 'PersistentVolume': {
      const { claimRef } = (object as Stored<PersistentVolume>).spec;
      const claim = claimRef && state.world.server.peek('persistentvolumeclaims', claimRef.namespace, claimRef.name ?? '');
      return claim !== undefined && claim.metadata.uid === claimRef?.uid;
    }
    case 'VolumeAttachment':
      return !state.isAlive((object as Stored<KubeObject> & { readonly spec: { readonly nodeName: string } }).spec.nodeName);
    case 'VolumeSnapshot':
      // Source: kubernetes-csi/external-snapshotter, `pkg/common-controller/snapshot_controller.go`, isVolumeBeingCreatedFromSnapshot.
      return state
        .all<PersistentVolumeClaim>('persistentvolumeclaims')
        .some(
          ({ metadata, spec: { dataSource, dataSourceRef }, status }) =>
            metadata.namespace === namespace &&
            status?.phase !== 'Bound' &&
            [dataSource, dataSourceRef].some((source) => source?.kind === 'VolumeSnapshot' && source.name === name),
        );
    default:
      return false;
  }
}
