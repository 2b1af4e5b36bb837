import type { Invariant } from '../invariant.ts';
import { bookmarkTrue } from './bookmark-true.ts';
import { finalizers } from './finalizers.ts';
import { revisions } from './revisions.ts';
import { serviceNumbers } from './service-numbers.ts';
import { staleWriteFails } from './stale-write-fails.ts';
import { watchComplete } from './watch-complete.ts';

/** Rows API, in the order of invariants.md. */
export const apiRows: readonly Invariant[] = [revisions, watchComplete, bookmarkTrue, staleWriteFails, finalizers, serviceNumbers];
