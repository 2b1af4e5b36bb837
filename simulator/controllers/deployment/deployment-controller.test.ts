import { minutes, seconds } from '@slipway/kernel';
import { findCondition, isPodReady, type Deployment, type ReplicaSet } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { replicaSetController } from '../replicaset/replicaset-controller.ts';
import { ControllerWorld, deployment, template } from '../testing/world.ts';
import { deploymentController } from './deployment-controller.ts';

const at = { namespace: 'default', name: 'web' } as const;
const worldWith = (kubelet: ConstructorParameters<typeof ControllerWorld>[0]['kubelet'] = {}): ControllerWorld =>
  new ControllerWorld({ controllers: [deploymentController, replicaSetController()], kubelet });

const current = (world: ControllerWorld): Deployment => world.run(world.api.deployments.get(at));
const progress = (world: ControllerWorld) => findCondition(current(world).status?.conditions, 'Progressing');
/** Sizes by image: `{ 'nginx:1': 3 }`. */
const sizes = (world: ControllerWorld): Record<string, number> =>
  Object.fromEntries(world.list<ReplicaSet>('replicasets').map(({ spec }) => [spec.template?.spec.containers[0]?.image, spec.replicas ?? 1]));
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
});
