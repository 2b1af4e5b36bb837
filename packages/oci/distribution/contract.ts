import type { Implementation, Token } from '@slipway/kernel';
import { token } from '@slipway/kernel';
import type { Digest, Index } from '../image/contract.ts';

// OCI distribution-spec 1.1.1. One method for each endpoint and verb; what HTTP says in headers is a field of request or answer.

/**
 * A registry: holds blobs and manifests by digest, and names manifests by tag. One service stands for all registries of a world; `ns` tells
 * them apart, as it does behind a proxy (distribution-spec master 967efdc, "Registry Proxying"). Calls reach it over a link.
 *
 * All methods may throw OciDistributionError UNAUTHORIZED (who are you), DENIED (not you), TOOMANYREQUESTS (later), NAME_INVALID and,
 * except where noted, NAME_UNKNOWN (no such repository).
 */
export interface OciDistribution {
  /** Tells that the registry speaks this spec. end-1, "Determining Support". */
  checkApi(request: CheckApiRequest): CheckApiResponse;

  /** The bytes of a blob, or a part of it. @throws OciDistributionError BLOB_UNKNOWN, DIGEST_INVALID, SIZE_INVALID (range outside the blob: HTTP 416). end-2, "Pulling blobs". */
  getBlob(request: GetBlobRequest): GetBlobResponse;
  /** Whether there is a blob, and its size. @throws OciDistributionError BLOB_UNKNOWN, DIGEST_INVALID. end-2, "Checking if content exists in the registry". */
  headBlob(request: HeadBlobRequest): HeadResponse;
  /** A manifest or index by tag or digest, byte for byte as pushed. @throws OciDistributionError MANIFEST_UNKNOWN. end-3, "Pulling manifests". */
  getManifest(request: GetManifestRequest): GetManifestResponse;
  /** Whether there is a manifest, and its digest and size. @throws OciDistributionError MANIFEST_UNKNOWN. end-3, "Checking if content exists in the registry". */
  headManifest(request: GetManifestRequest): HeadResponse;

  /** Opens an upload session. Never NAME_UNKNOWN: the first push makes the repository. end-4a, "Pushing a blob monolithically", "Pushing a blob in chunks". */
  startUpload(request: StartUploadRequest): UploadSession;
  /** A blob in one request. @throws OciDistributionError DIGEST_INVALID. end-4b, "Single POST". */
  uploadBlob(request: UploadBlobRequest): BlobCreated | UploadSession;
  /** The next bytes of an upload. @throws OciDistributionError BLOB_UPLOAD_UNKNOWN, BLOB_UPLOAD_INVALID (out of order: HTTP 416), SIZE_INVALID. end-5, "Pushing a blob in chunks". */
  uploadChunk(request: UploadChunkRequest): UploadProgress;
  /** Ends an upload; what was sent becomes a blob. @throws OciDistributionError BLOB_UPLOAD_UNKNOWN, BLOB_UPLOAD_INVALID, DIGEST_INVALID. end-6, "POST then PUT". */
  completeUpload(request: CompleteUploadRequest): BlobCreated;
  /** Makes a blob of another repository one of this, or opens an upload when it cannot. end-11, "Mounting a blob from another repository". */
  mountBlob(request: MountBlobRequest): BlobCreated | UploadSession;
  /** How far an upload is. @throws OciDistributionError BLOB_UPLOAD_UNKNOWN. end-13, "Pushing a blob in chunks". */
  getUploadStatus(request: UploadRequest): UploadProgress;
  /** Gives an upload up. @throws OciDistributionError BLOB_UPLOAD_UNKNOWN. end-14 (master 967efdc), "Cancel a blob upload". */
  cancelUpload?(request: UploadRequest): Empty;
  /**
   * Stores a manifest or index under a tag or its digest.
   *
   * @throws OciDistributionError MANIFEST_INVALID, MANIFEST_BLOB_UNKNOWN (it names something that is not there; a subject may be missing),
   *   DIGEST_INVALID (pushed by a digest that is not its own), SIZE_INVALID (above 4 MiB: HTTP 413). end-7, "Pushing Manifests".
   */
  putManifest(request: PutManifestRequest): PutManifestResponse;

  /** Tags of a repository in lexical order. end-8a, end-8b, "Listing Tags". */
  listTags(request: ListTagsRequest): ListTagsResponse;
  /** Manifests whose subject is this digest; none is an empty index. @throws OciDistributionError DIGEST_INVALID. end-12a, end-12b, "Listing Referrers". */
  listReferrers(request: ListReferrersRequest): ListReferrersResponse;

  /** Removes a tag, or a manifest with all its tags. @throws OciDistributionError MANIFEST_UNKNOWN, UNSUPPORTED (deletion is off: HTTP 405). end-9, "Deleting Manifests". */
  deleteManifest(request: DeleteManifestRequest): Empty;
  /** Removes a blob. @throws OciDistributionError BLOB_UNKNOWN, UNSUPPORTED (deletion is off: HTTP 405). end-10, "Deleting Blobs". */
  deleteBlob(request: HeadBlobRequest): Empty;
}

type Empty = Readonly<Record<string, never>>;

/** Who asks. In life: the Authorization header. */
export type Authorization = { readonly username: string; readonly password: string } | { readonly token: string };

/** What every request may have. */
export interface RegistryRequest {
  /** The registry that is meant, by host and port; left out: `docker.io`. */
  readonly ns?: string;
  /** Left out: nobody in particular. */
  readonly authorization?: Authorization;
}

/** A request about one repository. */
export interface RepositoryRequest extends RegistryRequest {
  /** `library/nginx`. At most 255 characters. */
  readonly name: string;
}

export type CheckApiRequest = RegistryRequest;

export interface CheckApiResponse {
  /** `registry/2.0`, as the header Docker-Distribution-API-Version. */
  readonly apiVersion: string;
}

/** Bytes, both ends included, as HTTP counts them. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

export interface HeadBlobRequest extends RepositoryRequest {
  readonly digest: Digest;
}

export interface GetBlobRequest extends HeadBlobRequest {
  /** Left out: all. `last` beyond the end means the end. */
  readonly range?: ByteRange;
}

export interface GetBlobResponse {
  readonly content: Uint8Array;
  /** Of the whole blob. */
  readonly digest: Digest;
  /** Of the whole blob, in bytes. */
  readonly size: number;
  /** There when a range was asked for. */
  readonly contentRange?: ByteRange;
}

export interface GetManifestRequest extends RepositoryRequest {
  /** A tag or a digest. */
  readonly reference: string;
  /** Media types that the caller understands; left out: any. */
  readonly accept?: readonly string[];
}

export interface HeadResponse {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  readonly mediaType: string;
}

export interface GetManifestResponse extends HeadResponse {
  readonly content: Uint8Array;
}

export type StartUploadRequest = RepositoryRequest;

/** An open upload. In life: 202 Accepted. */
export interface UploadSession {
  /** Path to go on with, `/v2/<name>/blobs/uploads/<reference>`; always use the newest one. */
  readonly location: string;
  /** Bytes that a chunk but the last must have at least. */
  readonly chunkMinLength?: number;
}

/** A blob that is now there. In life: 201 Created. */
export interface BlobCreated {
  /** Path of the blob, `/v2/<name>/blobs/<digest>`. */
  readonly location: string;
  readonly digest: Digest;
}

/** Tells the two answers apart that a push can have. */
export const isBlobCreated = (answer: BlobCreated | UploadSession): answer is BlobCreated => 'digest' in answer;

export interface UploadBlobRequest extends RepositoryRequest {
  readonly digest: Digest;
  readonly content: Uint8Array;
}

export interface UploadRequest extends RegistryRequest {
  readonly location: string;
}

export interface UploadChunkRequest extends UploadRequest {
  readonly content: Uint8Array;
  /** Left out: the content is streamed and goes on where the upload is. */
  readonly contentRange?: ByteRange;
}

export interface UploadProgress {
  readonly location: string;
  /** Received so far; left out: nothing yet. */
  readonly range?: ByteRange;
}

export interface CompleteUploadRequest extends UploadRequest {
  readonly digest: Digest;
  /** The whole blob, the last chunk, or nothing. */
  readonly content?: Uint8Array;
  readonly contentRange?: ByteRange;
}

export interface MountBlobRequest extends RepositoryRequest {
  readonly mount: Digest;
  /** Repository that has it; left out: wherever the registry knows one. */
  readonly from?: string;
}

export interface PutManifestRequest extends RepositoryRequest {
  /** A tag, or the manifest's digest. */
  readonly reference: string;
  /** Must equal `mediaType` of the manifest when that is set. */
  readonly mediaType: string;
  readonly content: Uint8Array;
}

export interface PutManifestResponse {
  /** Path of the manifest, `/v2/<name>/manifests/<reference>`. */
  readonly location: string;
  readonly digest: Digest;
  /** Its subject's digest, when the registry took note of it. In life: the header OCI-Subject. */
  readonly subject?: Digest;
}

export interface ListTagsRequest extends RepositoryRequest {
  /** At most so many; 0 gives none and no `link`. */
  readonly n?: number;
  /** Only tags after this one. */
  readonly last?: string;
}

export interface ListTagsResponse {
  readonly name: string;
  readonly tags: readonly string[];
  /** Path of the next page; left out: that was all. */
  readonly link?: string;
}

export interface ListReferrersRequest extends RepositoryRequest {
  readonly digest: Digest;
  readonly artifactType?: string;
}

export interface ListReferrersResponse {
  readonly index: Index;
  /** `artifactType` when the registry filtered. In life: the header OCI-Filters-Applied. */
  readonly filtersApplied?: readonly string[];
}

export interface DeleteManifestRequest extends RepositoryRequest {
  /** A tag or a digest. */
  readonly reference: string;
}

/** Registered, because a visitor's plugin may load its own copy of this package. */
export const OCI_DISTRIBUTION: Token<Implementation<OciDistribution>> = token('@slipway/oci/OciDistribution');
