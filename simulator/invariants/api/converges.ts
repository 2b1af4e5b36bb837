import type { Invariant } from '../invariant.ts';
import { titleOf } from '../titles.ts';
import { Churn } from './converging/churn.ts';
import { idleAttachments, lackingClaims } from './converging/claims.ts';
import { lingering } from './converging/lingering.ts';
import { lackingNodes } from './converging/nodes.ts';
import { lackingPods } from './converging/pods.ts';
import { lackingServices } from './converging/services.ts';
import { ClusterState } from './converging/state.ts';
import { lackingWorkloads } from './converging/workloads.ts';

/**
 * Judged once, over what the store holds when the calm is over; what comes and goes without end is counted meanwhile. What a user asked for and cannot be had (an image that is not there, a
 * program that ends, a finalizer of somebody's own) is nobody's fault and not reported, nor what changed within the last minutes.
 */
export const converges: Invariant = {
  id: 'API-06',
  name: 'converges',
  kind: 'L',
  holds: 'when faults end, the desired state is reached and stays: also after a crash between two writes or a missed event',
  watch: (world, { violated, met }) => {
    const churn = new Churn(world);
    return {
      resources: churn.resources,
      write: (write) => churn.write(write),
      afterCalm() {
        const state = new ClusterState(world);
        const restless: typeof lackingPods = (at, count) => churn.restless(at, count);
        for (const lacks of [
          lackingNodes,
          lackingWorkloads,
          lackingPods,
          lackingServices,
          lackingClaims,
          idleAttachments,
          lingering,
          restless,
        ])
          for (const lack of lacks(state, met)) violated(state.describe(lack), titleOf(lack.object));
      },
    };
  },
};
