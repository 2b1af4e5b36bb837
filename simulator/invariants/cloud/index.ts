import type { Invariant } from '../invariant.ts';
import { disjointRanges } from './disjoint-ranges.ts';
import { doubtKeeps } from './doubt-keeps.ts';
import { goneIsRemoved } from './gone-is-removed.ts';
import { initGate } from './init-gate.ts';
import { noLeakedBalancer } from './no-leaked-balancer.ts';
import { ownThingsOnly } from './own-things-only.ts';
import { routesMatch } from './routes-match.ts';
import { targetsFresh } from './targets-fresh.ts';

/** Rows CPI, in the order of invariants.md. */
export const cloudRows: readonly Invariant[] = [
  initGate,
  doubtKeeps,
  goneIsRemoved,
  disjointRanges,
  routesMatch,
  noLeakedBalancer,
  ownThingsOnly,
  targetsFresh,
];
