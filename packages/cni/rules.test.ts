import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { invalidInterfaceName, invalidName, invalidResult, rules } from './rules.ts';

const request = { containerId: 'a1', netns: '/var/run/netns/a1', ifname: 'eth0', config: { cniVersion: '1.1.0', name: 'net', type: 'x' } };

describe('rules', () => {
  it.each(['a', 'A-1', '9.x_y', 'cni-1'])('names: %s is one', (name) => expect(invalidName(name)).toBeUndefined());
  it.each(['', '-a', 'a b', 'a/b', '.a', 'ä'])('names: "%s" is none', (name) => expect(invalidName(name)).toBeDefined());

  it('interface names: 1 to 15 characters without / : or white space', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (name) => {
        const legal = name.length > 0 && name.length <= 15 && !/[/:\s]/.test(name) && name !== '.' && name !== '..';
        expect(invalidInterfaceName(name) === undefined).toBe(legal);
      }),
    );
  });

  it('results: addresses, networks and references must be what they say', () => {
    const interfaces = [{ name: 'eth0', sandbox: '/n' }];
    const fine = {
      cniVersion: '1.1.0',
      interfaces,
      ips: [{ address: '10.0.0.2/24', gateway: '10.0.0.1', interface: 0 }],
      routes: [{ dst: '::/0', gw: 'fe80::1' }],
    };
    expect(invalidResult(fine)).toBeUndefined();
    expect(invalidResult({ ...fine, ips: [{ address: '10.0.0.2' }] })).toMatch(/prefix length/);
    expect(invalidResult({ ...fine, ips: [{ address: '10.0.0.2/24', interface: 1 }] })).toMatch(/interface 1 of 1/);
    expect(invalidResult({ ...fine, ips: [{ address: '10.0.0.2/24', gateway: 'x' }] })).toMatch(/gateway/);
    expect(invalidResult({ ...fine, routes: [{ dst: '10.0.0.1' }] })).toMatch(/no network/);
    expect(invalidResult({ ...fine, dns: { nameservers: ['dns'] } })).toMatch(/nameserver/);
    expect(invalidResult({ ...fine, interfaces: [{ name: '' }] })).toMatch(/no name/);
  });

  it('add: a good request passes every rule, a bad one names what is wrong', () => {
    const wrong = (bad: object): readonly (string | undefined)[] =>
      rules.add.map((rule) => rule.request?.({ ...request, ...bad })).filter((text) => text !== undefined);
    expect(wrong({})).toEqual([]);
    expect(wrong({ netns: '' })).toEqual(['netns is missing']);
    expect(wrong({ containerId: '' })).toHaveLength(1);
    expect(wrong({ ifname: 'longer-than-fifteen' })).toHaveLength(1);
    expect(wrong({ config: { ...request.config, type: 'a/b' } })).toHaveLength(1);
    expect(wrong({ config: { ...request.config, capabilities: {} } })).toHaveLength(1);
    expect(rules.add.map((rule) => rule.response?.(request, { cniVersion: '1.0.0' })).filter((text) => text !== undefined)).toHaveLength(1);
  });
});
