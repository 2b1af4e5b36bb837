import { type Measured, median, repeated } from '../measurement.ts';
import { boot, podNamed, runPods, worldOf } from '../worlds.ts';
import type { Process } from '@slipway/kernel';
import type { World } from '@slipway/simulator';

/** From `new World` to the pod's Running, in a process that has done so before. */
export function firstPod(): Measured {
  const each = repeated(3, () => {
    const world = worldOf(1);
    boot(world);
    runPods(world, 1);
  });
  return { value: median(each) * 1_000, note: `median of ${each.length}` };
}

/** What one case of a property test does: a fresh world, its pods up, its pods gone. */
export function freshWorlds(): Measured {
  const pods = Array.from({ length: 10 }, (_, index) => podNamed(`pod-${index}`));
  const each = repeated(5, () => {
    const world = worldOf(3);
    boot(world);
    const count = runPods(world, pods.length);
    world.user.spawn(
      'delete pods',
      deletePods(
        world,
        pods.map(({ metadata }) => metadata.name),
      ),
    );
    count.untilGone();
  });
  return { value: 1 / median(each), note: `${each.length} worlds` };
}

function* deletePods({ api }: World, names: readonly string[]): Process {
  for (const name of names) yield* api.pods.delete({ namespace: 'default', name });
}
