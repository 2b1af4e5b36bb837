import { bindOnce } from './bind-once.ts';
import type { Check, Invariant, Violation, Watched } from './invariant.ts';
import { phaseOneWay } from './phase-one-way.ts';
import { revisions } from './revisions.ts';

export type { Check, Invariant, Violation, Watched } from './invariant.ts';

/** The rows that are checked, in the order of their ids. */
export const invariants: readonly Invariant[] = [bindOnce, phaseOneWay, revisions];

/** Watches one world for broken invariants. Always on; a scenario may switch one off by id. */
export class Invariants {
  readonly violations: Violation[] = [];
  readonly #checks: readonly Check[];

  /** @param off ids to leave out; `true` for all. */
  constructor(world: Watched & { readonly off: readonly string[] | true }, rows: readonly Invariant[] = invariants) {
    const { kernel, server, off } = world;
    const on = off === true ? [] : rows.filter(({ id }) => !off.includes(id));
    this.#checks = on.map(({ id, watch }) =>
      watch(world, (message, ...objects) => {
        this.violations.push({ id, at: kernel.now, message, objects, seq: kernel.traceSequence });
      }),
    );
    const writes = this.#checks.filter((check) => check.write);
    const traces = this.#checks.filter((check) => check.trace);
    if (writes.length > 0) {
      server.observe((write) => {
        for (const check of writes) check.write?.(write);
      });
    }
    if (traces.length > 0) {
      kernel.events.on('trace', (record) => {
        for (const check of traces) check.trace?.(record);
      });
    }
  }

  /** Checks what holds whenever nothing is left to do. */
  atRest(): void {
    for (const check of this.#checks) check.atRest?.();
  }
}
