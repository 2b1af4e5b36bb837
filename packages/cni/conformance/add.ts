import { cidr, compareIps, contains, ip, lastIp } from '@slipway/host';
import { all, must } from '@slipway/kernel';
import { isAllowedCode } from '../errors.ts';
import { invalidResult } from '../rules.ts';
import { cniCase } from './case.ts';
import { noPool } from './capacity.ts';
import { addressesOf, refusal } from './subject.ts';

/** What a plugin does when it joins a container to the network. */
export const addCases = [
  cniCase(
    'add.result-valid',
    'add: the result is well-formed and in the version of the request',
    'ADD Success; CNI-18, CNI-75',
    async (bench) => {
      const result = await bench.add(bench.container());
      const wrong = invalidResult(result);
      must(wrong === undefined, `the result is well-formed (${wrong})`);
      must(result.cniVersion === bench.subject.config.cniVersion, 'cniVersion is that of the request');
    },
  ),
  cniCase(
    'add.address-given',
    'add: the attachment has an address',
    'ADD Success; containerd takes the pod address from it',
    async (bench) => {
      must((await bench.add(bench.container())).ips?.length !== 0, 'the result has at least one address');
    },
  ),
  cniCase('add.interface-made', 'add: the interface is in the namespace, up, and in the result', 'ADD; CNI-17', async (bench) => {
    const container = bench.container();
    const result = await bench.add(container);
    must(bench.namespace(container).interfaces.get(container.ifname)?.up === true, `${container.ifname} is up in the namespace`);
    const listed = result.interfaces?.find(({ name, sandbox }) => name === container.ifname && sandbox === container.netns);
    must(listed !== undefined, `the result lists ${container.ifname} with its sandbox`);
  }),
  cniCase('add.address-on-interface', 'add: every address of the result is on its interface', 'ADD Success; CNI-17', async (bench) => {
    const container = bench.container();
    const { ips = [] } = await bench.add(container);
    const there = new Set(bench.namespace(container).ips);
    for (const { address } of ips) must(there.has(address.split('/')[0] ?? ''), `${address} is in the namespace`);
  }),
  cniCase('add.routes-in-namespace', 'add: every route of the result is in the namespace', 'ADD Success; CNI-17', async (bench) => {
    const container = bench.container();
    const { routes = [] } = await bench.add(container);
    for (const { dst } of routes) {
      must(bench.namespace(container).route(dst.split('/')[0] ?? '') !== undefined, `the namespace has a route to ${dst}`);
    }
  }),
  cniCase('add.unique-address', 'add: two live containers never share an address', 'Slipway NET-01; CNI-54', async (bench) => {
    const results = await bench.fill(Math.min(bench.subject.capacity ?? 5, 16));
    const addresses = results.flatMap(({ result }) => addressesOf(result));
    must(new Set(addresses).size === addresses.length, `addresses differ: ${addresses.join(', ')}`);
  }),
  cniCase(
    'add.concurrent',
    'add: containers that are added at the same time get addresses of their own',
    'Lifecycle & Ordering; CNI-54',
    async (bench) => {
      const { subject } = bench;
      const containers = Array.from({ length: Math.min(subject.capacity ?? 4, 8) }, () => bench.container());
      const results = await subject.settle(all(containers.map((container) => subject.cni.add(bench.request(container)))));
      const addresses = results.flatMap(addressesOf);
      must(new Set(addresses).size === addresses.length, `addresses differ: ${addresses.join(', ')}`);
    },
  ),
  cniCase(
    'add.address-legal',
    'add: no container gets a network, broadcast or gateway address',
    'Slipway NET-02; host-local README',
    async (bench) => {
      for (const { result } of await bench.fill(Math.min(bench.subject.capacity ?? 5, 16))) {
        for (const { address, gateway } of result.ips ?? []) {
          const range = cidr(address);
          must(compareIps(range.ip, range.network) !== 0, `${address} is not its network's address`);
          if (range.ip.family === 4 && range.prefix < 31)
            must(compareIps(range.ip, lastIp(range)) !== 0, `${address} is not the broadcast address`);
          if (gateway === undefined) continue;
          must(compareIps(range.ip, ip(gateway)) !== 0, `${address} is not the gateway`);
          must(contains(range, ip(gateway)), `the gateway ${gateway} is on the link of ${address}`);
        }
      }
    },
  ),
  cniCase(
    'add.second-interface',
    'add: a container may have two interfaces, which come and go apart',
    'Parameters; Attachment',
    async (bench) => {
      const one = bench.container('eth0');
      const other = { ...one, ifname: 'net1' };
      const first = await bench.add(one);
      const second = await bench.add(other);
      must(!addressesOf(second).some((address) => addressesOf(first).includes(address)), 'the interfaces have addresses of their own');
      await bench.del(other, second);
      must(bench.namespace(one).interfaces.has('eth0'), 'eth0 is still there');
      must(!bench.namespace(one).interfaces.has('net1'), 'net1 is gone');
    },
  ),
  cniCase('add.interface-exists', 'add: an interface that exists is refused, and left as it is', 'ADD; CNI-20', async (bench) => {
    const container = bench.container();
    const result = await bench.add(container);
    await refusal('a second ADD of the same interface', bench.add(container));
    must(bench.namespace(container).interfaces.get(container.ifname)?.up === true, 'the first attachment is untouched');
    for (const address of addressesOf(result)) must(bench.namespace(container).has(address), `${address} is still on it`);
  }),
  cniCase('add.missing-namespace', 'add: a namespace that does not exist is refused', 'ADD; CNI-21', async (bench) => {
    await refusal('ADD without a namespace', bench.add({ containerId: 'sandbox-lost', netns: '/var/run/netns/not-there', ifname: 'eth0' }));
  }),
  cniCase(
    'add.exhausted',
    'add: an empty pool is an error that names a cause, and nothing is made',
    'ADD; CNI-16; Slipway NET-03',
    async (bench) => {
      if (bench.subject.capacity === undefined) return noPool;
      await bench.fill(bench.subject.capacity);
      const late = bench.container();
      await refusal('ADD with no address left', bench.add(late));
      must(!bench.namespace(late).interfaces.has(late.ifname), 'the namespace has no interface left over');
      return undefined;
    },
  ),
  cniCase('add.failure-clean', 'add: failures take nothing from the pool', 'Slipway NET-03', async (bench) => {
    const { capacity } = bench.subject;
    if (capacity === undefined) return noPool;
    for (let at = 0; at < capacity + 2; at += 1) {
      await refusal(
        'ADD without a namespace',
        bench.add({ containerId: `lost-${at}`, netns: `/var/run/netns/lost-${at}`, ifname: 'eth0' }),
      );
    }
    const held = bench.container();
    await bench.add(held);
    for (let at = 0; at < capacity + 2; at += 1) await refusal('a repeated ADD', bench.add(held));
    await bench.fill(capacity - 1, 'an ADD that failed did not give the address back');
    return undefined;
  }),
  cniCase('add.error-shape', 'add: an error has a code that the spec allows, and a message', 'Error; CNI-16', async (bench) => {
    const error = await refusal(
      'ADD without a namespace',
      bench.add({ containerId: 'sandbox-lost', netns: '/var/run/netns/not-there', ifname: 'eth0' }),
    );
    const { code } = error as { readonly code?: unknown };
    must(typeof code === 'number' && isAllowedCode(code), `the code is a number of the spec or above 99, not ${String(code)}`);
  }),
];
