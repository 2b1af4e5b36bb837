import type { Invariant } from '../invariant.ts';
import { admissionBooks } from './admission-books.ts';
import { agentRestartNeutral } from './agent-restart-neutral.ts';
import { backOff } from './back-off.ts';
import { exitNoticed } from './exit-noticed.ts';
import { goneMeansGone } from './gone-means-gone.ts';
import { graceBound } from './grace-bound.ts';
import { initAfterSandboxLoss } from './init-after-sandbox-loss.ts';
import { initOrder } from './init-order.ts';
import { noDeleteWhileMounted } from './no-delete-while-mounted.ts';
import { oneIdentity } from './one-identity.ts';
import { phaseOneWay } from './phase-one-way.ts';
import { restartCount } from './restart-count.ts';
import { restartPolicy } from './restart-policy.ts';
import { terminationEnds } from './termination-ends.ts';
import { timedEviction } from './timed-eviction.ts';

/** Rows KUB, in the order of invariants.md. KUB-03 is of static pods, which there are none of here. */
export const kubeletRows: readonly Invariant[] = [
  phaseOneWay,
  oneIdentity,
  initOrder,
  initAfterSandboxLoss,
  restartPolicy,
  graceBound,
  terminationEnds,
  admissionBooks,
  goneMeansGone,
  exitNoticed,
  agentRestartNeutral,
  restartCount,
  backOff,
  timedEviction,
  noDeleteWhileMounted,
];
