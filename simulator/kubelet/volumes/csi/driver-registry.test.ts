import { describe, expect, it } from 'vitest';
import { driverName, StorageWorld } from '../../testing/storage-world.ts';

const csiNodeOf = (world: StorageWorld) => world.complete(world.api.csinodes.get({ name: 'node-1' }));
const nodeIds = (world: StorageWorld) => world.node().metadata.annotations?.['csi.volume.kubernetes.io/nodeid'];

describe('CSI driver registry', () => {
  it('the node has an empty CSINode of its own from the start, and is ready', () => {
    const world = new StorageWorld();
    const object = csiNodeOf(world);
    expect(object.spec.drivers).toEqual([]);
    expect(object.metadata.ownerReferences).toEqual([{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: world.node().metadata.uid }]);
    expect(object.metadata.annotations?.['storage.alpha.kubernetes.io/migrated-plugins']).toContain('kubernetes.io/aws-ebs,');
    expect(world.node().status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
  });

  it('registering writes node id, limit and topology; twice is once; unregistering takes them back but for labels', () => {
    const world = new StorageWorld();
    world.register();
    const entry = { name: driverName, nodeID: 'i-1', topologyKeys: ['topology.disk.test/zone'], allocatable: { count: 26 } };
    expect(csiNodeOf(world).spec.drivers).toEqual([entry]);
    expect(nodeIds(world)).toBe(`{"${driverName}":"i-1"}`);
    expect(world.node().metadata.labels?.['topology.disk.test/zone']).toBe('a');
    const { resourceVersion } = csiNodeOf(world).metadata;
    world.register();
    expect(csiNodeOf(world).metadata.resourceVersion).toBe(resourceVersion);
    expect([...world.kubelet.csiDrivers.names]).toEqual([driverName]);
    world.complete(world.kubelet.csiDrivers.unregister(driverName));
    expect(csiNodeOf(world).spec.drivers).toEqual([]);
    expect(nodeIds(world)).toBeUndefined();
    expect(world.node().metadata.labels?.['topology.disk.test/zone']).toBe('a');
    expect([...world.kubelet.csiDrivers.names]).toEqual([]);
  });

  it('two drivers stand side by side', () => {
    const world = new StorageWorld();
    world.register();
    world.complete(world.kubelet.csiDrivers.register({ name: 'another.test', node: world.driver }));
    expect(csiNodeOf(world).spec.drivers.map(({ name }) => name)).toEqual([driverName, 'another.test']);
    expect(JSON.parse(nodeIds(world) ?? '')).toEqual({ 'another.test': 'i-1', [driverName]: 'i-1' });
  });

  it('a driver that cannot say who it is, or contradicts the node’s labels, is not registered', () => {
    const world = new StorageWorld();
    world.csi.failures.set('nodeGetInfo', ['INTERNAL']);
    expect(() => world.register()).toThrow('nodeGetInfo says INTERNAL');
    expect([...world.kubelet.csiDrivers.names]).toEqual([]);
    world.complete(world.api.nodes.patch({ name: 'node-1', patch: { metadata: { labels: { 'topology.disk.test/zone': 'b' } } } }));
    expect(() => world.register()).toThrow('detected topology value collision: driver reported "topology.disk.test/zone":"a"');
    expect(csiNodeOf(world).spec.drivers).toEqual([]);
  });

  it('a driver that is in stays in when it cannot be registered once more, as after its Node was deleted', () => {
    const world = new StorageWorld();
    world.register();
    world.complete(world.api.nodes.delete({ name: 'node-1' }));
    expect(() => world.register()).toThrow('error updating Node object');
    expect([...world.kubelet.csiDrivers.names]).toEqual([driverName]);
  });

  it('a CSINode that an earlier machine of the name left is replaced', () => {
    const world = new StorageWorld();
    world.kubeletOwner.kill();
    const object = csiNodeOf(world);
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'u-old' }];
    world.complete(world.api.csinodes.update({ ...object, metadata: { ...object.metadata, ownerReferences } }));
    world.restartKubelet();
    world.run(3);
    expect(csiNodeOf(world).metadata.ownerReferences?.[0]?.uid).toBe(world.node().metadata.uid);
    expect(csiNodeOf(world).spec.drivers).toHaveLength(1);
  });
});
