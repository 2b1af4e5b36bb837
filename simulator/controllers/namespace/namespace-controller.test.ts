import { seconds } from '@slipway/kernel';
import { findCondition, type KubeObject, type Namespace, type Pod } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { deploymentController } from '../deployment/deployment-controller.ts';
import { replicaSetController } from '../replicaset/replicaset-controller.ts';
import { serviceAccountController } from '../service-account-controller.ts';
import { ControllerWorld, type ControllerWorldOptions, deployment, template } from '../testing/world.ts';
import { namespaceController } from './namespace-controller.ts';
import { retryDelay } from './termination.ts';

const config = (name: string, finalizers?: readonly string[]) =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'team', ...(finalizers ? { finalizers } : {}) } }) as const;
const pod = (name: string): Pod => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'team' }, spec: template('x').spec });

function worldWith(options: Partial<ControllerWorldOptions> = {}): ControllerWorld {
  const world = new ControllerWorld({ controllers: [namespaceController(), serviceAccountController], ...options });
  world.run(world.api.namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } }));
  world.pass(seconds(1));
  return world;
}
const exists = (world: ControllerWorld): boolean => world.stored<Namespace>('namespaces').some(({ metadata }) => metadata.name === 'team');
const namespace = (world: ControllerWorld): Namespace => world.run(world.api.namespaces.get({ name: 'team' }));

describe('namespace', () => {
  it('an empty one goes after 5 s', () => {
    const world = worldWith();
    expect(world.list<KubeObject>('serviceaccounts').filter(({ metadata }) => metadata.namespace === 'team')).toHaveLength(1);
    world.run(world.api.namespaces.delete({ name: 'team' }));
    expect(namespace(world).status?.phase).toBe('Terminating');
    const took = world.until(() => !exists(world));
    expect(Math.abs(took - seconds(5))).toBeLessThan(seconds(0.3));
    expect(world.stored('serviceaccounts').filter(({ metadata }) => metadata.namespace === 'team')).toEqual([]);
  });

  it('pods first: all else stays until they are gone', () => {
    const world = worldWith({ kubelet: { shutDown: seconds(8) } });
    world.run(world.api.configmaps.create(config('settings')));
    world.run(world.api.pods.create(pod('a')));
    world.pass(seconds(1));
    const order: string[] = [];
    world.server.observe(({ resource, type, object }) => {
      if (type === 'DELETED' && object.metadata.namespace === 'team') order.push(resource);
    });
    world.run(world.api.namespaces.delete({ name: 'team' }));
    world.pass(seconds(7));
    expect(world.stored('configmaps').filter(({ metadata }) => metadata.name === 'settings')).toHaveLength(1);
    const remaining = findCondition(namespace(world).status?.conditions, 'NamespaceContentRemaining');
    expect(remaining).toMatchObject({
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: 'Some resources are remaining: pods. has 1 resource instances',
    });
    world.until(() => !exists(world));
    expect(order[0]).toBe('pods');
    expect(order).toContain('configmaps');
  });

  it('waits for finalizers, and says which', () => {
    const world = worldWith();
    world.run(world.api.configmaps.create(config('held', ['example.com/hold'])));
    world.run(world.api.namespaces.delete({ name: 'team' }));
    world.pass(seconds(60));
    expect(findCondition(namespace(world).status?.conditions, 'NamespaceFinalizersRemaining')).toMatchObject({
      status: 'True',
      message: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    });
    world.run(world.api.configmaps.patch({ namespace: 'team', name: 'held', patch: { metadata: { finalizers: null } } }));
    const took = world.until(() => !exists(world));
    expect(took).toBeLessThan(seconds(9));
  });

  it('custom objects go too; workloads make nothing new meanwhile', () => {
    const world = worldWith({ controllers: [namespaceController(), deploymentController, replicaSetController()] });
    world.run(
      world.api.customresourcedefinitions.create({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'gadgets.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
        },
      }),
    );
    world.run(
      world.api.resource('gadgets').create({ apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'g', namespace: 'team' } }),
    );
    const web = deployment('web', { replicas: 3 });
    world.run(world.api.deployments.create({ ...web, metadata: { ...web.metadata, namespace: 'team' } }));
    world.pass(seconds(3));
    world.run(world.api.namespaces.delete({ name: 'team' }));
    world.until(() => !exists(world));
    for (const plural of ['gadgets', 'pods', 'replicasets', 'deployments', 'events']) {
      expect(world.stored(plural).filter(({ metadata }) => metadata.namespace === 'team')).toEqual([]);
    }
  });

  it('comes back in half of the longest grace period and a second', () => {
    expect(retryDelay(30, false)).toBe(16);
    expect(retryDelay(0, true)).toBe(8);
    expect(retryDelay(0, false)).toBe(1);
  });
});
