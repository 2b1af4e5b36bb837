import fc from 'fast-check';
import { milliseconds } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { driverName, StorageWorld } from '../../testing/storage-world.ts';
import { stagingRoot } from './names.ts';

/** A driver whose calls take long enough to be interrupted. */
function storageWorld(seed?: number): StorageWorld {
  const world = new StorageWorld({ takes: milliseconds(400) }, seed === undefined ? {} : { seed });
  world.register();
  world.provide('data');
  return world;
}

function expectClean(world: StorageWorld): void {
  const { files } = world.host;
  const list = (path: string) => (files.exists(path) ? files.list(path) : []);
  expect(world.volumeMounts()).toEqual([]);
  expect(list(stagingRoot(driverName))).toEqual([]);
  expect(list('/var/lib/kubelet/pods')).toEqual([]);
  expect(world.node().status?.volumesInUse ?? []).toEqual([]);
  expect(world.csi.breaches).toEqual([]);
}

/** Tenths of a second after the pod came at which something is under way: the node's status is written after 7.1 s. */
const moments = [1, 30, 71, 72, 73, 75, 76, 77, 78, 79, 80, 82, 85, 90, 120];

describe('CSI volumes: the kubelet ends at any step', () => {
  for (const what of ['restartKubelet', 'losePower'] as const) {
    it(`${what} while the pod comes: it runs in the end, and leaves nothing behind`, () => {
      for (const moment of moments) {
        const world = storageWorld();
        world.createClaiming('web', 'data');
        world.run(moment / 10);
        world[what]();
        world.run(60);
        expect([moment, world.phase('web')]).toEqual([moment, 'Running']);
        expect(world.volumeMounts()).toHaveLength(2);
        world.delete('web');
        world.run(60);
        expect(world.pod('web')).toBeUndefined();
        expectClean(world);
      }
    });

    it(`${what} while the pod comes, and the pod is gone when the next kubelet looks: nothing is left of it`, () => {
      for (const moment of moments) {
        const world = storageWorld();
        world.createClaiming('web', 'data');
        world.run(moment / 10);
        world.kubeletOwner.kill();
        world.delete('web', 0);
        world[what]();
        world.run(120);
        expectClean(world);
      }
    });

    it(`${what} while the pod goes: it goes`, () => {
      for (let moment = 0; moment < 30; moment += 2) {
        const world = storageWorld();
        world.createClaiming('web', 'data');
        world.run(20);
        world.delete('web');
        world.run(moment / 10);
        world[what]();
        world.run(120);
        expect(world.pod('web')).toBeUndefined();
        expectClean(world);
      }
    });
  }

  it('a pod that runs on is not disturbed: its volume is set up once more, and never taken away', () => {
    const world = storageWorld();
    world.createClaiming('web', 'data');
    world.run(20);
    world.host.files.write(`${world.hostPathOf('web')}/note`, 'kept');
    const before = world.csi.calls.length;
    world.restartKubelet();
    world.run(120);
    expect(world.csi.calls.slice(before)).toEqual(['NodeStageVolume vol-data', 'NodePublishVolume vol-data']);
    expect(world.host.files.readText(`${world.hostPathOf('web')}/note`)).toBe('kept');
    expect(world.runtime.calls.filter((call) => call.startsWith('StartContainer'))).toHaveLength(1);
    expect(world.node().status?.volumesInUse).toHaveLength(1);
  });
});

type Action =
  | { readonly type: 'create' | 'delete' | 'force'; readonly pod: 'a' | 'b' }
  | { readonly type: 'restartKubelet' | 'losePower' }
  | { readonly type: 'fail'; readonly method: string; readonly code: string }
  | { readonly type: 'lose'; readonly method: string };

const method = fc.constantFrom('nodeStageVolume', 'nodePublishVolume', 'nodeUnpublishVolume', 'nodeUnstageVolume', 'nodeGetCapabilities');
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constantFrom('create', 'delete', 'force'), pod: fc.constantFrom('a', 'b') }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('restartKubelet', 'losePower') }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('fail'), method, code: fc.constantFrom('INTERNAL', 'UNAVAILABLE', 'ABORTED') }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('lose'), method }) },
) as fc.Arbitrary<Action>;

function act(world: StorageWorld, step: Action): void {
  switch (step.type) {
    case 'create':
      if (!world.pod(step.pod)) world.createClaiming(step.pod, 'data', { terminationGracePeriodSeconds: 1 });
      break;
    case 'delete':
    case 'force':
      if (world.pod(step.pod)) world.delete(step.pod, step.type === 'force' ? 0 : undefined);
      break;
    case 'restartKubelet':
    case 'losePower':
      world[step.type]();
      break;
    case 'fail':
      world.csi.failures.set(step.method, [step.code]);
      break;
    case 'lose':
      world.csiLink.faults = [{ kind: { loseAnswer: true }, method: step.method, times: 1 }];
      break;
  }
}

describe('CSI volumes: whatever happens', () => {
  it('the driver is never asked what it must not be, pods that stay run, and of those that go nothing is left', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(action, fc.integer({ min: 0, max: 120 })), { maxLength: 12 }), fc.nat(), (steps, seed) => {
        const world = storageWorld(seed);
        for (const [step, tenths] of steps) {
          act(world, step);
          world.run(tenths / 10);
          expect(world.csi.breaches).toEqual([]);
        }
        world.csi.failures.clear();
        world.csiLink.faults = [];
        world.run(600);
        for (const name of ['a', 'b']) if (world.pod(name)) expect([name, world.phase(name)]).toEqual([name, 'Running']);
        for (const name of ['a', 'b']) if (world.pod(name)) world.delete(name);
        world.run(600);
        expect([world.pod('a'), world.pod('b')]).toEqual([undefined, undefined]);
        expectClean(world);
      }),
      { numRuns: 40 },
    );
  });
});
