import { type Fault, minutes, type Process, Random, seconds, sleep } from '@slipway/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { World } from '../../simulator/wiring/world.ts';
import { life } from './life.ts';
import { makeWorld, pass, user } from './run-world.ts';

/** Rows that no fault between the parts of a node is an excuse for. */
const ALWAYS =
  'SCH-01 SCH-02 SCH-03 SCH-13 KUB-01 KUB-06 KUB-13 CRI-01 NET-01 NET-02 NET-05 CPI-04 API-01 API-02 API-03 API-04 API-09 API-12 SIM-02'.split(
    ' ',
  );

/** Machines lose their power, and calls on them fail, hang, come late, come twice or are answered to nobody. */
function* misfortune(world: World, seed: number): Process {
  const random = new Random(seed + 1);
  for (let time = 0; time < 12; time += 1) {
    yield* sleep(seconds(random.integer(5, 20)));
    const node = world.nodes.get(random.pick(['node-1', 'node-2']));
    if (!node) continue;
    if (random.chance(1, 4)) {
      node.powerOff();
      yield* sleep(seconds(random.integer(1, 60)));
      node.powerOn();
      continue;
    }
    const link = node.links.get(random.pick(['oci.Runtime', 'cni.Plugin', 'cri.RuntimeService']));
    const code = link?.service.interface === 'cni' ? '100' : 'UNKNOWN';
    const kinds: readonly Fault['kind'][] = [
      { error: { code } },
      { loseAnswer: true },
      { delay: '3s' },
      { refuse: {} },
      { duplicate: true },
      { hang: true },
    ];
    if (!link) continue;
    link.faults = [{ kind: random.pick(kinds), odds: [1, 3], times: 5 }];
    yield* sleep(seconds(random.integer(1, 20)));
    link.faults = [];
  }
}

test('with faults on links and machines: what no fault excuses holds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 100_000 }), async (seed) => {
      const world = makeWorld(2, {}, { seed, explore: 'swarm' });
      user(world, () => life(world, seed));
      user(world, () => misfortune(world, seed));
      await pass(world, minutes(10));
      world.invariants.atRest();
      expect(world.invariants.violations.filter(({ id }) => ALWAYS.includes(id))).toEqual([]);
    }),
    { numRuns: 2 },
  );
});
