import { milliseconds, minutes, seconds } from '@slipway/kernel';
import { type Deployment, findCondition, isPodReady, type Pod, type ReplicaSet } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { replicaSetController } from '../replicaset/replicaset-controller.ts';
import { ControllerWorld, type ControllerWorldOptions, deployment, template } from '../testing/world.ts';
import { deploymentController } from './deployment-controller.ts';

const at = { namespace: 'default', name: 'web' } as const;
const worldWith = (kubelet: ControllerWorldOptions['kubelet'] = {}): ControllerWorld =>
  new ControllerWorld({ controllers: [deploymentController, replicaSetController()], kubelet });

const current = (world: ControllerWorld): Deployment => world.run(world.api.deployments.get(at));
const progress = (world: ControllerWorld) => findCondition(current(world).status?.conditions, 'Progressing');
/** Sizes by image: `{ 'nginx:1': 3 }`. */
const sizes = (world: ControllerWorld): Record<string, number> =>
  Object.fromEntries(
    world.list<ReplicaSet>('replicasets').map(({ spec }) => [spec.template?.spec.containers[0]?.image, spec.replicas ?? 1]),
  );
const setImage = (world: ControllerWorld, image: string): void =>
  void world.run(world.api.deployments.patch({ ...at, patch: { spec: { template: template('web', image) } } }));

describe('deployment', () => {
  it('makes a set, its pods, and reports that it is complete', () => {
    const world = worldWith();
    world.run(world.api.deployments.create(deployment('web', { replicas: 3 })));
    world.pass(seconds(2));
    const { status, metadata } = current(world);
    expect(status).toMatchObject({ replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, unavailableReplicas: 0 });
    expect(findCondition(status?.conditions, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' });
    expect(progress(world)).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
    expect(metadata.generation).toBe(1);
    expect(metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('1');
    const [set] = world.list<ReplicaSet>('replicasets');
    expect(set?.metadata.name).toBe(`web-${set?.metadata.labels?.['pod-template-hash']}`);
    expect(world.events('Deployment')).toEqual([`ScalingReplicaSet Scaled up replica set ${set?.metadata.name} from 0 to 3`]);
    const before = world.server.revision;
    world.pass(minutes(30));
    expect(world.server.revision).toBe(before);
  });

  it('rolls out within its budget, at every moment', () => {
    const world = worldWith();
    world.run(world.api.deployments.create(deployment('web', { replicas: 10 })));
    world.pass(seconds(2));
    const seen: { total: number; available: number }[] = [];
    world.server.observe(() => {
      const sets = world.stored<ReplicaSet>('replicasets');
      seen.push({
        total: sets.reduce((sum, { spec }) => sum + (spec.replicas ?? 0), 0),
        available: sets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0),
      });
    });
    setImage(world, 'nginx:2');
    world.until(() => sizes(world)['nginx:1'] === 0 && current(world).status?.availableReplicas === 10);
    expect(sizes(world)).toEqual({ 'nginx:1': 0, 'nginx:2': 10 });
    // 25 % of 10: three more, two fewer.
    expect(Math.max(...seen.map(({ total }) => total))).toBe(13);
    expect(Math.min(...seen.map(({ available }) => available))).toBeGreaterThanOrEqual(8);
  });

  it('with a failing readiness probe: stalls, says so at the deadline, and comes back with the old template (walkthrough c)', () => {
    const world = worldWith({ ready: ({ spec }) => spec.containers[0]?.image !== 'nginx:bad' });
    world.run(world.api.deployments.create(deployment('web', { replicas: 4 })));
    world.pass(seconds(2));
    setImage(world, 'nginx:bad');
    world.pass(seconds(30));
    expect(sizes(world)).toEqual({ 'nginx:1': 3, 'nginx:bad': 2 });
    expect(world.pods().filter(isPodReady)).toHaveLength(3);
    expect(findCondition(current(world).status?.conditions, 'Available')?.status).toBe('True');
    expect(progress(world)).toMatchObject({ status: 'True', reason: 'ReplicaSetUpdated' });
    const took = world.until(() => progress(world)?.reason === 'ProgressDeadlineExceeded', minutes(12), seconds(1));
    expect(took + seconds(30)).toBeGreaterThan(seconds(600));
    expect(took + seconds(30)).toBeLessThan(seconds(605));
    expect(progress(world)).toMatchObject({ status: 'False', message: expect.stringContaining('has timed out progressing.') });
    expect(sizes(world)).toEqual({ 'nginx:1': 3, 'nginx:bad': 2 });

    setImage(world, 'nginx:1');
    world.until(() => progress(world)?.reason === 'NewReplicaSetAvailable');
    expect(sizes(world)).toEqual({ 'nginx:1': 4, 'nginx:bad': 0 });
    expect(current(world).metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3');
  });

  it('with maxUnavailable 0 and a bad template: all old pods stay and one new one waits', () => {
    const world = worldWith({ ready: ({ spec }) => spec.containers[0]?.image !== 'nginx:bad' });
    const strategy = { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } } as const;
    world.run(world.api.deployments.create(deployment('web', { replicas: 4, strategy })));
    world.pass(seconds(2));
    setImage(world, 'nginx:bad');
    world.pass(seconds(30));
    expect(sizes(world)).toEqual({ 'nginx:1': 4, 'nginx:bad': 1 });
  });

  it('Recreate: no new pod while an old one is there', () => {
    const world = worldWith({ shutDown: seconds(5) });
    world.run(world.api.deployments.create(deployment('web', { replicas: 3, strategy: { type: 'Recreate' } })));
    world.pass(seconds(2));
    let together = 0;
    world.server.observe(() => {
      const images = new Set(world.stored<Pod>('pods').map(({ spec }) => spec.containers[0]?.image));
      if (images.size > 1) together += 1;
    });
    setImage(world, 'nginx:2');
    world.pass(seconds(2));
    expect(world.list('replicasets')).toHaveLength(1);
    world.pass(seconds(10));
    expect(sizes(world)).toEqual({ 'nginx:1': 0, 'nginx:2': 3 });
    expect(world.pods().filter(isPodReady)).toHaveLength(3);
    expect(together).toBe(0);
  });

  it('scaled in the middle of a rollout: every set gets its share', () => {
    const world = worldWith({ ready: ({ spec }) => spec.containers[0]?.image !== 'nginx:bad' });
    world.run(world.api.deployments.create(deployment('web', { replicas: 10 })));
    world.pass(seconds(2));
    setImage(world, 'nginx:bad');
    world.pass(seconds(5));
    expect(sizes(world)).toEqual({ 'nginx:1': 8, 'nginx:bad': 5 });
    world.run(world.api.deployments.patch({ ...at, patch: { spec: { replicas: 18 } } }));
    world.pass(seconds(1));
    // 18 + 25 % = 23 instead of 13: +6 and +4.
    expect(sizes(world)).toEqual({ 'nginx:1': 14, 'nginx:bad': 9 });
  });

  it('paused: scales but does not roll out, and has no deadline', () => {
    const world = worldWith();
    world.run(world.api.deployments.create(deployment('web', { replicas: 2 })));
    world.pass(seconds(2));
    world.run(world.api.deployments.patch({ ...at, patch: { spec: { paused: true, template: template('web', 'nginx:2') } } }));
    world.run(world.api.deployments.patch({ ...at, patch: { spec: { replicas: 5 } } }));
    world.pass(minutes(20));
    expect(sizes(world)).toEqual({ 'nginx:1': 5 });
    expect(progress(world)).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
    world.run(world.api.deployments.patch({ ...at, patch: { spec: { paused: false } } }));
    world.until(() => sizes(world)['nginx:2'] === 5 && sizes(world)['nginx:1'] === 0);
  });

  it('keeps so many old revisions, and never one with pods', () => {
    const world = worldWith();
    world.run(world.api.deployments.create(deployment('web', { replicas: 2, revisionHistoryLimit: 2 })));
    for (let version = 2; version <= 6; version++) {
      world.pass(seconds(5));
      setImage(world, `nginx:${version}`);
    }
    world.pass(seconds(10));
    expect(sizes(world)).toEqual({ 'nginx:4': 0, 'nginx:5': 0, 'nginx:6': 2 });
  });

  it('a pod that fails later is no lack of progress', () => {
    const failing = new Set<string>();
    const world = worldWith({ ready: ({ metadata }) => !failing.has(metadata.name) });
    world.run(world.api.deployments.create(deployment('web', { replicas: 3 })));
    world.pass(seconds(2));
    const [pod] = world.pods();
    failing.add(pod?.metadata.name ?? '');
    world.run(
      world.api.pods.patch({ namespace: 'default', name: pod?.metadata.name ?? '', patch: { metadata: { labels: { touched: 'yes' } } } }),
    );
    world.pass(minutes(20));
    expect(current(world).status?.readyReplicas).toBe(2);
    expect(progress(world)).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
  });

  it('goes on after a crash of the controllers, without a pod too many', () => {
    const world = worldWith();
    world.run(world.api.deployments.create(deployment('web', { replicas: 20 })));
    world.pass(milliseconds(3));
    world.restartManager([deploymentController, replicaSetController()]);
    world.pass(seconds(5));
    expect(world.pods()).toHaveLength(20);
    expect(current(world).status?.availableReplicas).toBe(20);
  });
});
