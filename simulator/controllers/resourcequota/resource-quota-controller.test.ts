import { milliseconds, minutes, seconds } from '@slipway/kernel';
import type { KubeObject, PersistentVolumeClaim, Pod, PodSpec, ResourceList, ResourceQuota, Service } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { replicaSetController } from '../replicaset/replicaset-controller.ts';
import type { FakeKubeletOptions } from '../testing/fake-kubelet.ts';
import { ControllerWorld, template } from '../testing/world.ts';
import { resourceQuotaController } from './resource-quota-controller.ts';

const at = { namespace: 'default', name: 'bound' } as const;
const definitions = () => [replicaSetController(), resourceQuotaController()];

const worldWith = (kubelet: FakeKubeletOptions = {}): ControllerWorld =>
  new ControllerWorld({ controllers: definitions(), kubelet: { startUp: milliseconds(10), shutDown: milliseconds(10), ...kubelet } });

function bound(world: ControllerWorld, hard: ResourceList, more: ResourceQuota['spec'] = {}): void {
  world.run(world.api.resourcequotas.create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: at, spec: { ...more, hard } }));
  world.pass(milliseconds(100));
}

const statusOf = (world: ControllerWorld): ResourceQuota['status'] => world.run(world.api.resourcequotas.get(at)).status;
const usedOf = (world: ControllerWorld): ResourceList => statusOf(world)?.used ?? {};

const pod = (name: string, requests?: ResourceList, limits?: ResourceList, spec: Partial<PodSpec> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'x', resources: { ...(requests && { requests }), ...(limits && { limits }) } }], ...spec },
});

/** Undefined, or what the API server says. */
function refusal(world: ControllerWorld, object: KubeObject, plural = 'pods'): string | undefined {
  try {
    world.run(world.api.resource<KubeObject>(plural).create(object));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('quota', () => {
  it('counts what is there, is charged with what comes, and refuses what is too much', () => {
    const world = worldWith();
    expect(refusal(world, pod('a', { cpu: '500m', memory: '100M' }))).toBeUndefined();
    bound(world, { pods: '3', 'requests.cpu': '1', 'requests.memory': '1G', 'count/pods': '9' });
    const used = { pods: '1', 'requests.cpu': '500m', 'requests.memory': '100M', 'count/pods': '1' };
    expect(statusOf(world)).toEqual({ hard: { pods: '3', 'requests.cpu': '1', 'requests.memory': '1G', 'count/pods': '9' }, used });
    expect(refusal(world, pod('b', { cpu: '250m', memory: '100M' }))).toBeUndefined();
    // At once, not when the controller has seen it.
    expect(usedOf(world)).toEqual({ pods: '2', 'requests.cpu': '750m', 'requests.memory': '200M', 'count/pods': '2' });
    expect(refusal(world, pod('c', { cpu: '300m', memory: '900M' }))).toBe(
      'pods "c" is forbidden: exceeded quota: bound, requested: requests.cpu=300m,requests.memory=900M, ' +
        'used: requests.cpu=750m,requests.memory=200M, limited: requests.cpu=1,requests.memory=1G',
    );
    expect(usedOf(world)).toEqual({ pods: '2', 'requests.cpu': '750m', 'requests.memory': '200M', 'count/pods': '2' });
  });

  it('of CPU and memory wants every container to name its part', () => {
    const world = worldWith();
    bound(world, { 'limits.cpu': '2', 'requests.memory': '1Gi', 'requests.ephemeral-storage': '1Gi' });
    const init = { initContainers: [{ name: 'first', image: 'x' }] };
    expect(refusal(world, pod('a', { memory: '1Mi' }, undefined, init))).toBe(
      'pods "a" is forbidden: failed quota: bound: must specify limits.cpu for: first,main; requests.memory for: first',
    );
    expect(refusal(world, pod('b', { memory: '1Mi' }, { cpu: '1' }))).toBeUndefined();
  });

  it('gets back what pods held that end or go, and keeps counting the objects', () => {
    const world = worldWith({ outcome: ({ metadata }) => (metadata.name === 'job' ? { exitCode: 0, after: seconds(5) } : undefined) });
    bound(world, { pods: '2', 'count/pods': '5' });
    refusal(world, pod('job'));
    refusal(world, pod('web'));
    expect(refusal(world, pod('late'))).toMatch(/exceeded quota: bound, requested: pods=1, used: pods=2, limited: pods=2$/);
    world.pass(seconds(6));
    expect(usedOf(world)).toEqual({ pods: '1', 'count/pods': '2' });
    world.run(world.api.pods.delete({ namespace: 'default', name: 'web' }));
    world.pass(seconds(1));
    expect(usedOf(world)).toEqual({ pods: '0', 'count/pods': '1' });
  });

  it('a pod that should long be gone is given back at the next count', () => {
    const world = worldWith({ dead: new Set(['n1', 'n2', 'n3']) });
    bound(world, { pods: '1' });
    refusal(world, pod('stuck'));
    world.pass(seconds(1));
    world.run(world.api.pods.delete({ namespace: 'default', name: 'stuck' }));
    world.pass(seconds(40));
    expect(usedOf(world)).toEqual({ pods: '1' });
    world.pass(minutes(5));
    expect(usedOf(world)).toEqual({ pods: '0' });
  });

  it('counts Services by what they ask of the outside, also when they change', () => {
    const world = worldWith();
    bound(world, { services: '5', 'services.nodeports': '2', 'services.loadbalancers': '1' });
    const service = (name: string, type: 'ClusterIP' | 'NodePort' | 'LoadBalancer'): Service => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { type, ports: [{ port: 80 }] },
    });
    const change = (name: string, type: string): void =>
      void world.run(world.api.services.patch({ namespace: 'default', name, patch: { spec: { type } } }));
    expect(refusal(world, service('a', 'LoadBalancer'), 'services')).toBeUndefined();
    expect(refusal(world, service('b', 'ClusterIP'), 'services')).toBeUndefined();
    // One more is the Service of the API server itself.
    expect(usedOf(world)).toEqual({ services: '3', 'services.nodeports': '1', 'services.loadbalancers': '1' });
    expect(() => change('b', 'LoadBalancer')).toThrow(
      /exceeded quota: bound, requested: services.loadbalancers=1, used: .*=1, limited: .*=1$/,
    );
    change('b', 'NodePort');
    change('a', 'ClusterIP');
    world.pass(seconds(1));
    expect(usedOf(world)).toEqual({ services: '3', 'services.nodeports': '1', 'services.loadbalancers': '0' });
  });

  it('counts claims and their storage, by class too', () => {
    const world = worldWith();
    bound(world, { persistentvolumeclaims: '2', 'requests.storage': '10Gi', 'fast.storageclass.storage.k8s.io/requests.storage': '5Gi' });
    const claim = (name: string, storageClassName: string, storage: string): PersistentVolumeClaim => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name, namespace: 'default' },
      spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    });
    expect(refusal(world, claim('a', 'slow', '6Gi'), 'persistentvolumeclaims')).toBeUndefined();
    expect(refusal(world, claim('b', 'fast', '6Gi'), 'persistentvolumeclaims')).toBe(
      'persistentvolumeclaims "b" is forbidden: exceeded quota: bound, ' +
        'requested: fast.storageclass.storage.k8s.io/requests.storage=6Gi,requests.storage=6Gi, ' +
        'used: fast.storageclass.storage.k8s.io/requests.storage=0,requests.storage=6Gi, ' +
        'limited: fast.storageclass.storage.k8s.io/requests.storage=5Gi,requests.storage=10Gi',
    );
  });

  it('counts kinds of any group, and other quotas', () => {
    const world = worldWith();
    bound(world, { 'count/replicasets.apps': '1', resourcequotas: '1', configmaps: '1' });
    expect(usedOf(world)).toEqual({ 'count/replicasets.apps': '0', resourcequotas: '1', configmaps: '0' });
    const map = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' } });
    expect(refusal(world, map('a'), 'configmaps')).toBeUndefined();
    expect(refusal(world, map('b'), 'configmaps')).toMatch(/configmaps "b" is forbidden: exceeded quota/);
  });

  it('with scopes counts and bounds only the pods in them', () => {
    const world = worldWith();
    bound(
      world,
      { pods: '1' },
      { scopes: ['NotBestEffort'], scopeSelector: { matchExpressions: [{ scopeName: 'NotTerminating', operator: 'Exists' }] } },
    );
    expect(refusal(world, pod('best-effort'))).toBeUndefined();
    expect(refusal(world, pod('short', { cpu: '1' }, undefined, { activeDeadlineSeconds: 60 }))).toBeUndefined();
    expect(usedOf(world)).toEqual({ pods: '0' });
    expect(refusal(world, pod('a', { cpu: '1' }))).toBeUndefined();
    expect(refusal(world, pod('b', { cpu: '1' }))).toMatch(/exceeded quota/);
  });

  it('a ReplicaSet makes as many pods as there is room for, says why no more, and goes on when there is', () => {
    const world = worldWith();
    bound(world, { pods: '2' });
    world.run(
      world.api.replicasets.create({
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name: 'web', namespace: 'default' },
        spec: { replicas: 4, selector: { matchLabels: { app: 'web' } }, template: template('web') },
      }),
    );
    world.pass(seconds(2));
    expect(world.pods()).toHaveLength(2);
    expect(world.events('ReplicaSet').at(-1)).toMatch(
      /^FailedCreate .*pods "web-[a-z0-9]{5}" is forbidden: exceeded quota: bound, requested: pods=1, used: pods=2, limited: pods=2$/,
    );
    world.run(world.api.resourcequotas.patch({ ...at, patch: { spec: { hard: { pods: '10' } } } }));
    world.until(() => world.stored('pods').length === 4, minutes(20), seconds(1));
    expect(usedOf(world)).toEqual({ pods: '4' });
  });

  it('costs nothing where nobody has one', () => {
    const world = worldWith();
    world.pass(minutes(6));
    const { eventCount } = world.kernel;
    world.pass(minutes(600));
    expect(world.kernel.eventCount - eventCount).toBeLessThan(5);
  });

  it('whatever is made, deleted and crashes: never more than allowed, and at rest exactly what is there', () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant('create' as const), number: fc.integer({ min: 0, max: 9 }) }),
      fc.record({ act: fc.constant('delete' as const), number: fc.integer({ min: 0, max: 9 }) }),
      fc.record({ act: fc.constantFrom('wait' as const, 'crash' as const), number: fc.integer({ min: 0, max: 40 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (steps, limit) => {
        const world = worldWith();
        bound(world, { pods: `${limit}`, 'requests.cpu': '2' });
        let most = 0;
        world.server.observe(() => void (most = Math.max(most, world.stored('pods').length)));
        for (const { act, number } of steps) {
          if (act === 'create') refusal(world, pod(`p${number}`, { cpu: `${number * 100 + 1}m` }));
          else if (act === 'wait') world.pass(milliseconds(number));
          else if (act === 'crash') world.restartManager(definitions());
          else if (world.stored('pods').some(({ metadata }) => metadata.name === `p${number}`))
            world.run(world.api.pods.delete({ namespace: 'default', name: `p${number}` }));
        }
        expect(most).toBeLessThanOrEqual(limit);
        world.pass(minutes(6));
        const cpu = world.pods().reduce((sum, { metadata }) => sum + Number(metadata.name.slice(1)) * 100 + 1, 0);
        expect(cpu).toBeLessThanOrEqual(2000);
        expect(usedOf(world)).toEqual({ pods: `${world.pods().length}`, 'requests.cpu': cpu % 1000 === 0 ? `${cpu / 1000}` : `${cpu}m` });
      }),
      { numRuns: 25 },
    );
  });
});
