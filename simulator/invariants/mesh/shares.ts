import type { RouteRequest, RouteResponse } from '@slipway/smi';
import type { Service } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';
import { Splits, weightsOf } from './splits.ts';

/** So many standard deviations chance may be off: once in 500 million. */
const DEVIATIONS = 6;
/** Fewer requests say nothing of shares that are drawn. */
const ENOUGH = 20;

interface Tally {
  readonly weights: ReadonlyMap<string, number>;
  readonly counts: Map<string, number>;
  readonly clients: Set<string>;
  total: number;
}

/**
 * Counts each split's choices while its weights stay. A mesh that takes turns is never further off than by the number of backends for each
 * client, one that draws lots than by chance: the bound is the sum of both, so that either may do. Splits that stand for some requests
 * only, or that have a backend which is no Service with that port, share what is left: they are not judged.
 */
export const shares: Invariant = {
  id: 'SMI-03',
  name: 'shares',
  kind: 'T',
  holds: 'observed shares match the weights per service, not per pod, within the exact round-robin bound',
  watch: ({ kernel, server }, { violated, met }, { staleness }) => {
    const splits = new Splits();
    const tallies = new Map<string, Tally>();
    return {
      resources: ['trafficsplits', 'services'],
      write(write) {
        if (write.resource === 'trafficsplits') splits.write(write, kernel.now);
        // What a backend is, or which there are, has changed: nobody knows when the mesh learned of it.
        tallies.clear();
      },
      answered: {
        'smi.Mesh/Route'({ call, answer, ok, disturbed }) {
          if (!ok) return;
          const { from, to } = call.full as RouteRequest;
          const { to: chosen, split } = answer.full as RouteResponse;
          const stored = split === undefined ? undefined : splits.get(split);
          if (!stored || split === undefined) return;
          const key = `${split} ${to.port}`;
          if (disturbed || staleness.quietFor === 0 || staleness.seenSince(kernel.now) < stored.since) {
            tallies.delete(key);
            return;
          }
          let tally = tallies.get(key);
          if (!tally) {
            const weights = weightsOf(stored.split);
            if (!weights || stored.split.spec.matches?.length || !servesAll(server.peek.bind(server), to, weights)) return;
            tallies.set(key, (tally = { weights, counts: new Map(), clients: new Set(), total: 0 }));
          }
          tally.clients.add(from?.metadata.uid ?? '');
          tally.total += 1;
          tally.counts.set(chosen.service, (tally.counts.get(chosen.service) ?? 0) + 1);
          if (tally.total < ENOUGH) return;
          if (tally.total === ENOUGH) met();
          const wrong = farOff(tally);
          if (wrong === undefined) return;
          tallies.delete(key);
          violated(
            `${answer.actor} sent ${wrong.count} of ${tally.total} requests for ${to.namespace}/${to.service} to ${wrong.service}, whose share by TrafficSplit ${split} is ${Math.round(wrong.expected)}`,
            `TrafficSplit ${split}`,
          );
        },
      },
    };
  },
};

type Peek = (resource: string, namespace: string | undefined, name: string) => unknown;

function servesAll(peek: Peek, { namespace, port }: RouteRequest['to'], weights: ReadonlyMap<string, number>): boolean {
  return [...weights.keys()].every((name) => {
    const service = peek('services', namespace, name) as Service | undefined;
    return service?.spec.ports?.some((each) => each.port === port) === true;
  });
}

function farOff({ weights, counts, clients, total }: Tally) {
  const sum = [...weights.values()].reduce((all, weight) => all + weight, 0);
  if (sum === 0) return undefined;
  for (const [service, weight] of weights) {
    const share = weight / sum;
    const [count, expected] = [counts.get(service) ?? 0, total * share];
    const bound = weights.size * clients.size + DEVIATIONS * Math.sqrt(expected * (1 - share));
    if (Math.abs(count - expected) > bound) return { service, count, expected };
  }
  return undefined;
}
