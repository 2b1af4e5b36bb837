import { must } from '@slipway/kernel';
import { cniCase } from './case.ts';
import { addressesOf, type Container, refusal } from './subject.ts';

const STEPS = 60;

/** Histories in random order, against the simplest model: who is in, and with which address. */
export const orderCases = [
  cniCase(
    'order.random',
    'add and del in any order: addresses stay unique, the pool stays whole',
    'Lifecycle & Ordering; Slipway NET-01, NET-05, NET-07',
    async (bench) => {
      const { capacity, random, host } = bench.subject;
      const room = capacity ?? 6;
      const live = new Map<Container, readonly string[]>();
      const gone: Container[] = [];
      for (let step = 0; step < STEPS; step += 1) {
        const move = random.integer(0, 9);
        if (move < 5 && live.size < room) {
          const taken = new Set([...live.values()].flat());
          for (const { container, result } of await bench.fill(1)) {
            const addresses = addressesOf(result);
            must(!addresses.some((address) => taken.has(address)), `${addresses.join(', ')} was free`);
            live.set(container, addresses);
          }
        } else if (move < 5 && capacity !== undefined) {
          await refusal('ADD with no address left', bench.add(bench.container()));
        } else if (move < 8 && live.size > 0) {
          const container = random.pick([...live.keys()]);
          if (random.chance(1, 3)) host.network.delete(container.netns);
          await bench.del(container);
          live.delete(container);
          gone.push(container);
        } else if (gone.length > 0) {
          await bench.del(random.pick(gone));
        }
        for (const [container, addresses] of live) {
          for (const address of addresses) must(bench.namespace(container).has(address), `${address} is still at ${container.containerId}`);
        }
      }
      for (const container of live.keys()) await bench.del(container);
      await bench.fill(room);
    },
  ),
];
