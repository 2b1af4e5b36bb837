import { type Micros, type Process, sleep } from '@slipway/kernel';
import { codeOf } from '@slipway/kernel';
import type { Container, Pod, PodSpec } from '@slipway/kube';
import { type PluginChoices, worldFactory } from '../../simulator/wiring/container.ts';
import type { World, WorldOptions } from '../../simulator/wiring/world.ts';

/** A world of small nodes, `node-1` and so on. */
export function makeWorld(nodes: number, plugins: PluginChoices = {}, options: Partial<WorldOptions> = {}): World {
  const capacity = { cpu: '2', memory: '4Gi', pods: '10' };
  const list = Array.from({ length: nodes }, (_, index) => ({ name: `node-${index + 1}`, capacity }));
  return worldFactory(plugins)({ nodes: list, ...options });
}

/** Lets the user do something, beside all that goes on. A refusal by the API is part of life. */
export function user(world: World, what: () => Process<unknown>): void {
  world.user.spawn('user', forgiving(what), () => undefined);
}

function* forgiving(what: () => Process<unknown>): Process {
  try {
    yield* what();
  } catch (error) {
    if (!['NotFound', 'Conflict', 'Forbidden', 'Invalid', 'AlreadyExists'].includes(codeOf(error))) throw error;
  }
}

/** Runs the world for so long, with promises if a plugin has any. */
export async function pass(world: World, time: Micros): Promise<void> {
  await world.kernel.runAsync({ until: world.kernel.now + time });
}

/** A container that does what a shell says. */
export const shell = (name: string, script: string, more: Partial<Container> = {}): Container => ({
  name,
  image: 'busybox',
  command: ['sh', '-c', script],
  ...more,
});

export function podOf(name: string, spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { terminationGracePeriodSeconds: 1, containers: [shell('main', 'sleep 10000')], ...spec },
  };
}

/** Makes pods once the namespace has its service account. */
export function* makePods(world: World, ...pods: readonly Pod[]): Process {
  yield* sleep(1_000_000);
  for (const pod of pods) yield* world.api.pods.create(pod);
}

export const ids = (world: World): readonly string[] => [...new Set(world.invariants.violations.map(({ id }) => id))].sort();
