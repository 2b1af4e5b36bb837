/** Asks for a snapshot. */
export interface CreateSnapshotRequest {
  /** The volume to take it of. */
  readonly sourceVolumeId: string;
  /** Chosen by the caller; the same name means the same snapshot. At most 128 bytes, no control characters. */
  readonly name: string;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Opaque settings for the driver; 4 KiB in total at most. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The snapshot, which is cut by now. */
export interface CreateSnapshotResponse {
  /** Perhaps not ready to use yet. */
  readonly snapshot: Snapshot;
}

/** A snapshot as its driver knows it. */
export interface Snapshot {
  /** Least size in bytes of a volume made from it. 0 or left out: unknown. */
  readonly sizeBytes?: number;
  /** Chosen by the driver; at most 128 bytes. */
  readonly snapshotId: string;
  /** The volume that it was taken of, which may be gone. */
  readonly sourceVolumeId: string;
  /** The instant that it shows, in nanoseconds since the epoch. */
  readonly creationTime: bigint;
  /** False while it is being copied away; volumes can be made from it once this is true. */
  readonly readyToUse: boolean;
  /** The group that it was taken with. Left out: none; never changes. */
  readonly groupSnapshotId?: string;
}

/** Asks that a snapshot be gone. */
export interface DeleteSnapshotRequest {
  /** The snapshot, as `createSnapshot` named it. */
  readonly snapshotId: string;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** The snapshot is gone, or was not there. */
export type DeleteSnapshotResponse = Readonly<Record<never, never>>;

/** Asks for snapshots, a page at a time; filters that are given are combined. */
export interface ListSnapshotsRequest {
  /** At most so many entries in one answer; 0 or left out: the driver decides. */
  readonly maxEntries?: number;
  /** Where to go on: `nextToken` of an answer before. Left out or empty: at the start. */
  readonly startingToken?: string;
  /** Only those of this volume. */
  readonly sourceVolumeId?: string;
  /** Only this one. An unknown one gives an empty list. */
  readonly snapshotId?: string;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** Snapshots that are cut, ready or not. */
export interface ListSnapshotsResponse {
  /** Left out: none. */
  readonly entries?: readonly ListSnapshotsResponseEntry[];
  /** Where to go on; left out or empty: these were the last. */
  readonly nextToken?: string;
}

/** One snapshot of the list. */
export interface ListSnapshotsResponseEntry {
  /** What it is. */
  readonly snapshot?: Snapshot;
}

/** Asks for one snapshot. */
export interface GetSnapshotRequest {
  /** The snapshot, as `createSnapshot` named it. */
  readonly snapshotId: string;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** One snapshot. */
export interface GetSnapshotResponse {
  /** Ready or not. */
  readonly snapshot: Snapshot;
}
