import { type Implementation, type Micros, now, type Process } from '@slipway/kernel';
import { digestOf } from '../../digest.ts';
import type {
  BlobCreated,
  CheckApiRequest,
  CheckApiResponse,
  CompleteUploadRequest,
  DeleteManifestRequest,
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
  MountBlobRequest,
  OciDistribution,
  PutManifestRequest,
  PutManifestResponse,
  RegistryRequest,
  RepositoryRequest,
  StartUploadRequest,
  UploadBlobRequest,
  UploadChunkRequest,
  UploadProgress,
  UploadRequest,
  UploadSession,
} from '../../distribution/contract.ts';
import { OciDistributionError } from '../../distribution/errors.ts';
import { type Digest, mediaTypes } from '../../image/contract.ts';
import { DEFAULT_REGISTRY, isDigest, isRepositoryName, isTag } from '../../image/reference.ts';
import { buildImage, type Content } from './build.ts';
import { catalogue } from './catalogue/index.ts';
import { checkManifest } from './manifest-check.ts';
import { type Account, covers, isAccount, MissingImages, type OciRegistryOptions } from './options.ts';
import type { ImageRecipe } from './recipe.ts';
import { Repository } from './repository.ts';
import { standIn, synthesiseRecipe } from './synthesis.ts';
import { blobOf, Uploads } from './uploads.ts';

const FOUR_MIB = 4 * 1024 * 1024;
const DONE = {} as const;

/**
 * All registries of a world in memory. Manifests, configs and layers are real and have true digests; images that people know are made when
 * somebody first asks for them and kept, so that the thousandth pull costs nothing. See README.md for what is made up.
 */
export class OciRegistry implements Implementation<OciDistribution> {
  readonly #options: OciRegistryOptions;
  readonly #recipes = new Map<string, ImageRecipe>();
  readonly #missing: MissingImages;
  readonly #repositories = new Map<string, Repository>();
  /** How many repositories hold a blob, and one of them is found by it for mounting. */
  readonly #holders = new Map<Digest, Set<Repository>>();
  readonly #uploads = new Uploads();
  #window: { at: Micros; pulls: number } = { at: -1, pulls: 0 };

  constructor(options: OciRegistryOptions = {}) {
    this.#options = options;
    this.#missing = new MissingImages(options.missing ?? []);
    for (const recipe of [...catalogue, ...(options.images ?? [])]) this.#recipes.set(recipe.name, recipe);
  }

  checkApi(request: CheckApiRequest): CheckApiResponse {
    this.#admit(request, registryOf(request), 'pull');
    return { apiVersion: 'registry/2.0' };
  }

  getBlob(request: GetBlobRequest): GetBlobResponse {
    const { content, digest } = this.#blob(request);
    const { range } = request;
    if (range === undefined) return { content, digest, size: content.length };
    const last = Math.min(range.last, content.length - 1);
    if (range.first < 0 || range.first > last) throw new OciDistributionError('SIZE_INVALID', 'requested range not satisfiable', 416);
    return { content: content.subarray(range.first, last + 1), digest, size: content.length, contentRange: { first: range.first, last } };
  }

  headBlob(request: HeadBlobRequest): HeadResponse {
    const { content, digest, mediaType } = this.#blob(request);
    return { digest, size: content.length, mediaType };
  }

  getManifest(request: GetManifestRequest): GetManifestResponse | Process<GetManifestResponse> {
    const { rateLimit } = this.#options;
    // As Docker Hub does: only a GET of a manifest counts, and who has an account is not limited.
    if (rateLimit !== undefined && request.authorization === undefined) return this.#limited(request, rateLimit);
    return this.#answer(this.#manifest(request));
  }

  headManifest(request: GetManifestRequest): HeadResponse {
    const { digest, mediaType, content } = this.#manifest(request);
    return { digest, size: content.length, mediaType };
  }

  startUpload(request: StartUploadRequest): UploadSession {
    return this.#uploads.start(this.#toPush(request), request.name);
  }

  uploadBlob(request: UploadBlobRequest): BlobCreated {
    const repository = this.#toPush(request);
    checkDigest(request.digest);
    return this.#store(repository, request.name, blobOf(request.content, request.digest));
  }

  uploadChunk({ location, content, contentRange, ...request }: UploadChunkRequest): UploadProgress {
    this.#admit(request, this.#uploads.repositoryOf(location).repository.key, 'push');
    return this.#uploads.append(location, content, contentRange);
  }

  completeUpload({ location, digest, content, contentRange, ...request }: CompleteUploadRequest): BlobCreated {
    const { repository, name } = this.#uploads.repositoryOf(location);
    this.#admit(request, repository.key, 'push');
    checkDigest(digest);
    if (content !== undefined) this.#uploads.append(location, content, contentRange);
    return this.#store(repository, name, this.#uploads.complete(location, digest));
  }

  mountBlob(request: MountBlobRequest): BlobCreated | UploadSession {
    const repository = this.#toPush(request);
    const { mount, from, name } = request;
    checkDigest(mount);
    const source = from === undefined ? this.#anyHolder(mount) : this.#repositories.get(`${registryOf(request)}/${from}`);
    const blob = source?.blobs.get(mount);
    if (source === undefined || blob === undefined || !this.#mayPull(request, source)) return this.#uploads.start(repository, name);
    return this.#store(repository, name, blob);
  }

  getUploadStatus({ location, ...request }: UploadRequest): UploadProgress {
    this.#admit(request, this.#uploads.repositoryOf(location).repository.key, 'push');
    return this.#uploads.status(location);
  }

  cancelUpload({ location, ...request }: UploadRequest): typeof DONE {
    this.#admit(request, this.#uploads.repositoryOf(location).repository.key, 'push');
    this.#uploads.cancel(location);
    return DONE;
  }

  putManifest(request: PutManifestRequest): PutManifestResponse {
    const repository = this.#toPush(request);
    const { name, reference, mediaType, content } = request;
    if (content.length > (this.#options.manifestLimitBytes ?? FOUR_MIB))
      throw new OciDistributionError('SIZE_INVALID', 'manifest too large', 413);
    const digest = digestOf(content);
    if (reference.includes(':')) {
      if (reference !== digest) throw new OciDistributionError('DIGEST_INVALID');
    } else if (!isTag(reference)) throw new OciDistributionError('MANIFEST_INVALID', `invalid tag name: "${reference}"`);
    checkManifest(repository, mediaType, content);
    const subject = repository.put({ digest, mediaType, content });
    if (reference !== digest) repository.tag(reference, digest);
    return { location: `/v2/${name}/manifests/${reference}`, digest, ...(subject !== undefined && { subject }) };
  }

  listTags(request: ListTagsRequest): ListTagsResponse {
    const repository = this.#toRead(request);
    const recipe = this.#recipeOf(repository);
    for (const tag of recipe?.tags ?? []) this.#make(repository, tag);
    const { name, n, last } = request;
    const { sortedTags } = repository;
    const start = last === undefined ? 0 : firstAfter(sortedTags, last);
    const tags = sortedTags.slice(start, n === undefined ? undefined : start + n);
    const end = tags.at(-1);
    if (end === undefined || start + tags.length >= sortedTags.length) return { name, tags };
    return { name, tags, link: `/v2/${name}/tags/list?n=${n}&last=${end}` };
  }

  listReferrers(request: ListReferrersRequest): ListReferrersResponse {
    const { digest, artifactType } = request;
    checkDigest(digest);
    const key = this.#keyOf(request);
    this.#admit(request, key, 'pull');
    const all = this.#repositories.get(key)?.referrersOf(digest) ?? [];
    const manifests = artifactType === undefined ? all : all.filter((manifest) => manifest.artifactType === artifactType);
    const index = { schemaVersion: 2, mediaType: mediaTypes.imageIndex, manifests } as const;
    return artifactType === undefined ? { index } : { index, filtersApplied: ['artifactType'] };
  }

  deleteManifest(request: DeleteManifestRequest): typeof DONE {
    const repository = this.#toDelete(request);
    const manifest = this.#manifest(request);
    if (isDigest(request.reference)) repository.removeManifest(manifest);
    else repository.removeTag(request.reference);
    return DONE;
  }

  deleteBlob(request: HeadBlobRequest): typeof DONE {
    const repository = this.#toDelete(request);
    const { digest } = this.#blob(request);
    repository.blobs.delete(digest);
    this.#holders.get(digest)?.delete(repository);
    return DONE;
  }

  *#limited(request: GetManifestRequest, { pulls, per }: NonNullable<OciRegistryOptions['rateLimit']>): Process<GetManifestResponse> {
    const at = Math.floor((yield* now()) / per);
    if (this.#window.at !== at) this.#window = { at, pulls: 0 };
    this.#window.pulls += 1;
    if (this.#window.pulls > pulls) {
      throw new OciDistributionError(
        'TOOMANYREQUESTS',
        'You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
      );
    }
    return this.#answer(this.#manifest(request));
  }

  #answer({ digest, mediaType, content }: Content): GetManifestResponse {
    return { digest, mediaType, content, size: content.length };
  }

  #manifest(request: GetManifestRequest | DeleteManifestRequest): Content {
    const repository = this.#toRead(request);
    const { reference } = request;
    if (!isTag(reference)) checkDigest(reference);
    const manifest = repository.find(reference) ?? this.#make(repository, reference);
    if (!manifest) throw new OciDistributionError('MANIFEST_UNKNOWN');
    return manifest;
  }

  #blob(request: HeadBlobRequest): Content {
    const repository = this.#toRead(request);
    checkDigest(request.digest);
    const blob = repository.blobs.get(request.digest);
    if (!blob) throw new OciDistributionError('BLOB_UNKNOWN');
    return blob;
  }

  /** Makes an image that is asked for by a tag, or by a digest that nobody knows, if there shall be one. */
  #make(repository: Repository, reference: string): Content | undefined {
    const known = repository.find(reference);
    if (known || repository.wasDeleted(reference)) return known;
    const recipe = this.#recipeOf(repository);
    if (!recipe || this.#missing.hasReference(repository.key, reference)) return undefined;
    if (this.#options.unknown === 'refuse' && !recipe.tags.includes(reference)) return undefined;
    const image = isDigest(reference) ? standIn(recipe, reference) : buildImage(recipe, reference);
    repository.install(image, isDigest(reference) ? undefined : reference);
    for (const { digest } of image.blobs) this.#hold(repository, digest);
    return image.index;
  }

  #recipeOf(repository: Repository): ImageRecipe | undefined {
    const recipe = this.#recipes.get(repository.key);
    if (recipe || this.#options.unknown === 'refuse' || repository.pushed) return recipe;
    return synthesiseRecipe(repository.key);
  }

  #store(repository: Repository, name: string, blob: Content): BlobCreated {
    repository.pushed = true;
    repository.blobs.set(blob.digest, blob);
    this.#hold(repository, blob.digest);
    return { location: `/v2/${name}/blobs/${blob.digest}`, digest: blob.digest };
  }

  #hold(repository: Repository, digest: Digest): void {
    const holders = this.#holders.get(digest);
    if (holders) holders.add(repository);
    else this.#holders.set(digest, new Set([repository]));
  }

  #anyHolder(digest: Digest): Repository | undefined {
    if (this.#options.automaticMount === false) return undefined;
    for (const holder of this.#holders.get(digest) ?? []) return holder;
    return undefined;
  }

  /** The repository as it is, or as it would be: reading one that nobody pushed to makes no difference to anybody. */
  #toRead(request: RepositoryRequest): Repository {
    const key = this.#keyOf(request);
    this.#admit(request, key, 'pull');
    const repository = this.#repositories.get(key) ?? new Repository(key);
    if (!repository.pushed && this.#missing.hasRepository(key)) throw new OciDistributionError('NAME_UNKNOWN');
    if (!this.#repositories.has(key)) {
      if (!this.#recipeOf(repository)) throw new OciDistributionError('NAME_UNKNOWN');
      this.#repositories.set(key, repository);
    }
    return repository;
  }

  #toPush(request: RepositoryRequest): Repository {
    const key = this.#keyOf(request);
    this.#admit(request, key, 'push');
    const repository = this.#repositories.get(key) ?? new Repository(key);
    this.#repositories.set(key, repository);
    repository.pushed = true;
    return repository;
  }

  #toDelete(request: RepositoryRequest): Repository {
    const repository = this.#toRead(request);
    this.#admit(request, repository.key, 'push');
    if (this.#options.deletion === false) throw new OciDistributionError('UNSUPPORTED');
    return repository;
  }

  #keyOf(request: RepositoryRequest): string {
    if (!isRepositoryName(request.name)) throw new OciDistributionError('NAME_INVALID', `invalid repository name: "${request.name}"`);
    return `${registryOf(request)}/${request.name}`;
  }

  #accountFor(repository: string): Account | undefined {
    return this.#options.accounts?.find((account) => covers(account, repository));
  }

  #mayPull(request: RegistryRequest, { key }: Repository): boolean {
    const account = this.#accountFor(key);
    return account === undefined || (request.authorization !== undefined && isAccount(account, request.authorization));
  }

  #admit({ authorization }: RegistryRequest, repository: string, to: 'pull' | 'push'): void {
    const account = this.#accountFor(repository);
    if (account === undefined) return;
    if (authorization === undefined) throw new OciDistributionError('UNAUTHORIZED');
    if (!isAccount(account, authorization)) throw new OciDistributionError('UNAUTHORIZED', 'incorrect username or password');
    if (to === 'push' && account.pushes === false) throw new OciDistributionError('DENIED');
  }
}

const registryOf = ({ ns }: RegistryRequest): string => ns ?? DEFAULT_REGISTRY;

function checkDigest(digest: string): asserts digest is Digest {
  if (!isDigest(digest)) throw new OciDistributionError('DIGEST_INVALID', `invalid digest: "${digest}"`);
}

/** Index of the first tag after `last`, which need not be there itself. */
function firstAfter(sorted: readonly string[], last: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') <= last) low = middle + 1;
    else high = middle;
  }
  return low;
}
