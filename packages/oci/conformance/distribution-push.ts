import { type ConformanceCase, must } from '@slipway/kernel';
import { isBlobCreated } from '../distribution/contract.ts';
import { mediaTypes } from '../image/contract.ts';
import { config, layer, manifestOf, NOWHERE, OTHER_REPOSITORY, pushBlob, pushImage, REPOSITORY as name, sameBytes } from './content.ts';
import { distributionCase, failure, mustRefuse, type OciSubject } from './subject.ts';

const half = Math.floor(layer.content.length / 2);
const firstChunk = layer.content.subarray(0, half);
const secondChunk = layer.content.subarray(half);
const firstRange = { first: 0, last: half - 1 };
const secondRange = { first: half, last: layer.content.length - 1 };

/** Push: uploads, mounts, manifests. */
export const distributionPushCases: readonly ConformanceCase<OciSubject>[] = [
  distributionCase(
    'push.streamed',
    'upload: a blob streamed with PATCH is there after PUT',
    'Push, Blob Upload Streamed',
    async (registry, settle) => {
      const { location } = await settle(registry.startUpload({ name }));
      const progress = await settle(registry.uploadChunk({ location, content: layer.content }));
      const created = await settle(registry.completeUpload({ location: progress.location, digest: layer.digest }));
      must(created.location !== '', 'PUT names the blob’s place');
      must(sameBytes((await settle(registry.getBlob({ name, digest: layer.digest }))).content, layer.content), 'the blob is there');
    },
  ),
  distributionCase(
    'push.single-post',
    'upload: one POST stores the blob or opens an upload',
    'Push, Blob Upload Monolithic: POST with digest and blob',
    async (registry, settle) => {
      await pushBlob(registry, settle, config);
      await mustRefuse(settle(registry.getBlob({ name, digest: layer.digest })), 'getBlob before', ['BLOB_UNKNOWN']);
      const answer = await settle(registry.uploadBlob({ name, digest: layer.digest, content: layer.content }));
      const there = (await failure(settle(registry.getBlob({ name, digest: layer.digest })))) === undefined;
      must(there === isBlobCreated(answer), 'the blob is there exactly when the answer says so');
    },
  ),
  distributionCase(
    'push.post-put',
    'upload: POST then PUT stores the blob',
    'Push, Blob Upload Monolithic: PUT upload of a blob',
    async (registry, settle) => {
      for (const blob of [config, layer]) {
        await pushBlob(registry, settle, blob);
        must(sameBytes((await settle(registry.getBlob({ name, digest: blob.digest }))).content, blob.content), 'the blob is there');
      }
    },
  ),
  distributionCase(
    'push.wrong-digest',
    'upload: other bytes than the digest says are refused',
    'code-4; invariant OCI-04',
    async (registry, settle) => {
      const { location } = await settle(registry.startUpload({ name }));
      const put = settle(registry.completeUpload({ location, digest: config.digest, content: layer.content }));
      await mustRefuse(put, 'PUT', ['DIGEST_INVALID']);
      await mustRefuse(settle(registry.headBlob({ name, digest: config.digest })), 'the blob', ['BLOB_UNKNOWN']);
    },
  ),
  distributionCase(
    'push.chunked',
    'upload: chunks are taken in order only, and a stale upload can go on',
    'Push, Blob Upload Chunked',
    async (registry, settle) => {
      let { location } = await settle(registry.startUpload({ name }));
      const early = settle(registry.uploadChunk({ location, content: secondChunk, contentRange: secondRange }));
      await mustRefuse(early, 'an out-of-order chunk', ['BLOB_UPLOAD_INVALID']);
      const first = await settle(registry.uploadChunk({ location, content: firstChunk, contentRange: firstRange }));
      must(first.range?.last === firstRange.last, 'PATCH tells how far the upload is');
      location = first.location;
      const again = settle(registry.uploadChunk({ location, content: firstChunk, contentRange: firstRange }));
      await mustRefuse(again, 'the same chunk again', ['BLOB_UPLOAD_INVALID']);
      const status = await settle(registry.getUploadStatus({ location }));
      must(status.range?.last === firstRange.last && status.location !== '', 'GET tells how far the upload is, and where to go on');
      const second = await settle(registry.uploadChunk({ location: status.location, content: secondChunk, contentRange: secondRange }));
      must(second.range?.last === secondRange.last, 'PATCH tells how far the upload is');
      await settle(registry.completeUpload({ location: second.location, digest: layer.digest }));
      must(sameBytes((await settle(registry.getBlob({ name, digest: layer.digest }))).content, layer.content), 'the blob is there');
    },
  ),
  distributionCase('push.last-chunk-in-put', 'upload: the last chunk may come with PUT', 'Push (end-6)', async (registry, settle) => {
    const { location } = await settle(registry.startUpload({ name }));
    const first = await settle(registry.uploadChunk({ location, content: firstChunk, contentRange: firstRange }));
    await settle(
      registry.completeUpload({ location: first.location, digest: layer.digest, content: secondChunk, contentRange: secondRange }),
    );
    must(sameBytes((await settle(registry.getBlob({ name, digest: layer.digest }))).content, layer.content), 'the blob is there');
  }),
  distributionCase('push.unknown-upload', 'upload: one that is closed is unknown', 'code-3', async (registry, settle) => {
    const { location } = await settle(registry.startUpload({ name }));
    await settle(registry.completeUpload({ location, digest: layer.digest, content: layer.content }));
    await mustRefuse(settle(registry.getUploadStatus({ location })), 'GET', ['BLOB_UPLOAD_UNKNOWN']);
    await mustRefuse(settle(registry.uploadChunk({ location, content: firstChunk })), 'PATCH', ['BLOB_UPLOAD_UNKNOWN']);
  }),
  distributionCase('push.cancel', 'cancelUpload: the upload is gone', 'master 967efdc (end-14)', async (registry, settle) => {
    const { location } = await settle(registry.startUpload({ name }));
    const code = await failure(settle(registry.cancelUpload({ location })));
    if (code === 'UNIMPLEMENTED' || code === 'UNSUPPORTED') return { skipped: 'the registry cannot cancel uploads' };
    must(code === undefined, 'DELETE succeeds');
    await mustRefuse(settle(registry.getUploadStatus({ location })), 'GET', ['BLOB_UPLOAD_UNKNOWN']);
    return undefined;
  }),
  distributionCase(
    'mount.from',
    'mountBlob: a blob of another repository is there without an upload',
    'Push, Cross-Repository Blob Mount',
    async (registry, settle) => {
      await pushBlob(registry, settle, layer);
      const answer = await settle(registry.mountBlob({ name: OTHER_REPOSITORY, mount: layer.digest, from: name }));
      if (!isBlobCreated(answer)) {
        must(answer.location !== '', 'an upload is open instead');
        return { skipped: 'the registry does not mount blobs' };
      }
      must(
        sameBytes((await settle(registry.getBlob({ name: OTHER_REPOSITORY, digest: layer.digest }))).content, layer.content),
        'the blob is there',
      );
      return undefined;
    },
  ),
  distributionCase(
    'mount.nothing',
    'mountBlob: what is not there opens an upload',
    'Push, Cross-Repository Blob Mount: nonexistent blob',
    async (registry, settle) => {
      await pushBlob(registry, settle, layer);
      const answer = await settle(registry.mountBlob({ name: OTHER_REPOSITORY, mount: NOWHERE, from: name }));
      must(!isBlobCreated(answer) && answer.location !== '', 'an upload is open');
    },
  ),
  distributionCase(
    'mount.anywhere',
    'mountBlob: without a source mounts what the registry finds, or opens an upload',
    'Push, Cross-Repository Blob Mount: without from',
    async (registry, settle) => {
      await pushBlob(registry, settle, layer);
      const answer = await settle(registry.mountBlob({ name: OTHER_REPOSITORY, mount: layer.digest }));
      const there = (await failure(settle(registry.headBlob({ name: OTHER_REPOSITORY, digest: layer.digest })))) === undefined;
      must(there === isBlobCreated(answer), 'the blob is there exactly when the answer says so');
    },
  ),
  distributionCase(
    'push.manifest',
    'putManifest: a manifest is there by tag and by digest',
    'Push, Manifest Upload',
    async (registry, settle) => {
      const manifest = await pushImage(registry, settle, 'one');
      for (const reference of ['one', manifest.digest]) {
        must(
          sameBytes((await settle(registry.getManifest({ name, reference }))).content, manifest.content),
          `${reference} gives its bytes`,
        );
      }
      await mustRefuse(settle(registry.getManifest({ name, reference: 'none' })), 'another tag', ['MANIFEST_UNKNOWN']);
    },
  ),
  distributionCase(
    'push.manifest-no-layers',
    'putManifest: a manifest without layers is taken',
    'Push, Manifest Upload: no layers',
    async (registry, settle) => {
      const empty = await pushImage(registry, settle, 'empty', manifestOf({ layers: [] }));
      must((await settle(registry.headManifest({ name, reference: 'empty' }))).digest === empty.digest, 'it is there');
    },
  ),
  distributionCase(
    'push.manifest-wrong-digest',
    'putManifest: under a digest that is not its own is refused',
    'Pushing Manifests',
    async (registry, settle) => {
      await pushImage(registry, settle, 'one');
      const { content } = manifestOf({ annotations: { is: 'another' } });
      const put = settle(registry.putManifest({ name, reference: NOWHERE, mediaType: mediaTypes.imageManifest, content }));
      await mustRefuse(put, 'PUT', ['DIGEST_INVALID', 'MANIFEST_INVALID']);
    },
  ),
  distributionCase(
    'push.manifest-missing-blob',
    'putManifest: names blobs that are there, or is refused with the spec’s code',
    'Pushing Manifests; code-5',
    async (registry, settle) => {
      await pushBlob(registry, settle, config);
      const { content } = manifestOf();
      const code = await failure(settle(registry.putManifest({ name, reference: 'one', mediaType: mediaTypes.imageManifest, content })));
      must(code === undefined || code === 'MANIFEST_BLOB_UNKNOWN', `the code is MANIFEST_BLOB_UNKNOWN (got ${code})`);
    },
  ),
  distributionCase('push.retag', 'putManifest: a tag moves, the old manifest stays', 'Pushing Manifests', async (registry, settle) => {
    const first = await pushImage(registry, settle, 'moving');
    const second = await pushImage(registry, settle, 'moving', manifestOf({ annotations: { is: 'newer' } }));
    must((await settle(registry.headManifest({ name, reference: 'moving' }))).digest === second.digest, 'the tag names the newer one');
    must(
      (await settle(registry.headManifest({ name, reference: first.digest }))).digest === first.digest,
      'the older one is there by digest',
    );
  }),
];
