import { type Kernel, minutes } from '@slipway/kernel';
import type { Kind } from '@slipway/kube';
import type { Watcher } from './watchers.ts';

/** Source: `AP/storage/cacher/cacher.go`, bookmarkFrequency. */
const PERIOD = minutes(1);

/**
 * Tells watchers that asked for it, on each full minute, up to which revision they are complete. What a write made known is sent at
 * once, so at any time a watcher has heard of everything up to the current revision. A minute without writes has no bookmarks.
 */
export class Bookmarks {
  readonly #kernel: Kernel;
  readonly #revision: () => number;
  readonly #watchers = new Map<Watcher, Kind>();
  #cancel: (() => void) | undefined;

  constructor(kernel: Kernel, revision: () => number) {
    this.#kernel = kernel;
    this.#revision = revision;
  }

  add(watcher: Watcher, kind: Kind): void {
    this.#watchers.set(watcher, kind);
    const leave = watcher.stream.onClose;
    watcher.stream.onClose = () => {
      leave?.();
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.stop();
    };
  }

  /** Something was written. */
  noteWrite(): void {
    if (this.#cancel || this.#watchers.size === 0) return;
    const next = (Math.floor(this.#kernel.now / PERIOD) + 1) * PERIOD;
    this.#cancel = this.#kernel.after(next - this.#kernel.now, () => this.#send());
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #send(): void {
    this.#cancel = undefined;
    const revision = this.#revision();
    for (const [watcher, { apiVersion, kind }] of [...this.#watchers]) {
      if (watcher.sent >= revision) continue;
      watcher.send({ type: 'BOOKMARK', object: { apiVersion, kind, metadata: { resourceVersion: String(revision) } } }, revision, 0);
    }
  }
}
