import { hours, minutes, type Process, Random, seconds, sleep } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { violationOfReplay } from '../../simulator/invariants/index.ts';
import type { OnLine } from '../../simulator/invariants/index.ts';
import type { World } from '../../simulator/wiring/world.ts';
import { makeWorld, pass, podOf, shell, user } from './run-world.ts';

const SCRIPTS = ['exit 0', 'exit 1', 'sleep 3', 'sleep 3; exit 2', 'sleep 1000', 'trap "exit 0" TERM; sleep 500'];

/** Makes, changes and deletes pods of every sort for some minutes. */
function* life(world: World, seed: number): Process {
  const random = new Random(seed);
  const { pods } = world.api;
  let made = 0;
  const some = (): { readonly namespace: string; readonly name: string } => ({
    namespace: 'default',
    name: `p${random.integer(0, Math.max(0, made - 1))}`,
  });
  yield* sleep(seconds(1));
  for (let step = 0; step < 40; step += 1) {
    yield* sleep(seconds(random.integer(0, 6)));
    const what = random.integer(0, 7);
    if (what < 4) {
      const pod = anyPod(random, `p${made}`);
      made += 1;
      user(world, () => pods.create(pod));
    } else if (what < 6) {
      const request = { ...some(), ...(random.chance(1, 3) ? { gracePeriodSeconds: 0 } : {}) };
      user(world, () => pods.delete(request));
    };
    else if (what === 6) {
      const request = { ...some(), patch: { metadata: { finalizers: null } } };
      user(world, () => pods.patch(request));
    }
    else
      {
      const request = { ...some(), type: 'strategic', patch: { spec: { containers: [{ name: 'c0', image: `busybox:${step}` }] } } } as const;
      user(world, () => pods.patch(request));
    }
  }
}

function anyPod(random: Random, name: string): Pod {
  const resources = { requests: { cpu: random.pick(['100m', '300m']), memory: '64Mi' } };
  const inits = Array.from({ length: random.integer(0, 2) }, (_, index) =>
    random.chance(1, 4)
      ? shell(`i${index}`, random.pick(SCRIPTS), { restartPolicy: 'Always' })
      : shell(`i${index}`, random.pick(['exit 0', 'exit 0', 'sleep 2', 'exit 1'])),
  );
  const ports = random.chance(1, 5) ? { ports: [{ containerPort: 80, hostPort: 8080 }] } : {};
  const containers = Array.from({ length: random.integer(1, 2) }, (_, index) =>
    shell(`c${index}`, random.pick(SCRIPTS), { resources, ...(index === 0 ? ports : {}) }),
  );
  const pod = podOf(name, {
    restartPolicy: random.pick(['Always', 'OnFailure', 'Never']),
    terminationGracePeriodSeconds: random.pick([0, 1, 5, 30]),
    initContainers: inits,
    containers,
  });
  return random.chance(1, 6) ? { ...pod, metadata: { ...pod.metadata, finalizers: ['example.com/hold'] } } : pod;
}

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
          await pass(world, minutes(12));
          world.invariants.atRest();
          expect(world.invariants.violations).toEqual([]);
          // It was a life worth watching.
          expect(world.recorder.count).toBeGreaterThan(1000);
        },
      ),
      { numRuns: 3 },
    );
  });

  test('workloads come, are scaled and go: no invariant fires, and nothing is left', async () => {
    const world = makeWorld(3);
    const { deployments, services } = world.api;
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'nginx', ports: [{ containerPort: 80 }] }] },
    };
    user(
      world,
      function* () {
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
      },
    );
    await pass(world, hours(1));
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
      await pass(world, minutes(3));
    };
    expect(await violationOfReplay(run(5))).toBeUndefined();
  });
});
