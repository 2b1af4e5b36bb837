import type { NodeServiceCapabilityRPCType } from './enums.ts';
import type { CapacityRange, Topology, VolumeCapability, VolumeCondition, VolumeUsage } from './volume.ts';

/** TODO-DOC NodeStageVolumeRequest. */
export interface NodeStageVolumeRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC publish_context. */
  readonly publishContext?: Readonly<Record<string, string>>;
  /** TODO-DOC staging_target_path. */
  readonly stagingTargetPath: string;
  /** TODO-DOC volume_capability. */
  readonly volumeCapability: VolumeCapability;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** TODO-DOC volume_context. */
  readonly volumeContext?: Readonly<Record<string, string>>;
}

/** TODO-DOC NodeStageVolumeResponse. */
export type NodeStageVolumeResponse = Readonly<Record<never, never>>;

/** TODO-DOC NodeUnstageVolumeRequest. */
export interface NodeUnstageVolumeRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC staging_target_path. */
  readonly stagingTargetPath: string;
}

/** TODO-DOC NodeUnstageVolumeResponse. */
export type NodeUnstageVolumeResponse = Readonly<Record<never, never>>;

/** TODO-DOC NodePublishVolumeRequest. */
export interface NodePublishVolumeRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC publish_context. */
  readonly publishContext?: Readonly<Record<string, string>>;
  /** TODO-DOC staging_target_path. */
  readonly stagingTargetPath?: string;
  /** TODO-DOC target_path. */
  readonly targetPath: string;
  /** TODO-DOC volume_capability. */
  readonly volumeCapability: VolumeCapability;
  /** TODO-DOC readonly. */
  readonly readonly: boolean;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** TODO-DOC volume_context. */
  readonly volumeContext?: Readonly<Record<string, string>>;
}

/** TODO-DOC NodePublishVolumeResponse. */
export type NodePublishVolumeResponse = Readonly<Record<never, never>>;

/** TODO-DOC NodeUnpublishVolumeRequest. */
export interface NodeUnpublishVolumeRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC target_path. */
  readonly targetPath: string;
}

/** TODO-DOC NodeUnpublishVolumeResponse. */
export type NodeUnpublishVolumeResponse = Readonly<Record<never, never>>;

/** TODO-DOC NodeGetVolumeStatsRequest. */
export interface NodeGetVolumeStatsRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC volume_path. */
  readonly volumePath: string;
  /** TODO-DOC staging_target_path. */
  readonly stagingTargetPath?: string;
}

/** TODO-DOC NodeGetVolumeStatsResponse. */
export interface NodeGetVolumeStatsResponse {
  /** TODO-DOC usage. */
  readonly usage?: readonly VolumeUsage[];
  /** TODO-DOC volume_condition. */
  readonly volumeCondition?: VolumeCondition;
}

/** TODO-DOC NodeGetCapabilitiesRequest. */
export type NodeGetCapabilitiesRequest = Readonly<Record<never, never>>;

/** TODO-DOC NodeGetCapabilitiesResponse. */
export interface NodeGetCapabilitiesResponse {
  /** TODO-DOC capabilities. */
  readonly capabilities?: readonly NodeServiceCapability[];
}

/** TODO-DOC NodeServiceCapability. */
export type NodeServiceCapability = { readonly rpc: NodeServiceCapabilityRPC };

/** TODO-DOC NodeServiceCapability.RPC. */
export interface NodeServiceCapabilityRPC {
  /** TODO-DOC type. */
  readonly type: NodeServiceCapabilityRPCType;
}

/** TODO-DOC NodeGetInfoRequest. */
export type NodeGetInfoRequest = Readonly<Record<never, never>>;

/** TODO-DOC NodeGetInfoResponse. */
export interface NodeGetInfoResponse {
  /** TODO-DOC node_id. */
  readonly nodeId: string;
  /** TODO-DOC max_volumes_per_node. */
  readonly maxVolumesPerNode?: number;
  /** TODO-DOC accessible_topology. */
  readonly accessibleTopology?: Topology;
}

/** TODO-DOC NodeExpandVolumeRequest. */
export interface NodeExpandVolumeRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC volume_path. */
  readonly volumePath: string;
  /** TODO-DOC capacity_range. */
  readonly capacityRange?: CapacityRange;
  /** TODO-DOC staging_target_path. */
  readonly stagingTargetPath?: string;
  /** TODO-DOC volume_capability. */
  readonly volumeCapability?: VolumeCapability;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** TODO-DOC NodeExpandVolumeResponse. */
export interface NodeExpandVolumeResponse {
  /** TODO-DOC capacity_bytes. */
  readonly capacityBytes?: number;
}
