import { type CloudApi, cloudApi } from '@slipway/cloud';
import { cpiClients, type CpiClients } from '@slipway/cpi';
import { awsProvider } from '@slipway/cpi/mocks';
import { type SmallCloud, smallCloud } from '@slipway/cpi/testing';
import {
  CallError,
  type Client,
  type Fault,
  type Implementation,
  link,
  linkOf,
  minutes,
  seconds,
  type Service as Contract,
} from '@slipway/kernel';
import { findCondition, type Node, type Service, setCondition, taintKeys } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { ControllerWorld, node } from '../testing/world.ts';
import { cloudControllers } from './index.ts';

const CIDR = '10.244.0.0/16';
const at = { namespace: 'default', name: 'web' };

interface Cluster {
  readonly world: ControllerWorld;
  readonly cloud: SmallCloud;
  readonly cpi: CpiClients;
  /** Sets what goes wrong between provider and cloud. */
  fault(...faults: readonly Fault[]): void;
  restart(): void;
}

/** Controllers, the AWS provider and a small cloud with a machine for each node. */
function cluster(
  names: readonly string[],
  settings: { readonly routes?: boolean; readonly clients?: (cpi: CpiClients) => CpiClients } = {},
): Cluster {
  const world = new ControllerWorld({ controllers: [], nodes: [], kubelet: false });
  const cloud = smallCloud();
  for (const name of names) cloud.machine(name);
  const manager = world.kernel.owner('cloud-controller-manager');
  const provider = world.kernel.owner('cpi/aws');
  const api: Client<CloudApi> = link(cloud.api, { service: cloudApi, from: provider, to: world.kernel.owner('cloud') });
  const connect = <S>(implementation: Implementation<S>, service: Contract<S>): Client<S> =>
    link(implementation, { service, from: manager, to: provider });
  const made = cpiClients(awsProvider({ cloud: api, cloudChanged: cloud.changed }), connect);
  const cpi = settings.clients?.(made) ?? made;
  const definitions = () =>
    cloudControllers({ cpi, clusterName: 'kubernetes', clusterCidr: CIDR, configureCloudRoutes: settings.routes ?? false });
  for (const name of names) world.run(world.api.nodes.create(node(name, { taints: [uninitialized] })));
  world.restartManager(definitions());
  world.pass(seconds(1));
  return {
    world,
    cloud,
    cpi,
    fault: (...faults) => {
      const line = linkOf(api);
      if (line) line.faults = faults;
    },
    restart: () => world.restartManager(definitions()),
  };
}

const uninitialized = { key: taintKeys.cloudUninitialized, value: 'true', effect: 'NoSchedule' } as const;
const nodeOf = (world: ControllerWorld, name: string): Node => world.run(world.api.nodes.get({ name }));
const nodeNames = (world: ControllerWorld): readonly string[] => world.list('nodes').map(({ metadata }) => metadata.name);
const service = (spec: Partial<Service['spec']> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: at,
  spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
});
const web = (world: ControllerWorld): Service => world.run(world.api.services.get(at));
const targets = ({ cloud }: Cluster): readonly string[] =>
  [...cloud.balancers.values()].flatMap((each) => each.targets.map((id) => cloud.instances.get(id)?.name ?? id));

function setReady(world: ControllerWorld, name: string, status: 'True' | 'False' | 'Unknown'): void {
  const current = nodeOf(world, name);
  const conditions = setCondition(current.status?.conditions, { type: 'Ready', status, lastTransitionTime: '2026-01-01T00:00:00Z' });
  world.run(world.api.nodes.updateStatus({ ...current, status: { ...current.status, conditions } }));
}

function setState({ cloud }: Cluster, name: string, state: 'terminated' | 'stopped'): void {
  for (const each of cloud.instances.values()) if (each.name === name) cloud.instances.set(each.instanceId, { ...each, state });
}

describe('cloud-node-controller', () => {
  it('a new node: provider id, labels, addresses, then no taint and one event', () => {
    const { world } = cluster(['n1']);
    const { metadata, spec, status } = nodeOf(world, 'n1');
    expect(spec.providerID).toBe('aws:///us-east-1a/i-00000000000000001');
    expect(spec.taints ?? []).toEqual([]);
    expect(metadata.labels).toMatchObject({
      'topology.kubernetes.io/zone': 'us-east-1a',
      'failure-domain.beta.kubernetes.io/zone': 'us-east-1a',
      'topology.kubernetes.io/region': 'us-east-1',
      'node.kubernetes.io/instance-type': 'm5.xlarge',
      'beta.kubernetes.io/instance-type': 'm5.xlarge',
    });
    expect(status?.addresses?.map(({ type }) => type)).toEqual(['InternalIP', 'InternalDNS', 'Hostname']);
    expect(world.events('Node')).toEqual(['Synced Node synced successfully']);
  });

  it('a cloud that throttles: the taint stays until it answers', () => {
    const { world, cloud, fault } = cluster([]);
    fault({ kind: { error: { code: 'RequestLimitExceeded', message: 'Request limit exceeded.' } } });
    cloud.machine('n1');
    world.run(world.api.nodes.create(node('n1', { taints: [uninitialized] })));
    world.pass(seconds(60));
    expect(nodeOf(world, 'n1').spec.taints).toEqual([uninitialized]);
    fault();
    world.until(() => (nodeOf(world, 'n1').spec.taints ?? []).length === 0);
  });

  it('an address that the kubelet insists on and the cloud does not know keeps the taint', () => {
    const { world, cloud } = cluster([]);
    cloud.machine('n1');
    const given = node('n1', { taints: [uninitialized] });
    const annotations = { 'alpha.kubernetes.io/provided-node-ip': '10.9.9.9' };
    world.run(world.api.nodes.create({ ...given, metadata: { ...given.metadata, annotations } }));
    world.pass(seconds(30));
    expect(nodeOf(world, 'n1').spec.taints).toEqual([uninitialized]);
    expect(nodeOf(world, 'n1').spec.providerID).toBeUndefined();
  });

  it('addresses that change in the cloud reach the node at the next refresh', () => {
    const { world, cloud } = cluster(['n1']);
    const [machine] = cloud.instances.values();
    if (machine) cloud.instances.set(machine.instanceId, { ...machine, publicIp: '203.0.113.7' });
    world.pass(minutes(6));
    expect(nodeOf(world, 'n1').status?.addresses).toContainEqual({ type: 'ExternalIP', address: '203.0.113.7' });
  });

  it('a deprecated label is right where its successor says something else', () => {
    const { world } = cluster(['n1']);
    world.run(world.api.nodes.patch({ name: 'n1', patch: { metadata: { labels: { 'failure-domain.beta.kubernetes.io/zone': 'moon' } } } }));
    world.pass(seconds(1));
    expect(nodeOf(world, 'n1').metadata.labels?.['topology.kubernetes.io/zone']).toBe('moon');
  });
});

describe('cloud-node-lifecycle-controller', () => {
  it('a machine that is gone: its node goes within one period; a ready one is not asked about', () => {
    const c = cluster(['n1', 'n2']);
    setState(c, 'n1', 'terminated');
    c.world.pass(minutes(1));
    expect(nodeNames(c.world)).toEqual(['n1', 'n2']);
    setReady(c.world, 'n1', 'Unknown');
    c.world.pass(seconds(5.1));
    expect(nodeNames(c.world)).toEqual(['n2']);
    expect(c.world.events('Node')).toContain('DeletingNode Deleting node n1 because it does not exist in the cloud provider');
  });

  it('a cloud in doubt never deletes a node', () => {
    const c = cluster(['n1']);
    setState(c, 'n1', 'terminated');
    c.fault({ kind: { error: { code: 'InternalError', message: 'An internal error has occurred' } } });
    setReady(c.world, 'n1', 'Unknown');
    c.world.pass(minutes(3));
    expect(nodeNames(c.world)).toEqual(['n1']);
    c.fault();
    c.world.until(() => nodeNames(c.world).length === 0, seconds(6));
  });

  it('a machine that is off: its node is tainted, and untainted when it is ready again', () => {
    const c = cluster(['n1']);
    setState(c, 'n1', 'stopped');
    setReady(c.world, 'n1', 'Unknown');
    c.world.pass(seconds(6));
    expect(nodeOf(c.world, 'n1').spec.taints).toEqual([{ key: taintKeys.cloudShutdown, effect: 'NoSchedule' }]);
    setReady(c.world, 'n1', 'True');
    c.world.pass(seconds(6));
    expect(nodeOf(c.world, 'n1').spec.taints ?? []).toEqual([]);
  });

  it('an idle cluster: nothing is asked but the addresses every 5 min', () => {
    const { world, cloud } = cluster(['n1', 'n2'], { routes: true });
    world.pass(minutes(1));
    cloud.calls.length = 0;
    world.pass(minutes(20));
    expect(cloud.calls).toEqual(new Array(8).fill('describeInstances'));
  });
});

describe('service-lb-controller', () => {
  it('a Service gets its balancer, and loses it with its finalizer', () => {
    const c = cluster(['n1', 'n2']);
    const { uid } = c.world.run(c.world.api.services.create(service())).metadata;
    c.world.pass(seconds(1));
    const name = `a${uid}`.replaceAll('-', '').slice(0, 32);
    expect([...c.cloud.balancers.keys()]).toEqual([name]);
    expect(targets(c)).toEqual(['n1', 'n2']);
    expect(web(c.world).metadata.finalizers).toEqual(['service.kubernetes.io/load-balancer-cleanup']);
    expect(web(c.world).status?.loadBalancer?.ingress?.[0]?.hostname).toBe(`${name}.us-east-1.elb.amazonaws.com`);
    c.world.run(c.world.api.services.delete(at));
    c.world.pass(seconds(1));
    expect(c.cloud.balancers.size).toBe(0);
    expect(c.world.list('services').map(({ metadata }) => metadata.name)).toEqual(['kubernetes']);
    expect(c.world.events('Service')).toEqual([
      'EnsuringLoadBalancer Ensuring load balancer',
      'EnsuredLoadBalancer Ensured load balancer',
      'DeletingLoadBalancer Deleting load balancer',
      'DeletedLoadBalancer Deleted load balancer',
    ]);
  });

  it('type changes back and forth: a balancer exactly while it is asked for', () => {
    const c = cluster(['n1']);
    c.world.run(c.world.api.services.create(service()));
    for (const type of ['ClusterIP', 'LoadBalancer', 'NodePort', 'LoadBalancer', 'ClusterIP'] as const) {
      c.world.run(c.world.api.services.patch({ ...at, patch: { spec: { type } } }));
      // Long enough for one retry: the last change may have come in the middle of the work on the one before.
      c.world.pass(seconds(20));
      expect(c.cloud.balancers.size).toBe(type === 'LoadBalancer' ? 1 : 0);
      expect((web(c.world).status?.loadBalancer?.ingress ?? []).length).toBe(c.cloud.balancers.size);
    }
    expect(web(c.world).metadata.finalizers ?? []).toEqual([]);
  });

  it('nodes come, go, and are left out: the targets follow, with one call each', () => {
    const c = cluster(['n1', 'n2']);
    c.world.run(c.world.api.services.create(service()));
    c.world.pass(seconds(1));
    c.cloud.machine('n3');
    c.world.run(c.world.api.nodes.create(node('n3', { taints: [uninitialized] })));
    c.world.pass(seconds(1));
    expect(targets(c)).toEqual(['n1', 'n2', 'n3']);
    const label = (value: string) => ({ metadata: { labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': value } } });
    c.world.run(c.world.api.nodes.patch({ name: 'n1', patch: label('') }));
    c.world.pass(seconds(1));
    expect(targets(c)).toEqual(['n2', 'n3']);
    c.world.run(c.world.api.nodes.patch({ name: 'n1', patch: label('false') }));
    c.world.run(c.world.api.nodes.delete({ name: 'n2' }));
    c.world.pass(seconds(1));
    expect(targets(c)).toEqual(['n1', 'n3']);
    setReady(c.world, 'n3', 'False');
    const { length } = c.cloud.calls;
    c.world.pass(seconds(1));
    expect(c.cloud.calls).toHaveLength(length);
    expect(c.world.events('Service')).toContain('UpdatedLoadBalancer Updated load balancer with new hosts');
  });

  it('a cloud that throttles: tried again after 5 s, 10 s, 20 s', () => {
    const c = cluster(['n1']);
    const tries: number[] = [];
    c.fault({
      kind: { error: { code: 'RequestLimitExceeded', message: 'Request limit exceeded.' } },
      when: () => tries.push(Math.round(c.world.kernel.now / 1e6)) > 0,
    });
    c.world.run(c.world.api.services.create(service()));
    c.world.pass(seconds(40));
    const gaps = tries.slice(1).map((time, index) => time - (tries[index] ?? 0));
    expect(gaps).toEqual([5, 10, 20]);
    expect(c.world.events('Service')).toContain(
      'SyncLoadBalancerFailed Error syncing load balancer: failed to ensure load balancer: RequestLimitExceeded: Request limit exceeded.',
    );
    c.fault();
    c.world.until(() => c.cloud.balancers.size === 1, minutes(2));
  });

  it('an answer lost after the balancer was made: one balancer in the end', () => {
    const c = cluster(['n1']);
    c.fault({ kind: { loseAnswer: true }, method: 'createLoadBalancer', times: 1 });
    c.world.run(c.world.api.services.create(service()));
    c.world.pass(minutes(2));
    expect(c.cloud.calls.filter((call) => call === 'createLoadBalancer')).toHaveLength(1);
    expect(c.cloud.balancers.size).toBe(1);
    expect(web(c.world).status?.loadBalancer?.ingress).toHaveLength(1);
  });

  it.each([0, 5, 15])(
    'deleted while the balancer is being made, controller restarted after %i s or not: nothing is left',
    (restartAfter) => {
      const c = cluster(['n1']);
      c.fault({ kind: { delay: '20s' }, method: 'createLoadBalancer' });
      c.world.run(c.world.api.services.create(service()));
      c.world.pass(seconds(1));
      c.world.run(c.world.api.services.delete(at));
      c.world.pass(seconds(restartAfter));
      if (restartAfter > 0) c.restart();
      c.world.pass(minutes(3));
      expect(c.world.list('services').map(({ metadata }) => metadata.name)).toEqual(['kubernetes']);
      expect(c.cloud.balancers.size).toBe(0);
    },
  );

  it('a RetryError names its own delay', () => {
    let tries = 0;
    const times: number[] = [];
    const c = cluster(['n1'], {
      clients: (cpi) => {
        const { loadBalancer } = cpi;
        if (!loadBalancer) return cpi;
        const slow: typeof loadBalancer = Object.create(loadBalancer, {
          ensureLoadBalancer: {
            value: function* (request: Parameters<typeof loadBalancer.ensureLoadBalancer>[0]) {
              times.push(c.world.kernel.now);
              tries += 1;
              if (tries === 1) throw Object.assign(new CallError('RetryError', 'not yet'), { retryAfter: seconds(42) });
              return yield* loadBalancer.ensureLoadBalancer(request);
            },
          },
        });
        return { ...cpi, loadBalancer: slow };
      },
    });
    c.world.run(c.world.api.services.create(service()));
    c.world.pass(minutes(1));
    expect(Math.round(((times[1] ?? 0) - (times[0] ?? 0)) / 1e6)).toBe(42);
    expect(c.cloud.balancers.size).toBe(1);
  });

  it('a Service that somebody else looks after is left alone', () => {
    const c = cluster(['n1']);
    c.world.run(c.world.api.services.create(service({ loadBalancerClass: 'example.com/other' })));
    c.world.pass(minutes(1));
    expect(c.cloud.balancers.size).toBe(0);
    expect(web(c.world).metadata.finalizers ?? []).toEqual([]);
  });
});

describe('node-route-controller', () => {
  const give = ({ world }: Cluster, name: string, range: string): void => {
    world.run(world.api.nodes.patch({ name, patch: { spec: { podCIDR: range, podCIDRs: [range] } } }));
  };

  it('one route for each range; those of absent nodes go, those of others stay', () => {
    const c = cluster(['n1', 'n2'], { routes: true });
    c.cloud.routes.set('192.168.0.0/24', { destinationCidr: '192.168.0.0/24', instanceId: 'i-00000000000000001', state: 'active' });
    give(c, 'n1', '10.244.0.0/24');
    give(c, 'n2', '10.244.1.0/24');
    c.world.pass(seconds(11));
    expect([...c.cloud.routes.keys()].sort()).toEqual(['10.244.0.0/24', '10.244.1.0/24', '192.168.0.0/24']);
    expect(findCondition(nodeOf(c.world, 'n1').status?.conditions, 'NetworkUnavailable')).toMatchObject({
      status: 'False',
      reason: 'RouteCreated',
      message: 'RouteController created a route',
    });
    c.world.run(c.world.api.nodes.delete({ name: 'n2' }));
    c.world.pass(seconds(11));
    expect([...c.cloud.routes.keys()].sort()).toEqual(['10.244.0.0/24', '192.168.0.0/24']);
  });

  it('a route that cannot be made: the node says so until it can', () => {
    const c = cluster(['n1'], { routes: true });
    c.fault({ kind: { error: { code: 'RouteLimitExceeded', message: 'too many' } }, method: 'createRoute' });
    give(c, 'n1', '10.244.0.0/24');
    c.world.pass(seconds(11));
    expect(findCondition(nodeOf(c.world, 'n1').status?.conditions, 'NetworkUnavailable')).toMatchObject({
      status: 'True',
      reason: 'NoRouteCreated',
    });
    expect(c.world.events('Node').some((line) => line.startsWith('FailedToCreateRoute Could not create route'))).toBe(true);
    c.fault();
    c.world.pass(seconds(11));
    expect(findCondition(nodeOf(c.world, 'n1').status?.conditions, 'NetworkUnavailable')?.status).toBe('False');
  });

  it('a route that was taken away behind the cluster comes back', () => {
    const c = cluster(['n1'], { routes: true });
    give(c, 'n1', '10.244.0.0/24');
    c.world.pass(minutes(2));
    c.cloud.routes.clear();
    c.cloud.changed.set(c.cloud.changed.value + 1);
    c.world.pass(seconds(11));
    expect([...c.cloud.routes.keys()]).toEqual(['10.244.0.0/24']);
  });
});
