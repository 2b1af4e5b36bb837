import type { Invariant } from '../invariant.ts';
import { clock } from './clock.ts';
import { replay } from './replay.ts';

/** Rows SIM, in the order of invariants.md. */
export const simulationRows: readonly Invariant[] = [replay, clock];
