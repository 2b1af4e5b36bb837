import type { Container, Image, ImageService, RuntimeService } from '@slipway/cri';
import { Cell, type Change, type Client, every, isQuiet, linkOf, messageOf, type Micros, type Owner, type Process } from '@slipway/kernel';
import { isExpectedFailure } from '../failure.ts';
import type { KubeletEvents } from '../kubelet-events.ts';
import { imageGarbageCollectionPeriod, imageGarbageHighPercent, imageGarbageLowPercent, imageMinimumAge } from '../options.ts';

/** What the collector remembers of an image. Times are virtual. */
export interface ImageRecord {
  readonly firstSeen: Micros;
  readonly lastUsed: Micros;
}

/** How full the file system is, in whole percent. */
export function usagePercent(capacityBytes: number, availableBytes: number): number {
  return 100 - Math.floor((100 * availableBytes) / capacityBytes);
}

/**
 * Images to remove, in order, until enough is free: those not used for longest first, of these the ones known for longest. Images that
 * are used, pinned or new stay.
 *
 * Source: `pkg/kubelet/images/image_gc_manager.go`.
 */
export function imagesToRemove(
  images: readonly Image[],
  records: ReadonlyMap<string, ImageRecord>,
  used: ReadonlySet<string>,
  bytesToFree: number,
  now: Micros,
): readonly Image[] {
  const age = (image: Image): ImageRecord => records.get(image.id) ?? { firstSeen: now, lastUsed: now };
  const candidates = images
    .filter((image) => !image.pinned && !used.has(image.id) && now - age(image).firstSeen >= imageMinimumAge)
    .sort((a, b) => age(a).lastUsed - age(b).lastUsed || age(a).firstSeen - age(b).firstSeen || (a.id < b.id ? -1 : 1));
  const removed: Image[] = [];
  let freed = 0;
  for (const image of candidates) {
    if (freed >= bytesToFree) break;
    removed.push(image);
    freed += image.size;
  }
  return removed;
}

/** What an image garbage collector is made from. */
export interface ImageGarbageCollectorOptions {
  readonly owner: Owner;
  readonly runtime: Client<RuntimeService>;
  readonly image: Client<ImageService>;
  readonly events: KubeletEvents;
  /** Bytes of the file system that holds images. */
  readonly capacityBytes: number;
  /** Set whenever the runtime's lists may have changed. Left out: they are asked for in every period. */
  readonly changed: Change | undefined;
  readonly onRemoved: () => void;
}

/** Removes images every five minutes once the file system is nearly full. */
export class ImageGarbageCollector {
  readonly #options: ImageGarbageCollectorOptions;
  readonly #records = new Map<string, ImageRecord>();
  readonly #dirty = new Cell(0);
  #failedBefore = false;

  constructor(options: ImageGarbageCollectorOptions) {
    this.#options = options;
  }

  /** An image came, or a container that used one went. */
  wanted(): void {
    this.#dirty.set(this.#dirty.value + 1);
  }

  *run(): Process {
    const { owner, image, events, changed } = this.#options;
    const ticker = every(imageGarbageCollectionPeriod, owner.kernel.now);
    const disturbed = linkOf(image)?.disturbed;
    const cells = [this.#dirty, ...(changed ? [changed] : []), ...(disturbed ? [disturbed] : [])];
    const elision = { unless: cells, quiet: () => isQuiet(image) };
    for (;;) {
      yield* changed ? ticker.next(elision) : ticker.next();
      try {
        yield* this.#collect();
        this.#failedBefore = false;
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
        // One failure may pass; the second in a row is worth telling.
        if (this.#failedBefore) events.node('Warning', 'ImageGCFailed', messageOf(error));
        this.#failedBefore = true;
        this.wanted();
      }
    }
  }

  *#collect(): Process {
    const { image: service, runtime, capacityBytes, owner, events, onRemoved } = this.#options;
    const { now } = owner.kernel;
    const { images } = yield* service.listImages({});
    const { containers } = yield* runtime.listContainers({});
    const used = imagesInUse(images, containers);
    this.#remember(images, used, now);
    const { imageFilesystems } = yield* service.imageFsInfo({});
    const usedBytes = imageFilesystems[0]?.usedBytes?.value ?? 0;
    const percent = usagePercent(capacityBytes, Math.max(0, capacityBytes - usedBytes));
    if (percent < imageGarbageHighPercent) return;
    const target = Math.floor((capacityBytes * (100 - imageGarbageLowPercent)) / 100) - Math.max(0, capacityBytes - usedBytes);
    const doomed = imagesToRemove(images, this.#records, used, target, now);
    let freed = 0;
    for (const image of doomed) {
      yield* service.removeImage({ image: { image: image.id } });
      this.#records.delete(image.id);
      freed += image.size;
    }
    if (doomed.length > 0) onRemoved();
    if (freed >= target) return;
    // Fewer could go than should; next time there may be more.
    this.wanted();
    const message = `Insufficient free disk space on the node's image filesystem (${percent}% of ${readableBytes(capacityBytes)} used). Failed to free sufficient space by deleting unused images (freed ${freed} bytes). Consider resizing the disk or deleting unused files.`;
    events.node('Warning', 'FreeDiskSpaceFailed', message);
  }

  #remember(images: readonly Image[], used: ReadonlySet<string>, now: Micros): void {
    const present = new Set(images.map(({ id }) => id));
    for (const id of this.#records.keys()) if (!present.has(id)) this.#records.delete(id);
    for (const id of present) {
      const known = this.#records.get(id);
      this.#records.set(id, { firstSeen: known?.firstSeen ?? now, lastUsed: used.has(id) ? now : (known?.lastUsed ?? 0) });
    }
  }
}

/** Ids of images that some container needs, running or not. */
function imagesInUse(images: readonly Image[], containers: readonly Container[]): ReadonlySet<string> {
  const named = new Set(containers.flatMap(({ imageRef, imageId, image }) => [imageRef, imageId ?? '', image.image]));
  return new Set(
    images.filter(({ id, repoDigests, repoTags }) => [id, ...repoDigests, ...repoTags].some((name) => named.has(name))).map(({ id }) => id),
  );
}

function readableBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
  let [amount, unit] = [bytes, 0];
  while (amount >= 1024 && unit < units.length - 1) {
    amount /= 1024;
    unit++;
  }
  return unit === 0 ? `${amount} B` : `${amount.toFixed(1)} ${units[unit]}`;
}
