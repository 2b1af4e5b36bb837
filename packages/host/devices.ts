import type { Disk } from './disk.ts';

/** A disk in its slot. Pulled out, it is dead for good to whoever has it mounted, even if the same disk comes back. */
export interface Plug {
  readonly disk: Disk;
  readonly live: boolean;
}

/**
 * Block devices of a machine by path (`/dev/xvdba`). `set` plugs a disk in; `delete` pulls it out, mounted or not: what its machine had
 * not written back is lost, and every mount of it answers EIO from then on, as a disk that vanishes does under Linux.
 */
export class Devices extends Map<string, Disk> {
  readonly #plugs = new Map<string, { disk: Disk; live: boolean }>();

  constructor() {
    // Without entries: the base class would call `set` before there is a place for the plugs.
    super();
  }

  override set(path: string, disk: Disk): this {
    if (this.get(path) === disk) return this;
    this.delete(path);
    this.#plugs.set(path, { disk, live: true });
    return super.set(path, disk);
  }

  override delete(path: string): boolean {
    const plug = this.#plugs.get(path);
    if (plug) {
      plug.live = false;
      plug.disk.losePower();
      this.#plugs.delete(path);
    }
    return super.delete(path);
  }

  override clear(): void {
    for (const path of [...this.keys()]) this.delete(path);
  }

  /** What is plugged in at this path, for whoever mounts it. */
  plug(path: string): Plug | undefined {
    return this.#plugs.get(path);
  }
}
