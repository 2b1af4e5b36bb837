import type { BlockMetadataType } from './enums.ts';

/** A run of bytes of a volume. */
export interface BlockMetadata {
  /** Where it begins, in bytes from the start of the volume. */
  readonly byteOffset: number;
  /** How long it is, in bytes; more than 0. */
  readonly sizeBytes: number;
}

/** Asks which blocks of a snapshot hold data. */
export interface GetMetadataAllocatedRequest {
  /** The snapshot, as `createSnapshot` named it. */
  readonly snapshotId: string;
  /** Nothing that ends at or before this byte is told: how an interrupted stream goes on. */
  readonly startingOffset: number;
  /** At most so many runs in one message; 0 or left out: the driver decides. */
  readonly maxResults?: number;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** One message of the stream. */
export interface GetMetadataAllocatedResponse {
  /** The same in every message of a stream. */
  readonly blockMetadataType: BlockMetadataType;
  /** Size of the volume in bytes; the same in every message of a stream. */
  readonly volumeCapacityBytes: number;
  /** Runs in ascending order, none overlapping, also across messages. */
  readonly blockMetadata?: readonly BlockMetadata[];
}

/** Asks which blocks differ between two snapshots of a volume. */
export interface GetMetadataDeltaRequest {
  /** The older one. */
  readonly baseSnapshotId: string;
  /** The newer one. */
  readonly targetSnapshotId: string;
  /** Nothing that ends at or before this byte is told: how an interrupted stream goes on. */
  readonly startingOffset: number;
  /** At most so many runs in one message; 0 or left out: the driver decides. */
  readonly maxResults?: number;
  /**
   * What the driver needs to prove who it is, by key; keys are letters, digits, `-`, `_` and `.`. Never to be logged. Spec: "Secrets
   * Requirements".
   */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** One message of the stream. */
export interface GetMetadataDeltaResponse {
  /** The same in every message of a stream. */
  readonly blockMetadataType: BlockMetadataType;
  /** Size of the newer volume in bytes; the same in every message of a stream. */
  readonly volumeCapacityBytes: number;
  /** Runs in ascending order, none overlapping, also across messages. */
  readonly blockMetadata?: readonly BlockMetadata[];
}
