import type { Invariant } from '../invariant.ts';
import { additive } from './additive.ts';
import { denyByDefault } from './deny-by-default.ts';
import { enforcedAtTarget } from './enforced-at-target.ts';
import { liveBackends } from './live-backends.ts';
import { namespaceFree } from './namespace-free.ts';
import { orderFree } from './order-free.ts';
import { shares } from './shares.ts';
import { weightsValid } from './weights-valid.ts';
import { zeroMeansNone } from './zero-means-none.ts';

/** Rows SMI, in the order of invariants.md. */
export const meshRows: readonly Invariant[] = [
  weightsValid,
  zeroMeansNone,
  shares,
  denyByDefault,
  enforcedAtTarget,
  additive,
  orderFree,
  namespaceFree,
  liveBackends,
];
