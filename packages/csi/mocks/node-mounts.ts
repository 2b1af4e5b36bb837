import type { Host, Mount } from '@slipway/host';
import { codeOf, messageOf } from '@slipway/kernel';
import { CsiError } from '../errors.ts';
import type { VolumeCapability } from '../messages/index.ts';

/** Whether what is mounted can still be used: its device may have been pulled out. */
export const isSound = ({ plug }: Mount): boolean => plug?.live ?? true;

/** What a node service does with the machine's mounts. Each may be repeated. */
export class NodeMounts {
  readonly #host: Host;
  /** What was published, by target: a repeat with other arguments is refused. */
  readonly #published = new Map<string, string>();

  constructor(host: Host) {
    this.#host = host;
  }

  isMounted(target: string): boolean {
    return this.#host.mounts.at(target) !== undefined;
  }

  /** Unmounts what is of no use any more, so that what has come instead can be mounted. */
  clearUnsound(target: string): void {
    const { mounts } = this.#host;
    for (let there = mounts.at(target); there && !isSound(there); there = mounts.at(target)) mounts.unmount(target);
  }

  /** Makes the directory and mounts on it. @throws CsiError INTERNAL */
  mount(source: string, target: string, type: string, readOnly = false, options: readonly string[] = []): void {
    const { mounts } = this.#host;
    try {
      if (!mounts.exists(target)) mounts.makeDirectory(target, { recursive: true });
      if (!this.isMounted(target)) mounts.mount(source, target, { type, readOnly, options });
    } catch (error) {
      throw new CsiError('INTERNAL', `Could not mount ${JSON.stringify(source)} at ${JSON.stringify(target)}: ${messageOf(error)}`);
    }
  }

  /** Puts a device at a file, which is made. @throws CsiError INTERNAL */
  mountFile(device: string, target: string, readOnly: boolean): void {
    const { mounts } = this.#host;
    try {
      if (!mounts.exists(target)) mounts.write(target, '', { parents: true });
      if (!this.isMounted(target)) mounts.mount(device, target, { type: 'bind', readOnly });
    } catch (error) {
      throw new CsiError('INTERNAL', `Could not mount ${JSON.stringify(device)} at ${JSON.stringify(target)}: ${messageOf(error)}`);
    }
  }

  /** Remembers what a target was published with. @throws CsiError ALREADY_EXISTS (it is there with other arguments) */
  claim(target: string, capability: VolumeCapability, readOnly: boolean): void {
    const what = JSON.stringify([capability, readOnly]);
    const before = this.#published.get(target);
    if (before !== undefined && before !== what && this.isMounted(target))
      throw new CsiError('ALREADY_EXISTS', `${target} is published with other arguments`);
    this.#published.set(target, what);
  }

  /** Unmounts and removes the empty directory; nothing there is success. @throws CsiError INTERNAL */
  clear(target: string): void {
    const { mounts } = this.#host;
    this.#published.delete(target);
    try {
      while (this.isMounted(target)) mounts.unmount(target);
      if (mounts.exists(target)) mounts.remove(target);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw new CsiError('INTERNAL', `Could not unmount ${JSON.stringify(target)}: ${messageOf(error)}`);
    }
  }
}
