import type { VolumeCapabilityAccessModeMode, VolumeUsageUnit } from './enums.ts';

/** What a new volume is filled from: a snapshot (needs CREATE_DELETE_SNAPSHOT) or another volume (needs CLONE_VOLUME). */
export type VolumeContentSource =
  | { readonly snapshot: VolumeContentSourceSnapshotSource }
  | { readonly volume: VolumeContentSourceVolumeSource };

/** A snapshot to fill from. */
export interface VolumeContentSourceSnapshotSource {
  /** Must exist. */
  readonly snapshotId: string;
}

/** A volume to copy. */
export interface VolumeContentSourceVolumeSource {
  /** Must exist; stays as it is. */
  readonly volumeId: string;
}

/** One way of using a volume: as a raw block device or as a mounted file system, and by whom at a time. */
export type VolumeCapability = ({ readonly block: VolumeCapabilityBlockVolume } | { readonly mount: VolumeCapabilityMountVolume }) & {
  /** How many nodes and workloads read and write at a time. */
  readonly accessMode: VolumeCapabilityAccessMode;
};

/** The volume is used as a raw device. */
export type VolumeCapabilityBlockVolume = Readonly<Record<never, never>>;

/** The volume is used as a file system. */
export interface VolumeCapabilityMountVolume {
  /** `ext4`, `xfs` …; left out or empty: the driver's choice. */
  readonly fsType?: string;
  /** Options for mount, perhaps confidential; 4 KiB in total at most. */
  readonly mountFlags?: readonly string[];
  /** Group id that files shall belong to. Only for drivers with VOLUME_MOUNT_GROUP. */
  readonly volumeMountGroup?: string;
}

/** By whom a volume is used at a time. */
export interface VolumeCapabilityAccessMode {
  /** Never UNKNOWN. */
  readonly mode: VolumeCapabilityAccessModeMode;
}

/** Bounds of a size in bytes, from 0 to 2^53 - 1. 0 and left out both mean: no bound; one of them is set. */
export interface CapacityRange {
  /** The volume is at least so large. */
  readonly requiredBytes?: number;
  /** The volume is at most so large; not below `requiredBytes`. */
  readonly limitBytes?: number;
}

/** A volume as its driver knows it. */
export interface Volume {
  /** Size in bytes. 0 or left out: unknown, as of a network share without quota. */
  readonly capacityBytes?: number;
  /** Chosen by the driver; at most 128 bytes. All later calls name the volume by it. */
  readonly volumeId: string;
  /** Opaque properties that never change, to be handed to each later call; no secrets; 4 KiB in total at most. */
  readonly volumeContext?: Readonly<Record<string, string>>;
  /** What it was filled from; told whenever the request named a source. */
  readonly contentSource?: VolumeContentSource;
  /** From where it can be reached: each entry is one place. Left out: from everywhere. Only with VOLUME_ACCESSIBILITY_CONSTRAINTS. */
  readonly accessibleTopology?: readonly Topology[];
}

/** Where a volume has to be; at least one of the lists is given. */
export interface TopologyRequirement {
  /** The volume is reachable from at least one of these, and from all of them if it is reachable from as many places. */
  readonly requisite?: readonly Topology[];
  /** To be tried in this order; each is in `requisite` too, if that is given. */
  readonly preferred?: readonly Topology[];
}

/** A place: one segment for each domain, such as `{ "topology.ebs.csi.aws.com/zone": "us-east-1a" }`. */
export interface Topology {
  /** Keys are `name` or `prefix/name`, told apart without regard to case; values have 1 to 63 characters, alphanumeric at both ends. */
  readonly segments?: Readonly<Record<string, string>>;
}

/** How much of something a volume has. */
export interface VolumeUsage {
  /** What workloads can still use; left out: unknown, as of a raw device. */
  readonly available?: number;
  /** All there is. */
  readonly total: number;
  /** What is in use; left out: unknown. */
  readonly used?: number;
  /** Of what. */
  readonly unit: VolumeUsageUnit;
}

/** Health of a volume. */
export interface VolumeCondition {
  /** Whether something is wrong. */
  readonly abnormal: boolean;
  /** What, for people. */
  readonly message: string;
}
