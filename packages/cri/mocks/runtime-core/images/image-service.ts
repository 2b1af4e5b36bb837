import type { Implementation, Process } from '@slipway/kernel';
import type { ImageService } from '../../../contract.ts';
import type * as m from '../../../messages/index.ts';
import type { RuntimeCore } from '../core.ts';
import { nanos } from '../timestamps.ts';

/** What the database of images takes for itself, whether or not there are any. */
const OWN_BYTES = 65_536;

/** CRI's image service over the node's store. */
export class NodeImageService implements Implementation<ImageService> {
  readonly #core: RuntimeCore;

  constructor(core: RuntimeCore) {
    this.#core = core;
  }

  listImages({ filter }: m.ListImagesRequest): m.ListImagesResponse | Process<m.ListImagesResponse> {
    return this.#core.whenReady(() => {
      const { images } = this.#core;
      const name = filter?.image?.image;
      if (!name) return { images: images.list() };
      const found = images.find(name);
      return { images: found ? [images.show(found)] : [] };
    });
  }

  imageStatus({ image, verbose }: m.ImageStatusRequest): m.ImageStatusResponse | Process<m.ImageStatusResponse> {
    return this.#core.whenReady(() => {
      const { images } = this.#core;
      const found = images.find(image.image);
      if (!found) return {};
      const info = verbose
        ? { info: { info: JSON.stringify({ chainID: found.layers.at(-1)?.digest ?? '', imageSpec: { config: found.config } }) } }
        : {};
      return { image: images.show(found), ...info };
    });
  }

  pullImage({ image, auth }: m.PullImageRequest): Process<m.PullImageResponse> {
    return this.#core.serve(() => this.#pull(image.image, auth));
  }

  removeImage({ image }: m.RemoveImageRequest): m.RemoveImageResponse | Process<m.RemoveImageResponse> {
    return this.#core.whenReady(() => {
      const { images, flavour, imageUsers } = this.#core;
      const found = images.find(image.image);
      if (!found) return {};
      const [user] = imageUsers.get(flavour.imageId(found.digest)) ?? [];
      if (user !== undefined && flavour.guardsUsedImages) throw flavour.words.imageInUse(image.image, user);
      images.remove(found);
      return {};
    });
  }

  imageFsInfo(): m.ImageFsInfoResponse | Process<m.ImageFsInfoResponse> {
    return this.#core.whenReady(() => {
      const { images, flavour, host } = this.#core;
      const timestamp = nanos(host.kernel.unixMicros);
      const usage = (mountpoint: string, usedBytes: number, inodesUsed: number): m.FilesystemUsage => ({
        timestamp,
        fsId: { mountpoint },
        usedBytes: { value: usedBytes },
        inodesUsed: { value: inodesUsed },
      });
      return {
        imageFilesystems: [usage(flavour.imageMountpoint, images.usedBytes + OWN_BYTES, images.files + 1)],
        containerFilesystems: [usage(flavour.writableMountpoint, images.usedBytes + OWN_BYTES, images.files + 1)],
      };
    });
  }

  *#pull(name: string, auth: m.AuthConfig | undefined): Process<m.PullImageResponse> {
    const record = yield* this.#core.puller.pull(name, auth);
    return { imageRef: this.#core.flavour.imageId(record.digest) };
  }
}
