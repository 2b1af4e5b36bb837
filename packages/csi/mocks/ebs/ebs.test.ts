import { all, codeOf, messageOf, minutes, type Process, seconds, sleep } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { CsiBench } from '../../conformance.ts';
import type { CreateVolumeRequest } from '../../messages/index.ts';
import { DriverWorld } from '../testing/driver-world.ts';

const GIB = 2 ** 30;
const ONE_NODE = { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } } as const;

const order = (name: string, more: Partial<CreateVolumeRequest> = {}): CreateVolumeRequest => ({
  name,
  volumeCapabilities: [ONE_NODE],
  capacityRange: { requiredBytes: 10 * GIB },
  ...more,
});

/** The message with which an order is refused. */
async function refusal(bench: CsiBench, parameters: Record<string, string>): Promise<string> {
  try {
    await bench.create({ parameters });
    return 'granted';
  } catch (error) {
    return messageOf(error);
  }
}

describe('createVolume', () => {
  test('parameters: wrong ones are refused in upstream’s words', async () => {
    const bench = new CsiBench(new DriverWorld('ebs'));
    expect(await refusal(bench, { iops: 'many' })).toBe('Could not parse invalid iops: strconv.ParseInt: parsing "many": invalid syntax');
    expect(await refusal(bench, { colour: 'red' })).toBe('Invalid parameter key colour for CreateVolume');
    expect(await refusal(bench, { type: 'nvme' })).toMatch(
      /^Could not create volume "conformance-volume-\d+": could not create volume in EC2: api error InvalidParameterValue: /,
    );
    expect(await refusal(bench, { iops: '4000', iopsPerGB: '10' })).toBe(
      'invalid StorageClass parameters; specify either IOPS or IOPSPerGb, not both',
    );
    expect(await refusal(bench, { type: 'gp3', iops: '4000', encrypted: 'true', tagSpecification_1: 'team=blue' })).toBe('granted');
  });

  test('parameters: what they say, the disk has; mutable ones count first', async () => {
    const world = new DriverWorld('ebs');
    const parameters = { TYPE: 'io2', iopsPerGB: '50', encrypted: 'true', tagSpecification_1: 'team=blue', kmsKeyId: 'key' };
    await world.settle(world.controller.createVolume(order('a', { parameters })));
    const gp3 = { parameters: { type: 'gp2' }, mutableParameters: { type: 'gp3', iops: '4000', throughput: '200' } };
    await world.settle(world.controller.createVolume(order('b', gp3)));
    const { volumes } = await world.settle(world.clouds.cloud.describeVolumes({}));
    const shown = volumes.map(({ volumeType, iops, throughput, encrypted, tags }) => ({
      volumeType,
      iops,
      throughput,
      encrypted,
      team: tags['team'],
    }));
    expect(shown).toContainEqual({ volumeType: 'io2', iops: 500, throughput: undefined, encrypted: true, team: 'blue' });
    expect(shown).toContainEqual({ volumeType: 'gp3', iops: 4_000, throughput: 200, encrypted: false, team: undefined });
    expect(world.logged).toEqual(['the parameter kmsKeyId of volume a has no effect in a simulation']);
  });

  test('zone: the dearest that there is, by either key, and not to a machine of another zone', async () => {
    const world = new DriverWorld('ebs');
    const bench = new CsiBench(world);
    for (const key of ['topology.ebs.csi.aws.com/zone', 'topology.kubernetes.io/zone']) {
      const accessibilityRequirements = { requisite: [{ segments: { [key]: 'us-east-1z' } }, { segments: { [key]: 'us-east-1b' } }] };
      const volume = await bench.create({ accessibilityRequirements });
      expect(volume.accessibleTopology).toEqual([{ segments: { 'topology.kubernetes.io/zone': 'us-east-1b' } }]);
      await expect(bench.attach(volume)).rejects.toMatchObject({ code: 'INTERNAL' });
      await bench.detach(await bench.attach(volume, { at: 2 }));
    }
    const nowhere = { requisite: [{ segments: { 'topology.kubernetes.io/zone': 'us-east-1z' } }] };
    await expect(bench.create({ accessibilityRequirements: nowhere })).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  });

  test('waiting: a blank disk is there after some 2.5 s, which takes two or three looks', () => {
    const world = new DriverWorld('ebs');
    world.run(world.controller.createVolume(order('a')));
    // The links of this world take no time: 2 s of the cloud, seen after 1.25, 1.75 and 2.5 s.
    expect(world.clouds.kernel.now).toBe(seconds(2.5));
    expect(world.calls).toEqual([
      'describeVolumes',
      'describeZones',
      'createVolume',
      'describeVolumes',
      'describeVolumes',
      'describeVolumes',
    ]);
  });

  test('waiting: pauses grow to 3 s, and after a minute the caller is told to come again', () => {
    const world = new DriverWorld('ebs', { createDisk: '10m' });
    const refused = world.run(world.outcome(world.controller.createVolume(order('a'))));
    expect([refused, world.calls.filter((name) => name === 'describeVolumes').length]).toEqual(['ABORTED', 26]);
    expect(world.clouds.kernel.now).toBeGreaterThan(minutes(1));
    expect(world.clouds.kernel.now).toBeLessThan(minutes(1.5));
  });

  test('in flight: a second order of the same name is turned away, and the first one is done', () => {
    const world = new DriverWorld('ebs');
    const outcomes = world.run(all([1, 2].map(() => world.outcome(world.controller.createVolume(order('a'))))));
    expect(outcomes).toEqual(['OK', 'ABORTED']);
  });

  test('throttling: a hundred orders are all carried out, though the cloud takes ten and then two a second', () => {
    const world = new DriverWorld('ebs', { writes: { burst: 10, perSecond: 2 } });
    const orders = Array.from({ length: 100 }, (_, at) => world.outcome(world.controller.createVolume(order(`pvc-${at}`))));
    // A call of the driver ends after two minutes at the latest.
    const outcomes = world.run(all(orders));
    expect(outcomes.filter((outcome) => outcome !== 'OK')).toEqual([]);
    expect(world.made.size).toBe(100);
    expect(world.calls.filter((name) => name === 'createVolume').length).toBeLessThan(160);
    // Looks at many disks are one question.
    expect(world.calls.filter((name) => name === 'describeVolumes').length).toBeLessThan(2 * (world.clouds.kernel.now / seconds(1)) + 10);
  });
});

describe('attaching', () => {
  test('two nodes: whatever is tried at once, a disk is in one machine at most', async () => {
    const world = new DriverWorld('ebs');
    const bench = new CsiBench(world);
    const { volumeId } = await bench.create();
    const ids = [await bench.nodeId(0), await bench.nodeId(1)];
    const publish = (nodeId: string) =>
      world.outcome(world.controller.controllerPublishVolume({ volumeId, nodeId, volumeCapability: ONE_NODE, readonly: false }));
    const outcomes = world.run(all(ids.map(publish)));
    expect([...outcomes].sort()).toEqual(['FAILED_PRECONDITION', 'OK']);
    expect(world.nodes.filter(({ host }) => host.devices.size > 0).length).toBe(1);
  });

  test('full machine: one disk more than it takes is refused', async () => {
    const world = new DriverWorld('ebs');
    const bench = new CsiBench(world);
    const { maxVolumesPerNode = 0 } = await world.settle(bench.node().nodeGetInfo({}));
    for (let at = 0; ; at += 1) {
      const code = await bench.attach(await bench.create()).then(
        () => 'OK',
        (error: unknown) => codeOf(error),
      );
      if (code === 'OK') continue;
      expect([code, at >= maxVolumesPerNode]).toEqual(['RESOURCE_EXHAUSTED', true]);
      return;
    }
  });

  test('a disk that does not come: the call ends within half a minute, and the next one finds it', () => {
    const world = new DriverWorld('ebs', { attach: '40s' });
    const attach = function* (): Process<readonly string[]> {
      const { volumeId } = (yield* world.controller.createVolume(
        order('a', { accessibilityRequirements: { requisite: [{ segments: { 'topology.kubernetes.io/zone': 'us-east-1a' } }] } }),
      )).volume;
      const [{ instanceId: nodeId = '' } = {}] = (yield* world.clouds.cloud.describeInstances({ names: ['node-1'] })).instances;
      const publish = () =>
        world.outcome(world.controller.controllerPublishVolume({ volumeId, nodeId, volumeCapability: ONE_NODE, readonly: false }));
      return [yield* publish(), yield* publish()];
    };
    expect(world.run(attach())).toEqual(['INTERNAL', 'OK']);
    expect(world.nodes[0]?.host.devices.size).toBe(1);
  });

  test('device: pulled out while it is mounted, the volume is in order again after it has come back', async () => {
    const world = new DriverWorld('ebs');
    const bench = new CsiBench(world);
    const use = await bench.up(await bench.create());
    bench.write(use, 'file', 'kept');
    await bench.detach(use);
    expect(() => world.nodes[0]?.host.files.readText(`${use.target}/file`)).toThrow('input/output error');
    await bench.attach(use.volume);
    // Straight to the driver: whoever looks at the paths first meets the dead mounts.
    await world.settle(bench.node().nodeStageVolume(bench.stageRequest(use)));
    await world.settle(bench.node().nodePublishVolume(await bench.nodePublishRequest(use)));
    expect(bench.read(use, 'file')).toBe('kept');
  });

  test('device: another disk at the path of an earlier attachment is not mounted', async () => {
    const world = new DriverWorld('ebs');
    const bench = new CsiBench(world);
    const [first, second] = [await bench.attach(await bench.create()), await bench.attach(await bench.create())];
    const stale = { ...bench.stageRequest(second), publishContext: bench.stageRequest(first).publishContext ?? {} };
    const code = await world.settle(bench.node().nodeStageVolume(stale)).catch(codeOf);
    expect(code).toBe('NOT_FOUND');
    await bench.stage(second);
  });

  test('power: lost between any two steps on the node, what was synced is there at the end', async () => {
    for (let lostAt = 0; lostAt < 7; lostAt += 1) {
      const world = new DriverWorld('ebs');
      const bench = new CsiBench(world);
      const use = await bench.attach(await bench.create());
      const steps: readonly (() => Promise<void>)[] = [
        () => bench.stage(use),
        () => bench.publish(use),
        async () => bench.write(use, 'file', 'kept'),
        async () => expect(bench.read(use, 'file')).toBe('kept'),
        () => bench.unpublish(use),
        () => bench.unstage(use),
      ];
      for (const [at, step] of steps.entries()) {
        if (at === lostAt) {
          await bench.machine().powerCycle();
          // A kubelet that has just come up stages and publishes anew what pods want.
          await bench.stage(use);
          await bench.publish(use);
        }
        await step();
      }
      await bench.detach(use);
      const moved = await bench.up(use.volume, { at: 1 });
      expect(bench.read(moved, 'file'), `power lost before step ${lostAt}`).toBe('kept');
    }
  });
});

describe('growing', () => {
  test('modify: type and speed change in place; the same again is done already; nonsense is refused', async () => {
    const world = new DriverWorld('ebs');
    const { volumeId } = (await world.settle(world.controller.createVolume(order('a')))).volume;
    const modify = (mutableParameters: Record<string, string>) =>
      world.run(world.outcome(world.controller.controllerModifyVolume({ volumeId, mutableParameters })));
    expect([modify({ iops: '4000' }), modify({ iops: '4000' }), modify({ colour: 'red' })]).toEqual(['OK', 'OK', 'INVALID_ARGUMENT']);
    expect(world.calls.filter((name) => name === 'modifyVolume').length).toBe(1);
    world.run(sleep(minutes(361)));
    expect(modify({ iops: '1' })).toBe('INVALID_ARGUMENT');
  });

  test('snapshot: a volume from it has what was there, and its file system fills the larger disk', async () => {
    const world = new DriverWorld('ebs', { snapshot: '0s' });
    const bench = new CsiBench(world);
    const use = await bench.up(await bench.create());
    bench.write(use, 'file', 'kept');
    const { snapshot } = await world.settle(world.controller.createSnapshot({ name: 'before', sourceVolumeId: use.volume.volumeId }));
    bench.write(use, 'file', 'changed');
    const volumeContentSource = { snapshot: { snapshotId: snapshot.snapshotId } };
    const restored = await bench.up(await bench.create({ volumeContentSource, capacityRange: { requiredBytes: 20 * GIB } }));
    expect([bench.read(use, 'file'), bench.read(restored, 'file')]).toEqual(['changed', 'kept']);
    const { usage = [] } = await world.settle(
      bench.node().nodeGetVolumeStats({ volumeId: restored.volume.volumeId, volumePath: restored.target }),
    );
    expect(usage[0]?.total).toBe(20 * GIB);
  });
});
