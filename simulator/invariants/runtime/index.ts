import type { Invariant } from '../invariant.ts';
import { noOrphans } from './no-orphans.ts';
import { stopIdempotent } from './stop-idempotent.ts';

/** Rows CRI and OCI, in the order of invariants.md. */
export const runtimeRows: readonly Invariant[] = [stopIdempotent, noOrphans];
