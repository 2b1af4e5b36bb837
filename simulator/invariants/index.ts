import { Dispatch } from './dispatch.ts';
import { Facts } from './facts/index.ts';
import type { Check, Invariant, Onlooker, Verdict, Violation, Watched } from './invariant.ts';
import { invariants } from './rows.ts';

export type { Check, Exchange, Invariant, Onlooker, Verdict, Violation, Watched, WatchedNode } from './invariant.ts';
export { defineInvariant, type OwnInvariant } from './own/define-invariant.ts';
export { invariants } from './rows.ts';
export { type OnLine, violationOfReplay } from './simulation/replay.ts';

export interface InvariantsOptions extends Watched {
  /** Ids to leave out; `true` for all, one's own too. */
  readonly off: readonly string[] | true;
  /** Rows beside those of the list. */
  readonly own?: readonly Invariant[];
  /** Who else wants to be told of what happens: one stream of events, and one set of facts, serve them all. */
  readonly beside?: readonly Onlooker[];
}

/** Watches one world for broken invariants. Always on; a scenario may switch one off by id. */
export class Invariants {
  readonly violations: Violation[] = [];
  /** How often each row that is on had something to say, by id. */
  readonly preconditions = new Map<string, number>();
  readonly #kernel: Watched['kernel'];
  readonly #checks: readonly Check[];
  /** While somebody only asks whether something would be broken. */
  #isAsking = false;
  #broken = 0;

  constructor(
    { kernel, server, nodes, scheduler, off, own = [], beside = [] }: InvariantsOptions,
    rows: readonly Invariant[] = invariants,
  ) {
    this.#kernel = kernel;
    const on = off === true ? [] : [...rows, ...own].filter(({ id }) => !off.includes(id));
    const world: Watched = { kernel, server, nodes, ...(scheduler && { scheduler }) };
    const facts = on.length + beside.length > 0 ? new Facts(world) : undefined;
    this.#checks = facts
      ? on.map((row) => {
          const { id } = row;
          this.preconditions.set(id, 0);
          const isAsking = (): boolean => this.#isAsking;
          const verdict: Verdict = {
            get isAsking() {
              return isAsking();
            },
            violated: (message, ...objects) => {
              if (this.#isAsking) this.#broken += 1;
              else this.violations.push({ id, at: kernel.now, message, objects, seq: kernel.traceSequence });
            },
            met: () => {
              if (!this.#isAsking) this.preconditions.set(id, (this.preconditions.get(id) ?? 0) + 1);
            },
          };
          return row.watch(world, verdict, facts);
        })
      : [];
    const others = facts ? beside.flatMap((onlooker) => onlooker.watch(world, facts)) : [];
    // Facts come first: whoever is told of an event finds them up to date.
    new Dispatch(world, [...(facts?.checks ?? []), ...this.#checks, ...others]);
  }

  /**
   * Reports a row as broken that no checker can see from inside of the world. Says nothing where the row is off.
   *
   * @param id of a row of the list
   */
  report(id: string, message: string): void {
    const met = this.preconditions.get(id);
    if (met === undefined) return;
    this.preconditions.set(id, met + 1);
    const { now, traceSequence } = this.#kernel;
    this.violations.push({ id, at: now, message, objects: [], seq: traceSequence });
  }

  /** Checks what holds whenever nothing is left to do. */
  atRest(): void {
    for (const check of this.#checks) check.atRest?.();
  }

  /** Whether `atRest` and `afterCalm` would find nothing broken now. Reports and counts nothing. */
  isConverged(): boolean {
    this.#broken = 0;
    this.#isAsking = true;
    try {
      for (const check of this.#checks) {
        check.atRest?.();
        if (this.#broken === 0) check.afterCalm?.();
        if (this.#broken > 0) return false;
      }
      return true;
    } finally {
      this.#isAsking = false;
    }
  }

  /** Checks what had to come true meanwhile. Call it once, when nothing has gone wrong for as long as a cluster needs to recover. */
  afterCalm(): void {
    for (const check of this.#checks) check.afterCalm?.();
  }
}
