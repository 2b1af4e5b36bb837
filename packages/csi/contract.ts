import type { Implementation, Stream, Token } from '@slipway/kernel';
import { token } from '@slipway/kernel';
import type * as m from './messages/index.ts';

/**
 * What every CSI driver answers, whichever half runs: who it is, what it has, whether it is well. CSI 1.12, "Identity Service RPC".
 *
 * Every call of every service may also fail with INVALID_ARGUMENT (a field is missing or wrong), PERMISSION_DENIED or UNAUTHENTICATED (the
 * secrets), ABORTED (busy with the same volume; try again later) and UNIMPLEMENTED (read the capabilities; do not try again). Sizes are
 * bytes, up to 2^53 - 1; texts have at most 128 bytes and maps 4 KiB, unless the field says otherwise.
 */
export interface CsiIdentity {
  /** The driver's name and version. Safe to repeat. Spec: "GetPluginInfo". */
  getPluginInfo(request: m.GetPluginInfoRequest): m.GetPluginInfoResponse;

  /** Which services there are, whether topology counts, and when volumes may grow. Safe to repeat. Spec: "GetPluginCapabilities". */
  getPluginCapabilities(request: m.GetPluginCapabilitiesRequest): m.GetPluginCapabilitiesResponse;

  /** Whether the driver is well. Safe to repeat. @throws CsiError FAILED_PRECONDITION (not healthy, or something that it needs is missing). Spec: "Probe". */
  probe(request: m.ProbeRequest): m.ProbeResponse;
}

/**
 * Controller half of a CSI driver: makes volumes and gives them to nodes; it may run anywhere. CSI 1.12, "Controller Service RPC".
 * Which calls there are, `controllerGetCapabilities` tells.
 */
export interface CsiController {
  /**
   * Makes the volume called `name`, or returns the compatible one that already has it; safe to repeat.
   *
   * @returns a volume of at least `requiredBytes` and at most `limitBytes`, reachable from the wanted topology
   * @throws CsiError ALREADY_EXISTS (same name, other arguments), NOT_FOUND (no such source), INVALID_ARGUMENT (source or parameters not
   *   supported), OUT_OF_RANGE (no such size), RESOURCE_EXHAUSTED (no room in the wanted topology). Spec: "CreateVolume".
   */
  createVolume?(request: m.CreateVolumeRequest): m.CreateVolumeResponse;

  /** Makes the volume be gone; an unknown one is. Safe to repeat. @throws CsiError FAILED_PRECONDITION (in use, or snapshots depend on it). Spec: "DeleteVolume". */
  deleteVolume?(request: m.DeleteVolumeRequest): m.DeleteVolumeResponse;

  /**
   * Makes the volume available to a node, after `createVolume` and before anything happens on the node. Safe to repeat with the same
   * capability and `readonly`.
   *
   * @throws CsiError NOT_FOUND (volume or node), ALREADY_EXISTS (there in an incompatible way), FAILED_PRECONDITION (on another node, and
   *   not for many), RESOURCE_EXHAUSTED (the node has as many as it takes). Spec: "ControllerPublishVolume".
   */
  controllerPublishVolume?(request: m.ControllerPublishVolumeRequest): m.ControllerPublishVolumeResponse;

  /**
   * Takes the volume from a node, or from all nodes; comes after everything on the node is undone. Safe to repeat; a volume or node
   * that is gone should count as done.
   *
   * @throws CsiError NOT_FOUND (volume or node unknown, and the driver cannot be sure). Spec: "ControllerUnpublishVolume".
   */
  controllerUnpublishVolume?(request: m.ControllerUnpublishVolumeRequest): m.ControllerUnpublishVolumeResponse;

  /** Whether the volume can be used in all these ways: `confirmed` says yes. Safe to repeat. @throws CsiError NOT_FOUND. Spec: "ValidateVolumeCapabilities". */
  validateVolumeCapabilities(request: m.ValidateVolumeCapabilitiesRequest): m.ValidateVolumeCapabilitiesResponse;

  /** All volumes that the driver knows, in pages. Safe to repeat. @throws CsiError ABORTED (bad token; start anew without one). Spec: "ListVolumes". */
  listVolumes?(request: m.ListVolumesRequest): m.ListVolumesResponse;

  /** Bytes that can still be given out, under all conditions that the request has. Safe to repeat. Spec: "GetCapacity". */
  getCapacity?(request: m.GetCapacityRequest): m.GetCapacityResponse;

  /** Which calls and features this service has; the same for as long as it runs. Safe to repeat. Spec: "ControllerGetCapabilities". */
  controllerGetCapabilities(request: m.ControllerGetCapabilitiesRequest): m.ControllerGetCapabilitiesResponse;

  /**
   * Cuts the snapshot called `name`, or returns the one of this volume that already has it; safe to repeat, and to be repeated while
   * `readyToUse` is false.
   *
   * @throws CsiError ALREADY_EXISTS (name taken by another volume's), ABORTED (busy with it), RESOURCE_EXHAUSTED (no room), NOT_FOUND
   *   (no such volume; common among drivers, not in the spec's table). Spec: "CreateSnapshot".
   */
  createSnapshot?(request: m.CreateSnapshotRequest): m.CreateSnapshotResponse;

  /**
   * Makes the snapshot be gone; an unknown one is. Safe to repeat.
   *
   * @throws CsiError INVALID_ARGUMENT (member of a group), FAILED_PRECONDITION (in use), ABORTED (busy with it). Spec: "DeleteSnapshot".
   */
  deleteSnapshot?(request: m.DeleteSnapshotRequest): m.DeleteSnapshotResponse;

  /** Snapshots that are cut, in pages, filtered. Safe to repeat. @throws CsiError ABORTED (bad token; start anew without one). Spec: "ListSnapshots". */
  listSnapshots?(request: m.ListSnapshotsRequest): m.ListSnapshotsResponse;

  /** One snapshot. Safe to repeat. Alpha. @throws CsiError NOT_FOUND. Spec: "GetSnapshot". */
  getSnapshot?(request: m.GetSnapshotRequest): m.GetSnapshotResponse;

  /**
   * Grows the volume; one that is large enough stays as it is. Safe to repeat.
   *
   * @throws CsiError NOT_FOUND, OUT_OF_RANGE (no such size), FAILED_PRECONDITION (in use, and the driver grows offline only),
   *   INVALID_ARGUMENT (capability not supported). Spec: "ControllerExpandVolume".
   */
  controllerExpandVolume?(request: m.ControllerExpandVolumeRequest): m.ControllerExpandVolumeResponse;

  /** One volume, where it is published and how it fares. Safe to repeat. Alpha. @throws CsiError NOT_FOUND. Spec: "ControllerGetVolume". */
  controllerGetVolume?(request: m.ControllerGetVolumeRequest): m.ControllerGetVolumeResponse;

  /**
   * Changes settings of a volume, all of them or none. Safe to repeat.
   *
   * @throws CsiError NOT_FOUND, INVALID_ARGUMENT (a key or value that the driver does not know; nothing is changed).
   *   Spec: "ControllerModifyVolume".
   */
  controllerModifyVolume?(request: m.ControllerModifyVolumeRequest): m.ControllerModifyVolumeResponse;
}

/** Snapshots of several volumes at one instant. CSI 1.12, "Group Controller Service RPC". */
export interface CsiGroupController {
  /** Which calls this service has. Safe to repeat. Spec: "GroupControllerGetCapabilities". */
  groupControllerGetCapabilities(request: m.GroupControllerGetCapabilitiesRequest): m.GroupControllerGetCapabilitiesResponse;

  /**
   * Cuts all snapshots of the group called `name`, or none; returns the same group for the same name and volumes. Safe to repeat.
   *
   * @throws CsiError ALREADY_EXISTS (name taken with other arguments), FAILED_PRECONDITION (these cannot be cut together),
   *   RESOURCE_EXHAUSTED (no room). Spec: "CreateVolumeGroupSnapshot".
   */
  createVolumeGroupSnapshot?(request: m.CreateVolumeGroupSnapshotRequest): m.CreateVolumeGroupSnapshotResponse;

  /**
   * Makes the group and its snapshots be gone; an unknown one is. Safe to repeat.
   *
   * @throws CsiError INVALID_ARGUMENT (other snapshots than the group has), FAILED_PRECONDITION (in use). Spec: "DeleteVolumeGroupSnapshot".
   */
  deleteVolumeGroupSnapshot?(request: m.DeleteVolumeGroupSnapshotRequest): m.DeleteVolumeGroupSnapshotResponse;

  /** One group. Safe to repeat. @throws CsiError NOT_FOUND, INVALID_ARGUMENT (other snapshots than the group has). Spec: "GetVolumeGroupSnapshot". */
  getVolumeGroupSnapshot?(request: m.GetVolumeGroupSnapshotRequest): m.GetVolumeGroupSnapshotResponse;
}

/**
 * Which blocks of snapshots hold data, for backups. Alpha. CSI 1.12, "Snapshot Metadata Service RPC". A stream that ends with an error is
 * not complete; go on from the last byte that was told.
 */
export interface CsiSnapshotMetadata {
  /** Blocks that hold data. Safe to repeat. @throws CsiError NOT_FOUND, OUT_OF_RANGE (offset negative or beyond the end), INVALID_ARGUMENT. Spec: "GetMetadataAllocated". */
  getMetadataAllocated(request: m.GetMetadataAllocatedRequest): Stream<m.GetMetadataAllocatedResponse>;

  /**
   * Blocks that differ between two snapshots of one volume. Safe to repeat.
   *
   * @throws CsiError NOT_FOUND (either), OUT_OF_RANGE (offset negative or beyond the end), FAILED_PRECONDITION (changes are not tracked),
   *   INVALID_ARGUMENT. Spec: "GetMetadataDelta".
   */
  getMetadataDelta(request: m.GetMetadataDeltaRequest): Stream<m.GetMetadataDeltaResponse>;
}

/**
 * Node half of a CSI driver: one on each node, called by its kubelet. CSI 1.12, "Node Service RPC". With STAGE_UNSTAGE_VOLUME a volume is
 * staged once per node before its first publish and unstaged after its last unpublish.
 */
export interface CsiNode {
  /**
   * Prepares the volume on this node: finds the device, makes a file system if there is none, mounts it at the staging path. Safe to
   * repeat with the same arguments. Also repairs what a power loss undid.
   *
   * @throws CsiError NOT_FOUND, ALREADY_EXISTS (staged there in an incompatible way), FAILED_PRECONDITION (capability not supported).
   *   Spec: "NodeStageVolume".
   */
  nodeStageVolume?(request: m.NodeStageVolumeRequest): m.NodeStageVolumeResponse;

  /** Undoes the preparation; a volume that is not staged there is no error. Safe to repeat. @throws CsiError NOT_FOUND. Spec: "NodeUnstageVolume". */
  nodeUnstageVolume?(request: m.NodeUnstageVolumeRequest): m.NodeUnstageVolumeResponse;

  /**
   * Makes the volume appear at the target path. Safe to repeat with the same arguments; what a second path may do, the access mode says.
   *
   * @throws CsiError NOT_FOUND, ALREADY_EXISTS (at that path with other arguments), FAILED_PRECONDITION (not staged, capability not
   *   supported, or a second path for a volume that allows one). Spec: "NodePublishVolume".
   */
  nodePublishVolume(request: m.NodePublishVolumeRequest): m.NodePublishVolumeResponse;

  /** Makes the target path be gone, with what the driver made there. Safe to repeat. @throws CsiError NOT_FOUND. Spec: "NodeUnpublishVolume". */
  nodeUnpublishVolume(request: m.NodeUnpublishVolumeRequest): m.NodeUnpublishVolumeResponse;

  /** How full the volume is. Safe to repeat. @throws CsiError NOT_FOUND (unknown, or not at that path). Spec: "NodeGetVolumeStats". */
  nodeGetVolumeStats?(request: m.NodeGetVolumeStatsRequest): m.NodeGetVolumeStatsResponse;

  /**
   * Grows what is on the node, such as a file system; one that is large enough stays as it is. Safe to repeat.
   *
   * @throws CsiError NOT_FOUND, OUT_OF_RANGE (no such size), FAILED_PRECONDITION (cannot grow while in use), INVALID_ARGUMENT (capability
   *   not supported). Spec: "NodeExpandVolume".
   */
  nodeExpandVolume?(request: m.NodeExpandVolumeRequest): m.NodeExpandVolumeResponse;

  /** Which calls and features this service has. Safe to repeat. Spec: "NodeGetCapabilities". */
  nodeGetCapabilities(request: m.NodeGetCapabilitiesRequest): m.NodeGetCapabilitiesResponse;

  /** The node's name, limits and place in the driver's words. Asked at registration; safe to repeat. Spec: "NodeGetInfo". */
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
