import type { Invariant } from '../invariant.ts';
import { comparing, senderOf, titleOf } from './decisions.ts';

/** Judged at each refusal of a request that is allowed by what is not the first: of the targets by name, or of a target's sources or rules. */
export const orderFree: Invariant = {
  id: 'SMI-07',
  name: 'order-free',
  kind: 'S',
  holds: 'the order in which rules are listed or created does not change a decision',
  watch: (world, { violated, met }, facts) =>
    comparing(world, facts, {
      judged(_exchange, _request, allowances) {
        if (allowances.length > 1 || allowances.some(({ source, rule }) => source > 0 || rule > 0)) met();
      },
      refused({ exchange: { answer }, request, reason, by, passedBefore, byOrder }) {
        if (passedBefore || !byOrder) return;
        const { target, source, rule } = by;
        const which = rule > 0 ? ` by its rule ${rule + 1}` : source > 0 ? ` by its source ${source + 1}` : '';
        violated(
          `${answer.actor} refused a request of ${senderOf(request)} to ${titleOf(request)} (${reason}), though TrafficTarget ${target} allows it${which}`,
          titleOf(request),
          `TrafficTarget ${target}`,
        );
      },
    }),
};
