import type { HttpAttributes } from '../messages.ts';
import type { IdentityBinding, TCPRoute, TrafficTarget, TrafficTargetRule, UDPRoute } from '../types/index.ts';
import type { RouteGroup } from './http-routes.ts';
import { isMeant, type Workload } from './identity.ts';
import { matchesPort } from './port-routes.ts';

/** Who wants to reach whom, and with what. */
export interface AccessRequest {
  /** Left out: the sender has no identity. */
  readonly source?: Workload;
  readonly destination: Workload;
  /** Port of the container. */
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  readonly http?: HttpAttributes;
}

/** What targets refer to. */
export interface AccessSurroundings {
  routeGroup(namespace: string, name: string): RouteGroup | undefined;
  tcpRoute(namespace: string, name: string): TCPRoute | undefined;
  udpRoute(namespace: string, name: string): UDPRoute | undefined;
  identityBinding?(namespace: string, name: string): IdentityBinding | undefined;
}

/** Whether something allows the request. */
export interface Verdict {
  readonly allowed: boolean;
  /** `namespace/name` of the first target, by name, that allows it. */
  readonly target?: string;
}

/**
 * Whether any of the targets allows the request. Targets only allow: one more takes nothing away, and their order does not matter.
 * SMI access v1alpha3, "TrafficTarget".
 */
export function allowed(request: AccessRequest, targets: readonly TrafficTarget[], surroundings: AccessSurroundings): Verdict {
  let first: string | undefined;
  for (const target of targets) {
    if (!allows(target, request, surroundings)) continue;
    const key = `${target.metadata.namespace ?? 'default'}/${target.metadata.name}`;
    if (first === undefined || key < first) first = key;
  }
  return first === undefined ? { allowed: false } : { allowed: true, target: first };
}

/** Whether this target allows the request: its destination, one of its sources, and its rules. */
export function allows(target: TrafficTarget, request: AccessRequest, surroundings: AccessSurroundings): boolean {
  const { destination, sources = [] } = target.spec;
  const home = target.metadata.namespace ?? 'default';
  const binding = (namespace: string, name: string): IdentityBinding | undefined => surroundings.identityBinding?.(namespace, name);
  const { source } = request;
  return (
    source !== undefined &&
    isMeant(request.destination, destination, home, binding) &&
    sources.some((each) => isMeant(source, each, home, binding)) &&
    describes(target.spec.rules ?? [], request, home, surroundings)
  );
}

/**
 * Whether the rules describe the request. Rules of one kind are alternatives. Of what TCP carries, TCPRoutes limit the ports and
 * HTTPRouteGroups the requests, and both limits hold; UDPRoutes stand for UDP alone. No rule, or one that names nothing, describes nothing.
 */
function describes(
  rules: readonly TrafficTargetRule[],
  { port, protocol, http }: AccessRequest,
  home: string,
  surroundings: AccessSurroundings,
): boolean {
  const of = (kind: TrafficTargetRule['kind']): readonly TrafficTargetRule[] => rules.filter((rule) => rule.kind === kind);
  const listed = (route: TCPRoute | UDPRoute | undefined): boolean => route !== undefined && matchesPort(port, route);
  if (protocol === 'UDP') return of('UDPRoute').some(({ name }) => listed(surroundings.udpRoute(home, name)));
  const [ports, requests] = [of('TCPRoute'), of('HTTPRouteGroup')];
  if (ports.length === 0 && requests.length === 0) return false;
  if (ports.length > 0 && !ports.some(({ name }) => listed(surroundings.tcpRoute(home, name)))) return false;
  return (
    requests.length === 0 ||
    (http !== undefined && requests.some(({ name, matches }) => surroundings.routeGroup(home, name)?.(http, matches) === true))
  );
}
