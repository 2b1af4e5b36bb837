import type { Invariant } from '../invariant.ts';
import { denyByDefault } from './deny-by-default.ts';
import { liveBackends } from './live-backends.ts';
import { zeroMeansNone } from './zero-means-none.ts';

/** Rows SMI, in the order of invariants.md. */
export const meshRows: readonly Invariant[] = [zeroMeansNone, denyByDefault, liveBackends];
