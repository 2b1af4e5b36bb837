import { type Cidr, formatIp, lastIp } from '@slipway/host';
import type { Micros } from '@slipway/kernel';

/** Addresses that came free may rest so long before they are given again, as some clouds have it. */
const REST: Micros = 120_000_000;
/** How often an allocator must have given a freed address again, and have passed one over, before that tells anything. */
interface Habit {
  readonly reused: number;
  readonly passed: number;
}

/** Of an address that nobody ever had: whoever prefers freed ones to new ones gives it before any that is higher. */
const NEW: Habit = { reused: 1, passed: 2 };
/** Of one that was given before, which a stack of free addresses may keep below others for a while. */
const FREED: Habit = { reused: 3, passed: 3 };

/** A step wider than this is no allocator that goes in order. */
const SEARCHED = 1024n;

type State = 'held' | 'free' | 'doubt';

interface Entry {
  state: State;
  since: Micros;
  /** Sandbox that has it, or had it last. */
  holder: string;
}

/**
 * What one plugin does with the addresses of one range on one node, as its answers show it. Of what it keeps to itself two things can be
 * told from outside: an address that is free (given, and taken back) when the plugin says that none is, and, of an allocator that always
 * gives the lowest free address, one that it passes over again and again since an ADD failed whose turn it was.
 */
export class AddressPool {
  readonly range: Cidr;
  readonly #entries = new Map<bigint, Entry>();
  #lowest: bigint | undefined;
  #highest: bigint | undefined;
  #reused = 0;
  /** Seen to give another than the lowest free address. */
  #unordered = false;
  /** Addresses whose turn it was when an ADD failed, and how often they were passed over since. */
  readonly #suspects = new Map<bigint, number>();

  constructor(range: Cidr) {
    this.range = range;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * @param sure no call is open that may hold another address
   * @returns addresses that are passed over for good.
   */
  give(value: bigint, holder: string, now: Micros, isTaken: (value: bigint) => boolean, sure: boolean): readonly bigint[] {
    const entry = this.#entries.get(value);
    const passed = sure ? this.#passedOver(value, isTaken) : [];
    this.#suspects.delete(value);
    if (entry?.state === 'free' && this.#highest !== undefined && value < this.#highest) this.#reused += 1;
    if (entry) Object.assign(entry, { state: 'held', since: now, holder });
    else this.#entries.set(value, { state: 'held', since: now, holder });
    if (this.#lowest === undefined || value < this.#lowest) this.#lowest = value;
    if (this.#highest === undefined || value > this.#highest) this.#highest = value;
    return passed;
  }

  take(value: bigint, holder: string, now: Micros): void {
    const entry = this.#entries.get(value);
    if (entry && entry.holder === holder && entry.state !== 'free') Object.assign(entry, { state: 'free', since: now });
  }

  /** Nobody can tell any more who has what: the power went. */
  doubt(now: Micros): void {
    for (const entry of this.#entries.values()) if (entry.state === 'held') Object.assign(entry, { state: 'doubt', since: now });
    this.#suspects.clear();
  }

  /**
   * An ADD failed: the address whose turn it was must come next, of an allocator that gives the lowest one.
   *
   * @param others ADDs that nobody has heard the end of: any of them may have one before it
   */
  failed(others: number, isTaken: (value: bigint) => boolean): void {
    for (let count = 0; count <= others; count += 1) {
      const next = this.#lowestFree(isTaken);
      if (next !== undefined) this.#suspects.set(next, 0);
    }
  }

  /** Addresses that were given and taken back long ago, or that lie between those that were given and whose turn an ADD that failed had. */
  free(now: Micros): readonly string[] {
    const found: bigint[] = [];
    for (const [value, { state, since }] of this.#entries) if (state === 'free' && now - since >= REST) found.push(value);
    for (const value of this.#suspects.keys()) {
      if (!this.#entries.has(value) && this.#highest !== undefined && value < this.#highest) found.push(value);
    }
    return found.sort((a, b) => (a < b ? -1 : 1)).map((value) => this.text(value));
  }

  text(value: bigint): string {
    return formatIp({ family: this.range.ip.family, value });
  }

  #passedOver(value: bigint, isTaken: (value: bigint) => boolean): readonly bigint[] {
    if (this.#unordered || this.#lowest === undefined) return [];
    if (value - this.#lowest > SEARCHED) {
      this.#unordered = true;
      return [];
    }
    const passed: bigint[] = [];
    for (let each = this.#lowest; each < value; each += 1n) {
      const entry = this.#entries.get(each);
      if (entry && entry.state !== 'free') continue;
      const before = this.#suspects.get(each);
      if (before !== undefined) {
        this.#suspects.set(each, before + 1);
        const habit = entry ? FREED : NEW;
        if (before + 1 >= habit.passed && this.#reused >= habit.reused) passed.push(each);
      } else if (entry || !isTaken(each)) {
        this.#unordered = true;
        return [];
      }
    }
    for (const each of passed) this.#suspects.delete(each);
    return passed;
  }

  #lowestFree(isTaken: (value: bigint) => boolean): bigint | undefined {
    if (this.#unordered || this.#lowest === undefined) return undefined;
    const last = lastIp(this.range).value;
    for (let each = this.#lowest; each < last; each += 1n) {
      const entry = this.#entries.get(each);
      if ((entry ? entry.state === 'free' : !isTaken(each)) && !this.#suspects.has(each)) return each;
    }
    return undefined;
  }
}
