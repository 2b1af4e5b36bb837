import type { GroupControllerServiceCapabilityRPCType } from './enums.ts';
import type { Snapshot } from './snapshot.ts';

/** Asks what the group controller service can do. */
export type GroupControllerGetCapabilitiesRequest = Readonly<Record<never, never>>;

/** What the group controller service can do. */
export interface GroupControllerGetCapabilitiesResponse {
  /** Left out: nothing. */
  readonly capabilities?: readonly GroupControllerServiceCapability[];
}

/** One thing that the group controller service can do. */
export type GroupControllerServiceCapability = { readonly rpc: GroupControllerServiceCapabilityRPC };

/** A call, or a feature of calls. */
export interface GroupControllerServiceCapabilityRPC {
  /** Never UNKNOWN. */
  readonly type: GroupControllerServiceCapabilityRPCType;
}

/** Asks for snapshots of several volumes at one instant. */
export interface CreateVolumeGroupSnapshotRequest {
  /** Chosen by the caller; the same name means the same group. At most 128 bytes, no control characters. */
  readonly name: string;
  /** The volumes; at least one. */
  readonly sourceVolumeIds: readonly string[];
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Opaque settings for the driver; 4 KiB in total at most. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The group, all of it cut by now. */
export interface CreateVolumeGroupSnapshotResponse {
  /** Perhaps not ready to use yet. */
  readonly groupSnapshot: VolumeGroupSnapshot;
}

/** Snapshots of several volumes at one instant. */
export interface VolumeGroupSnapshot {
  /** Chosen by the driver; at most 128 bytes. */
  readonly groupSnapshotId: string;
  /** One for each volume, each naming this group. */
  readonly snapshots: readonly Snapshot[];
  /** The instant that they show, in nanoseconds since the epoch. */
  readonly creationTime: bigint;
  /** True once every one of them is. */
  readonly readyToUse: boolean;
}

/** Asks that a group and all its snapshots be gone. */
export interface DeleteVolumeGroupSnapshotRequest {
  /** The group. */
  readonly groupSnapshotId: string;
  /** Its snapshots, so that a driver need not remember them; a mismatch is refused. */
  readonly snapshotIds: readonly string[];
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** The group is gone, or was not there. */
export type DeleteVolumeGroupSnapshotResponse = Readonly<Record<never, never>>;

/** Asks for one group. */
export interface GetVolumeGroupSnapshotRequest {
  /** The group. */
  readonly groupSnapshotId: string;
  /** Its snapshots, so that a driver need not remember them; a mismatch is refused. */
  readonly snapshotIds: readonly string[];
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** One group. */
export interface GetVolumeGroupSnapshotResponse {
  /** Ready or not. */
  readonly groupSnapshot: VolumeGroupSnapshot;
}
