import { minutes } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { failure, type Lab } from '../testing/lab.ts';
import { addresses, attachment, labWithHost, NODE, wire } from './testing/fixtures.ts';

describe('NET-04 chain-rollback', () => {
  const broken = (): Lab => {
    const { lab } = labWithHost('NET-04');
    const result = addresses('10.0.0.5/24');
    lab.cni(NODE, 'Add', attachment('a'), result);
    lab.cni(NODE, 'Add', attachment('a', { type: 'tuning', prevResult: result }), result);
    lab.cni(NODE, 'Add', attachment('a', { type: 'portmap', prevResult: result }), failure('100'));
    return lab;
  };
  const undo = (lab: Lab, ...types: readonly string[]): Lab => {
    for (const type of types) lab.cni(NODE, 'Del', attachment('a', { type }));
    lab.pass(minutes(10));
    lab.atRest();
    return lab;
  };

  test('DEL of the whole chain in reverse order is silent', () => {
    const lab = undo(broken(), 'portmap', 'tuning', 'my-network');
    expect(lab.violations).toEqual([]);
    expect(lab.met('NET-04')).toBe(1);
  });

  test('another order, and a part that is left out, are reported', () => {
    expect(undo(broken(), 'my-network', 'tuning', 'portmap').violations[0]?.message).toBe(
      'containerd/node-1 asks my-network to undo its part of default/a before tuning, which came after it in the chain',
    );
    expect(undo(broken(), 'portmap').violations[0]?.message).toBe(
      'the chain my-network, tuning, portmap failed at portmap for default/a on node-1, and my-network and tuning was never asked to undo its part',
    );
  });
});

describe('NET-11 host-port-rules', () => {
  const mapped = (close: boolean): Lab => {
    const { lab, host } = labWithHost('NET-11');
    const request = attachment('a', {
      type: 'portmap',
      runtimeConfig: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] },
    });
    const stop = host.network.root.listen({ protocol: 'tcp', port: 8080, handler: () => ({}), owner: host.owner });
    lab.cni(NODE, 'Add', request, addresses('10.0.0.5/24'));
    lab.pass(minutes(5));
    lab.atRest();
    lab.cni(NODE, 'Del', request);
    if (close) stop();
    lab.pass(minutes(5));
    lab.atRest();
    return lab;
  };

  test('a rule that goes with its pod is silent', () => {
    const lab = mapped(true);
    expect(lab.violations).toEqual([]);
    expect(lab.met('NET-11')).toBe(2);
  });

  test('a rule that outlives its pod is reported', () => {
    expect(mapped(false).violations).toMatchObject([
      { id: 'NET-11', message: 'port tcp 8080 of node-1 still leads to default/a on node-1, which is gone' },
    ]);
  });
});

describe('NET-13 check-truthful', () => {
  const check = (tamper: boolean, answer: object): Lab => {
    const { lab, host } = labWithHost('NET-13');
    wire(host, 'a', '10.0.0.5/24');
    const prevResult = addresses('10.0.0.5/24');
    lab.cni(NODE, 'Add', attachment('a'), prevResult);
    if (tamper) host.network.get('/var/run/netns/a')?.removeAddress('eth0', '10.0.0.5/24');
    lab.cni(NODE, 'Check', attachment('a', { prevResult }), answer);
    return lab;
  };

  test('it passes what is right and fails what is wrong: silent', () => {
    expect(check(false, {}).violations).toEqual([]);
    expect(check(false, {}).met('NET-13')).toBe(1);
    expect(check(true, failure('100')).violations).toEqual([]);
  });

  test('it fails what is right, or passes what is wrong: reported', () => {
    expect(check(false, failure('100', 'no')).violations[0]?.message).toBe(
      'my-network/node-1 failed cni.Plugin/Check with 100 (no), though interface eth0 of default/a on node-1 is as ADD left it',
    );
    expect(check(true, {}).violations[0]?.message).toBe(
      'my-network/node-1 passed cni.Plugin/Check, though 10.0.0.5 is not on interface eth0 of default/a on node-1',
    );
  });
});
