import { milliseconds, minutes, seconds } from '@slipway/kernel';
import { ApiError, findCondition, type Pod, type ReplicaSet } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { ControllerWorld, type ControllerWorldOptions, template } from '../testing/world.ts';
import { replicaSetController } from './replicaset-controller.ts';

const at = { namespace: 'default', name: 'web' } as const;
const set = (replicas: number, more: Partial<ReplicaSet['spec']> = {}): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: at,
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template('web'), ...more },
});
const worldWith = (kubelet: ControllerWorldOptions['kubelet'] = {}, lag = 0): ControllerWorld =>
  new ControllerWorld({ controllers: [replicaSetController()], kubelet, lag });
const status = (world: ControllerWorld) => world.run(world.api.replicasets.get(at)).status;

describe('replica set', () => {
  it.each([0, milliseconds(300)])('makes exactly as many pods as are wanted, also while its cache lags %i µs behind', (lag) => {
    const world = worldWith({}, lag);
    let most = 0;
    world.server.observe(() => {
      most = Math.max(most, world.stored('pods').length);
    });
    world.run(world.api.replicasets.create(set(40)));
    world.pass(seconds(2));
    expect([most, status(world)?.readyReplicas]).toEqual([40, 40]);
    expect(status(world)).toMatchObject({
      replicas: 40,
      fullyLabeledReplicas: 40,
      availableReplicas: 40,
      terminatingReplicas: 0,
      observedGeneration: 1,
    });
    expect(world.events('ReplicaSet')[0]).toMatch(/^SuccessfulCreate Created pod: web-/);
  });

  it('starts slowly: 1, 2, 4, 8, …, and stops at the batch that fails', () => {
    const world = worldWith(false);
    world.run(world.api.replicasets.create(set(20)));
    const times = new Map<number, number>();
    world.server.observe(({ resource }) => {
      if (resource === 'pods') times.set(world.kernel.now, (times.get(world.kernel.now) ?? 0) + 1);
    });
    world.pass(seconds(1));
    expect([...times.values()]).toEqual([1, 2, 4, 8, 5]);
  });

  it('says why it cannot create, and tries again ever more slowly', () => {
    const world = worldWith(false);
    world.server.addWebhook({
      name: 'refuse',
      matches: ({ kind }) => kind.plural === 'pods',
      admit() {
        throw new ApiError('Forbidden', 'no pods today');
      },
    });
    world.run(world.api.replicasets.create(set(3)));
    world.pass(seconds(3));
    const condition = findCondition(status(world)?.conditions, 'ReplicaFailure');
    expect(condition).toMatchObject({ status: 'True', reason: 'FailedCreate', message: expect.stringContaining('no pods today') });
    const tries = world.kernel.calls.get('api') ?? 0;
    world.pass(minutes(10));
    expect((world.kernel.calls.get('api') ?? 0) - tries).toBeLessThan(200);
  });

  it('deletes by rank: pods that are not ready go first', () => {
    const world = worldWith({ ready: ({ metadata }) => metadata.labels?.['sick'] !== 'yes' });
    world.run(world.api.replicasets.create(set(6)));
    world.pass(seconds(2));
    const sick = world
      .pods()
      .slice(2, 4)
      .map(({ metadata }) => metadata.name);
    for (const name of sick)
      world.run(world.api.pods.patch({ namespace: 'default', name, patch: { metadata: { labels: { sick: 'yes' } } } }));
    world.pass(seconds(1));
    world.run(world.api.replicasets.patch({ ...at, patch: { spec: { replicas: 4 } } }));
    world.pass(seconds(2));
    const left = world.pods().map(({ metadata }) => metadata.name);
    expect(left).toHaveLength(4);
    expect(left.filter((name) => sick.includes(name))).toEqual([]);
  });

  it('replaces a pod as soon as it is being deleted', () => {
    const world = worldWith({ shutDown: seconds(20) });
    world.run(world.api.replicasets.create(set(2)));
    world.pass(seconds(1));
    world.run(world.api.pods.delete({ namespace: 'default', name: world.pods()[0]?.metadata.name ?? '' }));
    world.pass(seconds(1));
    expect(world.pods()).toHaveLength(3);
    expect(status(world)).toMatchObject({ replicas: 2, terminatingReplicas: 1 });
    world.pass(seconds(25));
    expect(status(world)).toMatchObject({ replicas: 2, terminatingReplicas: 0 });
  });

  it('adopts matching orphans and lets go what matches no more', () => {
    const world = worldWith(false);
    const orphan: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'orphan', namespace: 'default', labels: { app: 'web' } },
      spec: template('web').spec,
    };
    world.run(world.api.pods.create(orphan));
    world.run(world.api.replicasets.create(set(2)));
    world.pass(seconds(1));
    expect(world.pods()).toHaveLength(2);
    expect(world.run(world.api.pods.get({ namespace: 'default', name: 'orphan' })).metadata.ownerReferences?.[0]).toMatchObject({
      kind: 'ReplicaSet',
      name: 'web',
      controller: true,
    });
    world.run(world.api.pods.patch({ namespace: 'default', name: 'orphan', patch: { metadata: { labels: { app: 'other' } } } }));
    world.pass(seconds(1));
    expect(world.pods('app=web')).toHaveLength(2);
    expect(world.run(world.api.pods.get({ namespace: 'default', name: 'orphan' })).metadata.ownerReferences).toBeUndefined();
  });

  it('minReadySeconds: a pod is available only after that', () => {
    const world = worldWith({ startUp: milliseconds(0) });
    world.run(world.api.replicasets.create(set(1, { minReadySeconds: 30 })));
    world.pass(seconds(2));
    expect(status(world)).toMatchObject({ readyReplicas: 1, availableReplicas: 0 });
    const took = world.until(() => status(world)?.availableReplicas === 1, seconds(60));
    expect(took).toBeGreaterThan(seconds(27));
    expect(took).toBeLessThan(seconds(30));
  });
});
