import { Disk } from '@slipway/host';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AddRequest, IpamConfig, RuntimeConfig } from '../../contract.ts';
import { HostLocal } from './host-local.ts';

function request(containerId: string, ipam: IpamConfig, runtimeConfig?: RuntimeConfig, ifname = 'eth0'): AddRequest {
  const config = { cniVersion: '1.1.0', name: 'net', type: 'host-local', ipam, ...(runtimeConfig ? { runtimeConfig } : {}) };
  return { containerId, netns: '/n', ifname, config };
}

const small: IpamConfig = { type: 'host-local', ranges: [[{ subnet: '10.1.2.0/29' }]] };
const first = (plugin: HostLocal, ...parameters: Parameters<typeof request>): string | undefined =>
  plugin.add(request(...parameters)).ips?.[0]?.address;

describe('host-local', () => {
  it('add: begins after the gateway and goes round, so that an address rests as long as it can', () => {
    const plugin = new HostLocal(new Disk());
    expect(first(plugin, 'a', small)).toBe('10.1.2.2/29');
    expect(first(plugin, 'b', small)).toBe('10.1.2.3/29');
    plugin.del(request('a', small));
    expect(['c', 'd', 'e', 'f'].map((id) => first(plugin, id, small))).toEqual([
      '10.1.2.4/29',
      '10.1.2.5/29',
      '10.1.2.6/29',
      '10.1.2.2/29',
    ]);
  });

  it('add: an empty pool is an error with the words of the real one', () => {
    const plugin = new HostLocal(new Disk());
    for (const id of ['a', 'b', 'c', 'd', 'e']) plugin.add(request(id, small));
    expect(() => plugin.add(request('f', small))).toThrow(
      'failed to allocate for range 0: no IP addresses available in range set: 10.1.2.1-10.1.2.6',
    );
  });

  it('add: a full disk takes no address', () => {
    const disk = new Disk();
    const plugin = new HostLocal(disk);
    plugin.add(request('a', small));
    disk.full = true;
    expect(() => plugin.add(request('b', small))).toThrow('no space left on device');
    expect(disk.list('/var/lib/cni/networks/net')).toEqual(['10.1.2.2', 'last_reserved_ip.0']);
    disk.full = false;
    expect(first(plugin, 'c', small)).toBe('10.1.2.3/29');
  });

  it('disk: one file per address with container and interface, and the last one', () => {
    const disk = new Disk();
    new HostLocal(disk).add(request('a', small));
    expect(disk.list('/var/lib/cni/networks/net')).toEqual(['10.1.2.2', 'last_reserved_ip.0']);
    expect(disk.readText('/var/lib/cni/networks/net/10.1.2.2')).toBe('a\r\neth0');
    expect(disk.readText('/var/lib/cni/networks/net/last_reserved_ip.0')).toBe('10.1.2.2');
    expect(first(new HostLocal(disk), 'b', small)).toBe('10.1.2.3/29');
  });

  it('add: one address per range set; a later failure gives back the earlier ones', () => {
    const disk = new Disk();
    const plugin = new HostLocal(disk);
    const dual: IpamConfig = { ranges: [[{ subnet: '10.1.2.0/24' }], [{ subnet: 'fd00::/126' }]], routes: [{ dst: '::/0' }] };
    expect(plugin.add(request('a', dual))).toEqual({
      cniVersion: '1.1.0',
      ips: [
        { address: '10.1.2.2/24', gateway: '10.1.2.1' },
        { address: 'fd00::2/126', gateway: 'fd00::1' },
      ],
      routes: [{ dst: '::/0' }],
    });
    plugin.add(request('b', dual));
    expect(() => plugin.add(request('c', dual))).toThrow('failed to allocate for range 1');
    expect(disk.list('/var/lib/cni/networks/net').filter((name) => name.startsWith('10.'))).toEqual(['10.1.2.2', '10.1.2.3']);
  });

  it('add: the same attachment twice is refused; another interface of it is not', () => {
    const plugin = new HostLocal(new Disk());
    plugin.add(request('a', small));
    expect(() => plugin.add(request('a', small))).toThrow('10.1.2.2 has been allocated to a, duplicate allocation is not allowed');
    expect(first(plugin, 'a', small, undefined, 'net1')).toBe('10.1.2.3/29');
  });

  it('add: addresses that are asked for are given, or refused with a reason', () => {
    const plugin = new HostLocal(new Disk());
    expect(first(plugin, 'a', small, { ips: ['10.1.2.5'] })).toBe('10.1.2.5/29');
    expect(() => plugin.add(request('b', small, { ips: ['10.1.2.5'] }))).toThrow(
      'requested IP address 10.1.2.5 is not available in range set',
    );
    expect(() => plugin.add(request('b', small, { ips: ['10.1.2.1'] }))).toThrow("requested ip 10.1.2.1 is subnet's gateway");
    expect(() => plugin.add(request('b', small, { ips: ['192.0.2.1'] }))).toThrow('failed to allocate all requested IPs: 192.0.2.1');
    // The refused request had taken .6 and given it back, as upstream does before it looks for what is left over.
    expect(first(plugin, 'b', small)).toBe('10.1.2.2/29');
  });

  it.each([
    [{}, 'no IP ranges specified'],
    [{ ranges: [[]] }, 'invalid range set 0: empty range set'],
    [{ subnet: '10.0.0.0/31' }, 'invalid range set 0: Network 10.0.0.0/31 too small to allocate from'],
    [{ subnet: '10.0.0.5/24' }, 'Network has host bits set. For a subnet mask of length 24 the network address is 10.0.0.0'],
    [{ subnet: '10.0.0.0/24', rangeStart: '10.0.1.1' }, 'RangeStart 10.0.1.1 not in network 10.0.0.0/24'],
    [{ ranges: [[{ subnet: '10.0.0.0/24' }], [{ subnet: '10.0.0.0/16' }]] }, 'range set 0 overlaps with 1'],
    [{ ranges: [[{ subnet: '10.0.0.0/24' }, { subnet: 'fd00::/64' }]] }, 'mixed address families'],
  ])('add: %j is refused', (ipam, message) => {
    expect(() => new HostLocal(new Disk()).add(request('a', ipam))).toThrow(message);
  });

  it('any order of add and del: addresses are unique, inside the range, never the gateway, and all come back', () => {
    const moves = fc.array(fc.record({ id: fc.integer({ min: 0, max: 9 }), add: fc.boolean() }), { maxLength: 60 });
    const range = { subnet: '10.7.0.0/24', rangeStart: '10.7.0.3', rangeEnd: '10.7.0.8', gateway: '10.7.0.5' };
    fc.assert(
      fc.property(moves, (steps) => {
        const plugin = new HostLocal(new Disk());
        const held = new Map<string, string>();
        for (const { id, add } of steps) {
          const of = request(`c${id}`, { ranges: [[range]] });
          if (!add) {
            plugin.del(of);
            held.delete(of.containerId);
          } else if (held.has(of.containerId) || held.size === 5) expect(() => plugin.add(of)).toThrow();
          else {
            const address = plugin.add(of).ips?.[0]?.address ?? '';
            expect(address).toMatch(/^10\.7\.0\.[34678]\/24$/);
            expect([...held.values()]).not.toContain(address);
            held.set(of.containerId, address);
          }
        }
        for (const id of held.keys()) plugin.del(request(id, { ranges: [[range]] }));
        for (let id = 0; id < 5; id += 1) plugin.add(request(`after${id}`, { ranges: [[range]] }));
      }),
      { numRuns: 60 },
    );
  });
});
