import { type Exploration, type KernelOptions, type Micros, type Process, seconds, sleep } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import { expect, test } from 'vitest';
import { worldFactory } from '../../wiring/container.ts';
import type { World } from '../../wiring/world.ts';
import { exploreOrders, type OrderedRun, type Picks } from './explore-orders.ts';
import { worldDomains } from './world-domains.ts';

const MACHINES = new Set(['node-1', 'node-2']);

/** Two at once, when the namespace has its service account. */
function* makePods({ api }: World): Process {
  yield* sleep(seconds(1));
  for (const name of ['a', 'b']) yield* api.pods.create(podOf(name));
}

const podOf = (name: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'busybox', command: ['sleep', '10000'] }] },
});

function start(options: Pick<KernelOptions, 'seed' | 'explore' | 'elide' | 'footprints'>, end: Micros): World {
  const nodes = [...MACHINES].map((name) => ({ name, capacity: { cpu: '2', memory: '4Gi', pods: '10' } }));
  const world = worldFactory({})({ nodes, ...options });
  world.user.spawn('pods', makePods(world));
  world.kernel.run({ until: end });
  return world;
}

function run(picks: Picks, end: Micros): { readonly world: World; readonly ran: OrderedRun<number> } {
  const world = start({ explore: { order: 'picks', picks }, footprints: { domainOf: worldDomains(MACHINES) } }, end);
  const { choices, footprints } = world.kernel;
  return { world, ran: { choices, footprints, result: world.invariants.violations.length } };
}

test.each<Exploration>([{ order: 'random' }, { order: 'priority', changes: 3, jitter: true }])(
  'a whole world in an order by chance: its choices, given as picks, make the same run (%o)',
  (explore) => {
    const { order: _order, changes: _changes, ...rest } = explore;
    const explored = start({ seed: 2, explore }, seconds(4));
    const { deviations, points } = explored.kernel.choices;
    expect(deviations.size).toBeGreaterThan(100);
    const again = start({ seed: 2, explore: { ...rest, order: 'picks', picks: deviations } }, seconds(4));
    expect(again.fingerprint).toBe(explored.fingerprint);
    expect(again.kernel.choices.points).toBe(points);
  },
);

test('a whole world in random order: the same with and without idle ticks', () => {
  const of = (elide: boolean): string => start({ seed: 2, explore: { order: 'random' }, elide }, seconds(8)).fingerprint;
  expect(of(false)).toBe(of(true));
});

test('a whole world: orders of what happens after its start are searched, and the same picks make the same run', async () => {
  const from = run(new Map(), seconds(1)).world.kernel.choices.points;
  const tried: Picks[] = [];
  const report = await exploreOrders({
    run: (picks) => {
      tried.push(picks);
      return run(picks, seconds(4)).ran;
    },
    from,
    depth: 60,
    budget: 4,
    failed: (violations) => violations > 0,
  });
  expect(report).toMatchObject({ runs: 4, failures: [] });
  expect(report.pruned).toBeGreaterThan(0);
  expect(Math.min(...tried.slice(1).flatMap((picks) => [...picks.keys()]))).toBeGreaterThanOrEqual(from);
  const last = tried.at(-1) ?? new Map();
  expect(run(last, seconds(4)).world.fingerprint).toBe(run(last, seconds(4)).world.fingerprint);
});
