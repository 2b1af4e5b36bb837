import { ContainerFiles } from '@slipway/host';
import { milliseconds } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { driverName, StorageWorld, volumeName } from '../../testing/storage-world.ts';
import { attachmentName, stagingFolder } from './names.ts';

/** A world with a driver and a claim `data`. */
function storageWorld(...options: ConstructorParameters<typeof StorageWorld>): StorageWorld {
  const world = new StorageWorld(...options);
  world.register();
  world.provide('data');
  return world;
}

const requestOf = (world: StorageWorld, method: string) =>
  world.csi.requests.find((each) => each.method === method)?.request as Record<string, unknown> | undefined;

describe('CSI volumes: from claim to container and back', () => {
  it('reports in use, waits for attach, stages, publishes; then unpublishes, unstages, and is no longer in use', () => {
    const world = storageWorld();
    world.createClaiming('web', 'data');
    world.run(5);
    expect(world.phase('web')).toBe('Pending');
    // The volume is attached already, but the node has not yet said that it is in use.
    expect(world.node().status?.volumesAttached).toEqual([{ name: volumeName('vol-data'), devicePath: '' }]);
    expect(world.csi.calls).toEqual([]);
    world.run(10);
    expect(world.phase('web')).toBe('Running');
    expect(world.node().status?.volumesInUse).toEqual([volumeName('vol-data')]);
    expect(world.csi.calls).toEqual(['NodeStageVolume vol-data', 'NodePublishVolume vol-data']);
    world.delete('web');
    world.run(5);
    expect(world.pod('web')).toBeUndefined();
    expect(world.csi.calls.slice(2)).toEqual(['NodeUnpublishVolume vol-data', 'NodeUnstageVolume vol-data']);
    world.run(12);
    expect(world.node().status?.volumesInUse).toBeUndefined();
    expect(world.node().status?.volumesAttached).toEqual([]);
    expect(world.volumeMounts()).toEqual([]);
    expect(world.host.files.exists(stagingFolder(driverName, 'vol-data'))).toBe(false);
    expect(world.csi.breaches).toEqual([]);
  });

  it('the driver is told what the volume, its attachment and its pod say', () => {
    const world = new StorageWorld();
    world.register();
    world.describeDriver({ podInfoOnMount: true, tokenRequests: [{ audience: 'vault' }], attachRequired: true });
    const secret = (name: string, key: string) => ({
      apiVersion: 'v1' as const,
      kind: 'Secret' as const,
      metadata: { name, namespace: 'default' },
      data: { [key]: 'aHVudGVyMg==' },
    });
    world.complete(world.api.secrets.create(secret('stage', 'key')));
    const csi = { driver: driverName, volumeHandle: 'vol-data', fsType: 'xfs', volumeAttributes: { tier: 'gold' } };
    const nodeStageSecretRef = { name: 'stage', namespace: 'default' };
    world.provide('data', { volume: { csi: { ...csi, nodeStageSecretRef }, mountOptions: ['noatime'], accessModes: ['ReadWriteMany'] } });
    world.createWith('web', { persistentVolumeClaim: { claimName: 'data', readOnly: true } });
    world.run(15);
    expect(world.phase('web')).toBe('Running');
    const uid = world.pod('web')?.metadata.uid ?? '';
    const capability = { mount: { fsType: 'xfs', mountFlags: ['noatime'] }, accessMode: { mode: 'MULTI_NODE_MULTI_WRITER' } };
    expect(requestOf(world, 'nodeStageVolume')).toMatchObject({
      volumeId: 'vol-data',
      publishContext: { devicePath: '/dev/vol-data' },
      stagingTargetPath: `${stagingFolder(driverName, 'vol-data')}/globalmount`,
      volumeCapability: capability,
      secrets: { key: 'hunter2' },
      volumeContext: { tier: 'gold' },
    });
    const publish = requestOf(world, 'nodePublishVolume');
    expect(publish).toMatchObject({
      targetPath: `/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~csi/pv-data/mount`,
      stagingTargetPath: `${stagingFolder(driverName, 'vol-data')}/globalmount`,
      readonly: true,
      volumeCapability: capability,
      publishContext: { devicePath: '/dev/vol-data' },
      volumeContext: {
        tier: 'gold',
        'csi.storage.k8s.io/pod.name': 'web',
        'csi.storage.k8s.io/pod.namespace': 'default',
        'csi.storage.k8s.io/pod.uid': uid,
        'csi.storage.k8s.io/ephemeral': 'false',
      },
    });
    expect(JSON.stringify(publish?.['volumeContext'])).toContain('vault/default/default/web/');
    const saved = world.host.files.readText(`/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~csi/pv-data/vol_data.json`);
    expect(JSON.parse(saved)).toEqual({
      attachmentID: attachmentName('vol-data', driverName, 'node-1'),
      driverName,
      nodeName: 'node-1',
      specVolID: 'pv-data',
      volumeHandle: 'vol-data',
      volumeLifecycleMode: 'Persistent',
    });
  });

  it('what a container writes into the volume is on the volume’s disk, and outlives pod and power', () => {
    const world = storageWorld();
    world.createClaiming('web', 'data');
    world.run(15);
    const source = world.hostPathOf('web');
    const files = new ContainerFiles(world.host.mounts, {
      rootfs: undefined,
      readOnlyRoot: false,
      image: {},
      mounts: [{ source, destination: '/data' }],
    });
    files.write('/data/note', 'kept');
    expect(world.disks.get('vol-data')?.readText('/note')).toBe('kept');
    world.delete('web');
    world.run(20);
    world.losePower();
    world.createClaiming('next', 'data');
    world.run(30);
    expect(world.host.files.readText(`${world.hostPathOf('next')}/note`)).toBe('kept');
  });

  it('a driver without staging is only asked to publish, and one that needs no attaching is not waited for', () => {
    const world = new StorageWorld({ capabilities: [] });
    world.register();
    world.describeDriver({ attachRequired: false });
    world.stopAttaching();
    world.provide('data');
    world.createClaiming('web', 'data');
    world.run(3);
    expect(world.phase('web')).toBe('Running');
    expect(world.csi.calls).toEqual(['NodePublishVolume vol-data']);
    expect(requestOf(world, 'nodePublishVolume')).not.toHaveProperty('stagingTargetPath');
    expect(world.node().status?.volumesInUse).toBeUndefined();
  });

  it('two pods on one volume: staged once, published twice, unstaged after the last', () => {
    const world = storageWorld({ takes: milliseconds(250) });
    world.createClaiming('a', 'data');
    world.createClaiming('b', 'data');
    world.run(20);
    expect([world.phase('a'), world.phase('b')]).toEqual(['Running', 'Running']);
    expect(world.csi.calls).toEqual(['NodeStageVolume vol-data', 'NodePublishVolume vol-data', 'NodePublishVolume vol-data']);
    world.delete('a');
    world.run(10);
    expect(world.csi.calls.slice(3)).toEqual(['NodeUnpublishVolume vol-data']);
    world.delete('b');
    world.run(10);
    expect(world.csi.calls.slice(4)).toEqual(['NodeUnpublishVolume vol-data', 'NodeUnstageVolume vol-data']);
    expect(world.csi.breaches).toEqual([]);
  });

  it('a volume for one pod only is not given to a second one while the first has it', () => {
    const world = new StorageWorld();
    world.register();
    world.provide('data', { volume: { accessModes: ['ReadWriteOncePod'] } });
    world.createClaiming('a', 'data');
    world.run(15);
    world.createClaiming('b', 'data');
    world.run(15);
    expect(world.phase('b')).toBe('Pending');
    expect(world.eventsOf('b')).toContain(
      'FailedMount: MountVolume.SetUp failed for volume "pv-data" : volume uses the ReadWriteOncePod access mode and is already in use by another pod',
    );
    world.delete('a');
    world.run(150);
    expect(world.phase('b')).toBe('Running');
  });

  it('a block volume becomes a device, with staging and publish paths of its own', () => {
    const world = new StorageWorld();
    world.register();
    world.provide('raw', { volume: { volumeMode: 'Block' }, claim: { volumeMode: 'Block' } });
    const containers = [{ name: 'app', image: 'app:1', volumeDevices: [{ name: 'data', devicePath: '/dev/xvda' }] }];
    world.createClaiming('db', 'raw', { containers });
    world.run(15);
    expect(world.phase('db')).toBe('Running');
    const uid = world.pod('db')?.metadata.uid ?? '';
    const root = '/var/lib/kubelet/plugins/kubernetes.io/csi/volumeDevices';
    expect(requestOf(world, 'nodeStageVolume')).toMatchObject({
      stagingTargetPath: `${root}/staging/pv-raw`,
      volumeCapability: { block: {} },
    });
    expect(requestOf(world, 'nodePublishVolume')).toMatchObject({ targetPath: `${root}/publish/pv-raw/${uid}` });
    expect(world.host.files.readText(`/var/lib/kubelet/pods/${uid}/volumeDevices/kubernetes.io~csi/pv-raw`)).toBe('vol-raw');
    expect(world.eventsOf('db').filter((event) => event.startsWith('SuccessfulMountVolume'))).toHaveLength(1);
    world.delete('db');
    world.run(30);
    expect(world.csi.calls).toEqual([
      'NodeStageVolume vol-raw',
      'NodePublishVolume vol-raw',
      'NodeUnpublishVolume vol-raw',
      'NodeUnstageVolume vol-raw',
    ]);
    expect(world.host.files.exists(`${root}/pv-raw`)).toBe(false);
    expect(world.host.files.exists(`/var/lib/kubelet/pods/${uid}`)).toBe(false);
  });

  it('an inline volume is published only, under a handle of its own, if the driver allows it', () => {
    const world = new StorageWorld();
    world.register();
    const csi = { driver: driverName, volumeAttributes: { size: '1' } };
    world.createWith('early', { csi });
    world.run(3);
    expect(world.eventsOf('early').join()).toContain(
      `FailedMount: MountVolume.SetUp failed for volume "data" : kubernetes.io/csi: mounter.SetupAt failed to check volume lifecycle mode: volume mode "Ephemeral" not supported by driver ${driverName} (no CSIDriver object)`,
    );
    world.describeDriver({ volumeLifecycleModes: ['Ephemeral'], podInfoOnMount: true });
    world.createWith('web', { csi });
    world.run(3);
    expect(world.phase('web')).toBe('Running');
    type Publish = { readonly volumeId: string; readonly volumeContext: Readonly<Record<string, string>> };
    const requests = world.csi.requests.map(({ request }) => request as Publish);
    const request = requests.find(({ volumeContext }) => volumeContext['csi.storage.k8s.io/pod.name'] === 'web') as Publish;
    expect(request.volumeId).toMatch(/^csi-[0-9a-f]{64}$/);
    expect(request.volumeContext).toMatchObject({ size: '1', 'csi.storage.k8s.io/ephemeral': 'true' });
    expect(world.csi.calls.some((call) => call.startsWith('NodeStage'))).toBe(false);
    world.delete('web');
    world.run(10);
    expect(world.csi.calls).toContain(`NodeUnpublishVolume ${request.volumeId}`);
  });

  it('a driver that wants to be asked again is, with each sync of the pod', () => {
    const world = new StorageWorld({ capabilities: [] });
    world.register();
    world.describeDriver({ requiresRepublish: true, attachRequired: false });
    world.provide('data');
    world.createClaiming('web', 'data');
    world.run(300);
    const publishes = world.csi.calls.filter((call) => call.startsWith('NodePublish')).length;
    expect(publishes).toBeGreaterThanOrEqual(4);
    world.csi.failures.set(
      'nodePublishVolume',
      Array.from({ length: 50 }, () => 'INTERNAL'),
    );
    world.run(200);
    // The pod keeps what it has.
    expect(world.volumeMounts()).toHaveLength(1);
    expect(world.phase('web')).toBe('Running');
    expect(world.csi.breaches).toEqual([]);
  });
});

describe('CSI volumes: size', () => {
  it('a claim that was granted more gets it on the node, with events, and its status says so', () => {
    const world = storageWorld();
    world.createClaiming('web', 'data');
    world.run(20);
    const { api } = world;
    world.complete(api.persistentvolumes.patch({ name: 'pv-data', patch: { spec: { capacity: { storage: '2Gi' } } } }));
    const status = {
      allocatedResources: { storage: '2Gi' },
      allocatedResourceStatuses: { storage: 'NodeResizePending' },
      conditions: [{ type: 'FileSystemResizePending', status: 'True' as const }],
    };
    world.complete(api.persistentvolumeclaims.patch({ namespace: 'default', name: 'data', subresource: 'status', patch: { status } }));
    world.run(100);
    expect(requestOf(world, 'nodeExpandVolume')).toMatchObject({
      volumeId: 'vol-data',
      volumePath: world.hostPathOf('web'),
      capacityRange: { requiredBytes: 2 * 1024 ** 3 },
    });
    const claim = world.complete(api.persistentvolumeclaims.get({ namespace: 'default', name: 'data' }));
    expect(claim.status?.capacity).toEqual({ storage: '2Gi' });
    expect(claim.status?.conditions).toBeUndefined();
    expect(claim.status?.allocatedResourceStatuses).toBeUndefined();
    const words = 'FileSystemResizeSuccessful: MountVolume.NodeExpandVolume succeeded for volume "pv-data" node-1';
    expect(world.eventsOf('web')).toContain(words);
    expect(world.eventsOf('data')).toContain(words);
    world.run(300);
    expect(world.csi.calls.filter((call) => call.startsWith('NodeExpand'))).toHaveLength(1);
  });

  it('a size that the driver says is impossible is not asked for again, and the pod stays', () => {
    const world = storageWorld();
    world.createClaiming('web', 'data');
    world.run(20);
    const { api } = world;
    world.csi.failures.set('nodeExpandVolume', ['OUT_OF_RANGE', 'OUT_OF_RANGE']);
    world.complete(api.persistentvolumes.patch({ name: 'pv-data', patch: { spec: { capacity: { storage: '9Gi' } } } }));
    const status = { allocatedResources: { storage: '9Gi' }, allocatedResourceStatuses: { storage: 'NodeResizePending' } };
    world.complete(api.persistentvolumeclaims.patch({ namespace: 'default', name: 'data', subresource: 'status', patch: { status } }));
    world.run(300);
    expect(world.csi.calls.filter((call) => call.startsWith('NodeExpand'))).toHaveLength(1);
    const claim = world.complete(api.persistentvolumeclaims.get({ namespace: 'default', name: 'data' }));
    expect(claim.status?.allocatedResourceStatuses).toEqual({ storage: 'NodeResizeInfeasible' });
    expect(claim.status?.conditions).toMatchObject([{ type: 'NodeResizeError', status: 'True' }]);
    expect(world.eventsOf('web').join()).toContain('VolumeResizeFailed: NodeExpandVolume.NodeExpandVolume failed for volume "pv-data" : ');
    expect(world.phase('web')).toBe('Running');
  });
});
