import { minutes } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { failure, type Lab } from '../testing/lab.ts';
import { addresses, attachment, labWithHost, NODE } from './testing/fixtures.ts';

const add = (lab: Lab, pod: string, last: number): void => lab.cni(NODE, 'Add', attachment(pod), addresses(`10.0.0.${last}/24`));
const del = (lab: Lab, pod: string): void => lab.cni(NODE, 'Del', attachment(pod));
const fail = (lab: Lab, pod: string, why = 'the bridge is busy'): void => {
  lab.cni(NODE, 'Add', attachment(pod), failure('100', why));
  del(lab, pod);
};

describe('NET-07 pool-conserved', () => {
  /** Pods come and go, and each gets the lowest free address. */
  const habit = (lab: Lab): void => {
    for (const [index, pod] of ['a', 'b', 'c'].entries()) add(lab, pod, index + 2);
    for (const pod of ['a', 'b', 'a']) {
      del(lab, pod);
      add(lab, pod, pod === 'b' ? 3 : 2);
    }
  };

  test('an allocator that gives the lowest free address, also after a failure, is silent', () => {
    const { lab } = labWithHost('NET-07');
    habit(lab);
    fail(lab, 'd');
    add(lab, 'd', 5);
    add(lab, 'e', 6);
    expect(lab.violations).toEqual([]);
    expect(lab.met('NET-07')).toBeGreaterThan(0);
  });

  test('an allocator that takes turns passes addresses over rightly', () => {
    const { lab } = labWithHost('NET-07');
    for (let last = 2; last < 60; last += 1) {
      add(lab, `p${last}`, last);
      if (last % 3 === 0) fail(lab, `f${last}`);
      del(lab, `p${last}`);
    }
    expect(lab.violations).toEqual([]);
  });

  test('an address that is passed over ever since an ADD failed is reported', () => {
    const { lab } = labWithHost('NET-07');
    habit(lab);
    fail(lab, 'd');
    add(lab, 'd', 6);
    expect(lab.violations).toEqual([]);
    add(lab, 'e', 7);
    expect(lab.violations).toMatchObject([{ id: 'NET-07', objects: ['Pod default/e'] }]);
    expect(lab.violations[0]?.message).toContain('gives 10.0.0.5 to nobody any more');
  });

  test('"no address left" is right while all are held, or rest after their use, and wrong when some are free', () => {
    const { lab } = labWithHost('NET-07');
    for (const [index, pod] of ['a', 'b'].entries()) add(lab, pod, index + 2);
    fail(lab, 'c', 'no IP addresses available in range set: 10.0.0.2-10.0.0.3');
    del(lab, 'a');
    fail(lab, 'c', 'no IP addresses available');
    expect(lab.violations).toEqual([]);
    lab.pass(minutes(3));
    fail(lab, 'c', 'no IP addresses available');
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'my-network/node-1 failed cni.Plugin/Add for want of an address (no IP addresses available), though 10.0.0.2 is free',
    ]);
  });

  test('an address that a file still notes after its DEL is reported', () => {
    const { lab, host } = labWithHost('NET-07');
    const file = '/var/lib/cni/networks/pods/10.0.0.2';
    host.files.write(file, 'sandbox-a\r\neth0', { parents: true });
    add(lab, 'a', 2);
    del(lab, 'a');
    host.files.remove(file);
    add(lab, 'b', 2);
    del(lab, 'b');
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'my-network/node-1 answered cni.Plugin/Del for default/a on node-1, and 10.0.0.2 is still noted as taken by it',
    ]);
  });
});

describe('NET-08 gc-exact', () => {
  const gc = (lab: Lab, ...pods: readonly string[]): void => {
    const valid = pods.map((pod) => ({ containerID: `sandbox-${pod}`, ifname: 'eth0' }));
    lab.cni(NODE, 'Gc', { config: { ...attachment('a').config, 'cni.dev/valid-attachments': valid } });
  };
  const note = (host: ReturnType<typeof labWithHost>['host'], pod: string, last: number): void =>
    host.files.write(`/var/lib/cni/networks/pods/10.0.0.${last}`, `sandbox-${pod}`, { parents: true });

  test('a GC that frees what is not valid is silent', () => {
    const { lab, host } = labWithHost('NET-08');
    host.network.create('/var/run/netns/a');
    note(host, 'a', 2);
    add(lab, 'a', 2);
    gc(lab, 'a');
    expect(lab.violations).toEqual([]);
    expect(lab.met('NET-08')).toBe(1);
  });

  test('one that leaves what is not valid is reported', () => {
    const { lab, host } = labWithHost('NET-08');
    note(host, 'lost', 3);
    gc(lab);
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'my-network/node-1 answered cni.Plugin/Gc and left 10.0.0.3 with sandbox sandbox-lost, which is not valid',
    ]);
  });

  test('an address that goes to another although a GC had to keep it is reported', () => {
    const { lab, host } = labWithHost('NET-08');
    for (const pod of ['a', 'b']) host.network.create(`/var/run/netns/${pod}`);
    add(lab, 'a', 2);
    gc(lab, 'a');
    add(lab, 'b', 2);
    expect(lab.violations).toMatchObject([{ id: 'NET-08', objects: ['Pod default/a', 'Pod default/b'] }]);
  });
});

describe('NET-09 reboot-reclaim', () => {
  const reboot = (after: (lab: Lab) => void): Lab => {
    const { lab, host } = labWithHost('NET-09');
    const node = lab.node(NODE);
    host.network.create('/var/run/netns/a');
    add(lab, 'a', 2);
    host.powerOff();
    host.powerOn();
    lab.pass(minutes(1));
    const lastTransitionTime = '2026-01-01T00:01:00Z';
    const status = { ...node.status, conditions: [{ type: 'Ready', status: 'True' as const, lastTransitionTime }] };
    lab.run(lab.as(`kubelet/${NODE}`).nodes.patch({ name: NODE, subresource: 'status', patch: { status } }));
    after(lab);
    lab.pass(minutes(10));
    lab.afterCalm();
    return lab;
  };

  test('a DEL, or a GC that leaves it out, gives it back', () => {
    expect(reboot((lab) => del(lab, 'a')).violations).toEqual([]);
    const gc = { config: { ...attachment('a').config, 'cni.dev/valid-attachments': [] } };
    const lab = reboot((each) => each.cni(NODE, 'Gc', gc));
    expect(lab.violations).toEqual([]);
    expect(lab.met('NET-09')).toBeGreaterThan(0);
  });

  test('a sandbox that nobody has heard of since is reported', () => {
    expect(reboot(() => undefined).violations).toMatchObject([{ id: 'NET-09', objects: ['Pod default/a'] }]);
  });
});
