import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cidr, contains, formatNetwork, ip } from './ip.ts';
import { Kernel } from '@slipway/kernel';
import { Host } from './host.ts';
import { RouteTable } from './routes.ts';

const range = fc
  .tuple(fc.constantFrom('10.1.2.3', '10.1.9.9', '10.200.0.1', '172.16.5.5', 'fd00::1', 'fd00:1::1'), fc.nat(32))
  .map(([at, prefix]) => formatNetwork(cidr(`${at}/${prefix}`)));

test('routes: the longest prefix wins, in small and large tables alike', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(range, { maxLength: 30 }),
      fc.array(fc.nat(29)),
      fc.oneof(fc.ipV4(), fc.constantFrom('10.1.2.3', '10.1.2.99', 'fd00::2')),
      (dsts, removed, at) => {
        const routes = new RouteTable();
        for (const dst of dsts) routes.add({ dst, dev: 'eth0' });
        for (const index of removed) if (dsts[index] !== undefined) routes.remove(dsts[index]);
        const best = routes
          .list()
          .filter(({ dst }) => contains(cidr(dst), ip(at)))
          .sort((a, b) => cidr(b.dst).prefix - cidr(a.dst).prefix)[0];
        expect(routes.find(ip(at))).toEqual(best);
      },
    ),
  );
});

test('routes: a destination has one route for each interface and metric; the lowest metric is taken, then the oldest', () => {
  const routes = new RouteTable();
  // Enough others that the table is indexed in the second round.
  for (const others of [0, 20]) {
    for (let at = 0; at < others; at += 1) routes.add({ dst: `172.16.${at}.0/24`, dev: 'lan' });
    routes.add({ dst: '10.0.0.5/24', dev: 'eth0' });
    expect(() => routes.add({ dst: '10.0.0.0/24', dev: 'eth0' })).toThrow('file exists');
    routes.add({ dst: '10.0.0.0/24', dev: 'eth1' });
    routes.add({ dst: '10.0.0.0/24', dev: 'eth2', metric: 100 });
    const taken = () => routes.find(ip('10.0.0.9'))?.dev;
    expect(taken()).toBe('eth0');
    expect(routes.has('10.0.0.0/24', 'eth1')).toBe(true);
    routes.removeDevice('eth0');
    expect(taken()).toBe('eth1');
    expect(routes.remove('10.0.0.0/24', 'eth3')).toBe(false);
    expect(routes.remove('10.0.0.0/24')).toBe(true);
    expect(taken()).toBe('eth2');
    expect(routes.remove('10.0.0.0/24', 'eth2')).toBe(true);
    expect(taken()).toBeUndefined();
  }
});

test('routes: of two interfaces that both lead everywhere, one may go', () => {
  const resolve = (): never => {
    throw new Error('nothing runs here');
  };
  const host = new Host({ name: 'node-1', kernel: new Kernel(), programs: { resolve } });
  const pod = host.network.create('/var/run/netns/pod');
  for (const [at, name] of ['eth0', 'net1'].entries()) {
    pod.addInterface({ name, kind: 'veth', addresses: [`10.1.0.${at + 2}/16`], peer: { namespace: host.network.root, name: `veth${at}` } });
    pod.addRoute({ dst: '0.0.0.0/0', gw: '10.1.0.1', dev: name });
  }
  expect([pod.route('8.8.8.8')?.dev, pod.route('10.1.9.9')?.dev]).toEqual(['eth0', 'eth0']);
  pod.removeInterface('eth0');
  expect([pod.route('8.8.8.8')?.dev, pod.route('10.1.9.9')?.dev]).toEqual(['net1', 'net1']);
  pod.removeInterface('net1');
  expect(pod.routes).toEqual([]);
});
