import type { GetLoadBalancerResponse, ServiceRequest } from '@slipway/cpi';
import type { Service } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';

/**
 * What a provider was told to make, and what the cloud made at its word: a provider that forgets its own order leaks too. Where the answer to
 * a delete was lost, a later look tells whether it was done.
 */
export const noLeakedBalancer: Invariant = {
  id: 'CPI-06',
  name: 'no-leaked-balancer',
  kind: 'Q',
  holds: 'a balancer exists exactly for services that ask for one, across type changes and restarts',
  watch: ({ server }, { violated, met }) => {
    const ensured = new Map<string, string>();
    const made = new Set<string>();
    /** Services whose balancer was asked to go since it was last ensured. */
    const leaving = new Set<string>();
    let seen = false;
    const titleOf = ({ metadata }: Service): string => `Service ${metadata.namespace}/${metadata.name}`;
    return {
      called: {
        'cpi.LoadBalancer/EnsureLoadBalancerDeleted'(call) {
          leaving.add((call.full as ServiceRequest).service.metadata.uid);
        },
      },
      answered: {
        'cpi.LoadBalancer/EnsureLoadBalancer'({ call, ok, code }) {
          const { service } = call.full as ServiceRequest;
          seen = true;
          // Somebody else's work counts as done.
          if (!ok && code !== 'ImplementedElsewhere') return;
          ensured.set(service.metadata.uid, titleOf(service));
          leaving.delete(service.metadata.uid);
        },
        'cpi.LoadBalancer/GetLoadBalancer'({ call, answer, ok }) {
          const { uid } = (call.full as ServiceRequest).service.metadata;
          if (ok && leaving.has(uid) && !(answer.full as GetLoadBalancerResponse).exists) ensured.delete(uid);
        },
        'cpi.LoadBalancer/EnsureLoadBalancerDeleted'({ call, ok, code }) {
          if (ok || code === 'ImplementedElsewhere') ensured.delete((call.full as ServiceRequest).service.metadata.uid);
        },
        'cloud.CloudApi/CreateLoadBalancer'({ call, ok }) {
          if (ok) made.add((call.full as { readonly name: string }).name);
        },
        'cloud.CloudApi/DescribeLoadBalancers'({ call, answer, ok }) {
          if (!ok || made.size === 0) return;
          const { names } = call.full as { readonly names?: readonly string[] };
          const { loadBalancers } = answer.full as { readonly loadBalancers: readonly { readonly name: string }[] };
          for (const name of names ?? [...made]) if (!loadBalancers.some((there) => there.name === name)) made.delete(name);
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
