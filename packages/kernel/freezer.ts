import type { Kernel } from './kernel.ts';
import type { Scheduled } from './event-queue.ts';

/** What would happen on a machine that stands still: it waits here, in order, until the machine goes on. */
export class Freezer {
  readonly #held = new Set<Scheduled>();

  hold(event: Scheduled): void {
    this.#held.add(event);
  }

  /** Everything that has waited happens now. What has ended meanwhile sees to that itself. */
  release(kernel: Kernel): void {
    for (const event of this.#held) kernel.pushReady(event);
    this.#held.clear();
  }
}
