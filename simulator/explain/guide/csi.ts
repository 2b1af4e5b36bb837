import { entries, type Guide } from './entry.ts';

const PROVISION = 'the provisioner tries again after 1 s, doubling to 5 min';
const ATTACH = 'the attacher tries again after 1 s, doubling to 5 min';
const RESIZE = 'the resizer tries again after 1 s, doubling to 5 min';
const SNAPSHOT = 'the snapshotter tries again after 1 s, doubling to 5 min';
const MOUNT = 'the kubelet tries again after 500 ms, doubling to 2 min 2 s, and reports FailedMount';
const ASKED = 'the caller asks again when it needs the answer';
const specOf = (method: string): string => `CSI 1.12, ${method}`;

/** CSI 1.12 (container-storage-interface/spec, spec.md). */
export const csiGuides: readonly ReadonlyMap<string, Guide>[] = [
  entries('csi.Identity', specOf, {
    GetPluginInfo: ['what is the name of this driver?', 'the caller waits and asks again; nothing is done with the driver before'],
    GetPluginCapabilities: [
      'has the driver a controller half, and do its volumes care where they are?',
      'the caller waits and asks again; nothing is done with the driver before',
    ],
    Probe: ['is the driver ready?', 'the side-cars ask each second and begin only when it is'],
  }),
  entries('csi.Controller', specOf, {
    CreateVolume: [
      'the claim has a place now: its driver makes the volume there',
      `the claim stays Pending with ProvisioningFailed; ${PROVISION}; RESOURCE_EXHAUSTED sends the pod back to the scheduler instead`,
    ],
    DeleteVolume: [
      'the claim is gone, and its volume was to go with it',
      `the PersistentVolume stays Released with VolumeFailedDelete; ${PROVISION}`,
    ],
    ControllerPublishVolume: [
      'the pod is on a node: the volume is attached to that machine',
      `the pod stays ContainerCreating with FailedAttachVolume; ${ATTACH}`,
    ],
    ControllerUnpublishVolume: [
      'nobody on that node wants the volume any more: it is detached from the machine',
      `the volume can be attached nowhere else; ${ATTACH}`,
    ],
    ValidateVolumeCapabilities: ['can this volume be used in this way?', 'the volume is not taken into use'],
    ListVolumes: ['which volumes are there, and who has them?', 'the attacher does not notice volumes that were detached behind its back'],
    GetCapacity: ['how much room is left there?', 'the scheduler goes by the old number; it is asked again after 1 min'],
    ControllerGetCapabilities: ['what can the controller half do?', ASKED],
    CreateSnapshot: ['a picture of the volume as it is now', `the VolumeSnapshot is not ready; ${SNAPSHOT}`],
    DeleteSnapshot: ['the snapshot is gone from the cluster, and was to go from the storage', `its content object stays; ${SNAPSHOT}`],
    ListSnapshots: ['which snapshots are there?', `a snapshot that was there before stays unready; ${SNAPSHOT}`],
    GetSnapshot: ['how is the snapshot?', `it stays unready; ${SNAPSHOT}`],
    ControllerExpandVolume: [
      'the claim asks for more room: the volume grows',
      `the claim keeps its size with VolumeResizeFailed; ${RESIZE}; impossible sizes are tried more rarely`,
    ],
    ControllerGetVolume: ['how is this volume?', 'its condition stays unknown until it is asked again'],
    ControllerModifyVolume: ['the claim asks for another class of service', `the volume keeps its attributes; ${RESIZE}`],
  }),
  entries('csi.GroupController', specOf, {
    GroupControllerGetCapabilities: ['can the driver take snapshots of several volumes at once?', ASKED],
    CreateVolumeGroupSnapshot: ['a picture of several volumes at one moment', `the group snapshot is not ready; ${SNAPSHOT}`],
    DeleteVolumeGroupSnapshot: ['the group snapshot was to go', `its content object stays; ${SNAPSHOT}`],
    GetVolumeGroupSnapshot: ['how is the group snapshot?', `it stays unready; ${SNAPSHOT}`],
  }),
  entries('csi.SnapshotMetadata', specOf, {
    GetMetadataAllocated: ['which blocks of the snapshot hold data?', 'the backup program has to read every block'],
    GetMetadataDelta: ['which blocks differ between two snapshots?', 'the backup program has to read every block'],
  }),
  entries('csi.Node', specOf, {
    NodeStageVolume: ['the volume is at the machine: it is made ready once for the node', `the pod stays ContainerCreating; ${MOUNT}`],
    NodeUnstageVolume: [
      'no pod of the node uses the volume any more',
      'the volume stays in use on the node, so that it is not detached; the kubelet tries again after 500 ms, doubling to 2 min 2 s',
    ],
    NodePublishVolume: ['the volume is put into the place where this pod expects it', `the pod stays ContainerCreating; ${MOUNT}`],
    NodeUnpublishVolume: [
      'the pod has ended: its mount goes',
      'the pod stays Terminating; the kubelet tries again after 500 ms, doubling to 2 min 2 s',
    ],
    NodeGetVolumeStats: ['how full is the volume?', 'metrics and volume health lack a number for a minute'],
    NodeExpandVolume: ['the volume has grown: now its file system grows too', `the claim keeps its old size; ${MOUNT}`],
    NodeGetCapabilities: ['does this driver stage volumes before it publishes them?', MOUNT],
    NodeGetInfo: [
      'the driver registers with the kubelet: what is this machine called there, and where is it?',
      'CSINode does not list the driver, so that no pod with its volumes can come to this node; the kubelet tries 5 times, from 10 ms on',
    ],
  }),
];
