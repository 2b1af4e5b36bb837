// Worlds for the cases, made and driven only by what `@slipway/simulator` exports.
import { type Micros, milliseconds, minutes, type Process, sleep } from '@slipway/kernel';
import { type Container, findCondition, type Pod } from '@slipway/kube';
import { applyManifests, type World, worldFactory, type WorldOptions } from '@slipway/simulator';

/** More virtual time than any of these inputs needs. */
const PATIENCE: Micros = minutes(20);

export type Variation = Omit<WorldOptions, 'plugins' | 'nodes'>;

/** The default plugins, resolved once. */
const make = worldFactory();

export const nodeNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `node-${index + 1}`);

export function worldOf(nodes: number, variation: Variation = {}): World {
  return make({ ...variation, nodes: nodeNames(nodes).map((name) => ({ name })) });
}

/** Lets the world run until every node is Ready and a pod can be made. */
export function boot(world: World): void {
  world.kernel.complete(world.user, 'boot', applyManifests(world, [], [...world.nodes.keys()]));
  world.kernel.complete(world.user, 'account', accountReady(world));
  const { items } = world.kernel.complete(world.user, 'look', world.api.nodes.list());
  const down = items.filter(({ status }) => findCondition(status?.conditions, 'Ready')?.status !== 'True');
  const said = findCondition(down[0]?.status?.conditions, 'Ready')?.message;
  if (down.length > 0) throw new Error(`${down.length} of ${items.length} nodes did not become Ready: ${said}`);
}

/** Without its service account, no pod is admitted to a namespace. */
function* accountReady({ api }: World): Process {
  while ((yield* api.serviceaccounts.list({ namespace: 'default' })).items.length === 0) yield* sleep(milliseconds(1));
}

/** A bare pod as a person writes it: one container that runs on. */
export function podNamed(name: string, container: Partial<Container> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'registry.k8s.io/pause:3.9',
          resources: { requests: { cpu: '100m', memory: '64Mi' } },
          ...container,
        },
      ],
    },
  };
}

/** Follows the pods of a world; stops its kernel once as many run, or as few exist, as are waited for. */
export class PodCount {
  running = 0;
  existing = 0;
  readonly #world: World;
  #reached: () => boolean = () => false;

  constructor(world: World) {
    this.#world = world;
    world.server.observe(({ resource, type, object, old }) => {
      if (resource !== 'pods') return;
      const runs = (pod: Pod | undefined): number => (pod?.status?.phase === 'Running' ? 1 : 0);
      if (type === 'ADDED') this.existing += 1;
      if (type === 'DELETED') this.existing -= 1;
      this.running += (type === 'DELETED' ? 0 : runs(object as Pod)) - runs(old as Pod | undefined);
      if (this.#reached()) world.kernel.halt();
    });
  }

  untilRunning(count: number): void {
    this.#until(() => this.running >= count, `${count} pods Running`);
  }

  untilGone(): void {
    this.#until(() => this.existing === 0, 'no pod left');
  }

  #until(reached: () => boolean, what: string): void {
    const { kernel } = this.#world;
    this.#reached = reached;
    const end = kernel.now + PATIENCE;
    while (!reached()) {
      if (kernel.run({ until: end }) === 'halted') continue;
      throw new Error(`waited ${PATIENCE / 1_000_000} virtual seconds for ${what}: ${this.running} run, ${this.existing} exist`);
    }
    this.#reached = () => false;
  }
}

/** Makes the pods one after the other, as a controller does. */
export function* createPods({ api }: World, pods: readonly Pod[]): Process {
  for (const pod of pods) yield* api.pods.create(pod);
}

/** A booted world with so many pods Running, spread by the scheduler. */
export function worldWithPods(nodes: number, pods: number, variation: Variation = {}, container: Partial<Container> = {}): World {
  const world = worldOf(nodes, variation);
  boot(world);
  runPods(world, pods, container);
  return world;
}

/** Makes pods in a booted world and waits until all are Running. */
export function runPods(world: World, pods: number, container: Partial<Container> = {}): PodCount {
  const count = new PodCount(world);
  world.user.spawn(
    'create pods',
    createPods(
      world,
      Array.from({ length: pods }, (_, index) => podNamed(`pod-${index}`, container)),
    ),
  );
  count.untilRunning(pods);
  return count;
}
