import type { CsiController, CsiGroupController, CsiIdentity, CsiNode, CsiSnapshotMetadata } from './contract.ts';
import type {
  ControllerServiceCapabilityRPCType,
  GroupControllerServiceCapabilityRPCType,
  NodeServiceCapabilityRPCType,
  PluginCapabilityServiceType,
} from './messages/index.ts';

/** A capability with the service that reports it, such as `controller:EXPAND_VOLUME`; `plugin:` ones come from `getPluginCapabilities`. */
export type CapabilityName =
  | `plugin:${PluginCapabilityServiceType}`
  | `controller:${ControllerServiceCapabilityRPCType}`
  | `group:${GroupControllerServiceCapabilityRPCType}`
  | `node:${NodeServiceCapabilityRPCType}`;

/** What one RPC is like, beyond its types: for the descriptors, for callers, for docs and for `slipway explain`. */
export interface MethodFacts {
  /** Name in csi.proto, which is also the spec's section. */
  readonly rpc: string;
  /** A read changes nothing; the others change volumes, snapshots or what is mounted. */
  readonly kind: 'read' | 'change';
  /** The driver has this call if it reports this. Left out: it always has it. */
  readonly capability?: CapabilityName;
  /** The answer is a stream. */
  readonly streaming?: true;
  /** Experimental in the spec. */
  readonly alpha?: true;
  /** Asked on a fixed grid, and normally nothing new is learnt. */
  readonly heartbeat?: true;
}

/** The 3 RPCs of `csi.v1.Identity`, in the order of csi.proto. */
export const identityMethods = {
  getPluginInfo: { rpc: 'GetPluginInfo', kind: 'read' },
  getPluginCapabilities: { rpc: 'GetPluginCapabilities', kind: 'read' },
  probe: { rpc: 'Probe', kind: 'read', heartbeat: true },
} as const satisfies { readonly [M in keyof CsiIdentity]-?: MethodFacts };

/** The 15 RPCs of `csi.v1.Controller`, in the order of csi.proto. */
export const controllerMethods = {
  createVolume: { rpc: 'CreateVolume', kind: 'change', capability: 'controller:CREATE_DELETE_VOLUME' },
  deleteVolume: { rpc: 'DeleteVolume', kind: 'change', capability: 'controller:CREATE_DELETE_VOLUME' },
  controllerPublishVolume: { rpc: 'ControllerPublishVolume', kind: 'change', capability: 'controller:PUBLISH_UNPUBLISH_VOLUME' },
  controllerUnpublishVolume: { rpc: 'ControllerUnpublishVolume', kind: 'change', capability: 'controller:PUBLISH_UNPUBLISH_VOLUME' },
  validateVolumeCapabilities: { rpc: 'ValidateVolumeCapabilities', kind: 'read' },
  listVolumes: { rpc: 'ListVolumes', kind: 'read', capability: 'controller:LIST_VOLUMES' },
  getCapacity: { rpc: 'GetCapacity', kind: 'read', capability: 'controller:GET_CAPACITY' },
  controllerGetCapabilities: { rpc: 'ControllerGetCapabilities', kind: 'read' },
  createSnapshot: { rpc: 'CreateSnapshot', kind: 'change', capability: 'controller:CREATE_DELETE_SNAPSHOT' },
  deleteSnapshot: { rpc: 'DeleteSnapshot', kind: 'change', capability: 'controller:CREATE_DELETE_SNAPSHOT' },
  listSnapshots: { rpc: 'ListSnapshots', kind: 'read', capability: 'controller:LIST_SNAPSHOTS' },
  getSnapshot: { rpc: 'GetSnapshot', kind: 'read', capability: 'controller:GET_SNAPSHOT', alpha: true },
  controllerExpandVolume: { rpc: 'ControllerExpandVolume', kind: 'change', capability: 'controller:EXPAND_VOLUME' },
  controllerGetVolume: { rpc: 'ControllerGetVolume', kind: 'read', capability: 'controller:GET_VOLUME', alpha: true },
  controllerModifyVolume: { rpc: 'ControllerModifyVolume', kind: 'change', capability: 'controller:MODIFY_VOLUME' },
} as const satisfies { readonly [M in keyof CsiController]-?: MethodFacts };

/** The 4 RPCs of `csi.v1.GroupController`, in the order of csi.proto. */
export const groupControllerMethods = {
  groupControllerGetCapabilities: { rpc: 'GroupControllerGetCapabilities', kind: 'read' },
  createVolumeGroupSnapshot: {
    rpc: 'CreateVolumeGroupSnapshot',
    kind: 'change',
    capability: 'group:CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT',
  },
  deleteVolumeGroupSnapshot: {
    rpc: 'DeleteVolumeGroupSnapshot',
    kind: 'change',
    capability: 'group:CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT',
  },
  getVolumeGroupSnapshot: { rpc: 'GetVolumeGroupSnapshot', kind: 'read', capability: 'group:CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT' },
} as const satisfies { readonly [M in keyof CsiGroupController]-?: MethodFacts };

/** The 2 RPCs of `csi.v1.SnapshotMetadata`, in the order of csi.proto. */
export const snapshotMetadataMethods = {
  getMetadataAllocated: {
    rpc: 'GetMetadataAllocated',
    kind: 'read',
    capability: 'plugin:SNAPSHOT_METADATA_SERVICE',
    streaming: true,
    alpha: true,
  },
  getMetadataDelta: { rpc: 'GetMetadataDelta', kind: 'read', capability: 'plugin:SNAPSHOT_METADATA_SERVICE', streaming: true, alpha: true },
} as const satisfies { readonly [M in keyof CsiSnapshotMetadata]-?: MethodFacts };

/** The 8 RPCs of `csi.v1.Node`, in the order of csi.proto. */
export const nodeMethods = {
  nodeStageVolume: { rpc: 'NodeStageVolume', kind: 'change', capability: 'node:STAGE_UNSTAGE_VOLUME' },
  nodeUnstageVolume: { rpc: 'NodeUnstageVolume', kind: 'change', capability: 'node:STAGE_UNSTAGE_VOLUME' },
  nodePublishVolume: { rpc: 'NodePublishVolume', kind: 'change' },
  nodeUnpublishVolume: { rpc: 'NodeUnpublishVolume', kind: 'change' },
  nodeGetVolumeStats: { rpc: 'NodeGetVolumeStats', kind: 'read', capability: 'node:GET_VOLUME_STATS' },
  nodeExpandVolume: { rpc: 'NodeExpandVolume', kind: 'change', capability: 'node:EXPAND_VOLUME' },
  nodeGetCapabilities: { rpc: 'NodeGetCapabilities', kind: 'read' },
  nodeGetInfo: { rpc: 'NodeGetInfo', kind: 'read' },
} as const satisfies { readonly [M in keyof CsiNode]-?: MethodFacts };
