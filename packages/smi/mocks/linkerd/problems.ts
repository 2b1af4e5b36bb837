import { fieldErrorBody, type Service } from '@slipway/kube';
import type { HTTPRouteGroup, TrafficSplit, TrafficTarget } from '../../types/index.ts';
import { validate } from '../../validate.ts';

/** Something that an object names and that is not as the object wants it. */
export interface Problem {
  /** Reason of the event. */
  readonly reason: string;
  readonly message: string;
}

/** The objects that may be named, by namespace and name. */
export interface Referents {
  service(namespace: string, name: string): Service | undefined;
  routeGroup(namespace: string, name: string): HTTPRouteGroup | undefined;
  hasRoute(kind: 'TCPRoute' | 'UDPRoute', namespace: string, name: string): boolean;
  hasServiceAccount(namespace: string, name: string): boolean;
}

const mistakes = (object: TrafficSplit | TrafficTarget | HTTPRouteGroup): readonly Problem[] =>
  validate(object).map((error) => ({ reason: 'Invalid', message: `${error.field}: ${fieldErrorBody(error)}` }));

/** What keeps a split from doing what it says. SMI split, "Ports": implementations tell of it by an event. */
export function problemsOfSplit(split: TrafficSplit, referents: Referents): readonly Problem[] {
  const wrong = mistakes(split);
  if (wrong.length > 0) return wrong;
  const { service, backends, matches = [] } = split.spec;
  const { namespace = 'default' } = split.metadata;
  const problems: Problem[] = [];
  const root = referents.service(namespace, service);
  if (!root) problems.push({ reason: 'ServiceNotFound', message: `root service "${service}" not found: nobody can ask for it` });
  const wanted = root?.spec?.ports?.map(({ port }) => port) ?? [];
  for (const backend of backends) {
    const found = referents.service(namespace, backend.service);
    if (!found) {
      problems.push({ reason: 'BackendNotFound', message: `backend service "${backend.service}" not found: it gets no traffic` });
      continue;
    }
    const ports = found.spec?.ports?.map(({ port }) => port) ?? [];
    const missing = wanted.filter((port) => !ports.includes(port));
    if (missing.length > 0) {
      const message = `backend service "${backend.service}" has no port ${missing.join(', ')}, which "${service}" has: traffic to it is not split for this backend`;
      problems.push({ reason: 'PortMismatch', message });
    }
  }
  for (const { name } of matches) {
    if (!referents.routeGroup(namespace, name)) {
      problems.push({ reason: 'RouteNotFound', message: `HTTPRouteGroup "${name}" not found: no request matches it` });
    }
  }
  return problems;
}

/** What keeps a target from letting in what it says. */
export function problemsOfTarget(target: TrafficTarget, referents: Referents): readonly Problem[] {
  const wrong = mistakes(target);
  if (wrong.length > 0) return wrong;
  const { destination, sources = [], rules = [] } = target.spec;
  const { namespace: home = 'default' } = target.metadata;
  const problems: Problem[] = [];
  for (const { kind, name, namespace = home } of [destination, ...sources]) {
    if (kind === 'ServiceAccount' && !referents.hasServiceAccount(namespace, name)) {
      problems.push({ reason: 'ServiceAccountNotFound', message: `ServiceAccount "${namespace}/${name}" not found: no pod is meant` });
    }
  }
  for (const { kind, name, matches = [] } of rules) {
    if (kind === 'UDPRoute') problems.push({ reason: 'NotEnforced', message: `UDPRoute "${name}": UDP goes past the proxies` });
    if (kind !== 'HTTPRouteGroup') {
      if (!referents.hasRoute(kind, home, name))
        problems.push({ reason: 'RouteNotFound', message: `${kind} "${name}" not found: it allows nothing` });
      continue;
    }
    const group = referents.routeGroup(home, name);
    if (!group) {
      problems.push({ reason: 'RouteNotFound', message: `HTTPRouteGroup "${name}" not found: it allows nothing` });
      continue;
    }
    const known = group.spec.matches.map((match) => match.name);
    for (const match of matches) {
      if (!known.includes(match)) {
        problems.push({ reason: 'MatchNotFound', message: `HTTPRouteGroup "${name}" has no match "${match}": it allows nothing` });
      }
    }
  }
  return problems;
}

/** What keeps a group from matching. */
export const problemsOfGroup = (group: HTTPRouteGroup): readonly Problem[] => mistakes(group);
