import type { Invariant } from '../invariant.ts';
import { disjointRanges } from './disjoint-ranges.ts';
import { doubtKeeps } from './doubt-keeps.ts';
import { initGate } from './init-gate.ts';
import { noLeakedBalancer } from './no-leaked-balancer.ts';

/** Rows CPI, in the order of invariants.md. */
export const cloudRows: readonly Invariant[] = [initGate, doubtKeeps, disjointRanges, noLeakedBalancer];
