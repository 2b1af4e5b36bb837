import { type KeyedChance, mix } from './chance.ts';
import type { Scheduled } from './event-queue.ts';
import type { Micros } from './time.ts';

/** Which freedoms of order and time a run explores. What is left out is not explored. */
export interface Exploration {
  /**
   * Who goes first of those that are ready at one instant. `random`: any, by the seed. `priority`: each process has a rank, the highest
   * goes first, and ranks change seldom. `picks`: in order of arrival, but where `picks` says otherwise. Left out: in order of arrival.
   */
  readonly order?: 'random' | 'priority' | 'picks';
  /** With `priority`: at how many choice points the one that would go first falls behind all others. Left out: 0. */
  readonly changes?: number;
  /** Virtual time from which on everything goes in order of arrival, and latencies are constants. Left out: the end of time. */
  readonly until?: Micros;
  /** With `picks`: by the number of the choice point, counted from 0, the place among the ready ones, in order of arrival. */
  readonly picks?: ReadonlyMap<number, number>;
  /** Latencies are drawn from their range instead of being its midpoint. */
  readonly jitter?: boolean;
  /** Now and then a latency is many times its range. */
  readonly heavyTail?: boolean;
}

/** What a run chose where more than one event was ready. */
export interface Choices {
  /** How often more than one was ready. 0 where order is not explored. */
  readonly points: number;
  /** Where it was not the first to arrive: given as `picks`, they make the same run. */
  readonly deviations: ReadonlyMap<number, number>;
}

/** The freedoms that a seed draws for `swarm`. */
export function drawExploration(seed: number): Exploration {
  const freedoms = { jitter: (seed & 2) === 2, heavyTail: (seed & 4) === 4 };
  if ((seed & 1) === 0) return freedoms;
  return (seed & 8) === 0 ? { order: 'random', ...freedoms } : { order: 'priority', changes: (seed >>> 4) % SWARM_CHANGES, ...freedoms };
}

const SWARM_CHANGES = 6;
/** What draws are for, so that they differ. */
const RANDOM_RANK = 0x0def;
const PRIORITY_RANK = 0x0dea;
const CHANGE_SIZE = 0x0deb;
const CHANGE_POINT = 0x0dec;
/** Ranks change at one of the first 2 ** 14 choice points. */
const CHANGE_BITS = 13;

/** Chooses who goes first, by the seed or as told, and remembers where that was not who came first. */
export class OrderSearch implements Choices {
  points = 0;
  readonly deviations = new Map<number, number>();
  readonly #exploration: Exploration;
  readonly #chance: KeyedChance;
  /** Of the priority mode, by process. */
  readonly #ranks = new Map<number, number>();
  readonly #changes: readonly number[];
  /** Of the random mode: how many ranks a process has drawn at this instant. */
  readonly #drawn = new Map<number, number>();
  #instant: Micros = -1;

  constructor(exploration: Exploration, chance: KeyedChance) {
    this.#exploration = exploration;
    this.#chance = chance;
    this.#changes = Array.from({ length: exploration.order === 'priority' ? (exploration.changes ?? 0) : 0 }, (_, index) =>
      changePoint(chance, index),
    );
  }

  /** The place of who goes first among the ready ones, which are in order of arrival. */
  choose(ready: readonly Scheduled[], now: Micros): number {
    if (ready.length < 2) {
      // It draws all the same, so that who is ready beside it changes nothing.
      if (this.#exploration.order === 'random') this.#lowest(ready, now);
      return 0;
    }
    const point = this.points;
    this.points += 1;
    const chosen = this.#choose(ready, point, now);
    if (chosen > 0) this.deviations.set(point, chosen);
    return chosen;
  }

  #choose(ready: readonly Scheduled[], point: number, now: Micros): number {
    const { order, picks } = this.#exploration;
    if (order === 'random') return this.#lowest(ready, now);
    if (order === 'priority') {
      for (const [index, at] of this.#changes.entries()) {
        // Below every drawn rank; each change has a place of its own there (PCT: "priority change points").
        if (at === point) this.#ranks.set((ready[this.#highest(ready)] as Scheduled).thread, -1 - index);
      }
      return this.#highest(ready);
    }
    const pick = picks?.get(point) ?? 0;
    // Of a story that was longer when the picks were written.
    return pick < ready.length ? pick : 0;
  }

  /**
   * Each event draws a rank when it becomes ready, keyed by its process and the instant: one more event, an idle tick say, moves no
   * other.
   */
  #lowest(ready: readonly Scheduled[], now: Micros): number {
    if (this.#instant !== now) {
      this.#instant = now;
      this.#drawn.clear();
    }
    let lowest = 0;
    for (const [index, event] of ready.entries()) {
      if (event.rank < 0) {
        const { thread } = event;
        const count = this.#drawn.get(thread) ?? 0;
        this.#drawn.set(thread, count + 1);
        event.rank = this.#chance.draw(thread, now, count, RANDOM_RANK);
      }
      if (event.rank < (ready[lowest] as Scheduled).rank) lowest = index;
    }
    return lowest;
  }

  #highest(ready: readonly Scheduled[]): number {
    let highest = 0;
    let rank = Number.NEGATIVE_INFINITY;
    for (const [index, { thread }] of ready.entries()) {
      let other = this.#ranks.get(thread);
      if (other === undefined) {
        other = this.#chance.draw(thread, 0, 0, PRIORITY_RANK);
        this.#ranks.set(thread, other);
      }
      if (other <= rank) continue;
      highest = index;
      rank = other;
    }
    return highest;
  }
}

/**
 * Burckhardt et al., "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs" (ASPLOS 2010), draws evenly from the steps of a run whose length
 * is known. Here it is not, so the size of the number is drawn first: a run of any length is met, and a bug at depth d is still found with a chance
 * that falls only with the logarithm of the longest length.
 */
function changePoint(chance: KeyedChance, index: number): number {
  const size = 2 ** chance.between(0, CHANGE_BITS, chance.draw(CHANGE_SIZE, 0, index, CHANGE_SIZE));
  return size - 1 + chance.between(0, size - 1, chance.draw(CHANGE_POINT, 0, index, CHANGE_POINT));
}

/** The hash of a process that is part of another's work. */
export const threadOf = (of: number, part: number): number => mix(of, part);

/** What a run that explores no order has chosen. */
export const NO_CHOICES: Choices = { points: 0, deviations: new Map() };
