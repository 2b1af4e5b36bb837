import { must } from '@slipway/kernel';
import { cniCase } from './case.ts';
import { noPool } from './capacity.ts';
import { addressesOf, type Container, refusal } from './subject.ts';

/** What a plugin does when a container leaves. */
export const delCases = [
  cniCase('del.interface-removed', 'del: the interface is gone, on the host too', 'DEL; CNI-23', async (bench) => {
    const container = bench.container();
    const { root } = bench.subject.host.network;
    const result = await bench.add(container);
    const hostEnds = (result.interfaces ?? []).filter(({ sandbox, name }) => !sandbox && root.interfaces.get(name)?.kind === 'veth');
    await bench.del(container, result);
    must(!bench.namespace(container).interfaces.has(container.ifname), `${container.ifname} is gone`);
    for (const { name } of hostEnds) must(!root.interfaces.has(name), `${name} is gone from the host`);
  }),
  cniCase('del.idempotent', 'del: repeating succeeds', 'DEL; CNI-27; Slipway NET-05', async (bench) => {
    const container = bench.container();
    const result = await bench.add(container);
    for (let round = 0; round < 3; round += 1) await bench.del(container, result);
  }),
  cniCase('del.never-added', 'del: a container that was never added is no error', 'DEL; CNI-26', async (bench) => {
    await bench.del(bench.container());
  }),
  cniCase('del.after-failed-add', 'del: the DEL that follows a failed ADD succeeds', 'Lifecycle & Ordering; CNI-55', async (bench) => {
    const container: Container = { containerId: 'sandbox-lost', netns: '/var/run/netns/not-there', ifname: 'eth0' };
    await refusal('ADD without a namespace', bench.add(container));
    await bench.del(container);
  }),
  cniCase('del.without-prev-result', 'del: works without prevResult', 'DEL; CNI-25', async (bench) => {
    const container = bench.container();
    await bench.add(container);
    await bench.del(container);
    must(!bench.namespace(container).interfaces.has(container.ifname), `${container.ifname} is gone`);
  }),
  cniCase(
    'del.namespace-gone',
    'del: succeeds when the namespace is gone, named or not, and frees the address',
    'DEL; CNI-26; NET-05',
    async (bench) => {
      const { capacity, host } = bench.subject;
      const filled = await bench.fill(capacity ?? 2);
      for (const [at, { container, result }] of filled.entries()) {
        host.network.delete(container.netns);
        const { netns: _gone, ...nameless } = container;
        await bench.del(at % 2 === 0 ? container : nameless, result);
      }
      await bench.fill(capacity ?? 2);
    },
  ),
  cniCase(
    'del.frees-address',
    'del: addresses come back, so that the pool can be filled again and again',
    'DEL; CNI-23; Slipway NET-07',
    async (bench) => {
      const { capacity } = bench.subject;
      if (capacity === undefined) return noPool;
      for (let round = 0; round < 3; round += 1) {
        for (const { container, result } of await bench.fill(capacity)) await bench.del(container, result);
      }
      return undefined;
    },
  ),
  cniCase('del.others-untouched', 'del: other containers keep what they have', 'DEL; CNI-23', async (bench) => {
    const [one, other] = [bench.container(), bench.container()];
    const kept = await bench.add(one);
    await bench.del(other, await bench.add(other));
    for (const address of addressesOf(kept)) must(bench.namespace(one).has(address), `${address} is still there`);
  }),
  cniCase(
    'del.late-harmless',
    'del: a late DEL does not touch a newer container, not even one that has the old address',
    'Slipway NET-12; CNI-56',
    async (bench) => {
      const { capacity = 1 } = bench.subject;
      const old = bench.container();
      const before = await bench.add(old);
      await bench.del(old, before);
      // So many that one of them has the old one's address, whatever the order of handing out.
      const newer = await bench.fill(capacity);
      await bench.del(old, before);
      for (const { container, result } of newer) {
        for (const address of addressesOf(result))
          must(bench.namespace(container).has(address), `${address} of ${container.containerId} is still there`);
      }
      if (bench.subject.capacity !== undefined) await refusal('ADD with no address left', bench.add(bench.container()));
    },
  ),
];
