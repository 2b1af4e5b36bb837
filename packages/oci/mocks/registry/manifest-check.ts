import { messageOf } from '@slipway/kernel';
import { decode } from '../../digest.ts';
import { OciDistributionError } from '../../distribution/errors.ts';
import { type Descriptor, type Index, isIndexType, isManifestType, type Manifest, mediaTypes } from '../../image/contract.ts';
import { isDigest } from '../../image/reference.ts';
import type { Repository } from './repository.ts';

/**
 * Refuses a document that is no manifest, or that names content which the repository does not have. A subject may be missing.
 * Documents of types that the image spec does not know are taken as they are.
 *
 * @throws OciDistributionError MANIFEST_INVALID, MANIFEST_BLOB_UNKNOWN. Distribution-spec 1.1.1, "Pushing Manifests".
 */
export function checkManifest(repository: Repository, mediaType: string, content: Uint8Array): void {
  if (isIndexType(mediaType)) {
    const index = parse(content, mediaType) as Index;
    if (!Array.isArray(index.manifests)) throw invalid('manifests is missing');
    for (const entry of index.manifests) {
      checkDescriptor(entry);
      if (!repository.manifests.has(entry.digest))
        throw new OciDistributionError('MANIFEST_BLOB_UNKNOWN', `manifest unknown: ${entry.digest}`);
    }
  } else if (isManifestType(mediaType)) {
    const manifest = parse(content, mediaType) as Manifest;
    if (!Array.isArray(manifest.layers)) throw invalid('layers is missing');
    checkDescriptor(manifest.config);
    if (manifest.config.mediaType === mediaTypes.empty && !manifest.artifactType)
      throw invalid('artifactType must be set when the config is empty');
    for (const entry of [manifest.config, ...manifest.layers]) {
      checkDescriptor(entry);
      // Content that comes along in the descriptor, or from elsewhere, need not be here.
      const elsewhere = (entry.urls?.length ?? 0) > 0;
      if (!elsewhere && !repository.blobs.has(entry.digest)) {
        throw new OciDistributionError('MANIFEST_BLOB_UNKNOWN', `blob unknown to registry: ${entry.digest}`);
      }
    }
  }
}

function parse(content: Uint8Array, mediaType: string): Manifest | Index {
  let document: Manifest | Index;
  try {
    document = JSON.parse(decode(content)) as Manifest | Index;
  } catch (error) {
    throw invalid(messageOf(error));
  }
  if (document === null || typeof document !== 'object' || document.schemaVersion !== 2) throw invalid('schemaVersion is not 2');
  if (document.mediaType !== undefined && document.mediaType !== mediaType)
    throw invalid(`mediaType ${document.mediaType} was pushed as ${mediaType}`);
  if (document.subject !== undefined) checkDescriptor(document.subject);
  return document;
}

function checkDescriptor(descriptor: Descriptor | undefined): void {
  if (descriptor === undefined || typeof descriptor.mediaType !== 'string' || typeof descriptor.size !== 'number')
    throw invalid('a descriptor is incomplete');
  if (typeof descriptor.digest !== 'string' || !isDigest(descriptor.digest)) throw invalid(`"${String(descriptor.digest)}" is no digest`);
}

const invalid = (detail: string): OciDistributionError => new OciDistributionError('MANIFEST_INVALID', `manifest invalid: ${detail}`);
