import { seconds } from '@slipway/kernel';
import { findCondition, type Pod, type PodDisruptionBudget, type ReplicaSet } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { replicaSetController } from '../replicaset/replicaset-controller.ts';
import { ControllerWorld, template } from '../testing/world.ts';
import { disruptionController } from './disruption-controller.ts';

const set = (replicas: number): ReplicaSet => ({
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { name: 'web', namespace: 'default' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template('web') },
});
const budget = (spec: PodDisruptionBudget['spec']): PodDisruptionBudget => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
});

function worldWith(replicas: number, spec: PodDisruptionBudget['spec']): ControllerWorld {
  const world = new ControllerWorld({ controllers: [replicaSetController(), disruptionController()] });
  world.run(world.api.replicasets.create(set(replicas)));
  world.run(world.api.resource<PodDisruptionBudget>('poddisruptionbudgets').create(budget(spec)));
  world.pass(seconds(2));
  return world;
}
const statusOf = (world: ControllerWorld) => (world.server.peek('poddisruptionbudgets', 'default', 'web') as PodDisruptionBudget).status;

describe('disruption controller', () => {
  it.each<[PodDisruptionBudget['spec'], number, number]>([
    [{ minAvailable: 3 }, 3, 2],
    [{ minAvailable: '50%' }, 3, 2],
    [{ maxUnavailable: 1 }, 4, 1],
    [{ maxUnavailable: '30%' }, 3, 2],
    [{ minAvailable: 9 }, 9, 0],
  ])('five healthy pods under %o: %i wanted, %i may go', (spec, desiredHealthy, disruptionsAllowed) => {
    const status = statusOf(worldWith(5, spec));
    expect(status).toMatchObject({ currentHealthy: 5, expectedPods: 5, desiredHealthy, disruptionsAllowed, observedGeneration: 1 });
    expect(findCondition(status?.conditions, 'DisruptionAllowed')).toMatchObject(
      disruptionsAllowed > 0 ? { status: 'True', reason: 'SufficientPods' } : { status: 'False', reason: 'InsufficientPods' },
    );
  });

  it('evictions spend it, and the pods that take their place give it back', () => {
    const world = worldWith(3, { minAvailable: 2 });
    const pods = world.stored('pods').map(({ metadata }) => metadata.name);
    const evict = (name: string | undefined): unknown => world.run(world.api.pods.evict({ namespace: 'default', name: name ?? '' }));
    evict(pods[0]);
    expect(() => evict(pods[1])).toThrow("Cannot evict pod as it would violate the pod's disruption budget.");
    world.pass(seconds(5));
    expect(statusOf(world)).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 1 });
    evict(pods[1]);
  });

  it('pods that nobody controls: a share of them cannot be told, and nothing may go', () => {
    const world = new ControllerWorld({ controllers: [disruptionController()] });
    const { metadata, spec } = template('web');
    world.run(
      world.api.pods.create({ apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, name: 'lone', namespace: 'default' }, spec } as Pod),
    );
    world.run(world.api.resource<PodDisruptionBudget>('poddisruptionbudgets').create(budget({ minAvailable: '50%' })));
    world.pass(seconds(1));
    expect(statusOf(world)).toMatchObject({ expectedPods: 0, disruptionsAllowed: 0 });
  });
});
