import type { Client, Process } from '@slipway/kernel';
import { decode, digestOf } from '../digest.ts';
import type { Authorization, OciDistribution } from '../distribution/contract.ts';
import { OciDistributionError } from '../distribution/errors.ts';
import {
  type Descriptor,
  type Digest,
  dockerMediaTypes,
  type ImageConfig,
  type Index,
  isIndexType,
  type Manifest,
  mediaTypes,
  type Platform,
  STANDS_FOR,
} from './contract.ts';
import type { Reference } from './reference.ts';
import { simulatedImageSize } from './size.ts';

// A thousand machines pull the same bytes: these are checked and read once for all, by identity, as content is never changed in place. What a
// run does cannot depend on it, so that worlds may share it.
const digests = new WeakMap<Uint8Array, Digest>();
const documents = new WeakMap<Uint8Array, object>();

/** What runtimes run on unless told otherwise. */
export const LINUX_AMD64: Platform = { architecture: 'amd64', os: 'linux' };

/** An image as a registry has it, before any layer was fetched. */
export interface ResolvedImage {
  readonly reference: Reference;
  /** Of what the reference names, an index or a manifest: the digest that `name@digest` has. */
  readonly digest: Digest;
  readonly manifestDigest: Digest;
  readonly manifest: Manifest;
  /** Digest of the config, which is the image's id. Image-spec 1.1.1, "ImageID". */
  readonly imageId: Digest;
  readonly config: ImageConfig;
  /** Bytes in life, compressed. */
  readonly simulatedSize: number;
}

export interface PullOptions {
  /** Left out: linux/amd64. */
  readonly platform?: Platform;
  readonly authorization?: Authorization;
}

/**
 * Finds an image: manifest by tag or digest, through an index if there is one, then its config. Everything is checked against its digest.
 *
 * @throws OciDistributionError what the registry says; MANIFEST_UNKNOWN when an index has nothing for the platform; DIGEST_INVALID when
 *   content is not what its digest says. Distribution-spec 1.1.1, "Pull".
 */
export function* resolveImage(registry: Client<OciDistribution>, reference: Reference, options: PullOptions = {}): Process<ResolvedImage> {
  const { platform = LINUX_AMD64, authorization } = options;
  const repository = { ns: reference.registry, name: reference.repository, ...(authorization && { authorization }) };
  const accept = [mediaTypes.imageIndex, mediaTypes.imageManifest, dockerMediaTypes.manifestList, dockerMediaTypes.manifest];
  const top = yield* registry.getManifest({ ...repository, reference: reference.digest ?? reference.tag ?? 'latest', accept });
  if (reference.digest !== undefined && top.digest !== reference.digest) throw new OciDistributionError('DIGEST_INVALID');
  checkManifest(top.digest, top.content);
  let manifestDigest = top.digest;
  let content = top.content;
  if (isIndexType(top.mediaType)) {
    const index = documentOf(content) as Index;
    const chosen = choosePlatform(index, platform);
    if (chosen === undefined) {
      throw new OciDistributionError('MANIFEST_UNKNOWN', `no match for platform in manifest: ${platform.os}/${platform.architecture}`);
    }
    const answer = yield* registry.getManifest({ ...repository, reference: chosen.digest, accept });
    checkContent(chosen, answer.content);
    manifestDigest = chosen.digest;
    content = answer.content;
  }
  const manifest = documentOf(content) as Manifest;
  const blob = yield* registry.getBlob({ ...repository, digest: manifest.config.digest });
  checkContent(manifest.config, blob.content);
  return {
    reference,
    digest: top.digest,
    manifestDigest,
    manifest,
    imageId: manifest.config.digest,
    config: documentOf(blob.content) as ImageConfig,
    simulatedSize: simulatedImageSize(manifest),
  };
}

/** Fetches one layer and checks it. @throws OciDistributionError BLOB_UNKNOWN, DIGEST_INVALID (other bytes than the descriptor says). */
export function* pullLayer(
  registry: Client<OciDistribution>,
  reference: Reference,
  layer: Descriptor,
  { authorization }: PullOptions = {},
): Process<Uint8Array> {
  const repository = { ns: reference.registry, name: reference.repository, ...(authorization && { authorization }) };
  const { content } = yield* registry.getBlob({ ...repository, digest: layer.digest });
  checkContent(layer, content);
  return content;
}

/** The first manifest of an index that fits, as the spec has it; one without a platform fits none. */
export function choosePlatform(index: Index, platform: Platform): Descriptor | undefined {
  return index.manifests.find(
    ({ platform: offered }) =>
      offered !== undefined &&
      offered.os === platform.os &&
      offered.architecture === platform.architecture &&
      (platform.variant === undefined || offered.variant === platform.variant),
  );
}

/** True when the document is what the digest says, or a stand-in that says so openly (see `STANDS_FOR`). */
export function isManifestOf(digest: Digest, content: Uint8Array): boolean {
  if (knownDigestOf(content) === digest) return true;
  const { annotations } = documentOf(content) as Manifest | Index;
  return annotations?.[STANDS_FOR] === digest;
}

function checkManifest(digest: Digest, content: Uint8Array): void {
  if (!isManifestOf(digest, content)) throw new OciDistributionError('DIGEST_INVALID', `manifest ${digest} has other content`);
}

function checkContent({ digest, size }: Descriptor, content: Uint8Array): void {
  if (content.length !== size || knownDigestOf(content) !== digest) {
    throw new OciDistributionError('DIGEST_INVALID', `failed size or digest validation of ${digest}`);
  }
}

function knownDigestOf(content: Uint8Array): Digest {
  let digest = digests.get(content);
  if (digest === undefined) {
    digest = digestOf(content);
    digests.set(content, digest);
  }
  return digest;
}

/** The JSON document that the bytes are. @throws SyntaxError */
function documentOf(content: Uint8Array): object {
  let document = documents.get(content);
  if (document === undefined) {
    document = JSON.parse(decode(content)) as object;
    documents.set(content, document);
  }
  return document;
}
