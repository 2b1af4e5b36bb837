import type { Image, ImageService, PodSandboxConfig } from '@slipway/cri';
import { Cell, type Client, type Kernel, Mutex, type Process, race, until } from '@slipway/kernel';
import type { Container, Pod, Secret } from '@slipway/kube';
import { BackOff } from '../decisions/back-off.ts';
import { isExpectedFailure, rpcText } from '../failure.ts';
import { goDuration } from '../go-duration.ts';
import type { KubeletEvents } from '../kubelet-events.ts';
import { baseBackOff, imagePullBurst, imagePullsPerSecond, maximumBackOff } from '../options.ts';
import { asksForPresence, defaultPullPolicy, imagePullDecision, withDefaultTag } from './image-pull-decision.ts';
import { credentialsFor, type PullCredential } from './pull-credentials.ts';

/** An image that is ready to run a container. */
export interface ReadyImage {
  readonly imageRef: string;
  readonly image: Image | undefined;
}

/** Why an image is not ready: a waiting reason and its message. */
export class ImageError extends Error {
  readonly code:
    | 'ErrImagePull'
    | 'ImagePullBackOff'
    | 'ErrImageNeverPull'
    | 'InvalidImageName'
    | 'ImageInspectError'
    | 'RegistryUnavailable'
    | 'SignatureValidationFailed';

  constructor(code: ImageError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** What an image manager is made from. */
export interface ImageManagerOptions {
  readonly kernel: Kernel;
  readonly image: Client<ImageService>;
  readonly events: KubeletEvents;
  readonly serialize: boolean;
  /** The pod is to end: nothing is pulled for it any more. */
  readonly isTerminating: (uid: string) => boolean;
  /** Called after a pull has changed what the node has. */
  readonly onChange: () => void;
}

/**
 * Brings the images of containers to the node: by policy, one at a time, with growing pauses after failures.
 *
 * Source: `pkg/kubelet/images/image_manager.go`, `puller.go`, `helpers.go`.
 */
export class ImageManager {
  readonly #options: ImageManagerOptions;
  readonly #backOff = new BackOff(baseBackOff, maximumBackOff);
  readonly #pulling = new Mutex('image pulls');
  /** What the last failed pull said, by back-off key. */
  readonly #failures = new Map<string, string>();
  /** Credentials with which this kubelet pulled an image, by image reference; none for what anybody may have. */
  readonly #pulledWith = new Map<string, Set<string>>();
  /** Pulls in flight that end when their pod is to end, by its uid. */
  readonly #inFlight = new Map<string, Cell<boolean>>();
  #tokens = imagePullBurst;
  #refilledAt = 0;

  constructor(options: ImageManagerOptions) {
    this.#options = options;
  }

  /** The pod is to end: nobody waits for its image any more. Source: `pkg/kubelet/pod_workers.go`, where the context of a sync is cancelled. */
  interrupt(uid: string): void {
    this.#inFlight.get(uid)?.set(true);
  }

  /** Makes sure that the container's image is on the node. @throws ImageError */
  *ensure(pod: Pod, container: Container, secrets: readonly Secret[], sandbox: PodSandboxConfig): Process<ReadyImage> {
    const { events } = this.#options;
    const requested = container.image ?? '';
    const tagged = withDefaultTag(requested);
    if ('problem' in tagged) {
      const message = `Failed to apply default image tag "${requested}": ${tagged.problem}`;
      events.container(pod, container.name, 'Warning', 'InspectFailed', message);
      throw new ImageError('InvalidImageName', message);
    }
    const policy = container.imagePullPolicy ?? defaultPullPolicy(requested);
    const present = asksForPresence(policy) ? yield* this.#inspect(pod, container, tagged.image) : undefined;
    const credentials = credentialsFor(tagged.image, secrets);
    switch (imagePullDecision(policy, present !== undefined, present !== undefined && this.#isWithheld(present.id, credentials))) {
      case 'present': {
        const message = `Container image "${requested}" already present on machine and can be accessed by the pod`;
        events.container(pod, container.name, 'Normal', 'Pulled', message);
        return { imageRef: present?.id ?? tagged.image, image: present };
      }
      case 'never-pull': {
        const message = `Container image "${requested}" is not present with pull policy of Never`;
        events.container(pod, container.name, 'Warning', 'ErrImageNeverPull', message);
        throw new ImageError('ErrImageNeverPull', message);
      }
      case 'pull':
        return yield* this.#pull(pod, container, tagged.image, credentials, sandbox);
    }
  }

  *#inspect(pod: Pod, container: Container, image: string): Process<Image | undefined> {
    try {
      return (yield* this.#options.image.imageStatus({ image: { image } })).image;
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      const message = `Failed to inspect image "": ${rpcText(error)}`;
      this.#options.events.container(pod, container.name, 'Warning', 'InspectFailed', message);
      throw new ImageError('ImageInspectError', message);
    }
  }

  /** The image is there for others only: it was pulled with credentials that this pod has not shown. */
  #isWithheld(imageRef: string, credentials: readonly PullCredential[]): boolean {
    const used = this.#pulledWith.get(imageRef);
    return used !== undefined && !credentials.some(({ source }) => used.has(source));
  }

  *#pull(
    pod: Pod,
    container: Container,
    image: string,
    credentials: readonly PullCredential[],
    sandbox: PodSandboxConfig,
  ): Process<ReadyImage> {
    const { kernel, events, serialize } = this.#options;
    const requested = container.image ?? '';
    const key = `${pod.metadata.uid}_${requested}`;
    const say = (type: 'Normal' | 'Warning', reason: string, message: string) =>
      events.container(pod, container.name, type, reason, message);
    if (this.#backOff.isWaiting(key, kernel.now)) {
      const message = `Back-off pulling image "${requested}"`;
      say('Normal', 'BackOff', message);
      const failure = this.#failures.get(key);
      throw new ImageError('ImagePullBackOff', failure === undefined ? message : `${message}: ${failure}`);
    }
    this.#failures.delete(key);
    say('Normal', 'Pulling', `Pulling image "${requested}"`);
    const askedAt = kernel.now;
    try {
      const pull = this.#pullOnce(image, credentials, sandbox);
      const { imageRef, status, took } = yield* this.#untilInterrupted(pod, serialize ? this.#pulling.hold(pull) : pull);
      const waited = goDuration(wholeMilliseconds(kernel.now - askedAt));
      const size = status?.size ?? 0;
      say(
        'Normal',
        'Pulled',
        `Successfully pulled image "${requested}" in ${goDuration(took)} (${waited} including waiting). Image size: ${size} bytes.`,
      );
      this.#backOff.collectGarbage(kernel.now);
      this.#options.onChange();
      return { imageRef, image: status };
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      say('Warning', 'Failed', `Failed to pull image "${requested}": ${rpcText(error)}`);
      this.#backOff.advance(key, kernel.now, kernel.now);
      const failure = classified(requested, rpcText(error));
      this.#failures.set(key, `${failure.code}: ${failure.message}`);
      throw failure;
    }
  }

  /** @throws ImageError when the pod is to end before. */
  *#untilInterrupted<T>(pod: Pod, pull: Process<T>): Process<T> {
    const { uid = '' } = pod.metadata;
    if (this.#options.isTerminating(uid)) throw contextCanceled();
    const interrupted = new Cell(false);
    this.#inFlight.set(uid, interrupted);
    try {
      return yield* race([pull, cancelled(interrupted)]);
    } finally {
      if (this.#inFlight.get(uid) === interrupted) this.#inFlight.delete(uid);
    }
  }

  *#pullOnce(image: string, credentials: readonly PullCredential[], sandbox: PodSandboxConfig) {
    const { kernel, image: service } = this.#options;
    const startedAt = kernel.now;
    this.#takeToken();
    const spec = { image };
    let imageRef: string | undefined;
    let failure: unknown;
    for (const credential of credentials) {
      try {
        ({ imageRef } = yield* service.pullImage({ image: spec, auth: credential.auth, sandboxConfig: sandbox }));
        const used = this.#pulledWith.get(imageRef) ?? new Set();
        this.#pulledWith.set(imageRef, used.add(credential.source));
        break;
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
        failure = error;
      }
    }
    if (imageRef === undefined && credentials.length > 0) throw failure;
    if (imageRef === undefined) {
      ({ imageRef } = yield* service.pullImage({ image: spec, sandboxConfig: sandbox }));
      this.#pulledWith.delete(imageRef);
    }
    const took = wholeMilliseconds(kernel.now - startedAt);
    // For its size, which the event tells.
    const { image: status } = yield* service.imageStatus({ image: spec });
    return { imageRef, status, took };
  }

  /** Pulls beyond the rate are refused, not held back. Source: `pkg/kubelet/images/helpers.go`. */
  #takeToken(): void {
    const { now } = this.#options.kernel;
    const grown = ((now - this.#refilledAt) * imagePullsPerSecond) / 1_000_000;
    this.#tokens = Math.min(imagePullBurst, this.#tokens + grown);
    this.#refilledAt = now;
    if (this.#tokens < 1) throw new ImageError('ErrImagePull', 'pull QPS exceeded');
    this.#tokens -= 1;
  }
}

function* cancelled(interrupted: Cell<boolean>): Process<never> {
  yield* until(interrupted);
  throw contextCanceled();
}

const contextCanceled = (): ImageError => new ImageError('ErrImagePull', 'rpc error: code = Canceled desc = context canceled');

const wholeMilliseconds = (micros: number): number => Math.floor(micros / 1000) * 1000;

/** What runtimes say of some failures is passed on under names of its own. Source: `image_manager.go` evalCRIPullErr. */
function classified(image: string, message: string): ImageError {
  for (const [code, what] of [
    ['RegistryUnavailable', 'the registry is unavailable'],
    ['SignatureValidationFailed', 'the signature validation failed'],
  ] as const) {
    if (message.startsWith(code))
      return new ImageError(code, `image pull failed for ${image} because ${what}${message.slice(code.length)}`);
  }
  return new ImageError('ErrImagePull', message);
}
