import type { Invariant } from '../invariant.ts';
import { addressLegal } from './address-legal.ts';
import { chainRollback } from './chain-rollback.ts';
import { checkTruthful } from './check-truthful.ts';
import { delForEveryAdd } from './del-for-every-add.ts';
import { delIdempotent } from './del-idempotent.ts';
import { failedAddClean } from './failed-add-clean.ts';
import { gcExact } from './gc-exact.ts';
import { hostPortRules } from './host-port-rules.ts';
import { lateDelHarmless } from './late-del-harmless.ts';
import { noAlias } from './no-alias.ts';
import { poolConserved } from './pool-conserved.ts';
import { rebootReclaim } from './reboot-reclaim.ts';
import { uniqueAddress } from './unique-address.ts';

/** Rows NET, in the order of invariants.md. */
export const networkRows: readonly Invariant[] = [
  uniqueAddress,
  addressLegal,
  failedAddClean,
  chainRollback,
  delIdempotent,
  delForEveryAdd,
  poolConserved,
  gcExact,
  rebootReclaim,
  noAlias,
  hostPortRules,
  lateDelHarmless,
  checkTruthful,
];
