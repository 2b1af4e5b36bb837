/** TODO-DOC CreateSnapshotRequest. */
export interface CreateSnapshotRequest {
  /** TODO-DOC source_volume_id. */
  readonly sourceVolumeId: string;
  /** TODO-DOC name. */
  readonly name: string;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** TODO-DOC parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** TODO-DOC CreateSnapshotResponse. */
export interface CreateSnapshotResponse {
  /** TODO-DOC snapshot. */
  readonly snapshot: Snapshot;
}

/** TODO-DOC Snapshot. */
export interface Snapshot {
  /** TODO-DOC size_bytes. */
  readonly sizeBytes?: number;
  /** TODO-DOC snapshot_id. */
  readonly snapshotId: string;
  /** TODO-DOC source_volume_id. */
  readonly sourceVolumeId: string;
  /** TODO-DOC creation_time. */
  readonly creationTime: bigint;
  /** TODO-DOC ready_to_use. */
  readonly readyToUse: boolean;
  /** TODO-DOC group_snapshot_id. */
  readonly groupSnapshotId?: string;
}

/** TODO-DOC DeleteSnapshotRequest. */
export interface DeleteSnapshotRequest {
  /** TODO-DOC snapshot_id. */
  readonly snapshotId: string;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** TODO-DOC DeleteSnapshotResponse. */
export type DeleteSnapshotResponse = Readonly<Record<never, never>>;

/** TODO-DOC ListSnapshotsRequest. */
export interface ListSnapshotsRequest {
  /** TODO-DOC max_entries. */
  readonly maxEntries?: number;
  /** TODO-DOC starting_token. */
  readonly startingToken?: string;
  /** TODO-DOC source_volume_id. */
  readonly sourceVolumeId?: string;
  /** TODO-DOC snapshot_id. */
  readonly snapshotId?: string;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** TODO-DOC ListSnapshotsResponse. */
export interface ListSnapshotsResponse {
  /** TODO-DOC entries. */
  readonly entries?: readonly ListSnapshotsResponseEntry[];
  /** TODO-DOC next_token. */
  readonly nextToken?: string;
}

/** TODO-DOC ListSnapshotsResponse.Entry. */
export interface ListSnapshotsResponseEntry {
  /** TODO-DOC snapshot. */
  readonly snapshot?: Snapshot;
}

/** TODO-DOC GetSnapshotRequest. */
export interface GetSnapshotRequest {
  /** TODO-DOC snapshot_id. */
  readonly snapshotId: string;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** TODO-DOC GetSnapshotResponse. */
export interface GetSnapshotResponse {
  /** TODO-DOC snapshot. */
  readonly snapshot: Snapshot;
}
