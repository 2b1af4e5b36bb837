import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { writeThing } from './footprint.ts';

/** Mixes one more number into a 32-bit hash (the finaliser of MurmurHash3). */
export function mix(hash: number, value: number): number {
  let k = Math.imul(value | 0, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let h = hash ^ Math.imul(k, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  return h;
}

/** Spreads a hash over all 32 bits; the result is unsigned. */
export function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A 32-bit hash of a text, the same on every machine. */
export function hashText(text: string, seed = 0): number {
  let hash = seed | 0;
  for (let index = 0; index < text.length; index++) hash = mix(hash, text.charCodeAt(index));
  return finish(mix(hash, text.length));
}

/**
 * Chance by key: what a call meets depends on the seed, what it is and when it was sent, never on how many draws came before. One call
 * more or less moves no other.
 */
export class KeyedChance {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** An unsigned 32-bit draw for this link-and-method at this time; `count` tells draws of one instant apart. */
  draw(key: number, at: number, count: number, purpose: number): number {
    let hash = mix(this.#seed, key);
    hash = mix(hash, at % 0x1_0000_0000);
    hash = mix(hash, Math.floor(at / 0x1_0000_0000));
    hash = mix(hash, count);
    return finish(mix(hash, purpose));
  }

  /** An integer from `min` to `max`, both included. */
  between(min: number, max: number, draw: number): number {
    return min + Math.floor((draw / 0x1_0000_0000) * (max - min + 1));
  }
}

/** A named stream of the seed: for ids, names and generated input. */
export class Random {
  readonly #generator: RandomGenerator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** A whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    writeThing(this);
    return uniformInt(this.#generator, min, max);
  }

  /** True `numerator` times in `denominator`. */
  chance(numerator: number, denominator: number): boolean {
    return this.integer(1, denominator) <= numerator;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('nothing to pick from');
    return list[this.integer(0, list.length - 1)] as T;
  }

  text(length: number, alphabet: string): string {
    let text = '';
    for (let index = 0; index < length; index++) text += alphabet[this.integer(0, alphabet.length - 1)];
    return text;
  }
}

/** Ids counted per world: `vol-1`, `vol-2` …; equal worlds give equal ids, whatever ran before them in this process. */
export class Ids {
  readonly #counts = new Map<string, number>();

  next(prefix: string): string {
    writeThing(this);
    const count = (this.#counts.get(prefix) ?? 0) + 1;
    this.#counts.set(prefix, count);
    return `${prefix}-${count}`;
  }
}
