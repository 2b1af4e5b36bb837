import type { Invariant } from '../invariant.ts';
import { comparing, senderOf, titleOf } from './decisions.ts';

/** Judged at each refusal of a request that a target allows, where sender, receiver or target is in another namespace than `default`. */
export const namespaceFree: Invariant = {
  id: 'SMI-08',
  name: 'namespace-free',
  kind: 'S',
  holds: 'a policy means the same in every namespace',
  watch: (world, { violated, met }, facts) =>
    comparing(world, facts, {
      judged(_exchange, { source, destination }, allowances) {
        if (allowances.length > 0 && (source?.namespace !== 'default' || destination.metadata.namespace !== 'default')) met();
      },
      refused({ exchange: { answer }, request, reason, by, passedBefore, byOrder }) {
        const spaces = [request.source?.namespace, request.destination.metadata.namespace, by.target.split('/')[0]];
        if (passedBefore || byOrder || spaces.every((each) => each === 'default')) return;
        violated(
          `${answer.actor} refused a request of ${senderOf(request)} to ${titleOf(request)} (${reason}), though TrafficTarget ${by.target} allows it`,
          titleOf(request),
          `TrafficTarget ${by.target}`,
        );
      },
    }),
};
