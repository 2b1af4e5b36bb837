import { seconds } from '@slipway/kernel';
import type { Node, Service, Stored } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { failure, Lab } from '../testing/lab.ts';

const MANAGER = 'cloud-controller-manager';
const PROVIDER = 'cpi/my-cloud';
const LIFECYCLE = 'cloud-node-lifecycle-controller';
const RANGE = '10.244.0.0/24';

const cloud = (lab: Lab, method: string, request: object, answer: object = {}): void =>
  lab.call(`cloud.CloudApi/${method}`, PROVIDER, 'cloud/my-cloud', request, answer);

const exists = (lab: Lab, node: Stored<Node>, answer: object): void =>
  lab.call('cpi.InstancesV2/InstanceExists', MANAGER, PROVIDER, { node }, answer);

describe('CPI-02 doubt-keeps', () => {
  test('a delete that was long on its way counts from when it was sent', () => {
    const lab = new Lab(['CPI-02']);
    const node = lab.node('node-1');
    exists(lab, node, { exists: false });
    lab.run(lab.as(LIFECYCLE).nodes.delete({ name: 'node-1' }));
    expect(lab.violations).toEqual([]);
    expect(lab.met('CPI-02')).toBe(1);
  });

  test('a provider of the old kind that does not know the name has said so', () => {
    const lab = new Lab(['CPI-02']);
    lab.node('node-1');
    lab.call('cpi.Instances/InstanceId', MANAGER, PROVIDER, { nodeName: 'node-1' }, failure('InstanceNotFound'));
    lab.run(lab.as(LIFECYCLE).nodes.delete({ name: 'node-1' }));
    expect(lab.violations).toEqual([]);
  });
});

describe('CPI-01 init-gate', () => {
  test('a node that comes anew under its old name may be taken for the one before', () => {
    const lab = new Lab(['CPI-01']);
    const taints = [{ key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' }] as const;
    lab.node('node-1');
    lab.run(lab.as('kubectl').nodes.delete({ name: 'node-1' }));
    lab.run(lab.as('kubelet/node-1').nodes.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: { taints } }));
    lab.pod('a');
    lab.bind('a', 'node-1');
    expect(lab.violations).toEqual([]);
    expect(lab.met('CPI-01')).toBe(1);
  });
});

describe('CPI-03 gone-is-removed', () => {
  test('without a provider, and for a machine that is there, it is silent', () => {
    const lab = new Lab(['CPI-03']);
    const node = lab.node('node-1');
    lab.afterCalm();
    lab.nodes.set('node-1', { host: undefined as never, cri: undefined });
    exists(lab, node, { exists: true });
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
  });

  test('a node without a machine is reported with what the provider said of it', () => {
    const lab = new Lab(['CPI-03']);
    exists(lab, lab.node('node-1'), { exists: true });
    for (const name of ['node-2', 'never-found']) lab.node(name);
    const known = (name: string) => ({ name, patch: { spec: { providerID: `my-cloud://${name}` } } });
    for (const name of ['node-1', 'node-2']) lab.run(lab.as('kubectl').nodes.patch(known(name)));
    lab.afterCalm();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'the machine of node-1 is gone, and its node is still there: cpi/my-cloud last answered that it exists',
      'the machine of node-2 is gone, and its node is still there: cpi/my-cloud was never asked',
    ]);
  });
});

describe('CPI-05 routes-match', () => {
  const routes = (lab: Lab, method: string, request: object, answer: object = {}): void =>
    lab.call(`cpi.Routes/${method}`, MANAGER, PROVIDER, { clusterName: 'kubernetes', ...request }, answer);
  const to = (targetNode: string, destinationCidr = RANGE) => ({ name: '', targetNode, destinationCidr });

  function ranged(name: string, podCIDR = RANGE): Lab {
    const lab = new Lab(['CPI-05', 'CPI-07']);
    lab.run(lab.as('kubectl').nodes.create({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { podCIDR, podCIDRs: [podCIDR] } }));
    return lab;
  }

  test('a route for each range, and routes of others, are silent', () => {
    const lab = ranged('node-1');
    lab.atRest();
    routes(lab, 'ListRoutes', {}, { routes: [to('', '192.168.0.0/16')] });
    routes(lab, 'CreateRoute', { route: to('node-1') });
    lab.atRest();
    expect(lab.violations).toEqual([]);
    expect(lab.met('CPI-05')).toBe(1);
  });

  test('a range without a route, with two, and a route for a node that is gone, are reported', () => {
    const lab = ranged('node-1');
    routes(lab, 'ListRoutes', {}, { routes: [] });
    lab.atRest();
    routes(lab, 'CreateRoute', { route: to('node-1') });
    routes(lab, 'ListRoutes', {}, { routes: [to('node-1'), to('node-1')] });
    lab.atRest();
    lab.run(lab.as('kubectl').nodes.delete({ name: 'node-1' }));
    lab.atRest();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'the range 10.244.0.0/24 of node-1 has no route',
      'there are 2 routes 10.244.0.0/24 to node-1',
      'the route 10.244.0.0/24 to node-1 is still there, and no node has that range',
    ]);
  });

  test('a route that is asked to be deleted again, after the provider said that it was, is reported; one that was made anew is not', () => {
    const lab = ranged('node-1');
    const round = (method: string, answer: object = {}): void => {
      routes(lab, method, { route: to('node-1') }, answer);
      lab.pass(seconds(10));
    };
    round('CreateRoute');
    round('DeleteRoute', failure('UNKNOWN'));
    round('DeleteRoute');
    round('CreateRoute');
    round('DeleteRoute');
    expect(lab.violations).toEqual([]);
    round('DeleteRoute');
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'the route of 10.244.0.0/24 is still there, and the provider said that it was deleted',
    ]);
  });

  test("CPI-07: a route far from the cluster is not the controller's to delete", () => {
    const lab = ranged('node-1');
    routes(lab, 'DeleteRoute', { route: to('', '10.244.9.0/24') });
    expect(lab.violations).toEqual([]);
    routes(lab, 'DeleteRoute', { route: to('', '192.168.0.0/16') });
    expect(lab.broken).toEqual(['CPI-07']);
  });
});

describe('CPI-07 own-things-only', () => {
  test('what the provider made, also if it never heard of it, and what is not there, is its own to change', () => {
    const lab = new Lab(['CPI-07']);
    cloud(lab, 'CreateLoadBalancer', { name: 'a1' }, failure('RequestTimeout'));
    cloud(lab, 'DescribeLoadBalancers', {}, { loadBalancers: [{ name: 'a1' }] });
    cloud(lab, 'ModifyLoadBalancer', { name: 'a1' });
    cloud(lab, 'DeleteLoadBalancer', { name: 'a1' });
    cloud(lab, 'DeleteLoadBalancer', { name: 'a2' });
    expect(lab.violations).toEqual([]);
    expect(lab.met('CPI-07')).toBe(3);
  });

  test("somebody else's balancer, and any machine, are not", () => {
    const lab = new Lab(['CPI-07']);
    cloud(lab, 'DescribeLoadBalancers', {}, { loadBalancers: [{ name: 'theirs' }] });
    cloud(lab, 'DeleteLoadBalancer', { name: 'theirs' });
    cloud(lab, 'TerminateInstance', { instanceId: 'i-1' });
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'cpi/my-cloud called cloud.CloudApi/DeleteLoadBalancer of balancer theirs, which it never made',
      'cpi/my-cloud called cloud.CloudApi/TerminateInstance of machine i-1, which it never made',
    ]);
  });
});

describe('CPI-08 targets-fresh', () => {
  const web: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
  };

  function balanced(): { readonly lab: Lab; readonly tell: (method: string, ...names: readonly string[]) => void } {
    const lab = new Lab(['CPI-08']);
    const service = lab.run(lab.as('kubectl').services.create(web));
    for (const name of ['node-1', 'node-2'])
      lab.run(
        lab.as('kubectl').nodes.create({ apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: { providerID: `aws:///a/i-${name}` } }),
      );
    const tell = (method: string, ...names: readonly string[]): void => {
      const nodes = names.map((name) => lab.server.peek('nodes', undefined, name) ?? { metadata: { name } });
      lab.call(`cpi.LoadBalancer/${method}`, MANAGER, PROVIDER, { clusterName: 'kubernetes', service, nodes }, { status: {} });
    };
    return { lab, tell };
  }

  test('the nodes that there are, without those that are excluded, are silent', () => {
    const { lab, tell } = balanced();
    tell('EnsureLoadBalancer', 'node-1');
    cloud(lab, 'CreateLoadBalancer', { name: 'a1', targets: ['i-node-1'] });
    tell('UpdateLoadBalancer', 'node-1', 'node-2');
    cloud(lab, 'ModifyLoadBalancer', { name: 'a1', targets: ['i-node-1', 'i-node-2'] });
    lab.afterCalm();
    const labels = { 'node.kubernetes.io/exclude-from-external-load-balancers': 'true' };
    lab.run(lab.as('kubectl').nodes.patch({ name: 'node-1', patch: { metadata: { labels } } }));
    tell('UpdateLoadBalancer', 'node-2');
    cloud(lab, 'ModifyLoadBalancer', { name: 'a1', targets: ['i-node-2'] });
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
    expect(lab.met('CPI-08')).toBe(2);
  });

  test('a target whose machine stands and whose node is gone is reported, unless the cloud has shown that it is out', () => {
    const { lab, tell } = balanced();
    lab.nodes.set('node-1', { host: undefined as never, cri: undefined });
    tell('EnsureLoadBalancer', 'node-1', 'node-2');
    cloud(lab, 'CreateLoadBalancer', { name: 'a1', targets: ['i-node-1', 'i-node-2'] });
    for (const name of ['node-1', 'node-2']) lab.run(lab.as('kubectl').nodes.delete({ name }));
    tell('UpdateLoadBalancer');
    lab.afterCalm();
    const message = 'cpi/my-cloud leaves balancer a1 with other targets than there are nodes: with i-node-1, which it must not have';
    expect(lab.violations.map((each) => each.message)).toEqual([message]);
    cloud(lab, 'DescribeLoadBalancers', {}, { loadBalancers: [{ name: 'a1', targets: [] }] });
    lab.afterCalm();
    expect(lab.violations.length).toBe(1);
  });

  test('a target is missed only while its machine stands: another may have come up as the same node', () => {
    const { lab, tell } = balanced();
    const standing = (): void => void lab.nodes.set('node-3', { host: {} as never, cri: undefined });
    standing();
    lab.run(
      lab
        .as('kubectl')
        .nodes.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-3' }, spec: { providerID: 'aws:///a/i-3' } }),
    );
    tell('EnsureLoadBalancer', 'node-1', 'node-2', 'node-3');
    cloud(lab, 'CreateLoadBalancer', { name: 'a1', targets: ['i-node-1', 'i-node-2'] });
    lab.afterCalm();
    expect(lab.broken).toEqual(['CPI-08']);
    standing();
    lab.afterCalm();
    expect(lab.violations.length).toBe(1);
  });

  test('nodes that are missing or gone, as it was told and as it told its cloud, are reported', () => {
    const { lab, tell } = balanced();
    tell('EnsureLoadBalancer', 'node-1', 'gone');
    cloud(lab, 'CreateLoadBalancer', { name: 'a1', targets: ['i-node-1'] });
    lab.afterCalm();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'cpi/my-cloud was last told of other nodes for Service default/web: without node-2; with gone, which it must not have',
      'cpi/my-cloud leaves balancer a1 with other targets than there are nodes: without i-node-2',
    ]);
  });
});
