import fc from 'fast-check';
import type {
  HttpAttributes,
  HttpMatch,
  HTTPRouteGroup,
  IdentityReference,
  TCPRoute,
  TrafficSplit,
  TrafficTarget,
  TrafficTargetRule,
} from '@slipway/smi';
import { arbitraryLabelName, arbitraryPort } from './names.ts';
import { objectOf } from './object-of.ts';

const methods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'PATCH'] as const;
const paths = ['/', '/metrics', '/api', '/api/orders', '/healthz'];
const headerNames = ['user-agent', 'cookie', 'x-canary'];

/** A request as HTTP has it; most of them fit some `arbitraryHttpMatch`. */
export function arbitraryHttpAttributes(): fc.Arbitrary<HttpAttributes> {
  return fc.record({
    method: fc.constantFrom(...methods),
    path: fc.constantFrom(...paths),
    headers: fc.dictionary(fc.constantFrom(...headerNames), fc.constantFrom('Firefox', 'iPhone', 'yes', ''), { noNullPrototype: true }),
  });
}

/** One match, its headers as a map or as a list of maps. @param name its key in the group */
export function arbitraryHttpMatch(name: fc.Arbitrary<string> = arbitraryLabelName(10)): fc.Arbitrary<HttpMatch> {
  const filters = fc.dictionary(fc.constantFrom(...headerNames), fc.constantFrom('.*Firefox.*', '^yes$', '.*'), {
    minKeys: 1,
    noNullPrototype: true,
  });
  return objectOf(
    { name },
    {
      pathRegex: fc.constantFrom('/', '/metrics', '/api', '/api/.*', '/[a-m].*', '.*'),
      methods: fc.oneof(fc.constant(['*'] as const), fc.subarray([...methods], { minLength: 1 })),
      headers: fc.oneof(filters, fc.array(filters, { minLength: 1, maxLength: 2 })),
    },
  );
}

/** An HTTPRouteGroup of one to three matches. */
export function arbitraryHttpRouteGroup(namespace = 'default'): fc.Arbitrary<HTTPRouteGroup> {
  const matches = fc.uniqueArray(arbitraryHttpMatch(), { minLength: 1, maxLength: 3, selector: ({ name }) => name });
  return fc.tuple(arbitraryLabelName(20), matches).map(([name, list]) => ({
    apiVersion: 'specs.smi-spec.io/v1alpha4',
    kind: 'HTTPRouteGroup',
    metadata: { name, namespace },
    spec: { matches: list },
  }));
}

/** A TCPRoute; without ports it stands for every port. */
export function arbitraryTcpRoute(namespace = 'default'): fc.Arbitrary<TCPRoute> {
  return fc.tuple(arbitraryLabelName(20), fc.uniqueArray(arbitraryPort(), { maxLength: 3 })).map(([name, ports]) => ({
    apiVersion: 'specs.smi-spec.io/v1alpha4',
    kind: 'TCPRoute',
    metadata: { name, namespace },
    spec: { matches: { ports } },
  }));
}

/** What a TrafficSplit is made of. */
export interface TrafficSplitShape {
  /** Left out: `default`. */
  readonly namespace?: string;
  /** Names of route groups that it may refer to. Left out: it has no matches. */
  readonly groups?: readonly string[];
}

/** A TrafficSplit that is right: other Services than the root, whole weights, one of them greater than 0. */
export function arbitraryTrafficSplit({ namespace = 'default', groups = [] }: TrafficSplitShape = {}): fc.Arbitrary<TrafficSplit> {
  const backends = fc
    .array(fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 1000 }) }, { weight: 1, arbitrary: fc.constant(0) }), {
      minLength: 1,
      maxLength: 4,
    })
    .filter((weights) => weights.some((weight) => weight > 0));
  return fc.tuple(arbitraryLabelName(20), backends, fc.subarray([...groups])).map(([service, weights, named]) => ({
    apiVersion: 'split.smi-spec.io/v1alpha4',
    kind: 'TrafficSplit',
    metadata: { name: `${service}-rollout`, namespace },
    spec: {
      service,
      backends: weights.map((weight, at) => ({ service: `${service}-v${at + 1}`, weight })),
      ...(named.length === 0 ? {} : { matches: named.map((name) => ({ kind: 'HTTPRouteGroup' as const, name })) }),
    },
  }));
}

/** Who and what a TrafficTarget may speak of. */
export interface TrafficTargetShape {
  /** Left out: `default`. */
  readonly namespace?: string;
  /** Names of service accounts. Left out: `client`, `server`, `other`. */
  readonly accounts?: readonly string[];
  /** Left out: a TCPRoute `ports` and an HTTPRouteGroup `routes`. */
  readonly rules?: readonly TrafficTargetRule[];
}

/** A TrafficTarget that is right: accounts of its own namespace, named or understood, and at least one source and one rule. */
export function arbitraryTrafficTarget({
  namespace = 'default',
  accounts = ['client', 'server', 'other'],
  rules = [
    { kind: 'TCPRoute', name: 'ports' },
    { kind: 'HTTPRouteGroup', name: 'routes' },
  ],
}: TrafficTargetShape = {}): fc.Arbitrary<TrafficTarget> {
  const reference = fc
    .tuple(fc.constantFrom(...accounts), fc.boolean())
    .map(([name, named]): IdentityReference => ({ kind: 'ServiceAccount', name, ...(named ? { namespace } : {}) }));
  return fc
    .record({
      name: arbitraryLabelName(20),
      destination: reference,
      sources: fc.uniqueArray(reference, { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
      used: fc.shuffledSubarray([...rules], { minLength: 1 }),
    })
    .map(({ name, destination, sources, used }) => ({
      apiVersion: 'access.smi-spec.io/v1alpha3',
      kind: 'TrafficTarget',
      metadata: { name, namespace },
      spec: { destination, sources, rules: used },
    }));
}
