import { type Process, Random, seconds, sleep } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import type { World } from '../../simulator/wiring/world.ts';
import { podOf, shell, user } from './run-world.ts';

const SCRIPTS = ['exit 0', 'exit 1', 'sleep 3', 'sleep 3; exit 2', 'sleep 1000', 'trap "exit 0" TERM; sleep 500'];

/** Makes, changes and deletes pods of every sort for some minutes. */
export function* life(world: World, seed: number): Process {
  const random = new Random(seed);
  const { pods } = world.api;
  let made = 0;
  yield* sleep(seconds(1));
  for (let step = 0; step < 30; step += 1) {
    yield* sleep(seconds(random.integer(0, 6)));
    const what = random.integer(0, 7);
    const one = { namespace: 'default', name: `p${random.integer(0, Math.max(0, made - 1))}` };
    if (what < 4) {
      const pod = anyPod(random, `p${made}`);
      made += 1;
      user(world, () => pods.create(pod));
    } else if (what < 6) {
      const forced = random.chance(1, 3) ? { gracePeriodSeconds: 0 } : {};
      user(world, () => pods.delete({ ...one, ...forced }));
    } else if (what === 6) {
      user(world, () => pods.patch({ ...one, patch: { metadata: { finalizers: null } } }));
    } else {
      const patch = { spec: { containers: [{ name: 'c0', image: `busybox:${step}` }] } };
      user(world, () => pods.patch({ ...one, type: 'strategic', patch }));
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
