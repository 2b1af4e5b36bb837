import type { RouteRequest, RouteResponse } from '@slipway/smi';
import { type Micros, seconds } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';

interface Split extends KubeObject {
  readonly spec?: { readonly service?: string; readonly backends?: readonly { readonly service: string; readonly weight: number }[] };
}

/** Proxies learn of a change a little later: a split that was written just now is not held against them. */
const GRACE: Micros = seconds(5);

export const zeroMeansNone: Invariant = {
  id: 'SMI-02',
  name: 'zero-means-none',
  kind: 'S',
  holds: 'a backend of weight zero gets no request',
  watch: ({ kernel }, { violated, met }, { staleness }) => {
    const splits = new Map<string, { readonly since: Micros; readonly split: Split }>();
    return {
      resources: ['trafficsplits'],
      write({ type, object }) {
        const key = `${object.metadata.namespace}/${(object as Split).spec?.service}`;
        if (type === 'DELETED') splits.delete(key);
        else splits.set(key, { since: kernel.now, split: object as Split });
      },
      answered: {
        'smi.Mesh/Route'({ call, answer, ok }) {
          if (!ok) return;
          const { to } = call.full as RouteRequest;
          const chosen = (answer.full as RouteResponse).to;
          const entry = splits.get(`${to.namespace}/${to.service}`);
          if (!entry || kernel.now - entry.since < GRACE || staleness.seenSince(kernel.now) < entry.since || staleness.quietFor === 0)
            return;
          const backend = entry.split.spec?.backends?.find(({ service }) => service === chosen.service);
          met();
          if (backend?.weight !== 0) return;
          const title = `TrafficSplit ${entry.split.metadata.namespace}/${entry.split.metadata.name}`;
          violated(`${answer.actor} sent a request for ${to.namespace}/${to.service} to ${chosen.service}, whose weight is 0`, title);
        },
      },
    };
  },
};
