import type { Facts } from '../invariants/facts/index.ts';
import type { Check, Onlooker, Watched } from '../invariants/invariant.ts';
import { situations } from './list.ts';
import type { Situation } from './situation.ts';

/** Counts how often each situation was reached in one world, or in several one after the other. */
export class Situations implements Onlooker {
  /** By id; 0 for what was never reached. */
  readonly counts: Map<string, number>;
  readonly #list: readonly Situation[];

  constructor(list: readonly Situation[] = situations) {
    this.#list = list;
    this.counts = new Map(list.map(({ id }) => [id, 0]));
  }

  watch(world: Watched, facts: Facts): readonly Check[] {
    return this.#list.map((situation) =>
      situation.watch(world, () => this.counts.set(situation.id, (this.counts.get(situation.id) ?? 0) + 1), facts),
    );
  }
}
