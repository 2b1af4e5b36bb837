import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cidr, contains, formatNetwork, ip } from './ip.ts';
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

test('routes: a destination has one route', () => {
  const routes = new RouteTable();
  routes.add({ dst: '10.0.0.5/24', dev: 'eth0' });
  expect(() => routes.add({ dst: '10.0.0.0/24', dev: 'eth1' })).toThrow('file exists');
});
