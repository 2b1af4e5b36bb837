import { Dispatch } from './dispatch.ts';
import { Facts } from './facts/index.ts';
import type { Check, Invariant, Violation, Watched } from './invariant.ts';
import { invariants } from './rows.ts';

export type { Check, Exchange, Invariant, Violation, Watched, WatchedNode } from './invariant.ts';
export { invariants } from './rows.ts';
export { type OnLine, violationOfReplay } from './simulation/replay.ts';

/** Watches one world for broken invariants. Always on; a scenario may switch one off by id. */
export class Invariants {
  readonly violations: Violation[] = [];
  readonly #checks: readonly Check[];

  /** @param off ids to leave out; `true` for all. */
  constructor(
    { kernel, server, nodes, off }: Watched & { readonly off: readonly string[] | true },
    rows: readonly Invariant[] = invariants,
  ) {
    const on = off === true ? [] : rows.filter(({ id }) => !off.includes(id));
    const world: Watched = { kernel, server, nodes };
    const facts = on.length > 0 ? new Facts(world) : undefined;
    this.#checks = facts
      ? on.map(({ id, watch }) =>
          watch(
            world,
            (message, ...objects) => this.violations.push({ id, at: kernel.now, message, objects, seq: kernel.traceSequence }),
            facts,
          ),
        )
      : [];
    // Facts come first: whoever is told of an event finds them up to date.
    new Dispatch(world, [...(facts?.checks ?? []), ...this.#checks]);
  }

  /** Checks what holds whenever nothing is left to do. */
  atRest(): void {
    for (const check of this.#checks) check.atRest?.();
  }
}
