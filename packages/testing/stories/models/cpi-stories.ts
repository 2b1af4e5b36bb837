import type { CpiSubject } from '@slipway/cpi/conformance';
import type { Process } from '@slipway/kernel';
import type { Node, Service, Stored } from '@slipway/kube';
import fc from 'fast-check';
import type { Heard, Possible, StoryModel } from '../model.ts';

/** What the cloud controllers know: their Services and nodes. */
export interface CpiSession {
  readonly subject: CpiSubject;
  /** With the ids that the provider gives them. */
  nodes: readonly Stored<Node>[] | undefined;
}

type Kind = 'ensure' | 'remove' | 'look' | 'add route' | 'remove route' | 'routes' | 'exists';

export interface CpiAct {
  readonly kind: Kind;
  /** Which Service, or which node. */
  readonly number: number;
}

interface State {
  readonly balancers: readonly number[];
  readonly routes: readonly number[];
}

const CLUSTER = 'kubernetes';

export const cpiSession = (subject: CpiSubject): CpiSession => ({ subject, nodes: undefined });

/**
 * A cloud provider as the cloud controllers use it: balancers ensured and deleted, routes added and taken away, machines asked for; all of
 * it repeated until it succeeds. One Service is in the hands of one worker at a time. cloud-provider v0.36.2, `cloud.go`.
 */
export const cpiStories: StoryModel<CpiSession, State, CpiAct, CpiAct, unknown> = {
  wishes: () =>
    fc.record({
      kind: fc.constantFrom<Kind>('ensure', 'ensure', 'remove', 'look', 'add route', 'add route', 'remove route', 'routes', 'exists'),
      number: fc.nat({ max: 1 }),
    }),
  start: { balancers: [], routes: [] },
  resolve({ subject: { cpi } }, { kind, number }, client) {
    const needs = { ensure: 'loadBalancer', remove: 'loadBalancer', look: 'loadBalancer', exists: 'instancesV2' } as const;
    const service = kind in needs ? needs[kind as keyof typeof needs] : 'routes';
    // Workers share out the Services and the nodes.
    return cpi[service] === undefined ? undefined : { kind, number: client ?? number };
  },
  print({ kind, number }) {
    if (kind === 'routes') return 'listRoutes';
    return kind.endsWith('route') || kind === 'exists' ? `${kind} of node ${number + 1}` : `${kind} the balancer of web-${number + 1}`;
  },
  perform,
  learn: () => undefined,
  after,
  isBusy: (code) => code === 'RetryError',
  closing({ subject: { cpi } }, done) {
    const looks: CpiAct[] = cpi.loadBalancer ? [0, 1].map((number) => ({ kind: 'look', number })) : [];
    const removals: CpiAct[] = cpi.loadBalancer ? [0, 1].map((number) => ({ kind: 'remove', number })) : [];
    const routes: CpiAct[] = cpi.routes ? [{ kind: 'routes', number: 0 }] : [];
    return [...looks, ...routes, ...removals, ...looks][done];
  },
};

function* perform(session: CpiSession, { kind, number }: CpiAct): Process<unknown> {
  const { cpi, podCidr } = session.subject;
  const service = serviceNumber(number);
  const [balancers, routes] = [cpi.loadBalancer, cpi.routes];
  if (kind === 'exists') return (yield* cpi.instancesV2!.instanceExists({ node: yield* nodeNumber(session, number) })).exists;
  if (balancers) {
    if (kind === 'ensure') {
      const nodes = [yield* nodeNumber(session, 0), yield* nodeNumber(session, 1)];
      return yield* balancers.ensureLoadBalancer({ clusterName: CLUSTER, service, nodes });
    }
    if (kind === 'remove') return yield* balancers.ensureLoadBalancerDeleted({ clusterName: CLUSTER, service });
    if (kind === 'look') return (yield* balancers.getLoadBalancer({ clusterName: CLUSTER, service })).exists;
  }
  if (!routes) return undefined;
  const node = yield* nodeNumber(session, number);
  const mine = cidrNumber(podCidr, number);
  if (kind === 'routes') {
    const { routes: found } = yield* routes.listRoutes({ clusterName: CLUSTER });
    return [0, 1].filter((at) => found.some(({ destinationCidr }) => destinationCidr === cidrNumber(podCidr, at)));
  }
  const route = { name: '', targetNode: node.metadata.name, destinationCidr: mine };
  if (kind === 'add route') return yield* routes.createRoute({ clusterName: CLUSTER, nameHint: node.metadata.uid, route });
  // As the route controller does: what is not listed is not deleted.
  const { routes: found } = yield* routes.listRoutes({ clusterName: CLUSTER });
  const there = found.find(({ destinationCidr }) => destinationCidr === mine);
  return there === undefined ? undefined : yield* routes.deleteRoute({ clusterName: CLUSTER, route: there });
}

function* nodeNumber(session: CpiSession, at: number): Process<Stored<Node>> {
  const { subject } = session;
  if (session.nodes === undefined) {
    const nodes: Stored<Node>[] = [];
    for (const node of subject.nodes) {
      const { metadata } = subject.cpi.instancesV2 ? yield* subject.cpi.instancesV2.instanceMetadata({ node }) : {};
      nodes.push(metadata ? { ...node, spec: { ...node.spec, providerID: metadata.providerId } } : node);
    }
    session.nodes = nodes;
  }
  return session.nodes[at] as Stored<Node>;
}

/** `10.244.7.0/24`, `10.244.8.0/24`. */
function cidrNumber(first: string, at: number): string {
  return first.replace(/^(\d+\.\d+\.)(\d+)/, (_, head: string, third: string) => `${head}${Number(third) + at}`);
}

function serviceNumber(at: number): Stored<Service> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: `web-${at + 1}`,
      namespace: 'default',
      uid: `${String(at + 1).padStart(8, '0')}-0000-4000-8000-000000000000`,
      resourceVersion: String(at + 1),
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: { type: 'LoadBalancer', sessionAffinity: 'None', ports: [{ port: 80, nodePort: 30_000 + at, protocol: 'TCP' }] },
  };
}

function after(state: State, { kind, number }: CpiAct, heard: Heard<unknown>): Possible<State> {
  const { balancers, routes } = state;
  if (heard.as === 'refusal') {
    // A provider may refuse a route that is there; the controller lists before it adds.
    if (kind === 'add route' && routes.includes(number)) return [state];
    return `${kind} succeeds where nothing goes wrong`;
  }
  const put = (list: readonly number[]): readonly number[] => [...new Set([...list, number])].sort();
  const cut = (list: readonly number[]): readonly number[] => list.filter((other) => other !== number);
  if (kind === 'ensure') {
    const { status } = (heard.as === 'answer' ? heard.answer : { status: {} }) as { readonly status?: object };
    return status === undefined ? 'EnsureLoadBalancer returns a status' : [{ ...state, balancers: put(balancers) }];
  }
  if (kind === 'remove') return [{ ...state, balancers: cut(balancers) }];
  if (kind === 'add route') return [{ ...state, routes: put(routes) }];
  if (kind === 'remove route') return [{ ...state, routes: cut(routes) }];
  if (heard.as === 'lost') return [state];
  if (kind === 'exists') return heard.answer === true ? [state] : `the machine of node ${number + 1} is there`;
  if (kind === 'look') {
    const is = balancers.includes(number);
    return heard.answer === is ? [state] : `the balancer of web-${number + 1} is ${is ? '' : 'not '}there`;
  }
  const listed = heard.answer as readonly number[];
  return listed.join() === routes.join()
    ? [state]
    : `routes of nodes ${routes.map(nodeText).join(', ') || 'none'} are there, not of ${listed.map(nodeText).join(', ') || 'none'}`;
}

const nodeText = (at: number): string => String(at + 1);
