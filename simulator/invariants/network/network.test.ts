import { minutes } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { failure, Lab } from '../testing/lab.ts';
import { addresses, attachment, labWithHost, NODE, wire } from './testing/fixtures.ts';

describe('NET-01 unique-address', () => {
  test('an address that comes free is handed out again, and a chain hands its result on: silent', () => {
    const lab = new Lab(['NET-01']);
    for (const type of ['my-network', 'portmap']) lab.cni(NODE, 'Add', attachment('a', { type }), addresses('10.0.0.5/24'));
    lab.cni(NODE, 'Add', attachment('b'), addresses('10.0.0.6/24', 'fd00::6/64'));
    for (const type of ['portmap', 'my-network']) lab.cni(NODE, 'Del', attachment('a', { type }));
    lab.cni('node-2', 'Add', attachment('c'), addresses('10.0.0.5/24'));
    expect(lab.violations).toEqual([]);
  });

  test('the same address for two pods, on one node or two, is reported with the plugin and its call', () => {
    const lab = new Lab(['NET-01']);
    lab.cni(NODE, 'Add', attachment('a'), addresses('10.0.0.5/24'));
    lab.cni(NODE, 'Add', attachment('b'), addresses('10.0.0.5/24'));
    lab.cni('node-2', 'Add', attachment('c'), addresses('10.0.0.5/24'));
    expect(lab.violations).toMatchObject([
      {
        id: 'NET-01',
        message: 'my-network/node-1 answered cni.Plugin/Add for default/b on node-1 with 10.0.0.5, which default/a on node-1 has already',
        objects: ['Pod default/b', 'Pod default/a'],
      },
      { message: 'my-network/node-2 answered cni.Plugin/Add for default/c on node-2 with 10.0.0.5, which default/b on node-1 has already' },
    ]);
  });

  test('a sandbox that went with the power of its machine has no address', () => {
    const { lab, host } = labWithHost('NET-01');
    wire(host, 'a', '10.0.0.5/24');
    lab.cni(NODE, 'Add', attachment('a'), addresses('10.0.0.5/24'));
    host.powerOff();
    host.powerOn();
    lab.cni(NODE, 'Add', attachment('b'), addresses('10.0.0.5/24'));
    expect(lab.violations).toEqual([]);
  });
});

describe('NET-02 address-legal', () => {
  const ipam = { type: 'host-local', ranges: [[{ subnet: '10.0.0.0/24', rangeStart: '10.0.0.10' }]] };
  const judge = (result: object, more: object = {}): readonly string[] => {
    const { lab } = labWithHost('NET-02');
    lab.cni(NODE, 'Add', attachment('a', more), result);
    return lab.violations.map(({ message }) => message.slice(message.indexOf('with ') + 5));
  };

  test('addresses within pool and network are legal', () => {
    expect(judge(addresses('10.0.0.10/24', 'fd00::1/64'), { ipam })).toEqual([]);
    expect(judge(addresses('10.0.0.0/31'))).toEqual([]);
    expect(judge(addresses('192.168.7.7/32'))).toEqual([]);
    expect(judge({ ...addresses(), ips: [{ address: '10.0.0.7/24', gateway: '10.0.0.1' }] })).toEqual([]);
  });

  test.each([
    ['the network', addresses('10.0.0.0/24'), {}, '10.0.0.0/24, the address of the network itself'],
    ['broadcast', addresses('10.0.0.255/24'), {}, "10.0.0.255/24, the network's broadcast address"],
    ['its gateway', { ips: [{ address: '10.0.0.1/24', gateway: '10.0.0.1' }] }, {}, '10.0.0.1/24, the address of its own gateway'],
    ['outside of the pool', addresses('10.0.1.9/24'), { ipam }, '10.0.1.9/24, which is outside of its pool, 10.0.0.0/24'],
    ['before the range', addresses('10.0.0.9/24'), { ipam }, '10.0.0.9/24, which is outside of its pool, 10.0.0.0/24'],
    ['the machine itself', addresses('172.18.0.2/16'), {}, '172.18.0.2/16, an address that node-1 has itself'],
  ])('%s is reported', (_what, result, config, message) => {
    expect(judge(result, config)).toEqual([message]);
  });
});

describe('NET-03 failed-add-clean', () => {
  test('a failure that leaves nothing is silent; so is a refusal to add twice', () => {
    const { lab, host } = labWithHost('NET-03');
    host.network.create('/var/run/netns/a');
    lab.cni(NODE, 'Add', attachment('a'), failure('100'));
    wire(host, 'a', '10.0.0.5/24');
    lab.cni(NODE, 'Add', attachment('a'), addresses('10.0.0.5/24'));
    lab.cni(NODE, 'Add', attachment('a'), failure('100'));
    expect(lab.violations).toEqual([]);
  });

  test('an interface and an address that stay behind are reported', () => {
    const { lab, host } = labWithHost('NET-03');
    wire(host, 'a', '10.0.0.5/24');
    host.files.write('/var/lib/cni/networks/pods/10.0.0.5', 'sandbox-a\r\neth0', { parents: true });
    lab.cni(NODE, 'Add', attachment('a'), failure('100'));
    expect(lab.violations).toMatchObject([
      {
        id: 'NET-03',
        message:
          'my-network/node-1 failed cni.Plugin/Add for default/a with 100 and left the interface eth0 and the address 10.0.0.5 behind',
      },
    ]);
  });
});

describe('NET-05 del-idempotent', () => {
  test('repeats that succeed, and a DEL that has something to free and must be tried again, are silent', () => {
    const { lab, host } = labWithHost('NET-05');
    wire(host, 'a', '10.0.0.5/24');
    lab.cni(NODE, 'Add', attachment('a'), addresses('10.0.0.5/24'));
    lab.cni(NODE, 'Del', attachment('a'), failure('100'));
    lab.cni(NODE, 'Del', { ...attachment('a'), netns: '' }, failure('11'));
    for (let time = 0; time < 3; time += 1) lab.cni(NODE, 'Del', { ...attachment('a'), netns: '' });
    expect(lab.violations).toEqual([]);
  });

  test('a repeat that fails, one for a sandbox that never was, and one whose namespace is gone are reported', () => {
    const { lab, host } = labWithHost('NET-05');
    wire(host, 'a', '10.0.0.5/24');
    lab.cni(NODE, 'Add', attachment('a'), addresses('10.0.0.5/24'));
    lab.cni(NODE, 'Del', attachment('a'));
    lab.cni(NODE, 'Del', attachment('a'), failure('100', 'no such interface'));
    lab.cni(NODE, 'Del', attachment('never'), failure('100', 'no such interface'));
    lab.cni(NODE, 'Add', attachment('b'), addresses('10.0.0.6/24'));
    lab.cni(NODE, 'Del', { ...attachment('b'), netns: '' }, failure('100', 'no such namespace'));
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'my-network/node-1 failed cni.Plugin/Del for Pod default/a with 100 (no such interface), though nothing is attached any more',
      'my-network/node-1 failed cni.Plugin/Del for Pod default/never with 100 (no such interface), though nothing is attached any more',
      'my-network/node-1 failed cni.Plugin/Del for Pod default/b with 100 (no such namespace), though its namespace is gone',
    ]);
  });
});

describe('NET-06 del-for-every-add', () => {
  const remove = (lab: Lab, pod: string): void => lab.cri(NODE, 'RemovePodSandbox', { podSandboxId: `sandbox-${pod}` });

  test('a DEL for each plugin before the sandbox is removed: silent', () => {
    const { lab } = labWithHost('NET-06');
    for (const type of ['my-network', 'portmap']) lab.cni(NODE, 'Add', attachment('a', { type }), addresses('10.0.0.5/24'));
    for (const type of ['portmap', 'my-network']) lab.cni(NODE, 'Del', attachment('a', { type }));
    remove(lab, 'a');
    lab.cni(NODE, 'Add', attachment('failed'), failure('100'));
    lab.cni(NODE, 'Del', attachment('failed'));
    lab.pass(minutes(10));
    lab.atRest();
    expect(lab.violations).toEqual([]);
  });

  test('a runtime that removes a sandbox, or forgets a failed one, without DEL is reported', () => {
    const { lab } = labWithHost('NET-06');
    lab.cni(NODE, 'Add', attachment('a'), addresses('10.0.0.5/24'));
    remove(lab, 'a');
    expect(lab.violations).toMatchObject([
      {
        id: 'NET-06',
        message: 'containerd/node-1 forgot the sandbox of default/a on node-1 without a cni.Plugin/Del for its my-network attachment eth0',
      },
    ]);
    lab.cni(NODE, 'Add', attachment('failed'), failure('100'));
    lab.atRest();
    expect(lab.violations).toHaveLength(1);
    lab.pass(minutes(10));
    lab.atRest();
    expect(lab.violations.map(({ objects }) => objects[0])).toContain('Pod default/failed');
  });

  test('a GC that does not keep the attachment, and a loss of power, count as its end', () => {
    const { lab, host } = labWithHost('NET-06');
    lab.cni(NODE, 'Add', attachment('a'), addresses('10.0.0.5/24'));
    lab.cni(NODE, 'Gc', { config: { ...attachment('a').config, 'cni.dev/valid-attachments': [] } });
    lab.cni(NODE, 'Add', attachment('b'), addresses('10.0.0.6/24'));
    host.powerOff();
    host.powerOn();
    lab.pass(minutes(10));
    lab.atRest();
    expect(lab.violations).toEqual([]);
  });
});

describe('NET-12 late-del-harmless', () => {
  const twice = (harm: boolean): Lab => {
    const { lab, host } = labWithHost('NET-12');
    wire(host, 'old', '10.0.0.5/24');
    lab.cni(NODE, 'Add', attachment('old'), addresses('10.0.0.5/24'));
    lab.cni(NODE, 'Del', attachment('old'));
    host.network.delete('/var/run/netns/old');
    wire(host, 'new', '10.0.0.5/24');
    lab.cni(NODE, 'Add', attachment('new'), addresses('10.0.0.5/24'));
    if (harm) host.network.get('/var/run/netns/new')?.removeInterface('eth0');
    lab.cni(NODE, 'Del', { ...attachment('old'), netns: '' });
    return lab;
  };

  test('a late DEL that changes nothing is silent', () => {
    expect(twice(false).violations).toEqual([]);
  });

  test('a late DEL that takes the address of the new sandbox away is reported', () => {
    expect(twice(true).violations).toMatchObject([
      {
        id: 'NET-12',
        message:
          'my-network/node-1 answered cni.Plugin/Del for the old sandbox sandbox-old and took the address of default/new on node-1 away',
      },
    ]);
  });
});
