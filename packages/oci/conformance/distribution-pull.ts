import { type ConformanceCase, must } from '@slipway/kernel';
import { encodeJson } from '../digest.ts';
import { type Digest, mediaTypes } from '../image/contract.ts';
import { layer, manifestOf, NOWHERE, pushImage, REPOSITORY as name, sameBytes } from './content.ts';
import { distributionCase, mustRefuse, type OciSubject } from './subject.ts';

/** Pull: what every registry must do. */
export const distributionPullCases: readonly ConformanceCase<OciSubject>[] = [
  distributionCase('check', 'checkApi: the registry speaks the spec', 'Pull (end-1)', async (registry, settle) => {
    must((await settle(registry.checkApi({}))).apiVersion !== '', 'it names its version');
  }),
  distributionCase(
    'pull.head-blob-unknown',
    'headBlob: an unknown blob is unknown',
    'Pull blobs: HEAD request to nonexistent blob',
    async (registry, settle) => {
      await pushImage(registry, settle, 'one');
      await mustRefuse(settle(registry.headBlob({ name, digest: NOWHERE })), 'headBlob', ['BLOB_UNKNOWN']);
    },
  ),
  distributionCase(
    'pull.head-blob',
    'headBlob: tells a blob’s size',
    'Pull blobs: HEAD request to existing blob',
    async (registry, settle) => {
      await pushImage(registry, settle, 'one');
      const head = await settle(registry.headBlob({ name, digest: layer.digest }));
      must(head.size === layer.content.length && head.digest === layer.digest, 'size and digest are the blob’s');
    },
  ),
  distributionCase(
    'pull.get-blob-unknown',
    'getBlob: an unknown blob is unknown',
    'Pull blobs: GET nonexistent blob',
    async (registry, settle) => {
      await pushImage(registry, settle, 'one');
      await mustRefuse(settle(registry.getBlob({ name, digest: NOWHERE })), 'getBlob', ['BLOB_UNKNOWN']);
    },
  ),
  distributionCase(
    'pull.get-blob',
    'getBlob: gives a blob’s bytes',
    'Pull blobs: GET request to existing blob URL',
    async (registry, settle) => {
      await pushImage(registry, settle, 'one');
      const { content } = await settle(registry.getBlob({ name, digest: layer.digest }));
      must(sameBytes(content, layer.content), 'they are the bytes that were pushed');
    },
  ),
  distributionCase('pull.get-blob-range', 'getBlob: gives a part of a blob', 'Pull blobs (end-2, Range)', async (registry, settle) => {
    await pushImage(registry, settle, 'one');
    const { content } = await settle(registry.getBlob({ name, digest: layer.digest, range: { first: 3, last: 6 } }));
    must(sameBytes(content, layer.content.subarray(3, 7)), 'both ends are included');
    const beyond = settle(registry.getBlob({ name, digest: layer.digest, range: { first: 999, last: 1000 } }));
    await mustRefuse(beyond, 'a range beyond the end');
  }),
  distributionCase(
    'pull.head-manifest-unknown',
    'headManifest: an unknown manifest is unknown',
    'Pull manifests: HEAD request to nonexistent manifest',
    async (registry, settle) => {
      await pushImage(registry, settle, 'one');
      await mustRefuse(settle(registry.headManifest({ name, reference: 'none' })), 'a tag', ['MANIFEST_UNKNOWN']);
      await mustRefuse(settle(registry.headManifest({ name, reference: NOWHERE })), 'a digest', ['MANIFEST_UNKNOWN']);
    },
  ),
  distributionCase(
    'pull.get-manifest-unknown',
    'getManifest: an unknown manifest is unknown',
    'Pull manifests: GET nonexistent manifest',
    async (registry, settle) => {
      await pushImage(registry, settle, 'one');
      await mustRefuse(settle(registry.getManifest({ name, reference: 'none' })), 'a tag', ['MANIFEST_UNKNOWN']);
      await mustRefuse(settle(registry.getManifest({ name, reference: NOWHERE })), 'a digest', ['MANIFEST_UNKNOWN']);
    },
  ),
  distributionCase(
    'pull.manifest',
    'getManifest: gives by tag and by digest what was pushed',
    'Pull manifests: HEAD and GET, manifest[0], manifest[1], tag',
    async (registry, settle) => {
      const first = await pushImage(registry, settle, 'one');
      const second = await pushImage(registry, settle, 'two', manifestOf({ annotations: { is: 'the second' } }));
      for (const [reference, blob] of [
        ['one', first],
        [first.digest, first],
        ['two', second],
        [second.digest, second],
      ] as const) {
        const head = await settle(registry.headManifest({ name, reference }));
        must(head.digest === blob.digest && head.size === blob.content.length, `HEAD ${reference} tells digest and size`);
        const got = await settle(registry.getManifest({ name, reference }));
        must(sameBytes(got.content, blob.content), `GET ${reference} gives the bytes that were pushed`);
        must(got.mediaType === mediaTypes.imageManifest && got.digest === blob.digest, `GET ${reference} tells type and digest`);
      }
    },
  ),
  distributionCase(
    'errors.digest',
    'errors: a digest that is none is refused with a code of the spec',
    'Pull, Error codes',
    async (registry, settle) => {
      await pushImage(registry, settle, 'one');
      const bad = 'sha256:totallywrong' as Digest;
      await mustRefuse(settle(registry.getBlob({ name, digest: bad })), 'getBlob', ['DIGEST_INVALID', 'BLOB_UNKNOWN', 'NAME_INVALID']);
      const content = encodeJson({ schemaVersion: 2, mediaType: mediaTypes.imageManifest, layers: 'none' });
      const put = settle(registry.putManifest({ name, reference: 'bad', mediaType: mediaTypes.imageManifest, content }));
      await mustRefuse(put, 'a manifest that is none', ['MANIFEST_INVALID']);
    },
  ),
  distributionCase('errors.name', 'errors: a repository name that is none is refused', 'Pull; code-8', async (registry, settle) => {
    for (const bad of ['Upper', 'a//b', '-a', 'a/']) {
      await mustRefuse(settle(registry.getManifest({ name: bad, reference: 'one' })), `the name ${bad}`, ['NAME_INVALID', 'NAME_UNKNOWN']);
    }
  }),
];
