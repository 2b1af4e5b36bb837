import { describe, expect, it } from 'vitest';
import { driverName, StorageWorld } from '../../testing/storage-world.ts';
import { stagingFolder } from './names.ts';

function storageWorld(): StorageWorld {
  const world = new StorageWorld();
  world.register();
  world.provide('data');
  return world;
}

/** Nothing of any volume is left on the node, and the driver was asked nothing that it must not be. */
function expectClean(world: StorageWorld): void {
  expect(world.volumeMounts()).toEqual([]);
  expect(world.host.files.exists(stagingFolder(driverName, 'vol-data'))).toBe(false);
  const pods = '/var/lib/kubelet/pods';
  expect(world.host.files.exists(pods) ? world.host.files.list(pods) : []).toEqual([]);
  expect(world.csi.breaches).toEqual([]);
}

const methods = ['nodeStageVolume', 'nodePublishVolume', 'nodeUnpublishVolume', 'nodeUnstageVolume'] as const;
const titles = {
  nodeStageVolume: 'NodeStage',
  nodePublishVolume: 'NodePublish',
  nodeUnpublishVolume: 'NodeUnpublish',
  nodeUnstageVolume: 'NodeUnstage',
};

describe('CSI volumes: a driver that fails', () => {
  for (const method of methods) {
    for (const code of ['INTERNAL', 'UNAVAILABLE', 'ABORTED']) {
      it(`${method} fails three times with ${code}: tried again after 0.5, 1 and 2 s, then all goes on`, () => {
        const world = storageWorld();
        world.csi.failures.set(method, [code, code, code]);
        world.createClaiming('web', 'data');
        world.run(25);
        expect(world.phase('web')).toBe('Running');
        world.delete('web');
        world.run(60);
        expect(world.pod('web')).toBeUndefined();
        const tries = world.csi.calls.filter((call) => call.startsWith(titles[method]));
        expect(tries).toHaveLength(4);
        expectClean(world);
      });
    }

    it(`an answer of ${method} is lost: the step counts as perhaps done and is done once more`, () => {
      const world = storageWorld();
      world.csiLink.faults = [{ kind: { loseAnswer: true }, method, times: 1 }];
      world.createClaiming('web', 'data');
      world.run(170);
      expect(world.phase('web')).toBe('Running');
      world.delete('web');
      world.run(200);
      expect(world.pod('web')).toBeUndefined();
      expect(world.csi.calls.filter((call) => call.startsWith(titles[method]))).toHaveLength(2);
      expectClean(world);
    });
  }

  it('says so in the words of upstream', () => {
    const world = storageWorld();
    world.csi.failures.set('nodeStageVolume', ['INTERNAL']);
    world.csi.failures.set('nodePublishVolume', ['INTERNAL']);
    world.createClaiming('web', 'data');
    world.run(20);
    expect(world.eventsOf('web').slice(0, 2)).toEqual([
      'FailedMount: MountVolume.MountDevice failed for volume "pv-data" : rpc error: code = Internal desc = nodeStageVolume says INTERNAL',
      'FailedMount: MountVolume.SetUp failed for volume "pv-data" : rpc error: code = Internal desc = nodePublishVolume says INTERNAL',
    ]);
  });

  it('a final error leaves no directory; one that is not final leaves what tells how to clean up', () => {
    const world = storageWorld();
    world.csi.failures.set(
      'nodeStageVolume',
      Array.from({ length: 40 }, () => 'INTERNAL'),
    );
    world.createClaiming('web', 'data');
    world.run(20);
    expect(world.host.files.exists(stagingFolder(driverName, 'vol-data'))).toBe(false);
    world.csi.failures.set('nodeStageVolume', ['UNAVAILABLE', ...Array.from({ length: 40 }, () => 'INTERNAL')]);
    world.run(20);
    world.delete('web');
    world.run(60);
    expectClean(world);
  });

  it('a pod that is deleted while its volume is perhaps staged gets it unstaged before it is forgotten', () => {
    const world = storageWorld();
    world.csiLink.faults = [{ kind: { loseAnswer: true }, method: 'nodeStageVolume', times: 1 }];
    world.createClaiming('web', 'data');
    world.run(20);
    expect(world.csi.calls).toEqual(['NodeStageVolume vol-data']);
    world.delete('web', 0);
    world.run(300);
    expect(world.csi.calls.slice(-1)).toEqual(['NodeUnstageVolume vol-data']);
    expectClean(world);
    expect(world.node().status?.volumesInUse).toBeUndefined();
  });
});

describe('CSI volumes: what is not there', () => {
  it('a driver that is not registered', () => {
    const world = new StorageWorld();
    world.provide('data');
    world.createClaiming('web', 'data');
    world.run(15);
    expect(world.phase('web')).toBe('Pending');
    expect(world.eventsOf('web')[0]).toBe(
      `FailedMount: MountVolume.MountDevice failed for volume "pv-data" : kubernetes.io/csi: attacher.MountDevice failed to create newCsiDriverClient: driver name ${driverName} not found in the list of registered CSI drivers`,
    );
    world.register();
    world.run(30);
    expect(world.phase('web')).toBe('Running');
  });

  it('a claim that is not bound, a volume that is gone, one of another claim, and one of the wrong mode', () => {
    const world = storageWorld();
    const reason = (pod: string) => world.eventsOf(pod)[0] ?? '';
    const prefix =
      'FailedMount: Unable to attach or mount volumes: unmounted volumes=[data], unattached volumes=[], failed to process volumes=[data]';
    const patch = (status: object) =>
      world.complete(
        world.api.persistentvolumeclaims.patch({ namespace: 'default', name: 'data', subresource: 'status', patch: { status } }),
      );
    patch({ phase: 'Pending' });
    world.createClaiming('unbound', 'data');
    world.run(3);
    expect(reason('unbound')).toBe(`${prefix}: error processing PVC default/data: PVC is not bound`);
    patch({ phase: 'Bound' });
    world.run(30);
    expect(world.phase('unbound')).toBe('Running');

    world.provide('gone', { claim: { volumeName: 'pv-nowhere' } });
    world.createClaiming('lost', 'gone');
    world.run(3);
    expect(reason('lost')).toBe(
      `${prefix}: error processing PVC default/gone: failed to fetch PV pv-nowhere from API server: persistentvolumes "pv-nowhere" not found`,
    );

    world.provide('taken', { volume: { claimRef: { namespace: 'default', name: 'other', uid: 'u-other' } } });
    world.createClaiming('second', 'taken');
    world.run(3);
    expect(reason('second')).toContain('but its pv.Spec.ClaimRef.UID u-other does not point to claim.UID');

    world.provide('raw', { volume: { volumeMode: 'Block' }, claim: { volumeMode: 'Block' } });
    world.createClaiming('mode', 'raw');
    world.run(3);
    expect(reason('mode')).toBe(`${prefix}: volume data has volumeMode Block, but is specified in volumeMounts`);
    expect(world.csi.calls).toEqual(['NodeStageVolume vol-data', 'NodePublishVolume vol-data']);
  });

  it('an attachment that never comes: after two minutes and three seconds the sync gives up and tries anew, without an event', () => {
    const world = storageWorld();
    world.stopAttaching();
    world.createClaiming('web', 'data');
    world.run(600);
    expect(world.phase('web')).toBe('Pending');
    expect(world.eventsOf('web')).toEqual([]);
    expect(world.csi.calls).toEqual([]);
    const before = world.kernel.eventCount;
    world.run(600);
    // Nothing polls while it waits.
    expect(world.kernel.eventCount - before).toBeLessThan(1500);
    world.delete('web');
    world.run(20);
    expect(world.pod('web')).toBeUndefined();
  });

  it('an attachment that failed is told of', () => {
    const world = storageWorld();
    world.createClaiming('web', 'data');
    world.run(4);
    const [attachment] = world.complete(world.api.volumeattachments.list({})).items;
    const status = { attached: false, attachError: { message: 'disk is on fire' } };
    world.complete(world.api.volumeattachments.patch({ name: attachment?.metadata.name ?? '', patch: { status }, subresource: 'status' }));
    world.run(10);
    expect(world.eventsOf('web')[0]).toBe('FailedMount: MountVolume.WaitForAttach failed for volume "pv-data" : disk is on fire');
  });

  it('a pod whose driver has gone cannot end before the driver is back', () => {
    const world = storageWorld();
    world.createClaiming('web', 'data');
    world.run(15);
    world.complete(world.kubelet.csiDrivers.unregister(driverName));
    world.delete('web');
    world.run(300);
    expect(world.pod('web')).toBeDefined();
    expect(world.volumeMounts()).toHaveLength(2);
    world.register();
    world.run(150);
    expect(world.pod('web')).toBeUndefined();
    expectClean(world);
  });
});
