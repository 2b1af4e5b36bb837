import { minutes } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { bound, CloudWorld, type MachineOptions, refusal } from '../../testing/index.ts';
import { AwsCloud } from './aws-cloud.ts';
import { INSTANCE_TYPES } from './instance-types.ts';
import { awsId, privateDns } from './names.ts';
import { options as schema } from './options.ts';

type Given = Parameters<typeof schema.parse>[0];

const world = (given: Given = {}, machines?: readonly MachineOptions[]): CloudWorld =>
  new CloudWorld({
    cloud: (surroundings) => new AwsCloud({ ...surroundings, options: schema.parse(given) }),
    ...(machines ? { machines } : {}),
  });

const disk = (token: string, zone = 'us-east-1a') => ({ clientToken: token, zone, sizeGiB: 10 });

describe('machines', () => {
  test('instances: ids follow from names, addresses give names, the default type is our default node', () => {
    const { run, cloud } = bound(world({}, [{ name: 'node-1' }]));
    const [instance] = run(cloud.describeInstances({})).instances;
    expect(instance).toEqual({
      instanceId: awsId('i', 'node-1'),
      name: 'node-1',
      instanceType: 'm5.xlarge',
      zone: 'us-east-1a',
      state: 'running',
      privateIp: '172.18.0.2',
      privateDns: 'ip-172-18-0-2.ec2.internal',
      tags: {},
    });
    expect(instance?.instanceId).toMatch(/^i-[0-9a-f]{17}$/);
    expect(INSTANCE_TYPES.get('m5.xlarge')).toMatchObject({ vcpus: 4, memoryGiB: 16 });
    expect(privateDns('10.0.0.1', 'eu-west-1')).toBe('ip-10-0-0-1.eu-west-1.compute.internal');
  });

  test('instances: two worlds give the same ids', () => {
    const ids = () => {
      const { run, cloud } = bound(world());
      run(cloud.createVolume(disk('a')));
      return [run(cloud.describeInstances({})), run(cloud.describeVolumes({})).volumes.map(({ volumeId }) => volumeId)];
    };
    expect(ids()).toEqual(ids());
  });

  test('instances: an order takes its time to boot, and an order that came later counts', () => {
    const subject = world({ boot: '30s', terminate: '10s' });
    const { run, cloud } = bound(subject);
    const { instance } = run(cloud.runInstance({ clientToken: 'a', name: 'late', instanceType: 'c5.large', zone: 'us-east-1b' }));
    expect(instance).toMatchObject({ state: 'pending', privateIp: '', privateDns: '', zone: 'us-east-1b', instanceType: 'c5.large' });
    run(cloud.terminateInstance(instance));
    subject.pass(minutes(1));
    expect(run(cloud.describeInstances({ names: ['late'] })).instances).toEqual([]);
    expect(run(cloud.describeInstances({ instanceIds: [instance.instanceId] })).instances[0]?.state).toBe('terminated');
    expect(subject.dataCentre.machines.has('late')).toBe(false);
    subject.pass(minutes(60));
    expect(refusal(() => run(cloud.describeInstances({ instanceIds: [instance.instanceId] })))).toBe('InvalidInstanceID.NotFound');
  });

  test('instances: a full zone has no room, another one has', () => {
    const { run, cloud } = bound(world({ instancesPerZone: 2 }));
    expect(refusal(() => run(cloud.runInstance({ clientToken: 'a', name: 'x', zone: 'us-east-1a' })))).toBe('InsufficientInstanceCapacity');
    expect(run(cloud.runInstance({ clientToken: 'b', name: 'x', zone: 'us-east-1b' })).instance.state).toBe('pending');
    expect(refusal(() => run(cloud.runInstance({ clientToken: 'c', name: 'y', instanceType: 'z9.huge' })))).toBe('InvalidParameterValue');
  });

  test('changed: is set by orders that change machines or routes, and by nothing else', () => {
    const subject = world();
    const { run, cloud } = bound(subject);
    const versions = (act: () => unknown): number => {
      const before = subject.services.changed?.version ?? 0;
      act();
      return (subject.services.changed?.version ?? 0) - before;
    };
    const instanceId = awsId('i', 'node-1');
    expect(versions(() => run(cloud.describeInstances({})))).toBe(0);
    expect(versions(() => run(cloud.createVolume(disk('a'))))).toBe(0);
    expect(versions(() => run(cloud.createRoute({ destinationCidr: '10.244.0.0/24', instanceId })))).toBe(1);
    expect(versions(() => run(cloud.stopInstance({ instanceId })))).toBe(1);
    expect(versions(() => subject.pass(minutes(1)))).toBe(1);
  });
});
