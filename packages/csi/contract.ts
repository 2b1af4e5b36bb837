import type { Implementation, Stream, Token } from '@slipway/kernel';
import { token } from '@slipway/kernel';
import type * as m from './messages/index.ts';

/** TODO-DOC service Identity. */
export interface CsiIdentity {
  /** TODO-DOC GetPluginInfo. */
  getPluginInfo(request: m.GetPluginInfoRequest): m.GetPluginInfoResponse;
  /** TODO-DOC GetPluginCapabilities. */
  getPluginCapabilities(request: m.GetPluginCapabilitiesRequest): m.GetPluginCapabilitiesResponse;
  /** TODO-DOC Probe. */
  probe(request: m.ProbeRequest): m.ProbeResponse;
}

/** TODO-DOC service Controller. */
export interface CsiController {
  /** TODO-DOC CreateVolume. */
  createVolume?(request: m.CreateVolumeRequest): m.CreateVolumeResponse;
  /** TODO-DOC DeleteVolume. */
  deleteVolume?(request: m.DeleteVolumeRequest): m.DeleteVolumeResponse;
  /** TODO-DOC ControllerPublishVolume. */
  controllerPublishVolume?(request: m.ControllerPublishVolumeRequest): m.ControllerPublishVolumeResponse;
  /** TODO-DOC ControllerUnpublishVolume. */
  controllerUnpublishVolume?(request: m.ControllerUnpublishVolumeRequest): m.ControllerUnpublishVolumeResponse;
  /** TODO-DOC ValidateVolumeCapabilities. */
  validateVolumeCapabilities(request: m.ValidateVolumeCapabilitiesRequest): m.ValidateVolumeCapabilitiesResponse;
  /** TODO-DOC ListVolumes. */
  listVolumes?(request: m.ListVolumesRequest): m.ListVolumesResponse;
  /** TODO-DOC GetCapacity. */
  getCapacity?(request: m.GetCapacityRequest): m.GetCapacityResponse;
  /** TODO-DOC ControllerGetCapabilities. */
  controllerGetCapabilities(request: m.ControllerGetCapabilitiesRequest): m.ControllerGetCapabilitiesResponse;
  /** TODO-DOC CreateSnapshot. */
  createSnapshot?(request: m.CreateSnapshotRequest): m.CreateSnapshotResponse;
  /** TODO-DOC DeleteSnapshot. */
  deleteSnapshot?(request: m.DeleteSnapshotRequest): m.DeleteSnapshotResponse;
  /** TODO-DOC ListSnapshots. */
  listSnapshots?(request: m.ListSnapshotsRequest): m.ListSnapshotsResponse;
  /** TODO-DOC GetSnapshot. */
  getSnapshot?(request: m.GetSnapshotRequest): m.GetSnapshotResponse;
  /** TODO-DOC ControllerExpandVolume. */
  controllerExpandVolume?(request: m.ControllerExpandVolumeRequest): m.ControllerExpandVolumeResponse;
  /** TODO-DOC ControllerGetVolume. */
  controllerGetVolume?(request: m.ControllerGetVolumeRequest): m.ControllerGetVolumeResponse;
  /** TODO-DOC ControllerModifyVolume. */
  controllerModifyVolume?(request: m.ControllerModifyVolumeRequest): m.ControllerModifyVolumeResponse;
}

/** TODO-DOC service GroupController. */
export interface CsiGroupController {
  /** TODO-DOC GroupControllerGetCapabilities. */
  groupControllerGetCapabilities(request: m.GroupControllerGetCapabilitiesRequest): m.GroupControllerGetCapabilitiesResponse;
  /** TODO-DOC CreateVolumeGroupSnapshot. */
  createVolumeGroupSnapshot?(request: m.CreateVolumeGroupSnapshotRequest): m.CreateVolumeGroupSnapshotResponse;
  /** TODO-DOC DeleteVolumeGroupSnapshot. */
  deleteVolumeGroupSnapshot?(request: m.DeleteVolumeGroupSnapshotRequest): m.DeleteVolumeGroupSnapshotResponse;
  /** TODO-DOC GetVolumeGroupSnapshot. */
  getVolumeGroupSnapshot?(request: m.GetVolumeGroupSnapshotRequest): m.GetVolumeGroupSnapshotResponse;
}

/** TODO-DOC service SnapshotMetadata. */
export interface CsiSnapshotMetadata {
  /** TODO-DOC GetMetadataAllocated. */
  getMetadataAllocated(request: m.GetMetadataAllocatedRequest): Stream<m.GetMetadataAllocatedResponse>;
  /** TODO-DOC GetMetadataDelta. */
  getMetadataDelta(request: m.GetMetadataDeltaRequest): Stream<m.GetMetadataDeltaResponse>;
}

/** TODO-DOC service Node. */
export interface CsiNode {
  /** TODO-DOC NodeStageVolume. */
  nodeStageVolume?(request: m.NodeStageVolumeRequest): m.NodeStageVolumeResponse;
  /** TODO-DOC NodeUnstageVolume. */
  nodeUnstageVolume?(request: m.NodeUnstageVolumeRequest): m.NodeUnstageVolumeResponse;
  /** TODO-DOC NodePublishVolume. */
  nodePublishVolume(request: m.NodePublishVolumeRequest): m.NodePublishVolumeResponse;
  /** TODO-DOC NodeUnpublishVolume. */
  nodeUnpublishVolume(request: m.NodeUnpublishVolumeRequest): m.NodeUnpublishVolumeResponse;
  /** TODO-DOC NodeGetVolumeStats. */
  nodeGetVolumeStats?(request: m.NodeGetVolumeStatsRequest): m.NodeGetVolumeStatsResponse;
  /** TODO-DOC NodeExpandVolume. */
  nodeExpandVolume?(request: m.NodeExpandVolumeRequest): m.NodeExpandVolumeResponse;
  /** TODO-DOC NodeGetCapabilities. */
  nodeGetCapabilities(request: m.NodeGetCapabilitiesRequest): m.NodeGetCapabilitiesResponse;
  /** TODO-DOC NodeGetInfo. */
  nodeGetInfo(request: m.NodeGetInfoRequest): m.NodeGetInfoResponse;
}

/** Registered symbol, because a visitor's plugin may load its own copy of this package. */
export const CSI_IDENTITY: Token<Implementation<CsiIdentity>> = token('@slipway/csi/CsiIdentity');
/** Registered symbol, because a visitor's plugin may load its own copy of this package. */
export const CSI_CONTROLLER: Token<Implementation<CsiController>> = token('@slipway/csi/CsiController');
/** Registered symbol, because a visitor's plugin may load its own copy of this package. */
export const CSI_GROUP_CONTROLLER: Token<Implementation<CsiGroupController>> = token('@slipway/csi/CsiGroupController');
/** Registered symbol, because a visitor's plugin may load its own copy of this package. */
export const CSI_SNAPSHOT_METADATA: Token<Implementation<CsiSnapshotMetadata>> = token('@slipway/csi/CsiSnapshotMetadata');
/** Registered symbol, because a visitor's plugin may load its own copy of this package. */
export const CSI_NODE: Token<Implementation<CsiNode>> = token('@slipway/csi/CsiNode');
