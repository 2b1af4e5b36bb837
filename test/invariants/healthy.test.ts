import { minutes, seconds, sleep } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OnLine, violationOfReplay } from '../../simulator/invariants/index.ts';
import { life } from './life.ts';
import { makeWorld, pass, user } from './run-world.ts';

describe('a healthy world', () => {
  test('whatever its users do and however races go: no invariant fires', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 100_000 }),
        fc.constantFrom('containerd', 'crio'),
        fc.constantFrom('flannel', 'bridge'),
        async (seed, cri, cni) => {
          const world = makeWorld(2, { cri: { use: cri }, cni: { use: cni } }, { seed, explore: 'swarm' });
          user(world, () => life(world, seed));
          await pass(world, minutes(10));
          world.invariants.atRest();
          expect(world.invariants.violations).toEqual([]);
          // It was a life worth watching.
          expect(world.recorder.count).toBeGreaterThan(1000);
        },
      ),
      { numRuns: 2 },
    );
  });

  test('workloads come, are scaled and go: no invariant fires, and nothing is left', async () => {
    const world = makeWorld(3);
    const { deployments, services } = world.api;
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'nginx', ports: [{ containerPort: 80 }] }] },
    };
    user(world, function* () {
      const metadata = { name: 'web', namespace: 'default' };
      yield* deployments.create({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: { replicas: 6, selector: { matchLabels: { app: 'web' } }, template },
      });
      yield* services.create({
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] },
      });
      yield* sleep(minutes(1));
      yield* deployments.patch({ ...metadata, patch: { spec: { replicas: 2 } } });
      yield* sleep(minutes(1));
      yield* services.delete(metadata);
      yield* deployments.delete(metadata);
    });
    await pass(world, minutes(15));
    world.invariants.atRest();
    expect(world.invariants.violations).toEqual([]);
    expect([...world.server.objects('services')]).toHaveLength(1);
  });

  test('a machine that loses its power and comes back breaks nothing', async () => {
    const world = makeWorld(2);
    user(world, () => life(world, 7));
    await pass(world, seconds(60));
    world.nodes.get('node-1')?.powerOff();
    await pass(world, minutes(1));
    world.nodes.get('node-1')?.powerOn();
    await pass(world, minutes(15));
    world.invariants.atRest();
    expect(world.invariants.violations).toEqual([]);
  });

  test('the same seed gives the same trace', async () => {
    const run = (seed: number) => async (onLine: OnLine) => {
      const world = makeWorld(2, {}, { seed, explore: 'swarm', trace: { onLine } });
      user(world, () => life(world, seed));
      await pass(world, seconds(90));
    };
    expect(await violationOfReplay(run(5))).toBeUndefined();
  });
});
