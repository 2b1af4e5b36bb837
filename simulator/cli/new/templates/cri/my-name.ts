import { CriError, type ImageService, type PullImageRequest, type PullImageResponse } from '@slipway/cri';
import { containerd } from '@slipway/cri/mocks';
import type { Implementation, Process } from '@slipway/kernel';
import { parseReference } from '@slipway/oci';
import { definePlugin } from '@slipway/plugin';
import * as z from 'zod';

/** What the image service of another runtime answers: at once, as a process that takes time, or as a promise. */
type Images = Implementation<ImageService>;

/**
 * An image service that pulls from registries on a list only, and leaves all else to the runtime that it stands before.
 *
 * The kubelet calls it: once for each container whose image is not on the node, or each time with `imagePullPolicy: Always`. CRI v1,
 * "service ImageService".
 */
class MyNameImages implements Images {
  readonly #inner: Images;
  readonly #allowed: ReadonlySet<string>;
  readonly #log: (message: string) => void;

  constructor(inner: Images, registries: readonly string[], log: (message: string) => void) {
    this.#inner = inner;
    this.#allowed = new Set(registries);
    this.#log = log;
  }

  /** The one thing that is changed. What it throws ends up in the pod's status and in an event. */
  pullImage(request: PullImageRequest): PullImageResponse | Process<PullImageResponse> | Promise<PullImageResponse> {
    const { image } = request.image;
    const registry = registryOf(image);
    if (this.#allowed.size > 0 && registry !== undefined && !this.#allowed.has(registry)) {
      this.#log(`refused ${image}`);
      throw new CriError('PERMISSION_DENIED', `registry ${registry} is not on the list of this node`);
    }
    return this.#inner.pullImage(request);
  }

  listImages(...[request]: Parameters<Images['listImages']>): ReturnType<Images['listImages']> {
    return this.#inner.listImages(request);
  }

  imageStatus(...[request]: Parameters<Images['imageStatus']>): ReturnType<Images['imageStatus']> {
    return this.#inner.imageStatus(request);
  }

  removeImage(...[request]: Parameters<Images['removeImage']>): ReturnType<Images['removeImage']> {
    return this.#inner.removeImage(request);
  }

  imageFsInfo(...[request]: Parameters<Images['imageFsInfo']>): ReturnType<Images['imageFsInfo']> {
    return this.#inner.imageFsInfo(request);
  }
}

/** `nginx` is `docker.io/library/nginx`. Undefined for what is no reference: the runtime has its own words for that. */
export function registryOf(image: string): string | undefined {
  try {
    return parseReference(image).registry;
  } catch {
    return undefined;
  }
}

/** A whole runtime is some thousand lines: start from one that works, and change one thing. */
export default definePlugin({
  interface: 'cri',
  name: 'my-name',
  description: 'containerd that pulls from registries on a list only',
  // An empty list allows all: --set plugins.cri.with.registries='[registry.k8s.io]'
  options: z.strictObject({ registries: z.array(z.string()).default([]) }),
  ...(containerd.latency === undefined ? {} : { latency: containerd.latency }),
  // Called once per node, and again when the node boots.
  create(context) {
    const inner = containerd.create({ ...context, options: containerdDefaults() });
    return { ...inner, image: new MyNameImages(inner.image, context.options.registries, context.log) };
  },
});

/** containerd's own options, as its schema fills them in. */
function containerdDefaults() {
  const parsed = containerd.options?.safeParse({});
  if (!parsed?.success) throw new Error('containerd has no defaults');
  return parsed.data;
}
