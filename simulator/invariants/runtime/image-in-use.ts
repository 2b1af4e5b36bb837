import type {
  CreateContainerRequest,
  CreateContainerResponse,
  Image,
  ImageStatusRequest,
  ImageStatusResponse,
  ListImagesRequest,
  ListImagesResponse,
  RemoveImageRequest,
} from '@slipway/cri';
import { type Micros, type Owner, seconds, type TraceRecord } from '@slipway/kernel';
import type { Check, Exchange, Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

/** Who collects decides by a list that is a moment old: a container that came since is its bad luck. */
const FRESH: Micros = seconds(30);

interface User {
  readonly containerId: string;
  readonly sandbox: string;
  readonly pod: string;
  readonly image: string;
  readonly since: Micros;
  readonly power: Owner | undefined;
}

/** Images and who uses them on one node. */
class NodeImages {
  readonly users = new Map<string, User>();
  /** Ids by every name that the runtime has told. */
  readonly ids = new Map<string, string>();
  readonly pinned = new Set<string>();
  /** When the last removal of an image was asked for, by id. */
  readonly removed = new Map<string, Micros>();

  learn({ id, repoTags, repoDigests, pinned }: Image): void {
    for (const name of [id, ...repoTags, ...repoDigests]) this.ids.set(name, id);
    if (pinned) this.pinned.add(id);
    else this.pinned.delete(id);
  }

  idOf(name: string): string {
    return this.ids.get(name) ?? name;
  }

  userOf(id: string): User | undefined {
    for (const user of this.users.values()) if (this.idOf(user.image) === id) return user;
    return undefined;
  }
}

/**
 * Judged at each RemoveImage: nobody asks to remove what a container uses, or what is pinned. And at each answer that shows images: one that
 * a container uses, and that nobody asked to remove, is there. A power loss may take images that the disk had not yet got.
 */
export const imageInUse: Invariant = {
  id: 'CRI-04',
  name: 'image-in-use',
  kind: 'S',
  holds: 'image collection never removes an image that a container or a create in flight needs, nor a pinned one',
  watch: (world, { violated, met }, { attachments }) => {
    const nodes = new Map<string, NodeImages>();
    const on = (actor: string): NodeImages => {
      const node = nodeOf(actor);
      let images = nodes.get(node);
      if (!images) nodes.set(node, (images = new NodeImages()));
      return images;
    };
    const isSettled = ({ since, power }: User, node: string): boolean =>
      world.kernel.now - since >= FRESH && power === attachments.powerOf(node);
    /** Reports a container whose image the runtime does not show. */
    const missing = ({ call, answer }: Exchange, images: NodeImages, user: User): void => {
      const id = images.idOf(user.image);
      if (!isSettled(user, nodeOf(call.actor)) || user.since >= call.at || (images.removed.get(id) ?? -1) >= user.since) return;
      images.users.delete(user.containerId);
      violated(
        `${answer.actor} does not show image ${user.image} any more, which container ${user.containerId.slice(0, 13)} of pod ${user.pod} uses, and nobody asked to remove it`,
        `Pod ${user.pod}`,
      );
    };
    return {
      called: {
        'cri.ImageService/RemoveImage'(call) {
          const images = on(call.actor);
          const id = images.idOf((call.full as RemoveImageRequest).image.image);
          met();
          const user = images.userOf(id);
          if (user && isSettled(user, nodeOf(call.actor))) {
            violated(
              `${call.actor} asks to remove image ${id.slice(0, 19)}, which container ${user.containerId.slice(0, 13)} of pod ${user.pod} uses`,
              `Pod ${user.pod}`,
            );
          } else if (images.pinned.has(id)) {
            violated(`${call.actor} asks to remove image ${id.slice(0, 19)}, which is pinned`, `Node ${nodeOf(call.actor)}`);
          }
          images.removed.set(id, world.kernel.now);
        },
      },
      answered: {
        'cri.RuntimeService/CreateContainer'({ call, answer, ok }) {
          if (!ok) return;
          const { podSandboxId, config, sandboxConfig } = call.full as CreateContainerRequest;
          const { containerId } = answer.full as CreateContainerResponse;
          const { namespace, name } = sandboxConfig.metadata;
          on(call.actor).users.set(containerId, {
            containerId,
            sandbox: podSandboxId,
            pod: `${namespace}/${name}`,
            image: config.image.image,
            since: world.kernel.now,
            power: attachments.powerOf(nodeOf(call.actor)),
          });
        },
        'cri.ImageService/ImageStatus'(exchange) {
          if (!exchange.ok || exchange.disturbed) return;
          const images = on(exchange.call.actor);
          const { image } = exchange.answer.full as ImageStatusResponse;
          if (image) {
            images.learn(image);
            // A short name is no name that the image has.
            images.ids.set((exchange.call.full as ImageStatusRequest).image.image, image.id);
            return;
          }
          const id = images.idOf((exchange.call.full as ImageStatusRequest).image.image);
          const user = images.userOf(id);
          if (!user) return;
          met();
          missing(exchange, images, user);
        },
        'cri.ImageService/ListImages'(exchange) {
          const { call, answer, ok, disturbed } = exchange;
          if (!ok || disturbed || (call.full as ListImagesRequest).filter?.image?.image) return;
          const images = on(call.actor);
          const shown = new Set<string>();
          for (const image of (answer.full as ListImagesResponse).images) {
            images.learn(image);
            shown.add(image.id);
          }
          if (images.users.size > 0) met();
          for (const user of [...images.users.values()]) {
            const id = images.ids.get(user.image);
            if (id !== undefined && !shown.has(id)) missing(exchange, images, user);
          }
        },
        ...forgetting((call) => on(call.actor)),
      },
    } satisfies Check;
  },
};

/** Whoever is removed uses nothing any more, from the call on. */
function forgetting(on: (call: TraceRecord) => NodeImages): NonNullable<Check['answered']> {
  return {
    'cri.RuntimeService/RemoveContainer': ({ call }) => {
      on(call).users.delete((call.full as { readonly containerId: string }).containerId);
    },
    'cri.RuntimeService/RemovePodSandbox': ({ call }) => {
      const { podSandboxId } = call.full as { readonly podSandboxId: string };
      const { users } = on(call);
      for (const { containerId, sandbox } of [...users.values()]) if (sandbox === podSandboxId) users.delete(containerId);
    },
  };
}
