import type { CreateRouteRequest, DeleteRouteRequest } from '@slipway/cpi';
import { type Cidr, overlaps, parseCidr } from '@slipway/host';
import type { TraceRecord } from '@slipway/kernel';
import type { Node } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';

/** Calls of the cloud that change or take away something, by what of the request names it and which call makes such a thing. */
const TOUCHES: Readonly<Record<string, readonly [field: string, what: string]>> = {
  'cloud.CloudApi/ModifyLoadBalancer': ['name', 'balancer'],
  'cloud.CloudApi/DeleteLoadBalancer': ['name', 'balancer'],
  'cloud.CloudApi/DeleteRoute': ['destinationCidr', 'route'],
  'cloud.CloudApi/TerminateInstance': ['instanceId', 'machine'],
  'cloud.CloudApi/StopInstance': ['instanceId', 'machine'],
};
const MAKES: Readonly<Record<string, readonly [field: string, what: string]>> = {
  'cloud.CloudApi/CreateLoadBalancer': ['name', 'balancer'],
  'cloud.CloudApi/CreateRoute': ['destinationCidr', 'route'],
};

/**
 * What a provider asked its cloud to make is its own, whatever came of it. To take away what is not there harms nobody, so only what the
 * cloud did counts.
 */
export const ownThingsOnly: Invariant = {
  id: 'CPI-07',
  name: 'own-things-only',
  kind: 'S',
  holds: 'the provider touches only what it created',
  watch: (_world, { violated, met }) => {
    const own = new Set<string>();
    /** Things that are in the cloud, as it has shown them. */
    const shown = new Set<string>();
    /** What ranges of nodes lie in: whatever leads there may belong to the cluster. */
    const around = new Map<string, Cidr>();
    const routes = new Set<string>();
    const made = (call: TraceRecord): void => {
      const [field, what] = MAKES[call.name] ?? [];
      if (field !== undefined) own.add(`${call.actor} ${what} ${text(call.full, field)}`);
    };
    return {
      resources: ['nodes'],
      write({ object, old }) {
        const { spec } = object as Node;
        if (old && (old as Node).spec === spec) return;
        for (const range of spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : [])) {
          const wide = wider(range);
          if (wide) around.set(wide.text, wide.cidr);
        }
      },
      called: {
        ...Object.fromEntries(Object.keys(MAKES).map((name) => [name, made])),
        'cpi.Routes/CreateRoute': (call) => void routes.add((call.full as CreateRouteRequest).route.destinationCidr),
        'cpi.Routes/DeleteRoute'(call) {
          met();
          const { destinationCidr } = (call.full as DeleteRouteRequest).route;
          const range = parseCidr(destinationCidr);
          if (!range || routes.has(destinationCidr) || [...around.values()].some((wide) => overlaps(wide, range))) return;
          violated(`${call.actor} deletes the route ${destinationCidr}, which is far from all ranges of nodes`, `route ${destinationCidr}`);
        },
      },
      answered: {
        'cloud.CloudApi/DescribeLoadBalancers'({ answer, ok }) {
          if (!ok) return;
          const { loadBalancers } = answer.full as { readonly loadBalancers: readonly { readonly name: string }[] };
          for (const { name } of loadBalancers) shown.add(`balancer ${name}`);
        },
        'cloud.CloudApi/DescribeRoutes'({ answer, ok }) {
          if (!ok) return;
          const { routes } = answer.full as { readonly routes: readonly { readonly destinationCidr: string }[] };
          for (const { destinationCidr } of routes) shown.add(`route ${destinationCidr}`);
        },
        ...Object.fromEntries(
          Object.entries(TOUCHES).map(([name, [field, what]]) => [
            name,
            ({ call, ok }) => {
              const { actor } = call;
              if (!ok || !actor.startsWith('cpi/')) return;
              met();
              const thing = text(call.full, field);
              if (own.has(`${actor} ${what} ${thing}`)) return;
              if (what !== 'machine' && !shown.has(`${what} ${thing}`)) return;
              violated(`${actor} called ${name} of ${what} ${thing}, which it never made`, `${what} ${thing}`);
            },
          ]),
        ),
      },
    };
  },
};

/** Far more than any cluster has: the first octet, or the first two groups. */
function wider(text: string): { readonly text: string; readonly cidr: Cidr } | undefined {
  const wide = text.includes(':') ? `${text.split(':').slice(0, 2).join(':')}::/32` : `${text.split('.')[0]}.0.0.0/8`;
  const cidr = parseCidr(wide);
  return cidr ? { text: wide, cidr } : undefined;
}

const text = (request: unknown, field: string): string => String((request as Readonly<Record<string, unknown>>)[field]);
