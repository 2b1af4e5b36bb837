import type { CreateRouteRequest, DeleteRouteRequest, ListRoutesResponse } from '@slipway/cpi';
import { type Micros, seconds } from '@slipway/kernel';
import type { Node } from '@slipway/kube';
import { isLinkFailure } from '../dispatch.ts';
import type { Invariant } from '../invariant.ts';

interface RouteTarget {
  readonly targetNode: string;
  readonly destinationCidr: string;
}

const keyOf = ({ targetNode, destinationCidr }: RouteTarget): string => `${destinationCidr} to ${targetNode}`;

/** Who deletes goes by a list, and asks for one so often. Source: kubernetes/cloud-provider, `controllers/route` syncNodeRoutes. */
const PASS: Micros = seconds(5);

/**
 * By the provider's own list, where traces have it, and what it said it did since. Routes that nobody here asked for are others' business.
 * One that is to be deleted again, though the provider said that it was, is still in that list.
 */
export const routesMatch: Invariant = {
  id: 'CPI-05',
  name: 'routes-match',
  kind: 'Q',
  holds: 'one route per node range, none for absent nodes, foreign routes untouched',
  watch: ({ server }, { violated, met }) => {
    /** How many there are of each; undefined while nothing is known of any. */
    let routes: Map<string, number> | undefined;
    const targets = new Map<string, RouteTarget>();
    /** Ranges whose route may still come to be: nobody knows what became of the last try. */
    const underWay = new Set<string>();
    /** Ranges whose route the provider said was deleted, and when it did; none was asked for since. */
    const deleted = new Map<string, Micros>();
    /** Nobody knows whether they are there: a list may say so that leaves no trace. */
    const doubtful = new Set<string>();
    /** A list has been seen, and not only what was done since the start. */
    let isListed = false;
    /** Routes that were asked for here. */
    const ours = new Set<string>();
    return {
      called: {
        'cpi.Routes/CreateRoute'(call) {
          const { route } = call.full as CreateRouteRequest;
          ours.add(keyOf(route));
          deleted.delete(route.destinationCidr);
          underWay.add(route.destinationCidr);
          // Until somebody is told: who asked may be gone by then.
          doubtful.add(keyOf(route));
        },
        'cpi.Routes/DeleteRoute'(call) {
          const { destinationCidr } = (call.full as DeleteRouteRequest).route;
          const since = deleted.get(destinationCidr);
          if (since === undefined || call.at - since < PASS) return;
          deleted.delete(destinationCidr);
          violated(`the route of ${destinationCidr} is still there, and the provider said that it was deleted`, `Route ${destinationCidr}`);
        },
      },
      answered: {
        'cpi.Routes/ListRoutes'({ answer, ok }) {
          if (!ok) return;
          routes = new Map();
          doubtful.clear();
          isListed = true;
          for (const route of (answer.full as ListRoutesResponse).routes) {
            const key = keyOf(route);
            targets.set(key, route);
            routes.set(key, (routes.get(key) ?? 0) + 1);
          }
        },
        'cpi.Routes/CreateRoute'({ call, ok, code, disturbed }) {
          const { route } = call.full as CreateRouteRequest;
          targets.set(keyOf(route), route);
          if (!disturbed && !isLinkFailure(code)) underWay.delete(route.destinationCidr);
          if (ok) (routes ??= new Map()).set(keyOf(route), Math.max(1, routes.get(keyOf(route)) ?? 0));
          if (!ok || disturbed) doubtful.add(keyOf(route));
          else doubtful.delete(keyOf(route));
        },
        'cpi.Routes/DeleteRoute'({ call, answer, ok, disturbed }) {
          const { route } = call.full as DeleteRouteRequest;
          // A route whose machine is gone is listed without its name.
          const meant = route.targetNode === '' ? [...ours].filter((each) => each.startsWith(keyOf(route))) : [keyOf(route)];
          if (!ok || disturbed) for (const each of meant) doubtful.add(each);
          if (!ok) return;
          for (const each of meant) routes?.delete(each);
          routes?.delete(keyOf(route));
          if (disturbed || underWay.has(route.destinationCidr)) return;
          met();
          deleted.set(route.destinationCidr, answer.at);
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
            if (doubtful.has(key) || (!isListed && !ours.has(key))) continue;
            if (count !== 1)
              violated(
                count === 0 ? `the range ${destinationCidr} of ${object.metadata.name} has no route` : `there are ${count} routes ${key}`,
                `Node ${object.metadata.name}`,
              );
          }
        }
        for (const key of routes.keys())
          if (!wanted.has(key) && ours.has(key) && !doubtful.has(key))
            violated(`the route ${key} is still there, and no node has that range`, `Node ${targets.get(key)?.targetNode}`);
      },
    };
  },
};
