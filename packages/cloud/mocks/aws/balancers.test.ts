import { minutes, seconds } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { bound, CloudWorld, refusal } from '../../testing/index.ts';
import { AwsCloud } from './aws-cloud.ts';
import { awsId } from './names.ts';
import { options as schema } from './options.ts';

type Given = Parameters<typeof schema.parse>[0];

const world = (given: Given = {}): CloudWorld =>
  new CloudWorld({
    cloud: (surroundings) => new AwsCloud({ ...surroundings, options: schema.parse(given) }),
  });

describe('balancers', () => {
  const order = (more: object = {}) => ({
    name: 'a1',
    listeners: [{ protocol: 'TCP' as const, port: 80, targetPort: 30_080 }],
    healthCheck: { protocol: 'TCP' as const, port: 30_080 },
    targets: [awsId('i', 'node-1'), awsId('i', 'node-2')],
    ...more,
  });

  test('balancers: names, addresses and limits are those of their kind', () => {
    const subject = world({ classicBalancers: 2, networkBalancers: 1 });
    const { run, cloud } = bound(subject);
    const name = (more: object) => run(cloud.createLoadBalancer(order(more))).loadBalancer.dnsName;
    const classic = name({});
    expect(classic).toMatch(/^a1-\d{10}\.us-east-1\.elb\.amazonaws\.com$/);
    expect(name({ name: 'A2', scheme: 'internal' })).toMatch(/^internal-a2-\d{10}\.us-east-1\.elb\.amazonaws\.com$/);
    expect(name({ name: 'a3', kind: 'network' })).toMatch(/^a3-[0-9a-f]{16}\.elb\.us-east-1\.amazonaws\.com$/);
    expect([refusal(() => name({ name: 'a4' })), refusal(() => name({ name: 'a5', kind: 'network' }))]).toEqual([
      'TooManyLoadBalancers',
      'TooManyLoadBalancers',
    ]);
    const udp = [{ protocol: 'UDP', port: 53, targetPort: 30_053 }];
    expect([refusal(() => name({ name: 'b', listeners: udp })), refusal(() => name({ name: '-b' }))]).toEqual([
      'InvalidConfigurationRequest',
      'InvalidConfigurationRequest',
    ]);
    expect(subject.network?.resolve(classic)).toEqual([]);
    subject.pass(seconds(20));
    // One for each zone.
    expect(subject.network?.resolve(`${classic}.`)).toEqual(['198.19.0.2', '198.19.0.3']);
  });

  test('health: a target is in after two good checks, out after six bad ones, and a network balancer without any uses them all', () => {
    const subject = world({ classicBalancer: '1s', networkBalancer: '1s' });
    const { run, cloud } = bound(subject);
    for (const [name, kind] of [['classic', 'classic'] as const, ['network', 'network'] as const]) {
      run(cloud.createLoadBalancer(order({ name, kind })));
    }
    const targets = (name: string): string => {
      const { dnsName } = run(cloud.describeLoadBalancers({ names: [name] })).loadBalancers[0] ?? { dnsName: '' };
      const [address = ''] = subject.network?.resolve(dnsName) ?? [];
      return subject.network?.balance(address, 80, 'TCP')?.targets.join() ?? 'nothing';
    };
    subject.pass(seconds(15));
    expect([targets('classic'), targets('network')]).toEqual(['', 'node-1,node-2']);
    subject.pass(seconds(6));
    expect([targets('classic'), targets('network')]).toEqual(['node-1,node-2', 'node-1,node-2']);
    subject.pass(minutes(60));
    subject.dataCentre.powerOff('node-1');
    const lost = subject.kernel.now;
    // Nobody looked for an hour; power loss is known to the second all the same.
    subject.pass(seconds(55));
    expect(targets('classic')).toBe('node-1,node-2');
    subject.pass(seconds(15));
    expect([targets('classic'), subject.kernel.now - lost]).toEqual(['node-2', seconds(70)]);
    subject.dataCentre.powerOff('node-2');
    subject.pass(seconds(80));
    expect([targets('classic'), targets('network')]).toEqual(['', 'node-1,node-2']);
    subject.dataCentre.powerOn('node-1');
    targets('classic');
    subject.pass(seconds(10));
    expect(targets('classic')).toBe('');
    subject.pass(seconds(20));
    expect(targets('classic')).toBe('node-1');
  });

  test('health: what the data path answers counts, and costs no event', () => {
    const subject = world({ classicBalancer: '1s' });
    const { run, cloud } = bound(subject);
    const local = new Set(['node-2']);
    Object.assign(subject.dataCentre, { answers: (name: string) => local.has(name) });
    const { dnsName } = run(
      cloud.createLoadBalancer(order({ healthCheck: { protocol: 'HTTP', port: 31_000, path: '/healthz' } })),
    ).loadBalancer;
    subject.kernel.run();
    const before = subject.kernel.eventCount;
    subject.kernel.run({ until: minutes(60) });
    expect(subject.kernel.eventCount).toBe(before);
    const [address = ''] = subject.network?.resolve(dnsName) ?? [];
    expect(subject.network?.balance(address, 80, 'TCP')?.targets).toEqual(['node-2']);
  });
});
