import type { Invariant } from '../invariant.ts';
import { goneMeansGone } from './gone-means-gone.ts';
import { initOrder } from './init-order.ts';
import { phaseOneWay } from './phase-one-way.ts';
import { restartCount } from './restart-count.ts';
import { restartPolicy } from './restart-policy.ts';

/** Rows KUB, in the order of invariants.md. */
export const kubeletRows: readonly Invariant[] = [phaseOneWay, initOrder, restartPolicy, goneMeansGone, restartCount];
