import { isProcess, type Owner, type Process } from '@slipway/kernel';
import { containerStatus, type Namespace, type Pod, type Stored, validateCreate, withDefaults } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { account, namespace, pod, routeGroup, rule, running, service, split, target, tcpRoute } from '../../conformance/objects.ts';
import type { RouteResponse } from '../../messages.ts';
import { MeshWorld, names } from '../../testing/mesh-world.ts';
import { Injector } from './inject.ts';
import { linkerd } from './linkerd.ts';
import { linkerdOptions } from './options.ts';

const options = (given: object = {}) => linkerdOptions.parse(given);
const world = (given: object = {}): MeshWorld => new MeshWorld(linkerd as never, given);
const home = (annotations: Readonly<Record<string, string>> = {}, name = 'default'): Stored<Namespace> => {
  const made = namespace(name);
  return { ...made, metadata: { ...made.metadata, annotations } };
};
const ask = { 'linkerd.io/inject': 'enabled' };
const web = (annotations: Readonly<Record<string, string>> = {}): Pod => pod('default', 'web-0', 'web', { annotations });
const inject = (sent: Pod, into = home(), given: object = {}) => new Injector(options(given)).inject({ pod: sent, namespace: into });

describe('injection', () => {
  it('adds the init container first and the proxy last, with its ports and probes', () => {
    const injected = inject(web(ask)).pod as Pod;
    expect(names(injected)).toEqual(['linkerd-init', 'prepare', 'main', 'helper', 'linkerd-proxy']);
    const proxy = injected.spec.containers.at(-1);
    expect(proxy).toMatchObject({
      image: 'cr.l5d.io/linkerd/proxy:edge-24.11.8',
      ports: [{ containerPort: 4143 }, { containerPort: 4191 }],
      readinessProbe: { httpGet: { path: '/ready', port: 4191 } },
      livenessProbe: { httpGet: { path: '/live', port: 4191 } },
    });
    expect(injected.metadata.annotations).toMatchObject({ note: 'kept', 'linkerd.io/proxy-version': 'edge-24.11.8' });
    expect(injected.metadata.labels).toMatchObject({
      app: 'web-0',
      'linkerd.io/control-plane-ns': 'linkerd',
      'linkerd.io/workload-ns': 'default',
    });
  });

  it('leaves a valid pod that admission has nothing to fill in to', () => {
    const complete = withDefaults(web(ask));
    const injected = inject(complete).pod as Pod;
    expect(withDefaults(injected)).toBe(injected);
    expect(validateCreate(injected)).toEqual([]);
    expect(validateCreate(inject(complete, home(), { nativeSidecar: true }).pod as Pod)).toEqual([]);
  });

  it('pods that share a spec share the injected one', () => {
    const injector = new Injector(options());
    const first = web(ask);
    const second = { ...first, metadata: { ...first.metadata, name: 'web-1' } };
    const specs = [first, second].map((each) => injector.inject({ pod: each, namespace: home() }).pod?.spec);
    expect(specs[0]).toBe(specs[1]);
    const other = { ...first, metadata: { ...first.metadata, annotations: { ...ask, 'config.linkerd.io/proxy-version': 'v9' } } };
    expect(injector.inject({ pod: other, namespace: home() }).pod?.spec.containers.at(-1)?.image).toBe('cr.l5d.io/linkerd/proxy:v9');
  });

  const cases: readonly (readonly [what: string, sent: Pod, into: Stored<Namespace>, skipped: string | undefined])[] = [
    ['nobody asked', web(), home(), 'neither the namespace nor the pod have the annotation'],
    ['the namespace asked', web(), home(ask), undefined],
    ['the pod goes before its namespace', web({ 'linkerd.io/inject': 'disabled' }), home(ask), 'pod has the annotation'],
    ['and the other way round', web(ask), home({ 'linkerd.io/inject': 'disabled' }), undefined],
    ['a word that is unknown', web({ 'linkerd.io/inject': 'yes' }), home(), 'pod has the annotation'],
    ['a pod in the network of its node', { ...web(ask), spec: { ...web().spec, hostNetwork: true } }, home(), 'hostNetwork is enabled'],
    [
      'a pod without a token',
      { ...web(ask), spec: { ...web().spec, automountServiceAccountToken: false } },
      home(),
      'automountServiceAccountToken',
    ],
    ['a system namespace', web(ask), home({}, 'kube-system'), 'left to itself'],
    ['a pod with a proxy', inject(web(ask)).pod as Pod, home(), 'sidecar injected already'],
  ];
  it.each(cases)('%s', (_what, sent, into, skipped) => {
    const answer = inject(sent, into);
    expect(answer.pod === undefined).toBe(skipped !== undefined);
    expect(answer.skipped ?? '').toContain(skipped ?? '');
  });

  it('names the workload: a Deployment behind its ReplicaSet, anything else by itself', () => {
    const owned = (kind: string, name: string, labels = {}): Pod => ({
      ...web(ask),
      metadata: { ...web(ask).metadata, labels, ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid: 'u', controller: true }] },
    });
    expect(inject(owned('ReplicaSet', 'web-5d8f', { 'pod-template-hash': '5d8f' })).pod?.metadata.labels).toMatchObject({
      'linkerd.io/proxy-deployment': 'web',
    });
    expect(inject(owned('StatefulSet', 'db')).pod?.metadata.labels).toMatchObject({ 'linkerd.io/proxy-statefulset': 'db' });
    expect(inject(owned('ReplicaSet', 'bare')).pod?.metadata.labels).toMatchObject({ 'linkerd.io/proxy-replicaset': 'bare' });
  });

  it('a sidecar runs on among the init containers', () => {
    const injected = inject(web(ask), home(), { nativeSidecar: true }).pod as Pod;
    expect(names(injected)).toEqual(['linkerd-init', 'linkerd-proxy', 'prepare', 'main', 'helper']);
    expect(injected.spec.initContainers?.[1]).toMatchObject({
      restartPolicy: 'Always',
      startupProbe: { httpGet: { path: '/ready', port: 4191 } },
    });
    expect(names(inject(web({ ...ask, 'config.linkerd.io/proxy-enable-native-sidecar': 'true' })).pod as Pod)[1]).toBe('linkerd-proxy');
  });

  it('resources: of the mesh, or of annotations; a request is no less than nothing', () => {
    const given = { resources: { cpu: { request: '100m', limit: '1' }, memory: { limit: '250Mi' } } };
    const of = (sent: Pod) =>
      inject(sent, home({ 'config.linkerd.io/proxy-memory-request': '30Mi' }), given).pod?.spec.containers.at(-1)?.resources;
    expect(of(web(ask))).toEqual({ limits: { cpu: '1', memory: '250Mi' }, requests: { cpu: '100m', memory: '30Mi' } });
    expect(of(web({ ...ask, 'config.linkerd.io/proxy-cpu-request': '5m' }))?.requests?.['cpu']).toBe('5m');
    expect(inject(web(ask)).pod?.spec.containers.at(-1)?.resources).toEqual({});
  });
});

/** A pod of the mesh that runs. */
const member = (name: string, serviceAccount: string, annotations: Readonly<Record<string, string>> = {}): Stored<Pod> =>
  running(inject(pod('default', name, serviceAccount, { annotations: { ...ask, ...annotations } })).pod as Pod, `uid-${name}`);

describe('identity', () => {
  it('is that of the certificate, once the proxy is ready', () => {
    const { client, ...mesh } = world();
    const ready = member('web', 'web');
    const run = (of: Stored<Pod>) => mesh.kernel.complete(mesh.test, 'identity', client.identity({ pod: of })).identity;
    expect(run(ready)?.name).toBe('web.default.serviceaccount.identity.linkerd.cluster.local');
    const statuses =
      ready.status?.containerStatuses?.map((status) => (status.name === 'linkerd-proxy' ? { ...status, ready: false } : status)) ?? [];
    const starting: Stored<Pod> = { ...ready, status: { ...ready.status, containerStatuses: statuses } };
    expect(containerStatus(starting, 'linkerd-proxy')?.ready).toBe(false);
    expect(run(starting)).toBeUndefined();
  });
});

describe('access', () => {
  const cases: readonly (readonly [given: object, annotations: Readonly<Record<string, string>>, meshed: boolean, anonymous: boolean])[] = [
    [{}, {}, true, true],
    [{ defaultInboundPolicy: 'all-authenticated' }, {}, true, false],
    [{ defaultInboundPolicy: 'deny' }, {}, false, false],
    [{}, { 'config.linkerd.io/default-inbound-policy': 'deny' }, false, false],
    [{ defaultInboundPolicy: 'deny' }, { 'config.linkerd.io/default-inbound-policy': 'cluster-authenticated' }, true, false],
    [{ defaultInboundPolicy: 'deny' }, { 'config.linkerd.io/default-inbound-policy': 'nonsense' }, false, false],
    [{ defaultInboundPolicy: 'deny' }, { 'config.linkerd.io/skip-inbound-ports': '25,8000-8100' }, true, true],
  ];
  it.each(cases)('%j with %j: a peer %s, a stranger %s', (given, annotations, meshed, anonymous) => {
    const mesh = world(given);
    const destination = member('web', 'web', annotations);
    const request = { destination, port: 8080, protocol: 'TCP' as const };
    const source = { namespace: 'default', serviceAccount: 'a', name: 'a' };
    expect(mesh.run(mesh.client.authorise({ ...request, source })).allowed).toBe(meshed);
    expect(mesh.run(mesh.client.authorise(request)).allowed).toBe(anonymous);
  });

  it('a pod without a proxy keeps nobody out', () => {
    const mesh = world({ defaultInboundPolicy: 'deny' });
    const destination = running(pod('default', 'plain', 'web'), 'u');
    expect(mesh.run(mesh.client.authorise({ destination, port: 8080, protocol: 'TCP' }))).toMatchObject({
      allowed: true,
      reason: 'plain is not in the mesh',
    });
  });
});

describe('the proxies', () => {
  it('fill their caches when first asked, and then answer at once', () => {
    const mesh = world();
    mesh.put(service('default', 'web', 80), service('default', 'v1', 80), split('default', 's', 'web', { v1: 1 }));
    const request = { from: member('client', 'client'), to: { namespace: 'default', service: 'web', port: 80 }, protocol: 'TCP' as const };
    expect(isProcess(mesh.services.route(request))).toBe(true);
    expect(mesh.run(mesh.client.route(request)).to.service).toBe('v1');
    expect(mesh.services.route(request)).toMatchObject({ to: { service: 'v1' } });
  });

  it('fill them anew when whoever kept them is gone', () => {
    const mesh = world();
    mesh.put(service('default', 'web', 80), service('default', 'v1', 80), split('default', 's', 'web', { v1: 1 }));
    const request = { from: member('client', 'client'), to: { namespace: 'default', service: 'web', port: 80 }, protocol: 'TCP' as const };
    const ask = (by: Owner) => mesh.kernel.complete(by, 'route', mesh.services.route(request) as Process<RouteResponse>).to.service;
    const first = mesh.kernel.owner('first');
    expect(ask(first)).toBe('v1');
    first.kill();
    mesh.remove(split('default', 's', 'web', {}));
    expect(ask(mesh.kernel.owner('second'))).toBe('web');
  });

  it('a cluster that serves none of the kinds is a cluster without policy: the plain Service, after a short wait', () => {
    const mesh = new MeshWorld(linkerd as never, {}, undefined, ['trafficsplits', 'traffictargets', 'httproutegroups', 'tcproutes']);
    mesh.put(service('default', 'web', 80));
    const request = { from: member('client', 'client'), to: { namespace: 'default', service: 'web', port: 80 }, protocol: 'TCP' as const };
    expect(mesh.run(mesh.client.route(request)).to.service).toBe('web');
    const { now } = mesh.kernel;
    expect(now).toBeLessThan(3_000_000);
    expect(mesh.run(mesh.client.route(request)).to.service).toBe('web');
    expect(mesh.kernel.now).toBe(now);
  });

  it('of two splits of one Service the first by name decides, whatever order they came in', () => {
    const mesh = world();
    mesh.put(...['web', 'v1', 'v2'].map((name) => service('default', name, 80)));
    mesh.put(split('default', 'b', 'web', { v2: 1 }), split('default', 'a', 'web', { v1: 1 }));
    const from = member('client', 'client');
    expect(mesh.run(mesh.client.route({ from, to: { namespace: 'default', service: 'web', port: 80 }, protocol: 'TCP' })).split).toBe(
      'default/a',
    );
  });

  it('UDP goes past them', () => {
    const mesh = world({ defaultInboundPolicy: 'deny' });
    mesh.put(service('default', 'web', 80), service('default', 'v1', 80), split('default', 's', 'web', { v1: 1 }));
    const from = member('client', 'client');
    expect(mesh.run(mesh.client.route({ from, to: { namespace: 'default', service: 'web', port: 80 }, protocol: 'UDP' })).to.service).toBe(
      'web',
    );
  });
});

describe('metrics', () => {
  it('deployments, nodes and namespaces sum up their pods; the answer is in the words of the spec', () => {
    const mesh = world();
    const owner = [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d8f', uid: 'u', controller: true }];
    const of = (name: string): Stored<Pod> => {
      const made = member(name, 'web');
      return { ...made, metadata: { ...made.metadata, ownerReferences: owner, labels: { 'pod-template-hash': '5d8f' } } };
    };
    const to = { namespace: 'default', service: 'web', port: 80 };
    for (const destination of [of('web-1'), of('web-2')]) {
      for (const latency of [1000, 2500])
        mesh.run(mesh.client.observe({ source: member('client', 'client'), destination, to, success: latency < 2000, latency }));
    }
    const items = (kind: string, name?: string, edges = false) =>
      mesh.run(
        mesh.client.metrics({
          resource: {
            kind,
            ...(kind === 'Node' || kind === 'Namespace' ? {} : { namespace: 'default' }),
            ...(name === undefined ? {} : { name }),
          },
          edges,
        }),
      ).items;
    expect(items('Deployment')).toEqual([
      {
        apiVersion: 'metrics.smi-spec.io/v1alpha1',
        kind: 'TrafficMetrics',
        resource: { kind: 'Deployment', namespace: 'default', name: 'web' },
        edge: { direction: 'from', side: 'server', resource: {} },
        timestamp: '2026-01-01T00:00:00Z',
        window: '30s',
        metrics: [
          { name: 'p99_response_latency', unit: 'seconds', value: '2500u' },
          { name: 'p90_response_latency', unit: 'seconds', value: '2500u' },
          { name: 'p50_response_latency', unit: 'seconds', value: '1m' },
          { name: 'success_count', value: '2' },
          { name: 'failure_count', value: '2' },
        ],
      },
    ]);
    for (const kind of ['ReplicaSet', 'Node', 'Namespace', 'Service']) expect(items(kind)[0]?.metrics.at(-1)?.value, kind).toBe('2');
    expect(items('Pod').map(({ resource }) => resource.name)).toEqual(['web-1', 'web-2']);
    expect(items('Service', 'web', true).map(({ edge }) => edge?.resource?.name)).toEqual(['client']);
    expect(items('Job')).toEqual([]);
  });
});

describe('the control plane', () => {
  const soon = 6_000_000;

  it('says nothing of objects that are as they should be, nor of what is missing only while more is applied', () => {
    const mesh = world();
    mesh.put(
      split('default', 's', 'web', { v1: 1 }, ['g']),
      target('default', 't', account('default', 'a'), [account('default', 'b')], [rule('HTTPRouteGroup', 'g', 'm')]),
    );
    mesh.put(service('default', 'web', 80), service('default', 'v1', 80), routeGroup('default', 'g', { name: 'm' }));
    for (const name of ['a', 'b']) mesh.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } });
    mesh.pass(soon);
    expect(mesh.events).toEqual([]);
  });

  it('tells of a split that names nothing, once, and again when it changes', () => {
    const mesh = world();
    mesh.put(split('default', 's', 'web', { v1: 1 }, ['g']));
    mesh.pass(soon);
    const root = 'ServiceNotFound: root service "web" not found: nobody can ask for it';
    const route = 'RouteNotFound: HTTPRouteGroup "g" not found: no request matches it';
    expect(mesh.events).toEqual([root, 'BackendNotFound: backend service "v1" not found: it gets no traffic', route]);
    mesh.pass(soon);
    expect(mesh.events).toHaveLength(3);
    mesh.put(service('default', 'web', 80, 90), service('default', 'v1', 80));
    mesh.pass(soon);
    const ports = 'PortMismatch: backend service "v1" has no port 90, which "web" has: traffic to it is not split for this backend';
    expect(mesh.events).toContain(ports);
  });

  it('tells of a target that names nothing, and of mistakes', () => {
    const mesh = world();
    for (const name of ['a', 'b']) mesh.put({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'default' } });
    mesh.put(
      routeGroup('default', 'g', { name: 'm' }),
      tcpRoute('default', 'p', 80),
      target(
        'default',
        't',
        account('default', 'a'),
        [account('shop', 'b')],
        [rule('HTTPRouteGroup', 'g', 'x'), rule('TCPRoute', 'q'), rule('TCPRoute', 'p')],
      ),
      split('default', 'wrong', 'web', { v1: -1 }),
      routeGroup('default', 'broken', { name: 'm', pathRegex: '(' }),
    );
    mesh.pass(soon);
    expect([...mesh.events].sort()).toEqual([
      'Invalid: spec.backends[0].weight: Invalid value: -1: should be greater than or equal to 0',
      'Invalid: spec.matches[0].pathRegex: Invalid value: "(": should be a regular expression',
      'MatchNotFound: HTTPRouteGroup "g" has no match "x": it allows nothing',
      'RouteNotFound: TCPRoute "q" not found: it allows nothing',
      'ServiceAccountNotFound: ServiceAccount "shop/b" not found: no pod is meant',
    ]);
    mesh.remove(tcpRoute('default', 'p'));
    mesh.pass(soon);
    expect(mesh.events.at(-1)).toBe('RouteNotFound: TCPRoute "p" not found: it allows nothing');
  });
});
