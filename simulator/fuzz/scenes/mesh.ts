import type { StepDocument } from '../../scenario/schema.ts';
import { named, pod, service, sleeper } from './objects.ts';
import { type Manifest, type Scene, second } from './scene.ts';

const IN_MESH = { 'linkerd.io/inject': 'enabled' };
const hasMesh: Scene['fits'] = ({ smi }) => smi === 'linkerd';

const account = (name: string, namespace?: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: named(name, namespace),
});

const split = (backends: readonly (readonly [service: string, weight: number])[]): Manifest => ({
  apiVersion: 'split.smi-spec.io/v1alpha4',
  kind: 'TrafficSplit',
  metadata: { name: 'site' },
  spec: { service: 'site', backends: backends.map(([name, weight]) => ({ service: name, weight })) },
});

function asking(count: number, start: number, from: string, to: string): readonly StepDocument[] {
  return Array.from({ length: count }, (_, index) => ({
    at: `${1_000 * start + 250 * index}ms`,
    mayFail: true,
    request: { from, to },
  }));
}

/** Two versions behind one name, and shares that change. */
const splits: Scene = {
  name: 'traffic-splits',
  fits: hasMesh,
  draw({ random }) {
    const versions = ['one', 'two'];
    const start = random.integer(15, 30);
    const weights = [
      [1, 1],
      [3, 1],
      [0, 1],
      [100, 0],
      [0, 0],
    ] as const;
    const changes = Array.from({ length: random.integer(1, 2) }, (_, index): StepDocument => {
      const [one, two] = random.pick(weights);
      const backends = [
        ['site-one', one],
        ['site-two', two],
      ] as const;
      return { at: second(start + 12 * index), mayFail: true, apply: [split(backends)] };
    });
    return {
      objects: [
        ...versions.flatMap((version) => [
          pod(`site-${version}`, { labels: { app: 'site', version }, annotations: IN_MESH }),
          service(`site-${version}`, 'site', { selector: { app: 'site', version } }),
        ]),
        service('site', 'site'),
        pod('visitor', { annotations: IN_MESH, container: sleeper }),
      ],
      steps: [
        ...changes,
        ...asking(random.pick([4, 24]), start + 6, 'pod/visitor', 'http://site/'),
        ...(random.chance(1, 2) ? asking(4, start + 30, 'pod/visitor', 'http://site/') : []),
      ],
    };
  },
};

/** Who may ask whom: rules in any order, in several namespaces. */
const targets: Scene = {
  name: 'traffic-targets',
  fits: hasMesh,
  draw({ random }) {
    const namespace = random.chance(1, 2) ? 'inner' : undefined;
    const start = random.integer(15, 30);
    const home = namespace ?? 'default';
    const routes: Manifest = {
      apiVersion: 'specs.smi-spec.io/v1alpha4',
      kind: 'HTTPRouteGroup',
      metadata: named('vault', namespace),
      spec: {
        matches: [
          { name: 'write', pathRegex: '/.*', methods: ['POST'] },
          { name: 'read', pathRegex: '/.*', methods: ['GET'] },
        ],
      },
    };
    const target = (name: string, accounts: readonly string[], matches: readonly string[]): Manifest => ({
      apiVersion: 'access.smi-spec.io/v1alpha3',
      kind: 'TrafficTarget',
      metadata: named(name, namespace),
      spec: {
        destination: { kind: 'ServiceAccount', name: 'vault', namespace: home },
        sources: accounts.map((each) => ({ kind: 'ServiceAccount', name: each, namespace: 'default' })),
        rules: [{ kind: 'HTTPRouteGroup', name: 'vault', matches }],
      },
    });
    const lists = [['read', 'write'], ['write', 'read'], ['read'], ['write']];
    const senders = random.chance(1, 2) ? ['guest', 'friend'] : ['friend', 'guest'];
    const policies = ['a', 'b', 'c']
      .slice(0, random.integer(1, 3))
      .map((name) => target(name, senders.slice(0, random.integer(1, 2)), random.pick(lists)));
    const to = `http://vault.${home}/`;
    return {
      objects: [
        ...(namespace === undefined ? [] : [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }]),
        account('friend'),
        account('guest'),
        account('vault', namespace),
        pod('vault', { ...(namespace === undefined ? {} : { namespace }), annotations: IN_MESH, spec: { serviceAccountName: 'vault' } }),
        service('vault', 'vault', {}, namespace),
        pod('friend', { annotations: IN_MESH, container: sleeper, spec: { serviceAccountName: 'friend' } }),
        pod('guest', { annotations: IN_MESH, container: sleeper, spec: { serviceAccountName: 'guest' } }),
      ],
      steps: [
        { at: second(start), mayFail: true, apply: [routes] },
        ...policies.map((policy, index) => ({ at: second(start + 8 * index), mayFail: true as const, apply: [policy] })),
        ...asking(2, start - 3, 'pod/friend', to),
        ...asking(8, start + 7, 'pod/friend', to),
        ...asking(2, start + 14, 'pod/guest', to),
        ...asking(2, start + 24, 'pod/friend', to),
        { at: second(start + 15), mayFail: true, request: { from: 'pod/guest', to, method: 'POST' } },
      ],
    };
  },
};

export const meshScenes: readonly Scene[] = [splits, targets];
