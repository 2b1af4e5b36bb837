import type { ControllerServiceCapabilityRPCType } from './enums.ts';
import type {
  CapacityRange,
  Topology,
  TopologyRequirement,
  Volume,
  VolumeCapability,
  VolumeCondition,
  VolumeContentSource,
} from './volume.ts';

/** TODO-DOC CreateVolumeRequest. */
export interface CreateVolumeRequest {
  /** TODO-DOC name. */
  readonly name: string;
  /** TODO-DOC capacity_range. */
  readonly capacityRange?: CapacityRange;
  /** TODO-DOC volume_capabilities. */
  readonly volumeCapabilities: readonly VolumeCapability[];
  /** TODO-DOC parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** TODO-DOC volume_content_source. */
  readonly volumeContentSource?: VolumeContentSource;
  /** TODO-DOC accessibility_requirements. */
  readonly accessibilityRequirements?: TopologyRequirement;
  /** TODO-DOC mutable_parameters. */
  readonly mutableParameters?: Readonly<Record<string, string>>;
}

/** TODO-DOC CreateVolumeResponse. */
export interface CreateVolumeResponse {
  /** TODO-DOC volume. */
  readonly volume: Volume;
}

/** TODO-DOC DeleteVolumeRequest. */
export interface DeleteVolumeRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** TODO-DOC DeleteVolumeResponse. */
export type DeleteVolumeResponse = Readonly<Record<never, never>>;

/** TODO-DOC ControllerPublishVolumeRequest. */
export interface ControllerPublishVolumeRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC node_id. */
  readonly nodeId: string;
  /** TODO-DOC volume_capability. */
  readonly volumeCapability: VolumeCapability;
  /** TODO-DOC readonly. */
  readonly readonly: boolean;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** TODO-DOC volume_context. */
  readonly volumeContext?: Readonly<Record<string, string>>;
}

/** TODO-DOC ControllerPublishVolumeResponse. */
export interface ControllerPublishVolumeResponse {
  /** TODO-DOC publish_context. */
  readonly publishContext?: Readonly<Record<string, string>>;
}

/** TODO-DOC ControllerUnpublishVolumeRequest. */
export interface ControllerUnpublishVolumeRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC node_id. */
  readonly nodeId?: string;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** TODO-DOC ControllerUnpublishVolumeResponse. */
export type ControllerUnpublishVolumeResponse = Readonly<Record<never, never>>;

/** TODO-DOC ValidateVolumeCapabilitiesRequest. */
export interface ValidateVolumeCapabilitiesRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC volume_context. */
  readonly volumeContext?: Readonly<Record<string, string>>;
  /** TODO-DOC volume_capabilities. */
  readonly volumeCapabilities: readonly VolumeCapability[];
  /** TODO-DOC parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** TODO-DOC mutable_parameters. */
  readonly mutableParameters?: Readonly<Record<string, string>>;
}

/** TODO-DOC ValidateVolumeCapabilitiesResponse. */
export interface ValidateVolumeCapabilitiesResponse {
  /** TODO-DOC confirmed. */
  readonly confirmed?: ValidateVolumeCapabilitiesResponseConfirmed;
  /** TODO-DOC message. */
  readonly message?: string;
}

/** TODO-DOC ValidateVolumeCapabilitiesResponse.Confirmed. */
export interface ValidateVolumeCapabilitiesResponseConfirmed {
  /** TODO-DOC volume_context. */
  readonly volumeContext?: Readonly<Record<string, string>>;
  /** TODO-DOC volume_capabilities. */
  readonly volumeCapabilities: readonly VolumeCapability[];
  /** TODO-DOC parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** TODO-DOC mutable_parameters. */
  readonly mutableParameters?: Readonly<Record<string, string>>;
}

/** TODO-DOC ListVolumesRequest. */
export interface ListVolumesRequest {
  /** TODO-DOC max_entries. */
  readonly maxEntries?: number;
  /** TODO-DOC starting_token. */
  readonly startingToken?: string;
}

/** TODO-DOC ListVolumesResponse. */
export interface ListVolumesResponse {
  /** TODO-DOC entries. */
  readonly entries?: readonly ListVolumesResponseEntry[];
  /** TODO-DOC next_token. */
  readonly nextToken?: string;
}

/** TODO-DOC ListVolumesResponse.VolumeStatus. */
export interface ListVolumesResponseVolumeStatus {
  /** TODO-DOC published_node_ids. */
  readonly publishedNodeIds?: readonly string[];
  /** TODO-DOC volume_condition. */
  readonly volumeCondition?: VolumeCondition;
}

/** TODO-DOC ListVolumesResponse.Entry. */
export interface ListVolumesResponseEntry {
  /** TODO-DOC volume. */
  readonly volume: Volume;
  /** TODO-DOC status. */
  readonly status?: ListVolumesResponseVolumeStatus;
}

/** TODO-DOC ControllerGetVolumeRequest. */
export interface ControllerGetVolumeRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
}

/** TODO-DOC ControllerGetVolumeResponse. */
export interface ControllerGetVolumeResponse {
  /** TODO-DOC volume. */
  readonly volume: Volume;
  /** TODO-DOC status. */
  readonly status: ControllerGetVolumeResponseVolumeStatus;
}

/** TODO-DOC ControllerGetVolumeResponse.VolumeStatus. */
export interface ControllerGetVolumeResponseVolumeStatus {
  /** TODO-DOC published_node_ids. */
  readonly publishedNodeIds?: readonly string[];
  /** TODO-DOC volume_condition. */
  readonly volumeCondition?: VolumeCondition;
}

/** TODO-DOC ControllerModifyVolumeRequest. */
export interface ControllerModifyVolumeRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** TODO-DOC mutable_parameters. */
  readonly mutableParameters: Readonly<Record<string, string>>;
}

/** TODO-DOC ControllerModifyVolumeResponse. */
export type ControllerModifyVolumeResponse = Readonly<Record<never, never>>;

/** TODO-DOC GetCapacityRequest. */
export interface GetCapacityRequest {
  /** TODO-DOC volume_capabilities. */
  readonly volumeCapabilities?: readonly VolumeCapability[];
  /** TODO-DOC parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** TODO-DOC accessible_topology. */
  readonly accessibleTopology?: Topology;
}

/** TODO-DOC GetCapacityResponse. */
export interface GetCapacityResponse {
  /** TODO-DOC available_capacity. */
  readonly availableCapacity: number;
  /** TODO-DOC maximum_volume_size. */
  readonly maximumVolumeSize?: number;
  /** TODO-DOC minimum_volume_size. */
  readonly minimumVolumeSize?: number;
}

/** TODO-DOC ControllerGetCapabilitiesRequest. */
export type ControllerGetCapabilitiesRequest = Readonly<Record<never, never>>;

/** TODO-DOC ControllerGetCapabilitiesResponse. */
export interface ControllerGetCapabilitiesResponse {
  /** TODO-DOC capabilities. */
  readonly capabilities?: readonly ControllerServiceCapability[];
}

/** TODO-DOC ControllerServiceCapability. */
export type ControllerServiceCapability = { readonly rpc: ControllerServiceCapabilityRPC };

/** TODO-DOC ControllerServiceCapability.RPC. */
export interface ControllerServiceCapabilityRPC {
  /** TODO-DOC type. */
  readonly type: ControllerServiceCapabilityRPCType;
}

/** TODO-DOC ControllerExpandVolumeRequest. */
export interface ControllerExpandVolumeRequest {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC capacity_range. */
  readonly capacityRange: CapacityRange;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** TODO-DOC volume_capability. */
  readonly volumeCapability?: VolumeCapability;
}

/** TODO-DOC ControllerExpandVolumeResponse. */
export interface ControllerExpandVolumeResponse {
  /** TODO-DOC capacity_bytes. */
  readonly capacityBytes: number;
  /** TODO-DOC node_expansion_required. */
  readonly nodeExpansionRequired: boolean;
}
