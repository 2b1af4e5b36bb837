import type { RouteRequest, RouteResponse } from '@slipway/smi';
import type { Exchange, Invariant } from '../invariant.ts';
import { Splits, weightsOf } from './splits.ts';

/** Such a split is refused, or it is as if it were not there: a request for a Service whose only split is one goes to the Service itself. */
export const weightsValid: Invariant = {
  id: 'SMI-01',
  name: 'weights-valid',
  kind: 'S',
  holds: 'a split with negative or all-zero weights is refused, not half applied',
  watch: ({ kernel }, { violated, met }, { staleness }) => {
    const splits = new Splits();
    return {
      resources: ['trafficsplits'],
      write: (write) => splits.write(write, kernel.now),
      answered: {
        ...Object.fromEntries(
          ['Create', 'Update', 'Patch'].map((method) => [
            `api.Server/${method}`,
            ({ call, code }: Exchange) => {
              if (code === 'Invalid' && (call.full as { readonly resource?: string }).resource?.startsWith('trafficsplits')) met();
            },
          ]),
        ),
        'smi.Mesh/Route'({ call, answer, ok }) {
          if (!ok) return;
          const { to } = call.full as RouteRequest;
          const stored = splits.of(`${to.namespace}/${to.service}`);
          const [only] = stored;
          if (!only || stored.length > 1 || staleness.seenSince(kernel.now) < only.since || staleness.quietFor === 0) return;
          const weights = weightsOf(only.split);
          const isValid = weights !== undefined && [...weights.values()].some((weight) => weight > 0);
          if (isValid) return;
          met();
          const { to: chosen } = answer.full as RouteResponse;
          if (chosen.service === to.service) return;
          const title = `TrafficSplit ${only.split.metadata.namespace}/${only.split.metadata.name}`;
          violated(
            `${answer.actor} sent a request for ${to.namespace}/${to.service} to ${chosen.service} by ${title}, whose weights are ${weights ? 'all zero' : 'not all weights'}`,
            title,
          );
        },
      },
    };
  },
};
