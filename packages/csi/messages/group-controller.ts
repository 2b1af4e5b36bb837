import type { GroupControllerServiceCapabilityRPCType } from './enums.ts';
import type { Snapshot } from './snapshot.ts';

/** TODO-DOC GroupControllerGetCapabilitiesRequest. */
export type GroupControllerGetCapabilitiesRequest = Readonly<Record<never, never>>;

/** TODO-DOC GroupControllerGetCapabilitiesResponse. */
export interface GroupControllerGetCapabilitiesResponse {
  /** TODO-DOC capabilities. */
  readonly capabilities?: readonly GroupControllerServiceCapability[];
}

/** TODO-DOC GroupControllerServiceCapability. */
export type GroupControllerServiceCapability = { readonly rpc: GroupControllerServiceCapabilityRPC };

/** TODO-DOC GroupControllerServiceCapability.RPC. */
export interface GroupControllerServiceCapabilityRPC {
  /** TODO-DOC type. */
  readonly type: GroupControllerServiceCapabilityRPCType;
}

/** TODO-DOC CreateVolumeGroupSnapshotRequest. */
export interface CreateVolumeGroupSnapshotRequest {
  /** TODO-DOC name. */
  readonly name: string;
  /** TODO-DOC source_volume_ids. */
  readonly sourceVolumeIds: readonly string[];
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** TODO-DOC parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** TODO-DOC CreateVolumeGroupSnapshotResponse. */
export interface CreateVolumeGroupSnapshotResponse {
  /** TODO-DOC group_snapshot. */
  readonly groupSnapshot: VolumeGroupSnapshot;
}

/** TODO-DOC VolumeGroupSnapshot. */
export interface VolumeGroupSnapshot {
  /** TODO-DOC group_snapshot_id. */
  readonly groupSnapshotId: string;
  /** TODO-DOC snapshots. */
  readonly snapshots: readonly Snapshot[];
  /** TODO-DOC creation_time. */
  readonly creationTime: bigint;
  /** TODO-DOC ready_to_use. */
  readonly readyToUse: boolean;
}

/** TODO-DOC DeleteVolumeGroupSnapshotRequest. */
export interface DeleteVolumeGroupSnapshotRequest {
  /** TODO-DOC group_snapshot_id. */
  readonly groupSnapshotId: string;
  /** TODO-DOC snapshot_ids. */
  readonly snapshotIds: readonly string[];
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** TODO-DOC DeleteVolumeGroupSnapshotResponse. */
export type DeleteVolumeGroupSnapshotResponse = Readonly<Record<never, never>>;

/** TODO-DOC GetVolumeGroupSnapshotRequest. */
export interface GetVolumeGroupSnapshotRequest {
  /** TODO-DOC group_snapshot_id. */
  readonly groupSnapshotId: string;
  /** TODO-DOC snapshot_ids. */
  readonly snapshotIds: readonly string[];
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** TODO-DOC GetVolumeGroupSnapshotResponse. */
export interface GetVolumeGroupSnapshotResponse {
  /** TODO-DOC group_snapshot. */
  readonly groupSnapshot: VolumeGroupSnapshot;
}
