import type { CloudApi } from '@slipway/cloud';
import { type Fault, minutes, type Process, sleep } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { type Crash, type DriverKind, DriverWorld } from './testing/driver-world.ts';

const GIB = 2 ** 30;
const KINDS: readonly DriverKind[] = ['ebs', 'efs'];

/** What goes wrong with one call of the cloud. */
const TROUBLES: Readonly<Record<string, { readonly fault: Fault['kind'] } | { readonly crash: Crash['when'] }>> = {
  'an error of the cloud': { fault: { error: { code: 'InternalError' } } },
  'a refusal since there were too many': { fault: { error: { code: 'RequestLimitExceeded' } } },
  'a way that is cut': { fault: { refuse: {} } },
  'an answer that is lost': { fault: { loseAnswer: true } },
  'a call that arrives twice': { fault: { duplicate: true } },
  'the driver dies before it asks': { crash: 'before' },
  'the driver dies before it hears the answer': { crash: 'after' },
};

/** The life of one volume, as the side-cars would have it: each step is tried until it succeeds. Returns how many there were halfway. */
function* life(world: DriverWorld, kind: DriverKind): Process<number> {
  const capability = { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } } as const;
  const request = { name: 'pvc-1', volumeCapabilities: [capability], capacityRange: { requiredBytes: 10 * GIB } };
  const { volume } = yield* world.insist(() => world.controller.createVolume(request));
  const { volumeId } = volume;
  const halfway = yield* count(world.clouds.cloud);
  if (kind === 'ebs') {
    const [{ instanceId: nodeId = '' } = {}] = (yield* world.clouds.cloud.describeInstances({ names: ['node-1'] })).instances;
    const publish = { volumeId, nodeId, volumeCapability: capability, readonly: false };
    const { publishContext } = yield* world.insist(() => world.controller.controllerPublishVolume(publish));
    expect(world.nodes[0]?.host.devices.has(publishContext?.['devicePath'] ?? '')).toBe(true);
    const larger = { volumeId, capacityRange: { requiredBytes: 20 * GIB } };
    expect((yield* world.insist(() => world.controller.controllerExpandVolume(larger))).capacityBytes).toBe(20 * GIB);
    yield* world.insist(() => world.controller.controllerUnpublishVolume({ volumeId, nodeId }));
    expect(world.nodes[0]?.host.devices.size).toBe(0);
    const snapshot = { name: 'snapshot-1', sourceVolumeId: volumeId };
    const { snapshotId } = (yield* world.insist(() => world.controller.createSnapshot(snapshot))).snapshot;
    yield* world.insist(() => world.controller.deleteSnapshot({ snapshotId }));
  }
  yield* world.insist(() => world.controller.deleteVolume({ volumeId }));
  yield* sleep(minutes(5));
  return halfway;
}

function* count(cloud: DriverWorld['clouds']['cloud']): Process<number> {
  const { volumes } = yield* cloud.describeVolumes({});
  const { snapshots } = yield* cloud.describeSnapshots({});
  const { accessPoints } = yield* cloud.describeAccessPoints({});
  return volumes.length + snapshots.length + accessPoints.length;
}

describe.each(KINDS)('%s', (kind) => {
  const smooth = new DriverWorld(kind);
  smooth.run(life(smooth, kind));
  const calls: readonly (keyof CloudApi)[] = smooth.calls;
  /** A volume and its snapshot; a door. */
  const made = kind === 'ebs' ? 2 : 1;

  test('life: the calls of the cloud that it takes', () => {
    expect([...new Set(calls)].sort()).toEqual(
      kind === 'ebs'
        ? [
            'attachVolume',
            'createSnapshot',
            'createVolume',
            'deleteSnapshot',
            'deleteVolume',
            'describeSnapshots',
            'describeVolumes',
            'describeZones',
            'detachVolume',
            'modifyVolume',
          ]
        : ['createAccessPoint', 'createFileSystem', 'deleteAccessPoint', 'describeAccessPoints', 'describeFileSystems'],
    );
    expect(smooth.made.size).toBe(made);
  });

  test.each(Object.entries(TROUBLES))(
    '%s, at each call of the cloud in turn: nothing is left behind and nothing is made twice',
    (_, trouble) => {
      for (let after = 0; after < calls.length; after += 1) {
        const world = new DriverWorld(kind);
        if ('fault' in trouble) world.faults = [{ kind: trouble.fault, after, times: 1 }];
        else world.crash = { after, when: trouble.crash };
        const halfway = world.run(life(world, kind));
        const left = world.run(count(world.clouds.cloud));
        const at = `${calls[after]}, call ${after + 1}`;
        expect([at, halfway, left, world.made.size]).toEqual([at, 1, 0, made]);
        expect(world.nodes.every(({ host }) => host.devices.size === 0)).toBe(true);
      }
    },
  );
});
