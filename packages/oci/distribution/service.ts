import { type MethodDescriptor, type Scalar, type Service, seconds, service } from '@slipway/kernel';
import type { OciDistribution, RegistryRequest, RepositoryRequest, UploadRequest } from './contract.ts';
import { distributionErrors, distributionLinkError, type OciDistributionCode } from './errors.ts';
import {
  completeUploadRules,
  getBlobRules,
  getManifestRules,
  headBlobRules,
  headManifestRules,
  listReferrersRules,
  listTagsRules,
  putManifestRules,
  uploadChunkRules,
  uploadRules,
} from './rules.ts';

/** What any request may be answered with, whatever it is about. */
const always: readonly OciDistributionCode[] = ['UNAUTHORIZED', 'DENIED', 'TOOMANYREQUESTS', 'UNSUPPORTED'];
const repository: readonly OciDistributionCode[] = [...always, 'NAME_INVALID', 'NAME_UNKNOWN'];
const upload: readonly OciDistributionCode[] = [...repository, 'BLOB_UPLOAD_UNKNOWN', 'BLOB_UPLOAD_INVALID'];

const registryOf = (request: RegistryRequest): string => request.ns ?? 'docker.io';
const nameOf = (request: RepositoryRequest): string => `${registryOf(request)}/${request.name}`;
const locationOf = (request: UploadRequest): string => `${registryOf(request)}${request.location}`;
const about = (request: RepositoryRequest, reference: string): readonly Scalar[] => [nameOf(request), reference];

/** Link descriptor of `OciDistribution`. */
export const ociDistribution: Service<OciDistribution> = service<OciDistribution>(
  'oci.Distribution',
  { interface: 'oci', deadline: seconds(60), error: distributionLinkError },
  {
    checkApi: { guard: { codes: always }, source: 'Determining Support', subject: registryOf },
    getBlob: {
      guard: { rules: getBlobRules, codes: [...repository, 'BLOB_UNKNOWN', 'DIGEST_INVALID', 'SIZE_INVALID'] },
      source: 'Pulling blobs',
      subject: nameOf,
      summary: (request, response) => (response === undefined ? about(request, request.digest) : [response.content.length]),
    },
    headBlob: {
      guard: { rules: headBlobRules, codes: [...repository, 'BLOB_UNKNOWN', 'DIGEST_INVALID'] },
      source: 'Checking if content exists in the registry',
      subject: nameOf,
      summary: (request, response) => (response === undefined ? about(request, request.digest) : [response.size]),
    },
    getManifest: {
      guard: { rules: getManifestRules, codes: [...repository, 'MANIFEST_UNKNOWN', 'DIGEST_INVALID'] },
      source: 'Pulling manifests',
      subject: nameOf,
      summary: (request, response) => (response === undefined ? about(request, request.reference) : [response.digest]),
    },
    headManifest: {
      guard: { rules: headManifestRules, codes: [...repository, 'MANIFEST_UNKNOWN', 'DIGEST_INVALID'] },
      source: 'Checking if content exists in the registry',
      subject: nameOf,
      summary: (request, response) => (response === undefined ? about(request, request.reference) : [response.digest]),
    },
    startUpload: { guard: { rules: uploadRules, codes: repository }, source: 'Pushing blobs', subject: nameOf, summary: located(nameOf) },
    uploadBlob: {
      guard: { rules: uploadRules, codes: [...upload, 'DIGEST_INVALID', 'SIZE_INVALID'] },
      source: 'Single POST',
      subject: nameOf,
      summary: (request, response) => (response === undefined ? about(request, request.digest) : [response.location]),
    },
    uploadChunk: {
      guard: { rules: uploadChunkRules, codes: [...upload, 'SIZE_INVALID'] },
      source: 'Pushing a blob in chunks',
      subject: locationOf,
      summary: (request, response) =>
        response === undefined ? [locationOf(request), request.content.length] : [response.range?.last ?? -1],
    },
    completeUpload: {
      guard: { rules: completeUploadRules, codes: [...upload, 'DIGEST_INVALID', 'SIZE_INVALID'] },
      source: 'POST then PUT',
      subject: locationOf,
      summary: (request, response) => (response === undefined ? [locationOf(request), request.digest] : [response.location]),
    },
    mountBlob: {
      guard: { rules: uploadRules, codes: [...repository, 'DIGEST_INVALID'] },
      source: 'Mounting a blob from another repository',
      subject: nameOf,
      summary: (request, response) =>
        response === undefined ? [nameOf(request), request.mount, request.from ?? ''] : [response.location, 'digest' in response],
    },
    getUploadStatus: { guard: { codes: upload }, source: 'Pushing a blob in chunks', subject: locationOf, summary: located(locationOf) },
    cancelUpload: { guard: { codes: upload }, optional: true, source: 'Cancel a blob upload', subject: locationOf },
    putManifest: {
      guard: {
        rules: putManifestRules,
        codes: [...repository, 'MANIFEST_INVALID', 'MANIFEST_BLOB_UNKNOWN', 'DIGEST_INVALID', 'SIZE_INVALID'],
      },
      source: 'Pushing Manifests',
      subject: nameOf,
      summary: (request, response) => (response === undefined ? about(request, request.reference) : [response.digest]),
    },
    listTags: {
      guard: { rules: listTagsRules, codes: repository },
      source: 'Listing Tags',
      subject: nameOf,
      summary: (request, response) => (response === undefined ? about(request, request.last ?? '') : [response.tags.length]),
    },
    listReferrers: {
      guard: { rules: listReferrersRules, codes: [...repository, 'DIGEST_INVALID'] },
      source: 'Listing Referrers',
      subject: nameOf,
      summary: (request, response) => (response === undefined ? about(request, request.digest) : [response.index.manifests.length]),
    },
    deleteManifest: {
      guard: { codes: [...repository, 'MANIFEST_UNKNOWN', 'DIGEST_INVALID'] },
      source: 'Deleting Manifests',
      subject: nameOf,
      summary: (request, response) => (response === undefined ? about(request, request.reference) : []),
    },
    deleteBlob: {
      guard: { codes: [...repository, 'BLOB_UNKNOWN', 'DIGEST_INVALID'] },
      source: 'Deleting Blobs',
      subject: nameOf,
      summary: (request, response) => (response === undefined ? about(request, request.digest) : []),
    },
  },
);

function located<Q, R extends { readonly location: string }>(of: (request: Q) => string): NonNullable<MethodDescriptor<Q, R>['summary']> {
  return (request, response) => (response === undefined ? [of(request)] : [response.location]);
}

/** Codes that the spec knows, for whoever must tell a registry's refusal from a network failure. */
export const isDistributionCode = (code: string): code is OciDistributionCode => code in distributionErrors;
