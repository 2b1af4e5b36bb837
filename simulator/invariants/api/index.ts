import type { Invariant } from '../invariant.ts';
import { bookmarkTrue } from './bookmark-true.ts';
import { converges } from './converges.ts';
import { finalizers } from './finalizers.ts';
import { gcComplete } from './gc-complete.ts';
import { gcRightOwner } from './gc-right-owner.ts';
import { noOvershoot } from './no-overshoot.ts';
import { noTimeTravel } from './no-time-travel.ts';
import { quota } from './quota.ts';
import { revisions } from './revisions.ts';
import { serviceNumbers } from './service-numbers.ts';
import { staleWriteFails } from './stale-write-fails.ts';
import { watchComplete } from './watch-complete.ts';

/** Rows API, in the order of invariants.md. */
export const apiRows: readonly Invariant[] = [
  revisions,
  watchComplete,
  bookmarkTrue,
  staleWriteFails,
  noTimeTravel,
  converges,
  gcRightOwner,
  gcComplete,
  finalizers,
  noOvershoot,
  quota,
  serviceNumbers,
];
