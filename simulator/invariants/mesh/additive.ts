import type { Invariant } from '../invariant.ts';
import { comparing, senderOf, titleOf } from './decisions.ts';

/**
 * Judged at each refusal of a request that some target allows, by a model of SMI's rules: of one that passed before, with nothing but
 * targets added since, and of one that every reading of the rules allows. What hangs on order is SMI-07's, on namespaces SMI-08's.
 */
export const additive: Invariant = {
  id: 'SMI-06',
  name: 'additive',
  kind: 'S',
  holds: 'adding a target never removes a flow that was allowed',
  watch: (world, { violated, met }, facts) =>
    comparing(world, facts, {
      judged(_exchange, _request, allowances) {
        if (allowances.length > 0) met();
      },
      refused({ exchange: { answer }, request, reason, by, passedBefore, byOrder }) {
        const { source, destination } = request;
        const atHome = source?.namespace === 'default' && destination.metadata.namespace === 'default' && by.target.startsWith('default/');
        if (!passedBefore && (byOrder || !atHome)) return;
        const since = passedBefore ? ', and it did so before more targets were added' : '';
        violated(
          `${answer.actor} refused a request of ${senderOf(request)} to ${titleOf(request)} (${reason}), though TrafficTarget ${by.target} allows it${since}`,
          titleOf(request),
          `TrafficTarget ${by.target}`,
        );
      },
    }),
};
