import { minutes, seconds } from '@slipway/kernel';
import fc from 'fast-check';
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

const disk = (token: string, zone = 'us-east-1a') => ({ clientToken: token, zone, sizeGiB: 10 });

describe('disks', () => {
  test('volume types: each takes what Amazon lets it take', () => {
    const { run, cloud } = bound(world());
    const order = (volumeType: string, sizeGiB: number, iops?: number, throughput?: number): string | object => {
      const more = { ...(iops === undefined ? {} : { iops }), ...(throughput === undefined ? {} : { throughput }) };
      const clientToken = `${volumeType} ${sizeGiB} ${iops} ${throughput}`;
      let answer: object = {};
      const code = refusal(() => {
        const { volume } = run(cloud.createVolume({ ...disk(clientToken), volumeType, sizeGiB, ...more }));
        answer = { iops: volume.iops, throughput: volume.throughput };
        run(cloud.deleteVolume(volume));
      });
      return code === 'none' ? answer : code;
    };
    expect([order('gp3', 10), order('gp3', 10, 5_000, 500), order('gp2', 1_000), order('io2', 10, 10_000), order('st1', 125)]).toEqual([
      { iops: 3_000, throughput: 125 },
      { iops: 5_000, throughput: 500 },
      { iops: 3_000 },
      { iops: 10_000 },
      {},
    ]);
    expect([
      order('gp3', 10, 5_001),
      order('gp3', 10, 3_000, 800),
      order('gp3', 10, 100),
      order('gp3', 65_537),
      order('gp2', 10, 200),
      order('gp2', 10, undefined, 125),
      order('io1', 10),
      order('st1', 10),
      order('nvme', 10),
    ]).toEqual([
      'InvalidParameterCombination',
      'InvalidParameterCombination',
      'InvalidParameterValue',
      'InvalidParameterValue',
      'InvalidParameterCombination',
      'InvalidParameterCombination',
      'InvalidParameterCombination',
      'InvalidParameterValue',
      'InvalidParameterValue',
    ]);
  });

  test('disks: together they are no more than the region grants, and a deleted one makes room', () => {
    const { run, cloud } = bound(world({ volumeStorageGiB: 20 }));
    const { volume } = run(cloud.createVolume(disk('a')));
    run(cloud.createVolume(disk('b')));
    expect(refusal(() => run(cloud.createVolume(disk('c'))))).toBe('VolumeLimitExceeded');
    expect(refusal(() => run(cloud.modifyVolume({ volumeId: volume.volumeId, sizeGiB: 11 })))).toBe('VolumeLimitExceeded');
    run(cloud.deleteVolume(volume));
    expect(refusal(() => run(cloud.createVolume(disk('c'))))).toBe('none');
  });

  test('modifyVolume: one after the other, and the next one six hours later', () => {
    const subject = world();
    const { run, cloud } = bound(subject);
    const { volumeId } = run(cloud.createVolume(disk('a'))).volume;
    const modify = (sizeGiB: number) => refusal(() => run(cloud.modifyVolume({ volumeId, sizeGiB })));
    const shown = () => {
      const [volume] = run(cloud.describeVolumes({ volumeIds: [volumeId] })).volumes;
      return [volume?.sizeGiB, volume?.modification];
    };
    expect([modify(20), shown(), modify(30)]).toEqual(['none', [10, 'modifying'], 'IncorrectModificationState']);
    subject.pass(seconds(5));
    expect([shown(), modify(30)]).toEqual([[20, 'optimizing'], 'IncorrectModificationState']);
    subject.pass(minutes(10));
    expect([shown(), modify(30)]).toEqual([[20, undefined], 'VolumeModificationRateExceeded']);
    subject.pass(minutes(350));
    expect(modify(30)).toBe('none');
  });

  test('attachVolume: an order to detach while it is under way wins', () => {
    const subject = world({ attach: '3s', detach: '1s' });
    const { run, cloud } = bound(subject);
    const { volumeId } = run(cloud.createVolume(disk('a'))).volume;
    const [instanceId, host] = [awsId('i', 'node-1'), subject.dataCentre.host('node-1')];
    expect(refusal(() => run(cloud.attachVolume({ volumeId, instanceId })))).toBe('IncorrectState');
    subject.pass(seconds(5));
    run(cloud.attachVolume({ volumeId, instanceId }));
    run(cloud.detachVolume({ volumeId }));
    subject.pass(seconds(2));
    run(cloud.attachVolume({ volumeId, instanceId }));
    subject.pass(seconds(2));
    // The first order would be done by now; it must not do the second one's work.
    expect(host.devices.size).toBe(0);
    subject.pass(seconds(1));
    expect([...host.devices.keys()]).toEqual(['/dev/xvdaa']);
    run(cloud.detachVolume({ volumeId, force: true }));
    expect(host.devices.size).toBe(0);
  });

  test('an order that was taken is carried out, even if the API goes down meanwhile', () => {
    const subject = world({ attach: '3s', detach: '2s' });
    const { run, cloud } = bound(subject);
    const { volumeId } = run(cloud.createVolume(disk('a'))).volume;
    const { devices } = subject.dataCentre.host('node-1');
    subject.pass(seconds(5));
    run(cloud.attachVolume({ volumeId, instanceId: awsId('i', 'node-1') }));
    subject.owner.stop();
    subject.pass(seconds(2));
    expect(devices.size).toBe(0);
    subject.pass(seconds(2));
    expect(devices.size).toBe(1);
  });

  test('disks: whatever is ordered in whatever order, a disk is in one machine at most, and in that one when it is attached', () => {
    const machines = ['node-1', 'node-2'];
    const step = fc.record({
      act: fc.constantFrom('attach', 'detach', 'force', 'power', 'wait', 'terminate'),
      machine: fc.constantFrom(...machines),
      disk: fc.integer({ min: 0, max: 1 }),
      wait: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const subject = world({ throttle: false });
        const { run, cloud } = bound(subject);
        const disks = ['a', 'b'].map((token) => run(cloud.createVolume(disk(token))).volume.volumeId);
        subject.pass(seconds(5));
        const hosts = machines.map((name) => subject.dataCentre.host(name));
        for (const { act, machine, disk: at, wait } of steps) {
          const [volumeId = '', instanceId] = [disks[at], awsId('i', machine)];
          refusal(() => {
            if (act === 'attach') run(cloud.attachVolume({ volumeId, instanceId }));
            else if (act === 'detach' || act === 'force') run(cloud.detachVolume({ volumeId, instanceId, force: act === 'force' }));
            else if (act === 'power') subject.dataCentre[wait % 2 === 0 ? 'powerOff' : 'powerOn'](machine);
            else if (act === 'terminate' && wait === 0) run(cloud.terminateInstance({ instanceId }));
          });
          subject.pass(seconds(wait));
          const plugged = hosts.flatMap((host) => [...host.devices].map(([device, plug]) => ({ host: host.name, device, plug })));
          expect(new Set(plugged.map(({ plug }) => plug)).size).toBe(plugged.length);
          const attached = run(cloud.describeVolumes({})).volumes.flatMap(({ attachments }) => attachments);
          const shown = attached.filter(({ state }) => state !== 'attaching').map(({ instanceId: id, device }) => `${id} ${device}`);
          const real = plugged.map(({ host, device }) => `${awsId('i', host)} ${device}`);
          // One whose attaching was called off is detaching without having been plugged in.
          for (const place of real) expect(shown).toContain(place);
          for (const { instanceId: id, device, state } of attached) if (state === 'attached') expect(real).toContain(`${id} ${device}`);
        }
      }),
      { numRuns: 60 },
    );
  });
});
