import { type ConformanceCase, must } from '@slipway/kernel';
import { layer, manifestOf, pushImage, REPOSITORY as name } from './content.ts';
import { distributionCase, failure, mustRefuse, type OciSubject } from './subject.ts';

const DISABLED = { skipped: 'the registry does not delete' };

/** Content management: deletion, which a registry may have switched off. */
export const distributionManagementCases: readonly ConformanceCase<OciSubject>[] = [
  distributionCase(
    'delete.tag',
    'deleteManifest: by tag ends the tag and leaves the manifest',
    'ContentManagement, Manifest delete: tag',
    async (registry, settle) => {
      const manifest = await pushImage(registry, settle, 'one');
      await pushImage(registry, settle, 'two');
      if ((await failure(settle(registry.deleteManifest({ name, reference: 'one' })))) === 'UNSUPPORTED') return DISABLED;
      await mustRefuse(settle(registry.getManifest({ name, reference: 'one' })), 'GET by the tag', ['MANIFEST_UNKNOWN']);
      must((await settle(registry.headManifest({ name, reference: 'two' }))).digest === manifest.digest, 'the other tag is there');
      must((await settle(registry.listTags({ name }))).tags.join() === 'two', 'the list has the other tag alone');
      return undefined;
    },
  ),
  distributionCase(
    'delete.digest',
    'deleteManifest: by digest ends the manifest and all its tags',
    'ContentManagement, Manifest delete: digest',
    async (registry, settle) => {
      const manifest = await pushImage(registry, settle, 'one');
      await pushImage(registry, settle, 'two');
      const other = await pushImage(registry, settle, 'other', manifestOf({ annotations: { is: 'another' } }));
      if ((await failure(settle(registry.deleteManifest({ name, reference: manifest.digest })))) === 'UNSUPPORTED') return DISABLED;
      for (const reference of ['one', 'two', manifest.digest]) {
        await mustRefuse(settle(registry.getManifest({ name, reference })), `GET ${reference}`, ['MANIFEST_UNKNOWN']);
      }
      must((await settle(registry.listTags({ name }))).tags.join() === 'other', 'the list reflects it');
      must((await settle(registry.headManifest({ name, reference: 'other' }))).digest === other.digest, 'the other manifest is there');
      const again = settle(registry.deleteManifest({ name, reference: manifest.digest }));
      await mustRefuse(again, 'a second DELETE', ['MANIFEST_UNKNOWN']);
      return undefined;
    },
  ),
  distributionCase(
    'delete.referrer',
    'deleteManifest: a referrer that is gone is listed no more',
    'Deleting Manifests; Listing Referrers',
    async (registry, settle) => {
      const subject = await pushImage(registry, settle, 'one');
      const { digest } = subject;
      const referrer = await pushImage(
        registry,
        settle,
        'signature',
        manifestOf({ subject: { mediaType: 'application/x', digest, size: subject.content.length } }),
      );
      if ((await failure(settle(registry.deleteManifest({ name, reference: referrer.digest })))) === 'UNSUPPORTED') return DISABLED;
      must((await settle(registry.listReferrers({ name, digest }))).index.manifests.length === 0, 'no referrer is left');
      return undefined;
    },
  ),
  distributionCase('delete.blob', 'deleteBlob: the blob is gone', 'ContentManagement, Blob delete', async (registry, settle) => {
    await pushImage(registry, settle, 'one');
    if ((await failure(settle(registry.deleteBlob({ name, digest: layer.digest })))) === 'UNSUPPORTED') return DISABLED;
    await mustRefuse(settle(registry.getBlob({ name, digest: layer.digest })), 'GET', ['BLOB_UNKNOWN']);
    await mustRefuse(settle(registry.deleteBlob({ name, digest: layer.digest })), 'a second DELETE', ['BLOB_UNKNOWN']);
    return undefined;
  }),
];
