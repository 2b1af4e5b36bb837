import fc from 'fast-check';
import { isIPv4, isIPv6 } from 'node:net';
import { expect, test } from 'vitest';
import {
  canonicalIp,
  cidr,
  compareIps,
  contains,
  formatCidr,
  formatIp,
  formatNetwork,
  type Ip,
  ip,
  lastIp,
  nextIp,
  overlaps,
  parseCidr,
  parseIp,
  sizeOf,
  subnet,
} from './ip.ts';

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();
const address: fc.Arbitrary<Ip> = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }).map((value): Ip => ({ family: 4, value })),
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map((value): Ip => ({ family: 6, value })),
);
const range = address.chain((at) => fc.nat(at.family === 4 ? 32 : 128).map((prefix) => cidr(`${formatIp(at)}/${prefix}`)));

test('ip: what is written is read back exactly', () => {
  fc.assert(
    fc.property(address, (at) => {
      expect(parseIp(formatIp(at))).toEqual(at);
    }),
  );
  fc.assert(
    fc.property(range, (at) => {
      expect(cidr(formatCidr(at))).toEqual(at);
    }),
  );
});

test('ip: reads what Node reads, and nothing else', () => {
  const garbled = fc.string({ unit: fc.constantFrom('0', '1', '25', 'f', ':', '::', '.', '/'), maxLength: 12 });
  fc.assert(
    fc.property(fc.oneof(ipv4, ipv6, garbled), (text) => {
      expect(parseIp(text) !== undefined).toBe(isIPv4(text) || isIPv6(text));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['::ffff:0a00:0001', '::ffff:10.0.0.1'],
  ['10.0.0.1', '10.0.0.1'],
])('ip: %s is written %s, as RFC 5952 has it', (text, written) => {
  expect(canonicalIp(text)).toBe(written);
});

test('cidr: a range holds exactly the addresses from its first to its last', () => {
  fc.assert(
    fc.property(range, address, (within, at) => {
      const between = at.family === within.network.family && compareIps(within.network, at) <= 0 && compareIps(at, lastIp(within)) <= 0;
      expect(contains(within, at)).toBe(between);
      expect(sizeOf(within)).toBe(lastIp(within).value - within.network.value + 1n);
    }),
  );
});

test('cidr: ranges overlap when one holds the first address of the other', () => {
  fc.assert(
    fc.property(range, range, (a, b) => {
      expect(overlaps(a, b)).toBe(contains(a, b.network) || contains(b, a.network));
    }),
  );
});

test('cidr: subnets are disjoint parts of their range', () => {
  const pods = cidr('10.244.0.0/16');
  expect(formatNetwork(subnet(pods, 24, 3) ?? pods)).toBe('10.244.3.0/24');
  expect(subnet(pods, 24, 256)).toBeUndefined();
  fc.assert(
    fc.property(range, fc.nat(8), fc.nat(300), fc.nat(300), (whole, bits, i, j) => {
      const [a, b] = [subnet(whole, whole.prefix + bits, i), subnet(whole, whole.prefix + bits, j)];
      if (!a || !b) return;
      expect(contains(whole, a.network) && contains(whole, lastIp(a))).toBe(true);
      expect(overlaps(a, b)).toBe(i === j);
    }),
  );
});

test('ip: the next address ends at the end of the space', () => {
  expect(nextIp(ip('255.255.255.255'))).toBeUndefined();
  expect(formatIp(nextIp(ip('10.0.0.255')) ?? ip('::'))).toBe('10.0.1.0');
  expect(formatIp(nextIp(ip('fd00::ffff'), -1) ?? ip('::'))).toBe('fd00::fffe');
});

test.each(['10.0.0.1', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/08', 'fd00::/129', '/24'])('cidr: %s is refused', (text) => {
  expect(parseCidr(text)).toBeUndefined();
});
