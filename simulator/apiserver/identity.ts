import type { Kernel, Random } from '@slipway/kernel';
import { formatTime, generatedName, type Time } from '@slipway/kube';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const hex = (byte: number): string => HEX[byte & 255] as string;

/** What the server makes up for an object: uid, generated name, time stamp. Each from a named stream of the seed. */
export class Identity {
  readonly #kernel: Kernel;
  readonly #uids: Random;
  readonly #names: Random;
  #second = -1;
  #timestamp: Time = '';

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    this.#uids = kernel.random('apiserver/uid');
    this.#names = kernel.random('apiserver/names');
  }

  /** A version-4 UUID. */
  uid(): string {
    const random = this.#uids;
    const a = random.integer(0, 0xffffffff);
    const b = random.integer(0, 0xffffffff);
    const c = random.integer(0, 0xffffffff);
    const d = random.integer(0, 0xffffffff);
    return (
      `${hex(a >>> 24)}${hex(a >>> 16)}${hex(a >>> 8)}${hex(a)}-${hex(b >>> 24)}${hex(b >>> 16)}-${hex(((b >>> 8) & 0x0f) | 0x40)}${hex(b)}-` +
      `${hex(((c >>> 24) & 0x3f) | 0x80)}${hex(c >>> 16)}-${hex(c >>> 8)}${hex(c)}${hex(d >>> 24)}${hex(d >>> 16)}${hex(d >>> 8)}${hex(d)}`
    );
  }

  /** The base and five random letters. */
  name(base: string): string {
    return generatedName(base, (bound) => this.#names.integer(0, bound - 1));
  }

  /** Now, in whole seconds; plus `seconds`. */
  timestamp(seconds = 0): Time {
    if (seconds !== 0) return formatTime(this.#kernel.unixMicros + seconds * 1_000_000);
    const second = Math.floor(this.#kernel.unixMicros / 1_000_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#timestamp = formatTime(this.#kernel.unixMicros);
    }
    return this.#timestamp;
  }
}
