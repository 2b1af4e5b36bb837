import type { BlockMetadataType } from './enums.ts';

/** TODO-DOC BlockMetadata. */
export interface BlockMetadata {
  /** TODO-DOC byte_offset. */
  readonly byteOffset: number;
  /** TODO-DOC size_bytes. */
  readonly sizeBytes: number;
}

/** TODO-DOC GetMetadataAllocatedRequest. */
export interface GetMetadataAllocatedRequest {
  /** TODO-DOC snapshot_id. */
  readonly snapshotId: string;
  /** TODO-DOC starting_offset. */
  readonly startingOffset: number;
  /** TODO-DOC max_results. */
  readonly maxResults?: number;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** TODO-DOC GetMetadataAllocatedResponse. */
export interface GetMetadataAllocatedResponse {
  /** TODO-DOC block_metadata_type. */
  readonly blockMetadataType: BlockMetadataType;
  /** TODO-DOC volume_capacity_bytes. */
  readonly volumeCapacityBytes: number;
  /** TODO-DOC block_metadata. */
  readonly blockMetadata?: readonly BlockMetadata[];
}

/** TODO-DOC GetMetadataDeltaRequest. */
export interface GetMetadataDeltaRequest {
  /** TODO-DOC base_snapshot_id. */
  readonly baseSnapshotId: string;
  /** TODO-DOC target_snapshot_id. */
  readonly targetSnapshotId: string;
  /** TODO-DOC starting_offset. */
  readonly startingOffset: number;
  /** TODO-DOC max_results. */
  readonly maxResults?: number;
  /** TODO-DOC secrets. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** TODO-DOC GetMetadataDeltaResponse. */
export interface GetMetadataDeltaResponse {
  /** TODO-DOC block_metadata_type. */
  readonly blockMetadataType: BlockMetadataType;
  /** TODO-DOC volume_capacity_bytes. */
  readonly volumeCapacityBytes: number;
  /** TODO-DOC block_metadata. */
  readonly blockMetadata?: readonly BlockMetadata[];
}
