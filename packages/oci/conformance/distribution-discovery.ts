import { type ConformanceCase, must } from '@slipway/kernel';
import { type Descriptor, mediaTypes } from '../image/contract.ts';
import { manifestOf, NOWHERE, pushImage, REPOSITORY as name, type Settle } from './content.ts';
import { distributionCase, failure, mustRefuse, type OciSubject } from './subject.ts';

const tags = ['v1', 'v10', 'v2', 'latest', 'Alpha'];
const sorted = [...tags].sort((a, b) => (a < b ? -1 : 1));

/** Content discovery: tags and referrers. */
export const distributionDiscoveryCases: readonly ConformanceCase<OciSubject>[] = [
  distributionCase(
    'tags.list',
    'listTags: lists every tag in lexical order',
    'ContentDiscovery, listing tags',
    async (registry, settle) => {
      for (const tag of tags) await pushImage(registry, settle, tag);
      const answer = await settle(registry.listTags({ name }));
      must(answer.name === name, 'it names the repository');
      must(answer.tags.join() === sorted.join(), `the tags are ${sorted.join()} (got ${answer.tags.join()})`);
    },
  ),
  distributionCase(
    'tags.n',
    'listTags: gives at most n tags',
    'ContentDiscovery, listing tags: `n` query parameter',
    async (registry, settle) => {
      for (const tag of tags) await pushImage(registry, settle, tag);
      for (const n of [0, 1, 3, 5, 9]) {
        const answer = await settle(registry.listTags({ name, n }));
        must(answer.tags.join() === sorted.slice(0, n).join(), `n=${n} gives the first ${n}`);
        must(n > 0 || answer.link === undefined, 'n=0 gives no link');
      }
    },
  ),
  distributionCase(
    'tags.last',
    'listTags: starts after `last`, and pages make the whole',
    'ContentDiscovery, listing tags: `last` query parameter',
    async (registry, settle) => {
      for (const tag of tags) await pushImage(registry, settle, tag);
      const after = await settle(registry.listTags({ name, last: sorted[1] ?? '' }));
      must(after.tags.join() === sorted.slice(2).join(), '`last` itself is left out');
      const pages: string[] = [];
      for (let last: string | undefined; ; ) {
        const page = await settle(registry.listTags({ name, n: 2, ...(last !== undefined && { last }) }));
        pages.push(...page.tags);
        last = page.tags.at(-1);
        if (last === undefined || page.link === undefined) break;
      }
      must(pages.join() === sorted.join(), `the pages make the whole list (got ${pages.join()})`);
    },
  ),
  distributionCase(
    'referrers.none',
    'listReferrers: none is an empty index, no error',
    'ContentDiscovery, listing references: nonexistent blob',
    async (registry, settle) => {
      await pushImage(registry, settle, 'one');
      const { index } = await settle(registry.listReferrers({ name, digest: NOWHERE }));
      must(index.schemaVersion === 2 && index.manifests.length === 0, 'the index is empty');
    },
  ),
  distributionCase(
    'referrers.list',
    'listReferrers: lists manifests by subject, with type and annotations',
    'ContentDiscovery, listing references: existing blob',
    async (registry, settle) => {
      const subject = await pushImage(registry, settle, 'one');
      const described: Descriptor = { mediaType: mediaTypes.imageManifest, digest: subject.digest, size: subject.content.length };
      const typed = manifestOf({ subject: described, artifactType: 'application/vnd.slipway.signature', annotations: { by: 'me' } });
      const plain = manifestOf({ subject: described });
      const noted = await put(registry, settle, typed.content, typed.digest);
      await put(registry, settle, plain.content, plain.digest);
      if (noted.subject === undefined) return { skipped: 'the registry takes no note of subjects' };
      const { index } = await settle(registry.listReferrers({ name, digest: subject.digest }));
      const find = (digest: string): Descriptor | undefined => index.manifests.find((manifest) => manifest.digest === digest);
      must(index.manifests.length === 2, 'both are listed');
      must(find(typed.digest)?.artifactType === 'application/vnd.slipway.signature', 'the artifact type is the manifest’s');
      must(find(typed.digest)?.annotations?.by === 'me', 'the annotations are the manifest’s');
      must(find(plain.digest)?.artifactType === mediaTypes.imageConfig, 'without one it is the type of the config');
      return undefined;
    },
  ),
  distributionCase(
    'referrers.filter',
    'listReferrers: filters by artifact type',
    'ContentDiscovery, listing references: filter',
    async (registry, settle) => {
      const subject = await pushImage(registry, settle, 'one');
      const described: Descriptor = { mediaType: mediaTypes.imageManifest, digest: subject.digest, size: subject.content.length };
      for (const artifactType of ['application/a', 'application/b']) {
        const manifest = manifestOf({ subject: described, artifactType });
        await put(registry, settle, manifest.content, manifest.digest);
      }
      const { index, filtersApplied } = await settle(
        registry.listReferrers({ name, digest: subject.digest, artifactType: 'application/a' }),
      );
      if (!filtersApplied?.includes('artifactType')) return { skipped: 'the registry does not filter' };
      must(index.manifests.length === 1 && index.manifests[0]?.artifactType === 'application/a', 'only those of the type are listed');
      return undefined;
    },
  ),
  distributionCase(
    'referrers.missing-subject',
    'listReferrers: a subject need not have been pushed',
    'ContentDiscovery, listing references: missing manifest',
    async (registry, settle) => {
      await pushImage(registry, settle, 'one');
      const manifest = manifestOf({
        subject: { mediaType: mediaTypes.imageManifest, digest: NOWHERE, size: 7 },
        artifactType: 'application/a',
      });
      await put(registry, settle, manifest.content, manifest.digest);
      const { index } = await settle(registry.listReferrers({ name, digest: NOWHERE }));
      must(
        index.manifests.some(({ digest }) => digest === manifest.digest),
        'the referrer is listed',
      );
    },
  ),
  distributionCase(
    'tags.unknown-repository',
    'listTags: a repository that is not there is unknown',
    'Listing Tags; code-9',
    async (registry, settle) => {
      const code = await failure(settle(registry.listTags({ name: 'slipway/does-not-exist' })));
      must(code !== undefined, 'it is refused');
      await mustRefuse(settle(registry.listTags({ name: 'slipway/does-not-exist' })), 'listTags', [
        'NAME_UNKNOWN',
        'UNAUTHORIZED',
        'DENIED',
      ]);
    },
  ),
];

function put(registry: NonNullable<OciSubject['distribution']>, settle: Settle, content: Uint8Array, reference: string) {
  return settle(registry.putManifest({ name, reference, mediaType: mediaTypes.imageManifest, content }));
}
