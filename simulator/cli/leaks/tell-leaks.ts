import type { World } from '../../wiring/world.ts';
import { writeLine } from '../output/hanging.ts';

const ROWS = ['SIM-01', 'SIM-02'];

/** Tells beside a story, or a comparison, that the run is not to be relied on: another may go another way. */
export function tellLeaks({ invariants }: Pick<World, 'invariants'>): void {
  for (const { id, at, message } of invariants.violations)
    if (ROWS.includes(id)) writeLine(process.stderr, `invariant ${id} broken at ${at / 1_000_000} s: ${message}`);
}
