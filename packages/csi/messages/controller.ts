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

/** Asks for a volume. */
export interface CreateVolumeRequest {
  /**
   * Chosen by the caller; the same name means the same volume, which makes the call safe to repeat. At most 128 bytes, no control
   * characters. A driver may name the storage so.
   */
  readonly name: string;
  /** How large it shall be, also when it is made from a source. Left out: the driver decides. */
  readonly capacityRange?: CapacityRange;
  /** All the ways in which it will be used; at least one. One that is not supported fails the call. */
  readonly volumeCapabilities: readonly VolumeCapability[];
  /** Opaque settings for the driver, as a StorageClass has them; 4 KiB in total at most. */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What it shall contain from the start. Left out: nothing. */
  readonly volumeContentSource?: VolumeContentSource;
  /** From where it has to be reachable. Only for drivers with VOLUME_ACCESSIBILITY_CONSTRAINTS. */
  readonly accessibilityRequirements?: TopologyRequirement;
  /**
   * Settings that `controllerModifyVolume` may change later; of a key in both maps this one counts. Only for drivers with
   * MODIFY_VOLUME.
   */
  readonly mutableParameters?: Readonly<Record<string, string>>;
}

/** The volume that now exists. */
export interface CreateVolumeResponse {
  /** At least as large as required, and within the limit. */
  readonly volume: Volume;
}

/** Asks that a volume be gone. */
export interface DeleteVolumeRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** The volume is gone, or was not there. */
export type DeleteVolumeResponse = Readonly<Record<never, never>>;

/** Asks that a volume be made available to a node. */
export interface ControllerPublishVolumeRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
  /** The node, as `nodeGetInfo` on it answered. */
  readonly nodeId: string;
  /** How it will be used there. */
  readonly volumeCapability: VolumeCapability;
  /** Read-only for this node. False for drivers without PUBLISH_READONLY. */
  readonly readonly: boolean;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Exactly what `createVolume` answered as the volume's context; 4 KiB in total at most. */
  readonly volumeContext?: Readonly<Record<string, string>>;
}

/** The volume is available to the node. */
export interface ControllerPublishVolumeResponse {
  /** Opaque properties, such as the device's path, for staging and publishing on that node; no secrets; 4 KiB in total at most. */
  readonly publishContext?: Readonly<Record<string, string>>;
}

/** Asks that a volume no longer be available to a node. */
export interface ControllerUnpublishVolumeRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
  /** The node. Left out or empty: all nodes that have it. */
  readonly nodeId?: string;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** The node no longer has the volume, or never had it. */
export type ControllerUnpublishVolumeResponse = Readonly<Record<never, never>>;

/** Asks whether a volume that exists can be used in certain ways. */
export interface ValidateVolumeCapabilitiesRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
  /** Exactly what `createVolume` answered as the volume's context; 4 KiB in total at most. */
  readonly volumeContext?: Readonly<Record<string, string>>;
  /** The ways; at least one. */
  readonly volumeCapabilities: readonly VolumeCapability[];
  /** What it was made with, if that shall be checked too. */
  readonly parameters?: Readonly<Record<string, string>>;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The changeable part of what it was made with, if that shall be checked too. */
  readonly mutableParameters?: Readonly<Record<string, string>>;
}

/** Whether the volume can be used so. */
export interface ValidateVolumeCapabilitiesResponse {
  /** Given only if everything that was asked is supported. */
  readonly confirmed?: ValidateVolumeCapabilitiesResponseConfirmed;
  /** Why not, for people. */
  readonly message?: string;
}

/** What the driver has checked; the caller compares it with what it asked, since an older driver may not know newer fields. */
export interface ValidateVolumeCapabilitiesResponseConfirmed {
  /** As in the request, if it was checked. */
  readonly volumeContext?: Readonly<Record<string, string>>;
  /** As in the request. */
  readonly volumeCapabilities: readonly VolumeCapability[];
  /** As in the request, if they were checked. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** As in the request, if they were checked. */
  readonly mutableParameters?: Readonly<Record<string, string>>;
}

/** Asks for volumes, a page at a time. */
export interface ListVolumesRequest {
  /** At most so many entries in one answer; 0 or left out: the driver decides. */
  readonly maxEntries?: number;
  /** Where to go on: `nextToken` of an answer before. Left out or empty: at the start. */
  readonly startingToken?: string;
}

/** Volumes that the driver knows. Pages are no snapshot: what is made or deleted in between may be missed or seen. */
export interface ListVolumesResponse {
  /** Left out: none. */
  readonly entries?: readonly ListVolumesResponseEntry[];
  /** Where to go on; left out or empty: these were the last. */
  readonly nextToken?: string;
}

/** How a listed volume is. */
export interface ListVolumesResponseVolumeStatus {
  /** Nodes that it is available to; needs LIST_VOLUMES_PUBLISHED_NODES. */
  readonly publishedNodeIds?: readonly string[];
  /** Its health; needs VOLUME_CONDITION. */
  readonly volumeCondition?: VolumeCondition;
}

/** One volume of the list. */
export interface ListVolumesResponseEntry {
  /** What it is. */
  readonly volume: Volume;
  /** How it is. */
  readonly status?: ListVolumesResponseVolumeStatus;
}

/** Asks for one volume. */
export interface ControllerGetVolumeRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
}

/** One volume. */
export interface ControllerGetVolumeResponse {
  /** What it is. */
  readonly volume: Volume;
  /** How it is. */
  readonly status: ControllerGetVolumeResponseVolumeStatus;
}

/** How the volume is. */
export interface ControllerGetVolumeResponseVolumeStatus {
  /** Nodes that it is available to; needs LIST_VOLUMES_PUBLISHED_NODES. */
  readonly publishedNodeIds?: readonly string[];
  /** Its health; required with VOLUME_CONDITION. */
  readonly volumeCondition?: VolumeCondition;
}

/** Asks for other settings of a volume. */
export interface ControllerModifyVolumeRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The settings to change; a key that is not here keeps its value. 4 KiB in total at most. */
  readonly mutableParameters: Readonly<Record<string, string>>;
}

/** All settings are as asked. */
export type ControllerModifyVolumeResponse = Readonly<Record<never, never>>;

/** Asks how much room there is; every field that is given narrows the question. */
export interface GetCapacityRequest {
  /** For volumes that can be used in all these ways. */
  readonly volumeCapabilities?: readonly VolumeCapability[];
  /** For volumes made with these. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** For volumes reachable from here. */
  readonly accessibleTopology?: Topology;
}

/** How much room there is, in bytes. */
export interface GetCapacityResponse {
  /** Sum that can still be given out; may be 0. */
  readonly availableCapacity: number;
  /** Largest size that one volume may have. */
  readonly maximumVolumeSize?: number;
  /** Smallest size that one volume may have. */
  readonly minimumVolumeSize?: number;
}

/** Asks what the controller service can do. */
export type ControllerGetCapabilitiesRequest = Readonly<Record<never, never>>;

/** What the controller service can do. */
export interface ControllerGetCapabilitiesResponse {
  /** Left out: it only validates. */
  readonly capabilities?: readonly ControllerServiceCapability[];
}

/** One thing that the controller service can do. */
export type ControllerServiceCapability = { readonly rpc: ControllerServiceCapabilityRPC };

/** A call, or a feature of calls. */
export interface ControllerServiceCapabilityRPC {
  /** Never UNKNOWN. */
  readonly type: ControllerServiceCapabilityRPCType;
}

/** Asks that a volume grow. */
export interface ControllerExpandVolumeRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
  /** The new size. */
  readonly capacityRange: CapacityRange;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** How the volume is used, if that matters for growing. */
  readonly volumeCapability?: VolumeCapability;
}

/** The volume has grown, as far as the storage system goes. */
export interface ControllerExpandVolumeResponse {
  /** Size now, in bytes. */
  readonly capacityBytes: number;
  /** Whether `nodeExpandVolume` has to follow on the node, as for a file system. */
  readonly nodeExpansionRequired: boolean;
}
