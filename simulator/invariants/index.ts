import { Dispatch } from './dispatch.ts';
import { Facts } from './facts/index.ts';
import type { Check, Invariant, Verdict, Violation, Watched } from './invariant.ts';
import { invariants } from './rows.ts';

export type { Check, Exchange, Invariant, Verdict, Violation, Watched, WatchedNode } from './invariant.ts';
export { invariants } from './rows.ts';
export { type OnLine, violationOfReplay } from './simulation/replay.ts';

/** Watches one world for broken invariants. Always on; a scenario may switch one off by id. */
export class Invariants {
  readonly violations: Violation[] = [];
  /** How often each row that is on had something to say, by id. */
  readonly preconditions = new Map<string, number>();
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
      ? on.map(({ id, watch }) => {
          this.preconditions.set(id, 0);
          const verdict: Verdict = {
            violated: (message, ...objects) => this.violations.push({ id, at: kernel.now, message, objects, seq: kernel.traceSequence }),
            met: () => this.preconditions.set(id, (this.preconditions.get(id) ?? 0) + 1),
          };
          return watch(world, verdict, facts);
        })
      : [];
    // Facts come first: whoever is told of an event finds them up to date.
    new Dispatch(world, [...(facts?.checks ?? []), ...this.#checks]);
  }

  /** Checks what holds whenever nothing is left to do. */
  atRest(): void {
    for (const check of this.#checks) check.atRest?.();
  }

  /** Checks what had to come true meanwhile. Call it once, when nothing has gone wrong for as long as a cluster needs to recover. */
  afterCalm(): void {
    for (const check of this.#checks) check.afterCalm?.();
  }
}
