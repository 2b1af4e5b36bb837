import { decodeBase64, decodeUtf8 } from '@slipway/host';
import { Cell, codeOf, messageOf, milliseconds, sleep, until, type Client, type Process } from '@slipway/kernel';
import type { Authorization, Digest, OciDistribution, Reference, ResolvedImage } from '@slipway/oci';
import { formatDigestReference, formatReference, parseReference, pullLayer, resolveImage, simulatedSize } from '@slipway/oci';
import type { CriError } from '../../../errors.ts';
import type { AuthConfig } from '../../../messages/index.ts';
import type { Flavour, PullFailure } from '../flavour.ts';
import type { ImageRecord } from './image-record.ts';
import type { ImageStore } from './image-store.ts';

type Outcome = { readonly record: ImageRecord } | { readonly error: CriError };

/** Fetches images from registries. Pulls of one image by the same caller's rights that overlap are one pull. */
export class ImagePuller {
  readonly #flavour: Flavour;
  readonly #store: ImageStore;
  readonly #registry: Client<OciDistribution>;
  readonly #bytesPerMillisecond: number;
  readonly #underWay = new Map<string, Cell<Outcome | undefined>>();

  /** @param bytesPerSecond how fast layers come over the wire; Infinity: at once */
  constructor(flavour: Flavour, store: ImageStore, registry: Client<OciDistribution>, bytesPerSecond: number) {
    this.#flavour = flavour;
    this.#store = store;
    this.#registry = registry;
    this.#bytesPerMillisecond = bytesPerSecond / 1000;
  }

  /** Fetches what is missing of an image and names it. @throws CriError in the runtime's words. */
  *pull(given: string, auth?: AuthConfig): Process<ImageRecord> {
    const full = this.#flavour.fullImageName(given);
    const authorization = authorizationOf(auth);
    const key = `${full}\n${authorization ? JSON.stringify(authorization) : ''}`;
    const running = this.#underWay.get(key);
    if (running) return opened(running.value ?? (yield* until(running)));
    const outcome = new Cell<Outcome | undefined>(undefined);
    this.#underWay.set(key, outcome);
    try {
      const record = yield* this.#fetch(given, full, authorization);
      outcome.set({ record });
      return record;
    } catch (error) {
      const failure = this.#failure(given, full, error);
      outcome.set({ error: failure });
      throw failure;
    } finally {
      this.#underWay.delete(key);
    }
  }

  /** The sandbox image: the one that is there, or a pull. It is pinned, since the kubelet knows nothing of it. */
  *sandboxImage(): Process<ImageRecord> {
    const { pauseImage } = this.#flavour;
    const present = this.#store.find(pauseImage);
    return present ?? (yield* this.pull(pauseImage));
  }

  *#fetch(given: string, full: string, authorization: Authorization | undefined): Process<ImageRecord> {
    const reference = parseReference(full);
    const options = authorization ? { authorization } : {};
    const image = yield* resolveImage(this.#registry, reference, options);
    const held = yield* this.#fetchLayers(reference, image, options);
    try {
      return this.#store.add({
        digest: image.imageId,
        repoTags:
          reference.tag === undefined
            ? []
            : [formatReference({ registry: reference.registry, repository: reference.repository, tag: reference.tag })],
        repoDigests: [formatDigestReference(reference, image.digest)],
        size: image.simulatedSize,
        layers: held.map((digest, at) => ({ digest, size: sizeAt(image, at) })),
        config: image.config.config ?? {},
        pinned: given === this.#flavour.pauseImage,
      });
    } finally {
      for (const digest of held) this.#store.release(digest);
    }
  }

  /** Layers that are there are held, the others fetched one after the other. */
  *#fetchLayers(
    reference: Reference,
    image: ResolvedImage,
    options: { readonly authorization?: Authorization },
  ): Process<readonly Digest[]> {
    const held: Digest[] = [];
    try {
      for (const layer of image.manifest.layers) {
        const size = simulatedSize(layer);
        if (this.#store.hasLayer(layer.digest)) this.#store.holdLayer(layer.digest, size);
        else {
          if (!this.#store.fits(size))
            throw Object.assign(new Error(`write ${this.#flavour.root}: no space left on device`), { code: 'ENOSPC' });
          const content = yield* pullLayer(this.#registry, reference, layer, options);
          const transfer = milliseconds(size / this.#bytesPerMillisecond);
          if (transfer > 0) yield* sleep(transfer);
          this.#store.holdLayer(layer.digest, size, content);
        }
        held.push(layer.digest);
      }
      return held;
    } catch (error) {
      for (const digest of held) this.#store.release(digest);
      throw error;
    }
  }

  #failure(given: string, full: string, error: unknown): CriError {
    const { registry, repository, tag, digest } = parseReference(full);
    return this.#flavour.words.pull({
      given,
      full,
      registry,
      repository: `${registry}/${repository}`,
      tagOrDigest: digest ?? tag ?? 'latest',
      cause: causeOf(error),
      detail: messageOf(error),
    });
  }
}

const sizeAt = ({ manifest }: ResolvedImage, at: number): number => {
  const layer = manifest.layers[at];
  return layer ? simulatedSize(layer) : 0;
};

function opened(outcome: Outcome | undefined): ImageRecord {
  if (!outcome) throw new Error('a pull ended without an outcome');
  if ('error' in outcome) throw outcome.error;
  return outcome.record;
}

const causes: Readonly<Record<string, PullFailure['cause']>> = {
  MANIFEST_UNKNOWN: 'notFound',
  NAME_UNKNOWN: 'notFound',
  BLOB_UNKNOWN: 'notFound',
  UNAUTHORIZED: 'denied',
  DENIED: 'denied',
  UNAVAILABLE: 'unreachable',
  DEADLINE_EXCEEDED: 'unreachable',
  DIGEST_INVALID: 'corrupt',
  ENOSPC: 'noSpace',
};

function causeOf(error: unknown): PullFailure['cause'] {
  if (messageOf(error).startsWith('no match for platform')) return 'noPlatform';
  return causes[codeOf(error)] ?? 'other';
}

/** Source: containerd, internal/cri/server/images/image_pull.go ParseAuth. */
function authorizationOf(auth: AuthConfig | undefined): Authorization | undefined {
  if (!auth) return undefined;
  if (auth.username) return { username: auth.username, password: auth.password ?? '' };
  if (auth.identityToken) return { token: auth.identityToken };
  if (auth.registryToken) return { token: auth.registryToken };
  if (!auth.auth) return undefined;
  const [username = '', ...password] = decodeUtf8(decodeBase64(auth.auth)).split(':');
  return { username, password: password.join(':') };
}
