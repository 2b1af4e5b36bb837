import { formatDuration, hashText, type Micros, Random, seconds } from '@slipway/kernel';
import type { Profile } from '../profile.ts';

export interface Extent {
  readonly rate?: string;
  readonly times?: number;
  readonly after?: number;
}

/** So many calls are spared at most before one is struck. */
const LATEST = 24;

/** Chance of one case: everything in it is drawn from here. */
export class Dice {
  readonly #random: Random;
  readonly #moments: readonly Micros[];
  readonly #end: Micros;
  /** When steps of the story come. */
  readonly #steps: readonly Micros[];
  #names = 0;
  /** Of the fault of calls that was drawn last: the next one may meet it there. */
  lastMethod: string | undefined;

  constructor(seed: number, { moments, quiet }: Pick<Profile, 'moments' | 'quiet'>, steps: readonly Micros[] = []) {
    this.#random = new Random(hashText(`case ${seed}`));
    this.#moments = moments;
    this.#steps = steps;
    this.#end = quiet;
  }

  /** A number that no other name of the case has. */
  nextName(): number {
    this.#names += 1;
    return this.#names;
  }

  integer(min: number, max: number): number {
    return this.#random.integer(min, max);
  }

  pick<T>(list: readonly T[]): T {
    return this.#random.pick(list);
  }

  chance(numerator: number, denominator: number): boolean {
    return this.#random.chance(numerator, denominator);
  }

  /** One of the list, by weights. */
  weighted<T>(list: readonly (readonly [weight: number, value: T])[]): T {
    let left = this.#random.integer(
      1,
      list.reduce((sum, [weight]) => sum + weight, 0),
    );
    for (const [weight, value] of list) {
      left -= weight;
      if (left <= 0) return value;
    }
    throw new RangeError('no weight is above 0');
  }

  /** When something may happen: most often just when the story does something, or soon after, to the millisecond. */
  moment(): Micros {
    const { length } = this.#moments;
    if (this.#steps.length > 0 && this.chance(1, 3)) return this.pick(this.#steps) + 2 ** this.integer(0, 13) * MILLI;
    if (length === 0 || this.chance(1, 4)) return this.integer(0, Math.ceil(this.#end / MILLI)) * MILLI;
    const moment = this.#moments[this.integer(0, length - 1)] ?? 0;
    return Math.floor(moment / MILLI) * MILLI;
  }

  /** A length of time, short ones as likely as long ones. */
  span(min: Micros, max: Micros): string {
    const lengths: Micros[] = [max];
    for (let length = min; length < max; length *= 2) lengths.push(length);
    return formatDuration(this.pick(lengths));
  }

  /** How many of the calls are struck, drawn wide: each, or one of up to 64; or the first few only. */
  extent(): Extent {
    const after = this.chance(1, 3) ? { after: this.integer(1, 6) } : {};
    return this.chance(1, 2) ? { ...this.#few(), ...after } : { rate: `1/${2 ** this.integer(0, 6)}` };
  }

  /** One of the calls to come, or a few from it on; the first ones most often. @param count how many calls there may be */
  oneOf(count: number): Extent {
    const after = this.integer(0, Math.min(LATEST, this.chance(1, 2) ? 2 : count));
    return { ...this.#few(), ...(after > 0 ? { after } : {}) };
  }

  #few(): { readonly times: number } {
    return {
      times: this.weighted([
        [4, 1],
        [2, 2],
        [1, 3],
        [1, 8],
      ]),
    };
  }
}

const MILLI: Micros = seconds(1) / 1_000;
