import type { VolumeCapabilityAccessModeMode, VolumeUsageUnit } from './enums.ts';

/** TODO-DOC VolumeContentSource. */
export type VolumeContentSource =
  | { readonly snapshot: VolumeContentSourceSnapshotSource }
  | { readonly volume: VolumeContentSourceVolumeSource };

/** TODO-DOC VolumeContentSource.SnapshotSource. */
export interface VolumeContentSourceSnapshotSource {
  /** TODO-DOC snapshot_id. */
  readonly snapshotId: string;
}

/** TODO-DOC VolumeContentSource.VolumeSource. */
export interface VolumeContentSourceVolumeSource {
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
}

/** TODO-DOC VolumeCapability. */
export type VolumeCapability = ({ readonly block: VolumeCapabilityBlockVolume } | { readonly mount: VolumeCapabilityMountVolume }) & {
  /** TODO-DOC access_mode. */
  readonly accessMode: VolumeCapabilityAccessMode;
};

/** TODO-DOC VolumeCapability.BlockVolume. */
export type VolumeCapabilityBlockVolume = Readonly<Record<never, never>>;

/** TODO-DOC VolumeCapability.MountVolume. */
export interface VolumeCapabilityMountVolume {
  /** TODO-DOC fs_type. */
  readonly fsType?: string;
  /** TODO-DOC mount_flags. */
  readonly mountFlags?: readonly string[];
  /** TODO-DOC volume_mount_group. */
  readonly volumeMountGroup?: string;
}

/** TODO-DOC VolumeCapability.AccessMode. */
export interface VolumeCapabilityAccessMode {
  /** TODO-DOC mode. */
  readonly mode: VolumeCapabilityAccessModeMode;
}

/** TODO-DOC CapacityRange. */
export interface CapacityRange {
  /** TODO-DOC required_bytes. */
  readonly requiredBytes?: number;
  /** TODO-DOC limit_bytes. */
  readonly limitBytes?: number;
}

/** TODO-DOC Volume. */
export interface Volume {
  /** TODO-DOC capacity_bytes. */
  readonly capacityBytes?: number;
  /** TODO-DOC volume_id. */
  readonly volumeId: string;
  /** TODO-DOC volume_context. */
  readonly volumeContext?: Readonly<Record<string, string>>;
  /** TODO-DOC content_source. */
  readonly contentSource?: VolumeContentSource;
  /** TODO-DOC accessible_topology. */
  readonly accessibleTopology?: readonly Topology[];
}

/** TODO-DOC TopologyRequirement. */
export interface TopologyRequirement {
  /** TODO-DOC requisite. */
  readonly requisite?: readonly Topology[];
  /** TODO-DOC preferred. */
  readonly preferred?: readonly Topology[];
}

/** TODO-DOC Topology. */
export interface Topology {
  /** TODO-DOC segments. */
  readonly segments?: Readonly<Record<string, string>>;
}

/** TODO-DOC VolumeUsage. */
export interface VolumeUsage {
  /** TODO-DOC available. */
  readonly available?: number;
  /** TODO-DOC total. */
  readonly total: number;
  /** TODO-DOC used. */
  readonly used?: number;
  /** TODO-DOC unit. */
  readonly unit: VolumeUsageUnit;
}

/** TODO-DOC VolumeCondition. */
export interface VolumeCondition {
  /** TODO-DOC abnormal. */
  readonly abnormal: boolean;
  /** TODO-DOC message. */
  readonly message: string;
}
