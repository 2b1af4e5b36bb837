import type { Route } from '@slipway/cpi';
import { type Cidr, contains, lastIp, parseCidr } from '@slipway/host';
import { isEqual, type Node, type NodeAddress, type Stored } from '@slipway/kube';

// Which routes to remove and which to make: from data to data. Source: cloud-provider `controllers/route/route_controller.go`, reconcile.

/** A route that a node needs. */
export interface WantedRoute {
  readonly node: Stored<Node>;
  readonly cidr: string;
}

export interface RoutePlan {
  readonly remove: readonly Route[];
  readonly create: readonly WantedRoute[];
  /** By node: ranges that have a route already. Nodes without ranges and without routes are not in it. */
  readonly kept: ReadonlyMap<string, ReadonlySet<string>>;
}

/** @param clusterCidrs all pod addresses; routes that do not begin or end within are somebody else's */
export function planRoutes(nodes: readonly Stored<Node>[], routes: readonly Route[], clusterCidrs: readonly Cidr[]): RoutePlan {
  const byNode = new Map<string, Route[]>();
  for (const route of routes) {
    if (route.targetNode === '') continue;
    const known = byNode.get(route.targetNode);
    if (known) known.push(route);
    else byNode.set(route.targetNode, [route]);
  }
  const create: WantedRoute[] = [];
  const kept = new Map<string, Set<string>>();
  for (const node of nodes) {
    const { name } = node.metadata;
    const ranges = podCidrsOf(node);
    const existing = byNode.get(name);
    if (ranges.length === 0 && !existing) continue;
    const right = new Set<string>();
    for (const cidr of ranges) {
      const route = existing?.find(({ destinationCidr }) => destinationCidr === cidr);
      if (route && leadsTo(route, node.status?.addresses ?? [])) right.add(cidr);
      else create.push({ node, cidr });
    }
    kept.set(name, right);
  }
  const remove = routes.filter(
    (route) =>
      isOurs(route, clusterCidrs) && (route.blackhole === true || !(kept.get(route.targetNode)?.has(route.destinationCidr) ?? false)),
  );
  return { remove, create, kept };
}

/** The node's ranges, or none. */
export function podCidrsOf({ spec }: Node): readonly string[] {
  return spec.podCIDRs ?? (spec.podCIDR ? [spec.podCIDR] : []);
}

/** A provider that keeps addresses with its routes wants them renewed when they change. */
function leadsTo({ enableNodeAddresses, targetNodeAddresses = [] }: Route, addresses: readonly NodeAddress[]): boolean {
  if (!enableNodeAddresses) return true;
  if (targetNodeAddresses.length !== addresses.length) return false;
  return addresses.every((address) => targetNodeAddresses.some((other) => isEqual(address, other)));
}

function isOurs({ destinationCidr }: Route, clusterCidrs: readonly Cidr[]): boolean {
  const range = parseCidr(destinationCidr);
  if (!range) return false;
  return clusterCidrs.some((cluster) => contains(cluster, range.network) || contains(cluster, lastIp(range)));
}
