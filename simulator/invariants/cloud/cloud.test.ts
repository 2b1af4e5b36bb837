import { codeOf } from '@slipway/kernel';
import type { Service } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { failure, Lab } from '../testing/lab.ts';

describe('CPI-01 init-gate', () => {
  const taint = { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' } as const;

  test('an initialised node, and a pod that tolerates the taint, are silent; any other pod is reported', () => {
    const lab = new Lab(['CPI-01']);
    lab.node('ready');
    lab.run(lab.as('kubelet/new').nodes.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'new' }, spec: { taints: [taint] } }));
    lab.pod('a');
    lab.bind('a', 'ready');
    lab.pod('agent', { tolerations: [{ operator: 'Exists' }] });
    lab.bind('agent', 'new');
    expect(lab.violations).toEqual([]);
    lab.pod('b');
    lab.bind('b', 'new');
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'Pod default/b was bound to new, which its cloud provider has not initialised',
    ]);
  });
});

describe('CPI-02 doubt-keeps', () => {
  function deletedAfter(answer: object): Lab {
    const lab = new Lab(['CPI-02']);
    const node = lab.node('node-1');
    lab.call('cpi.InstancesV2/InstanceExists', 'cloud-controller-manager', 'cpi/my-cloud', { node }, answer);
    lab.run(lab.as('cloud-node-lifecycle-controller').nodes.delete({ name: 'node-1' }));
    return lab;
  }

  test('a definite answer is silent, and so is a person who deletes', () => {
    expect(deletedAfter({ exists: false }).violations).toEqual([]);
    const lab = new Lab(['CPI-02']);
    lab.node('node-1');
    lab.run(lab.as('kubectl').nodes.delete({ name: 'node-1' }));
    expect(lab.violations).toEqual([]);
  });

  test.each([
    ['an error', failure('UNKNOWN')],
    ['yes', { exists: true }],
  ])('a delete after %s is reported', (_, answer) => {
    expect(deletedAfter(answer).broken).toEqual(['CPI-02']);
  });
});

describe('CPI-02 doubt-keeps, by what the cloud said', () => {
  /** A provider says that a machine is gone, after its cloud has answered so, one time after the other. */
  function goneAfter(...answers: readonly object[]): Lab {
    const lab = new Lab(['CPI-02']);
    const node = lab.node('node-1');
    const { kernel } = lab;
    const name = 'cpi.InstancesV2/InstanceExists';
    const asked = kernel.record('call', 'cloud-controller-manager', name, undefined, [], { node }, 0);
    for (const answer of answers) {
      const seq = kernel.record('call', 'cpi/my-cloud', 'cloud.CloudApi/DescribeInstances', undefined, [], {}, asked);
      const code = answer instanceof Error ? codeOf(answer) : 'OK';
      kernel.record('answer', 'cloud/aws', 'cloud.CloudApi/DescribeInstances', undefined, [code], answer, seq);
    }
    kernel.record('answer', 'cpi/my-cloud', name, undefined, ['OK'], { exists: false }, asked);
    lab.run(lab.as('cloud-node-lifecycle-controller').nodes.delete({ name: 'node-1' }));
    return lab;
  }

  test('an empty list, and an id that the cloud does not know, are definite, also after an error', () => {
    expect(goneAfter({ instances: [] }).violations).toEqual([]);
    expect(goneAfter(failure('InvalidInstanceID.NotFound')).violations).toEqual([]);
    expect(goneAfter(failure('RequestLimitExceeded'), { instances: [] }).violations).toEqual([]);
  });

  test('an error of the cloud is no answer, whatever the provider makes of it', () => {
    expect(goneAfter({ instances: [] }, failure('RequestLimitExceeded')).broken).toEqual(['CPI-02']);
  });
});

describe('CPI-06 no-leaked-balancer', () => {
  function service(lab: Lab, type: 'LoadBalancer' | 'ClusterIP' = 'LoadBalancer') {
    const object: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { type, ports: [{ port: 80 }] },
    };
    return lab.run(lab.as('kubectl').services.create(object));
  }
  const cpi = (lab: Lab, method: string, request: object): void =>
    lab.call(`cpi.LoadBalancer/${method}`, 'cloud-controller-manager', 'cpi/my-cloud', {
      clusterName: 'kubernetes',
      nodes: [],
      ...request,
    });
  const cloud = (lab: Lab, method: string, name: string): void =>
    lab.call(`cloud.CloudApi/${method}`, 'cpi/my-cloud', 'cloud/my-cloud', { name });

  test('a balancer for each service that asks for one is silent, also after it is gone', () => {
    const lab = new Lab(['CPI-06']);
    const web = service(lab);
    cpi(lab, 'EnsureLoadBalancer', { service: web });
    cloud(lab, 'CreateLoadBalancer', 'a1');
    lab.atRest();
    cpi(lab, 'EnsureLoadBalancerDeleted', { service: web });
    cloud(lab, 'DeleteLoadBalancer', 'a1');
    lab.run(lab.as('kubectl').services.delete({ namespace: 'default', name: 'web' }));
    lab.atRest();
    expect(lab.violations).toEqual([]);
  });

  test('one that is left behind, in the provider or in the cloud, is reported', () => {
    const lab = new Lab(['CPI-06']);
    cpi(lab, 'EnsureLoadBalancer', { service: service(lab) });
    cloud(lab, 'CreateLoadBalancer', 'a1');
    lab.run(lab.as('kubectl').services.delete({ namespace: 'default', name: 'web' }));
    lab.atRest();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'the balancer of Service default/web is still there, and nobody asks for it',
      'the cloud has the balancers a1, and 0 services ask for one',
    ]);
  });

  test('where the answer to a delete was lost, the next look tells that it was done', () => {
    const lab = new Lab(['CPI-06']);
    const web = service(lab);
    const manager = 'cloud-controller-manager';
    cpi(lab, 'EnsureLoadBalancer', { service: web });
    cloud(lab, 'CreateLoadBalancer', 'a1');
    lab.run(lab.as('kubectl').services.delete({ namespace: 'default', name: 'web' }));
    lab.call('cpi.LoadBalancer/EnsureLoadBalancerDeleted', manager, 'cpi/my-cloud', { service: web }, failure('UNAVAILABLE'));
    lab.call('cloud.CloudApi/DeleteLoadBalancer', 'cpi/my-cloud', 'cloud/my-cloud', { name: 'a1' }, failure('RequestTimeout'));
    lab.atRest();
    expect(lab.violations.length).toBe(2);
    lab.call('cpi.LoadBalancer/GetLoadBalancer', manager, 'cpi/my-cloud', { service: web }, { exists: false });
    lab.call('cloud.CloudApi/DescribeLoadBalancers', 'cpi/my-cloud', 'cloud/my-cloud', { names: ['a1'] }, { loadBalancers: [] });
    lab.atRest();
    expect(lab.violations.length).toBe(2);
  });

  test('a service that waits in vain is reported', () => {
    const lab = new Lab(['CPI-06']);
    const web = service(lab);
    cpi(lab, 'EnsureLoadBalancer', { service: web });
    cpi(lab, 'EnsureLoadBalancerDeleted', { service: web });
    lab.atRest();
    expect(lab.violations.map(({ message }) => message)).toEqual(['Service default/web asks for a balancer and has none']);
  });
});
