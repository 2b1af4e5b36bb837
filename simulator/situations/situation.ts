import type { Facts } from '../invariants/facts/index.ts';
import type { Check, Watched } from '../invariants/invariant.ts';

/** Something that is seldom and worth reaching: a search that never got there has not tried what it is for. */
export interface Situation {
  /** `add-failed-late`. */
  readonly id: string;
  /** What happens, for people: `an ADD failed after it took an address`. */
  readonly title: string;
  /**
   * Starts a watcher for one world. Like a checker of an invariant it only looks, and costs the same in a cluster of any size.
   *
   * @param reached counts the situation once
   */
  watch(world: Watched, reached: () => void, facts: Facts): Check;
}
