import { type Fault, linkOf, milliseconds, minutes, type Process, seconds } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { bound, CloudWorld, refusal } from '../../testing/index.ts';
import { aws } from './aws.ts';
import { AwsCloud } from './aws-cloud.ts';
import { awsId } from './names.ts';
import { options as schema } from './options.ts';

type Given = Parameters<typeof schema.parse>[0];

const world = (given: Given = {}): CloudWorld =>
  new CloudWorld({
    cloud: (surroundings) => new AwsCloud({ ...surroundings, options: schema.parse(given) }),
  });

const disk = (token: string, zone = 'us-east-1a') => ({ clientToken: token, zone, sizeGiB: 10 });

describe('throttling', () => {
  test('throttle: an action takes its burst at once and then so many a second; others go on', () => {
    const subject = world({ reads: { burst: 5, perSecond: 2 } });
    const { run, cloud } = bound(subject);
    const granted = (ask: () => Process<unknown>): number => {
      let count = 0;
      while (refusal(() => run(ask())) === 'none') count += 1;
      return count;
    };
    const named = () => cloud.describeVolumes({ tags: { a: 'b' } });
    expect(granted(named)).toBe(5);
    expect(refusal(() => run(named()))).toBe('RequestLimitExceeded');
    expect(refusal(() => run(cloud.describeSnapshots({ volumeId: 'vol-00000000' })))).toBe('none');
    subject.pass(seconds(1.5));
    expect(granted(named)).toBe(3);
    subject.pass(minutes(60));
    expect(granted(named)).toBe(5);
  });

  test('throttle: what is named, all there is, orders and machines that ask for themselves have buckets of their own', () => {
    const { run, cloud } = bound(
      world({
        reads: { burst: 3, perSecond: 1 },
        listings: { burst: 2, perSecond: 1 },
        writes: { burst: 1, perSecond: 1 },
        metadata: { burst: 4, perSecond: 1 },
      }),
    );
    const granted = (ask: () => Process<unknown>): number => {
      let count = 0;
      while (refusal(() => run(ask())) === 'none') count += 1;
      return count;
    };
    const instanceIds = [awsId('i', 'node-1')];
    expect([
      granted(() => cloud.describeInstances({ instanceIds })),
      granted(() => cloud.describeInstances({})),
      granted(() => cloud.describeInstances({ names: ['node-1'] })),
      granted(() => cloud.describeInstances({ names: ['node-2'] })),
      granted(() => cloud.createVolume(disk('a'))),
    ]).toEqual([3, 2, 4, 4, 1]);
  });

  test('throttle: a thousand machines ask at one instant who they are, and none is refused', () => {
    const subject = world();
    const { run, cloud } = bound(subject);
    const names = Array.from({ length: 1_000 }, (_, at) => `machine-${at}`);
    for (const name of names) subject.dataCentre.add({ name, zone: 'us-east-1a' });
    expect(names.filter((name) => refusal(() => run(cloud.describeInstances({ names: [name] }))) !== 'none')).toEqual([]);
  });

  test('throttle: a small cluster that polls as drivers do is never refused', () => {
    const subject = world();
    const { run, cloud } = bound(subject);
    // Forty claims at once, each asked for once a second until it is there.
    const made = Array.from({ length: 40 }, (_, at) => run(cloud.createVolume(disk(`${at}`))).volume.volumeId);
    for (let second = 0; second < 10; second += 1) {
      for (const volumeId of made.slice(0, 20)) run(cloud.describeVolumes({ volumeIds: [volumeId] }));
      subject.pass(seconds(1));
    }
  });
});

describe('orders', () => {
  test('orders: an answer that is lost or a call that arrives twice makes nothing twice', () => {
    const kinds: readonly Fault['kind'][] = [{ loseAnswer: true }, { duplicate: true }];
    for (const kind of kinds) {
      const subject = world();
      const { run, cloud } = bound(subject);
      const behind = linkOf(cloud);
      const instanceId = awsId('i', 'node-1');
      const twice = <T>(ask: () => Process<T>): T => {
        if (behind) behind.faults = [{ kind, times: 1 }];
        refusal(() => run(ask()));
        return run(ask());
      };
      const { volumeId } = twice(() => cloud.createVolume(disk('a'))).volume;
      subject.pass(seconds(5));
      twice(() => cloud.attachVolume({ volumeId, instanceId }));
      twice(() => cloud.createSnapshot({ clientToken: 'a', volumeId }));
      const { fileSystemId } = twice(() => cloud.createFileSystem({ creationToken: 'a' })).fileSystem;
      subject.pass(seconds(30));
      twice(() => cloud.createAccessPoint({ clientToken: 'a', fileSystemId, rootDirectory: '/a' }));
      twice(() => cloud.runInstance({ clientToken: 'a', name: 'x' }));
      expect([
        run(cloud.describeVolumes({})).volumes.length,
        run(cloud.describeSnapshots({})).snapshots.length,
        run(cloud.describeFileSystems({})).fileSystems.length,
        run(cloud.describeAccessPoints({})).accessPoints.length,
        run(cloud.describeInstances({})).instances.length,
        subject.dataCentre.host('node-1').devices.size,
      ]).toEqual([1, 1, 1, 1, 4, 1]);
    }
  });

  test('orders: the token of something that is gone is free again', () => {
    const { run, cloud } = bound(world());
    const first = run(cloud.createVolume(disk('a'))).volume;
    run(cloud.deleteVolume(first));
    const second = run(cloud.createVolume({ ...disk('a'), sizeGiB: 20 })).volume;
    expect([second.sizeGiB, second.volumeId === first.volumeId]).toEqual([20, false]);
  });
});

describe('plugin', () => {
  test('options: say what is wrong with a duration, a type or a name that is unknown', () => {
    const issues = (given: unknown) => schema.safeParse(given).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    expect(issues({ attach: 'soon' })?.[0]).toMatch(/^attach: "soon" is no duration/);
    expect(issues({ instanceType: 'z9.huge' })?.[0]).toMatch(/^instanceType: /);
    expect(issues({ zone: 'us-east-1a' })?.length).toBe(1);
    expect(schema.parse({ attach: '250ms' }).attach).toBe(milliseconds(250));
  });

  test('guard: a request without what it needs never reaches the cloud', () => {
    const { run, cloud } = bound(world());
    expect([
      refusal(() => run(cloud.createVolume({ ...disk(''), sizeGiB: 1 }))),
      refusal(() => run(cloud.createVolume({ ...disk('a'), sizeGiB: 1.5 }))),
      refusal(() =>
        run(
          cloud.createLoadBalancer({
            name: 'a',
            listeners: [{ protocol: 'TCP', port: 0, targetPort: 1 }],
            healthCheck: { protocol: 'TCP', port: 1 },
            targets: [],
          }),
        ),
      ),
    ]).toEqual(['InvalidParameterValue', 'InvalidParameterValue', 'InvalidParameterValue']);
  });

  test('aws: is a plugin whose latencies are spans of time and whose methods exist', () => {
    const methods = Object.getOwnPropertyNames(AwsCloud.prototype);
    expect(Object.keys(aws.latency ?? {}).filter((method) => method !== '*' && !methods.includes(method))).toEqual([]);
    expect([aws.interface, aws.name]).toEqual(['cloud', 'aws']);
  });
});
