import type { ServiceRequest } from '@slipway/cpi';
import type { Service } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';

/** What a provider was told to make, and what the cloud made at its word: a provider that forgets its own order leaks too. */
export const noLeakedBalancer: Invariant = {
  id: 'CPI-06',
  name: 'no-leaked-balancer',
  kind: 'Q',
  holds: 'a balancer exists exactly for services that ask for one, across type changes and restarts',
  watch: ({ server }, { violated, met }) => {
    const ensured = new Map<string, string>();
    const made = new Set<string>();
    let seen = false;
    const titleOf = ({ metadata }: Service): string => `Service ${metadata.namespace}/${metadata.name}`;
    return {
      answered: {
        'cpi.LoadBalancer/EnsureLoadBalancer'({ call, ok, code }) {
          const { service } = call.full as ServiceRequest;
          seen = true;
          // Somebody else's work counts as done.
          if (ok || code === 'ImplementedElsewhere') ensured.set(service.metadata.uid, titleOf(service));
        },
        'cpi.LoadBalancer/EnsureLoadBalancerDeleted'({ call, ok, code }) {
          if (ok || code === 'ImplementedElsewhere') ensured.delete((call.full as ServiceRequest).service.metadata.uid);
        },
        'cloud.CloudApi/CreateLoadBalancer'({ call, ok }) {
          if (ok) made.add((call.full as { readonly name: string }).name);
        },
        'cloud.CloudApi/DeleteLoadBalancer'({ call, ok }) {
          if (ok) made.delete((call.full as { readonly name: string }).name);
        },
      },
      atRest() {
        if (!seen) return;
        const wanting = new Map<string, string>();
        for (const object of server.objects('services')) {
          const service = object as unknown as Service;
          if (service.spec.type !== 'LoadBalancer' || service.spec.loadBalancerClass !== undefined) continue;
          met();
          wanting.set(object.metadata.uid, titleOf(service));
          if (!ensured.has(object.metadata.uid)) violated(`${titleOf(service)} asks for a balancer and has none`, titleOf(service));
        }
        for (const [uid, title] of ensured)
          if (!wanting.has(uid)) violated(`the balancer of ${title} is still there, and nobody asks for it`, title);
        if (made.size > wanting.size)
          violated(`the cloud has the balancers ${[...made].sort().join(', ')}, and ${wanting.size} services ask for one`, ...made);
      },
    };
  },
};
