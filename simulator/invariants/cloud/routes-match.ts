import type { CreateRouteRequest, DeleteRouteRequest, ListRoutesResponse } from '@slipway/cpi';
import type { Node } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';

interface RouteTarget {
  readonly targetNode: string;
  readonly destinationCidr: string;
}

const keyOf = ({ targetNode, destinationCidr }: RouteTarget): string => `${destinationCidr} to ${targetNode}`;

/** By the provider's own list, and what it said it did since. Routes that nobody here asked for are others' business. */
export const routesMatch: Invariant = {
  id: 'CPI-05',
  name: 'routes-match',
  kind: 'Q',
  holds: 'one route per node range, none for absent nodes, foreign routes untouched',
  watch: ({ server }, { violated, met }) => {
    /** How many there are of each; undefined while no list has been seen. */
    let routes: Map<string, number> | undefined;
    const targets = new Map<string, RouteTarget>();
    /** Routes that may still come to be: nobody knows what became of the last try. */
    const underWay = new Set<string>();
    /** Routes that the provider said were deleted, and when it did; not asked for since. */
    const deleted = new Map<string, number>();
    /** Routes that were asked for here. */
    const ours = new Set<string>();
    return {
      called: {
        'cpi.Routes/CreateRoute'(call) {
          const { route } = call.full as CreateRouteRequest;
          ours.add(keyOf(route));
          deleted.delete(keyOf(route));
          underWay.add(keyOf(route));
        },
      },
      answered: {
        'cpi.Routes/ListRoutes'({ call, answer, ok, disturbed }) {
          if (!ok) return;
          routes = new Map();
          for (const route of (answer.full as ListRoutesResponse).routes) {
            const key = keyOf(route);
            targets.set(key, route);
            routes.set(key, (routes.get(key) ?? 0) + 1);
            const since = deleted.get(key);
            if (since === undefined || since > call.seq || disturbed) continue;
            deleted.delete(key);
            violated(`${answer.actor} still lists the route ${key}, which it said was deleted`, `Node ${route.targetNode}`);
          }
        },
        'cpi.Routes/CreateRoute'({ call, ok, disturbed }) {
          const { route } = call.full as CreateRouteRequest;
          targets.set(keyOf(route), route);
          if (ok && !disturbed) underWay.delete(keyOf(route));
          if (ok) routes?.set(keyOf(route), Math.max(1, routes.get(keyOf(route)) ?? 0));
        },
        'cpi.Routes/DeleteRoute'({ call, answer, ok, disturbed }) {
          if (!ok) return;
          const key = keyOf((call.full as DeleteRouteRequest).route);
          routes?.delete(key);
          // One that was sent twice may come again after the route has been made anew.
          if (ours.has(key) && !underWay.has(key) && !disturbed) deleted.set(key, answer.seq);
        },
      },
      atRest() {
        if (!routes) return;
        const wanted = new Set<string>();
        for (const object of server.objects('nodes')) {
          const { spec } = object as unknown as Node;
          for (const destinationCidr of spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : [])) {
            met();
            const key = keyOf({ targetNode: object.metadata.name, destinationCidr });
            wanted.add(key);
            const count = routes.get(key) ?? 0;
            if (count !== 1)
              violated(
                count === 0 ? `the range ${destinationCidr} of ${object.metadata.name} has no route` : `there are ${count} routes ${key}`,
                `Node ${object.metadata.name}`,
              );
          }
        }
        for (const key of routes.keys())
          if (!wanted.has(key) && ours.has(key))
            violated(`the route ${key} is still there, and no node has that range`, `Node ${targets.get(key)?.targetNode}`);
      },
    };
  },
};
