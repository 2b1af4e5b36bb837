import type { Rule } from '@slipway/kernel';
import { isDigest, isTag } from '../image/reference.ts';
import type {
  BlobCreated,
  ByteRange,
  CompleteUploadRequest,
  GetBlobRequest,
  GetBlobResponse,
  GetManifestRequest,
  GetManifestResponse,
  HeadBlobRequest,
  HeadResponse,
  ListReferrersRequest,
  ListReferrersResponse,
  ListTagsRequest,
  ListTagsResponse,
  PutManifestRequest,
  PutManifestResponse,
  UploadChunkRequest,
  UploadProgress,
  UploadSession,
} from './contract.ts';

// What the spec has a code for is the registry's to refuse and no rule here: these are the caller's manners and the registry's promises.

const digestHeader = 'Pulling manifests';

export const getBlobRules: readonly Rule<GetBlobRequest, GetBlobResponse>[] = [
  {
    id: 'oci.get-blob.digest-header',
    source: 'Pulling blobs',
    response: (request, response) =>
      response.digest === request.digest ? undefined : `asked for ${request.digest}, answered ${response.digest}`,
  },
  {
    id: 'oci.get-blob.length',
    source: 'Pulling blobs',
    response: (_, { content, size, contentRange }) => {
      const expected = contentRange === undefined ? size : lengthOf(contentRange);
      return content.length === expected ? undefined : `content has ${content.length} bytes instead of ${expected}`;
    },
  },
  {
    id: 'oci.get-blob.range',
    source: 'Pulling blobs',
    request: ({ range }) =>
      range === undefined || (range.first >= 0 && range.last >= range.first) ? undefined : 'range ends before it begins',
  },
];

export const headBlobRules: readonly Rule<HeadBlobRequest, HeadResponse>[] = [
  {
    id: 'oci.head-blob.digest-header',
    source: 'Pulling blobs',
    response: (request, response) =>
      response.digest === request.digest ? undefined : `asked for ${request.digest}, answered ${response.digest}`,
  },
];

export const headManifestRules: readonly Rule<GetManifestRequest, HeadResponse>[] = [
  {
    id: 'oci.manifest.digest-header',
    source: digestHeader,
    response: ({ reference }, { digest }) =>
      !isDigest(reference) || reference === digest ? undefined : `asked for ${reference}, answered ${digest}`,
  },
  {
    id: 'oci.manifest.media-type',
    source: digestHeader,
    response: (_, { mediaType }) => (mediaType === '' ? 'the Content-Type is missing' : undefined),
  },
];

export const getManifestRules: readonly Rule<GetManifestRequest, GetManifestResponse>[] = [
  ...headManifestRules,
  {
    id: 'oci.manifest.length',
    source: digestHeader,
    response: (_, { content, size }) => (content.length === size ? undefined : `content has ${content.length} bytes instead of ${size}`),
  },
];

/** An upload that is open, or the blob that is already there. */
export const uploadRules: readonly Rule<unknown, UploadSession | BlobCreated>[] = [
  {
    id: 'oci.upload.location',
    source: 'Pushing blobs',
    response: (_, { location }) => (location === '' ? 'the Location is missing' : undefined),
  },
];

export const uploadChunkRules: readonly Rule<UploadChunkRequest, UploadProgress>[] = [
  {
    id: 'oci.upload-chunk.content-length',
    source: 'Pushing a blob in chunks',
    request: ({ content, contentRange }) =>
      contentRange === undefined || lengthOf(contentRange) === content.length
        ? undefined
        : `Content-Range is ${contentRange.first}-${contentRange.last} for ${content.length} bytes`,
  },
  {
    id: 'oci.upload-chunk.range',
    source: 'Pushing a blob in chunks',
    response: (_, { location, range }) =>
      location === ''
        ? 'the Location is missing'
        : range !== undefined && range.first !== 0
          ? 'the Range does not begin with 0'
          : undefined,
  },
];

export const completeUploadRules: readonly Rule<CompleteUploadRequest, BlobCreated>[] = [
  {
    id: 'oci.complete-upload.digest',
    source: 'POST then PUT',
    response: (request, { digest }) => (digest === request.digest ? undefined : `put ${request.digest}, answered ${digest}`),
  },
];

export const putManifestRules: readonly Rule<PutManifestRequest, PutManifestResponse>[] = [
  {
    id: 'oci.put-manifest.reference',
    source: 'Pushing Manifests',
    request: ({ reference }) => (isTag(reference) || isDigest(reference) ? undefined : `"${reference}" is neither a tag nor a digest`),
  },
  {
    id: 'oci.put-manifest.location',
    source: 'Pushing Manifests',
    response: (_, { location }) => (location === '' ? 'the Location is missing' : undefined),
  },
];

export const listTagsRules: readonly Rule<ListTagsRequest, ListTagsResponse>[] = [
  {
    id: 'oci.list-tags.order',
    source: 'Listing Tags',
    response: (_, { tags }) => {
      const at = tags.findIndex((tag, index) => index > 0 && (tags[index - 1] ?? '') >= tag);
      return at < 0 ? undefined : `tag ${tags[at]} is out of order`;
    },
  },
  {
    id: 'oci.list-tags.n',
    source: 'Listing Tags',
    response: ({ n }, { tags, link }) =>
      n !== undefined && (tags.length > n || (n === 0 && link !== undefined)) ? `asked for ${n} tags, got ${tags.length}` : undefined,
  },
  {
    id: 'oci.list-tags.last',
    source: 'Listing Tags',
    response: ({ last }, { tags }) =>
      last !== undefined && (tags[0] ?? '\uffff') <= last ? `tag ${tags[0]} is not after ${last}` : undefined,
  },
];

export const listReferrersRules: readonly Rule<ListReferrersRequest, ListReferrersResponse>[] = [
  {
    id: 'oci.list-referrers.filter',
    source: 'Listing Referrers',
    response: ({ artifactType }, { index, filtersApplied }) =>
      artifactType !== undefined &&
      filtersApplied?.includes('artifactType') === true &&
      index.manifests.some((manifest) => manifest.artifactType !== artifactType)
        ? `a referrer is not of the type ${artifactType}`
        : undefined,
  },
];

/** How many bytes a range has. */
export const lengthOf = ({ first, last }: ByteRange): number => last - first + 1;
