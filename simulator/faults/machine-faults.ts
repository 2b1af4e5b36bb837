import type { Host } from '@slipway/host';
import { type Kernel, parseDuration } from '@slipway/kernel';
import { quantityValue } from '@slipway/kube';
import type { NodeFaultDocument } from '../scenario/schema.ts';
import { nodeOf } from './owner-pattern.ts';

/** What faults need of a machine. */
export interface Machine {
  readonly host: Host;
}

type Wrong = Pick<NodeFaultDocument, 'freeze' | 'clock' | 'disk' | 'memory'>;

/** What is wrong with machines. Where several things are, all of them hold: clocks add up, the least memory counts. */
export class MachineFaults {
  readonly #kernel: Kernel;
  readonly #wrong = new Map<Host, Set<Wrong>>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Returns what makes it well again. */
  add(host: Host, wrong: Wrong): () => void {
    const known = this.#wrong.get(host) ?? new Set();
    this.#wrong.set(host, known);
    known.add(wrong);
    this.#apply(host, known);
    return () => {
      known.delete(wrong);
      if (known.size === 0) this.#wrong.delete(host);
      this.#apply(host, known);
    };
  }

  /** Whether packets get lost since a machine stands still. */
  cuts(from: string, to: string): boolean {
    for (const { name, frozen } of this.#wrong.keys()) if (frozen && (name === from || name === to)) return true;
    return false;
  }

  #apply(host: Host, wrong: ReadonlySet<Wrong>): void {
    const all = [...wrong];
    const isFrozen = all.some(({ freeze }) => freeze === true);
    if (isFrozen !== host.frozen) this.#setFrozen(host, isFrozen);
    const offset = all.reduce((sum, { clock }) => sum + (clock === undefined ? 0 : offsetOf(clock)), 0);
    if (offset !== host.clockOffset) host.clockOffset = offset;
    const isFull = all.some(({ disk }) => disk === 'full');
    if (isFull !== host.disk.full) host.fillDisk(isFull);
    const left = all.flatMap(({ memory }) => (memory === undefined ? [] : [quantityValue(memory)]));
    const least = left.length === 0 ? undefined : Math.min(...left);
    if (least !== host.availableMemoryBytes) host.availableMemoryBytes = least;
  }

  #setFrozen(host: Host, frozen: boolean): void {
    if (frozen) host.freeze();
    else host.thaw();
    for (const link of this.#kernel.links) if (nodeOf(link.from) === host.name || nodeOf(link.to) === host.name) link.disturb();
  }
}

/** Microseconds of `+5m` or `-30s`. */
function offsetOf(clock: string): number {
  const span = parseDuration(clock.slice(1));
  return clock.startsWith('-') ? -span : span;
}
