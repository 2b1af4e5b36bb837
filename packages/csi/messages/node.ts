import type { NodeServiceCapabilityRPCType } from './enums.ts';
import type { CapacityRange, Topology, VolumeCapability, VolumeCondition, VolumeUsage } from './volume.ts';

/** Asks that a volume be prepared on this node, once for all that will use it here. */
export interface NodeStageVolumeRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
  /** Exactly what `controllerPublishVolume` answered; 4 KiB in total at most. */
  readonly publishContext?: Readonly<Record<string, string>>;
  /** An absolute path; the directory is there, one for each volume. May exceed 128 bytes. */
  readonly stagingTargetPath: string;
  /** How it will be used. */
  readonly volumeCapability: VolumeCapability;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Exactly what `createVolume` answered as the volume's context; 4 KiB in total at most. */
  readonly volumeContext?: Readonly<Record<string, string>>;
}

/** The volume is prepared. */
export type NodeStageVolumeResponse = Readonly<Record<never, never>>;

/** Asks that the preparation be undone. */
export interface NodeUnstageVolumeRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
  /** The path of `nodeStageVolume`. */
  readonly stagingTargetPath: string;
}

/** Nothing is left at the path. */
export type NodeUnstageVolumeResponse = Readonly<Record<never, never>>;

/** Asks that a volume appear at a path for one workload. */
export interface NodePublishVolumeRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
  /** Exactly what `controllerPublishVolume` answered; 4 KiB in total at most. */
  readonly publishContext?: Readonly<Record<string, string>>;
  /** Where it was staged; required with STAGE_UNSTAGE_VOLUME. */
  readonly stagingTargetPath?: string;
  /**
   * An absolute path whose parent is there; the driver makes the last part, a directory for `mount` and a file for `block`. May exceed
   * 128 bytes.
   */
  readonly targetPath: string;
  /** How it will be used. */
  readonly volumeCapability: VolumeCapability;
  /** Read-only at this path. */
  readonly readonly: boolean;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Exactly what `createVolume` answered as the volume's context; 4 KiB in total at most. */
  readonly volumeContext?: Readonly<Record<string, string>>;
}

/** The volume is at the path. */
export type NodePublishVolumeResponse = Readonly<Record<never, never>>;

/** Asks that a volume vanish from a path. */
export interface NodeUnpublishVolumeRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
  /** The path of `nodePublishVolume`. */
  readonly targetPath: string;
}

/** The path is gone. */
export type NodeUnpublishVolumeResponse = Readonly<Record<never, never>>;

/** Asks how full a volume is. */
export interface NodeGetVolumeStatsRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
  /** Where it is published or staged. */
  readonly volumePath: string;
  /** Where it is staged, if it is. */
  readonly stagingTargetPath?: string;
}

/** How full the volume is. */
export interface NodeGetVolumeStatsResponse {
  /** One entry for each unit. */
  readonly usage?: readonly VolumeUsage[];
  /** Its health; required with VOLUME_CONDITION. */
  readonly volumeCondition?: VolumeCondition;
}

/** Asks what the node service can do. */
export type NodeGetCapabilitiesRequest = Readonly<Record<never, never>>;

/** What the node service can do. */
export interface NodeGetCapabilitiesResponse {
  /** Left out: it only publishes. */
  readonly capabilities?: readonly NodeServiceCapability[];
}

/** One thing that the node service can do. */
export type NodeServiceCapability = { readonly rpc: NodeServiceCapabilityRPC };

/** A call, or a feature of calls. */
export interface NodeServiceCapabilityRPC {
  /** Never UNKNOWN. */
  readonly type: NodeServiceCapabilityRPCType;
}

/** Asks how the driver calls this node. */
export type NodeGetInfoRequest = Readonly<Record<never, never>>;

/** The node, in the driver's words. */
export interface NodeGetInfoResponse {
  /** What `controllerPublishVolume` on this node takes; at most 256 bytes, better 128. */
  readonly nodeId: string;
  /** How many volumes of this driver fit. 0 or left out: the caller decides. */
  readonly maxVolumesPerNode?: number;
  /** Where the node is. Only with VOLUME_ACCESSIBILITY_CONSTRAINTS. */
  readonly accessibleTopology?: Topology;
}

/** Asks that what is on the node grow with its volume. */
export interface NodeExpandVolumeRequest {
  /** The volume, as `createVolume` named it. */
  readonly volumeId: string;
  /** Where it is published, or staged. */
  readonly volumePath: string;
  /** The size to reach; left out: all that the device has. */
  readonly capacityRange?: CapacityRange;
  /** Where it is staged, if it is. */
  readonly stagingTargetPath?: string;
  /** How it is used. */
  readonly volumeCapability?: VolumeCapability;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** It has grown. */
export interface NodeExpandVolumeResponse {
  /** Size now, in bytes; 0 or left out: unknown. */
  readonly capacityBytes?: number;
}
