import type { Invariant } from '../invariant.ts';
import { addressLegal } from './address-legal.ts';
import { delForEveryAdd } from './del-for-every-add.ts';
import { delIdempotent } from './del-idempotent.ts';
import { failedAddClean } from './failed-add-clean.ts';
import { lateDelHarmless } from './late-del-harmless.ts';
import { uniqueAddress } from './unique-address.ts';

/** Rows NET, in the order of invariants.md. */
export const networkRows: readonly Invariant[] = [
  uniqueAddress,
  addressLegal,
  failedAddClean,
  delIdempotent,
  delForEveryAdd,
  lateDelHarmless,
];
