import { Disk } from '@slipway/host';
import type { Volume } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { StorageWorld } from '../testing/storage-world.ts';

const api = { apiVersion: 'v1' } as const;

const uidOf = (world: StorageWorld, pod: string) => world.pod(pod)?.metadata.uid ?? '';

function configMap(world: StorageWorld, data: { readonly [key: string]: string }): void {
  world.complete(world.api.configmaps.create({ ...api, kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' }, data }));
}

/** A local volume of this node, bound to the claim `data`. */
function provideLocal(world: StorageWorld, path: string, node = 'node-1'): void {
  const term = { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In' as const, values: [node] }] };
  world.provide('data', { source: { local: { path }, nodeAffinity: { required: { nodeSelectorTerms: [term] } } } });
}

function runningWith(volume: Omit<Volume, 'name'>): StorageWorld {
  const world = new StorageWorld();
  world.createWith('web', volume);
  world.run(5);
  expect(world.phase('web')).toBe('Running');
  return world;
}

describe('volumes: emptyDir', () => {
  it('lives as long as its pod, through restarts of its containers and of the kubelet', () => {
    const world = runningWith({ emptyDir: {} });
    const path = world.hostPathOf('web');
    expect(path).toBe(`/var/lib/kubelet/pods/${uidOf(world, 'web')}/volumes/kubernetes.io~empty-dir/data`);
    world.host.files.write(`${path}/note`, 'kept');
    world.runtime.exit('app', 1);
    world.run(5);
    world.restartKubelet();
    world.run(20);
    expect(world.host.files.readText(`${path}/note`)).toBe('kept');
    world.delete('web');
    world.run(10);
    expect(world.host.files.exists(path)).toBe(false);
  });

  it('in memory: a tmpfs as large as it may be, which goes with the power and comes back empty', () => {
    const world = runningWith({ emptyDir: { medium: 'Memory', sizeLimit: '1Ki' } });
    const path = world.hostPathOf('web');
    expect(world.host.mounts.at(path)?.type).toBe('tmpfs');
    world.host.files.write(`${path}/small`, 'x'.repeat(1000));
    expect(() => world.host.files.write(`${path}/large`, 'x'.repeat(1000))).toThrow(/no space left/);
    world.losePower();
    world.run(30);
    expect(world.phase('web')).toBe('Running');
    expect(world.host.mounts.at(path)?.type).toBe('tmpfs');
    expect(world.host.files.list(path)).toEqual([]);
    world.delete('web');
    world.run(10);
    expect(world.volumeMounts()).toEqual([]);
  });
});

describe('volumes: files from objects', () => {
  it('follow their ConfigMap while the pod runs: new, changed and removed keys', () => {
    const world = new StorageWorld();
    configMap(world, { a: '1', b: '2' });
    world.createWith('web', { configMap: { name: 'settings' } });
    world.run(5);
    const path = world.hostPathOf('web');
    expect(world.host.files.texts(path)).toEqual([
      { name: 'a', text: '1' },
      { name: 'b', text: '2' },
    ]);
    const patch = { data: { a: 'one', b: null, c: '3' } };
    world.complete(world.api.configmaps.patch({ namespace: 'default', name: 'settings', patch }));
    world.run(95);
    expect(world.host.files.texts(path)).toEqual([
      { name: 'a', text: 'one' },
      { name: 'c', text: '3' },
    ]);
    expect(world.runtime.calls.filter((call) => call.startsWith('CreateContainer'))).toHaveLength(1);
  });

  it('a ConfigMap that is missing is told of, and waited for with growing pauses', () => {
    const world = new StorageWorld();
    world.createWith('web', { configMap: { name: 'settings' } });
    world.run(8);
    expect(world.eventsOf('web')).toEqual(['FailedMount: MountVolume.SetUp failed for volume "data" : configmap "settings" not found']);
    const [event] = world.events().filter(({ reason }) => reason === 'FailedMount');
    // At 0, 0.5, 1.6, 3.7 and 7.8 s.
    expect(event?.count).toBe(5);
    configMap(world, { a: '1' });
    world.run(12);
    expect(world.phase('web')).toBe('Running');
  });

  it('a projected volume has its token, its objects and what the pod says of itself', () => {
    const world = new StorageWorld();
    configMap(world, { 'ca.crt': 'trust' });
    const sources = [
      { serviceAccountToken: { path: 'token', audience: 'vault' } },
      { configMap: { name: 'settings', items: [{ key: 'ca.crt', path: 'tls/ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
    ];
    world.createWith('web', { projected: { sources } });
    world.run(5);
    const path = world.hostPathOf('web');
    expect(world.host.files.readText(`${path}/token`)).toMatch(/^vault\/default\/default\/web\//);
    expect(world.host.files.readText(`${path}/tls/ca.crt`)).toBe('trust');
    expect(world.host.files.readText(`${path}/name`)).toBe('web');
  });
});

describe('volumes: of the node', () => {
  it('a hostPath is what its type says, or the pod waits', () => {
    const world = new StorageWorld();
    world.createWith('wrong', { hostPath: { path: '/srv/data', type: 'Directory' } });
    world.run(2);
    expect(world.eventsOf('wrong')[0]).toBe(
      'FailedMount: MountVolume.SetUp failed for volume "data" : hostPath type check failed: /srv/data is not a directory',
    );
    world.createWith('web', { hostPath: { path: '/srv/data', type: 'DirectoryOrCreate' } });
    world.run(2);
    expect(world.hostPathOf('web')).toBe('/srv/data');
    world.host.files.write('/srv/data/note', 'kept');
    world.delete('web');
    world.run(10);
    expect(world.host.files.readText('/srv/data/note')).toBe('kept');
  });

  it('a local volume is a directory or a disk of its node, and of no other', () => {
    const world = new StorageWorld();
    provideLocal(world, '/mnt/ssd');
    world.host.files.makeDirectory('/mnt/ssd', { recursive: true });
    world.createClaiming('web', 'data');
    world.run(5);
    world.host.files.write(`${world.hostPathOf('web')}/note`, 'kept');
    expect(world.host.files.readText('/mnt/ssd/note')).toBe('kept');
    world.delete('web');
    world.run(10);
    expect(world.volumeMounts()).toEqual([]);

    const other = new StorageWorld();
    const disk = new Disk({ blank: true });
    other.host.devices.set('/dev/nvme1', disk);
    provideLocal(other, '/dev/nvme1');
    other.createClaiming('a', 'data');
    other.createClaiming('b', 'data');
    other.run(5);
    other.host.files.write(`${other.hostPathOf('a')}/note`, 'kept');
    expect(other.host.files.readText(`${other.hostPathOf('b')}/note`)).toBe('kept');
    expect(disk.readText('/note')).toBe('kept');
    other.delete('a');
    other.delete('b');
    other.run(10);
    expect(other.volumeMounts()).toEqual([]);
  });

  it('a volume of another node is refused', () => {
    const world = new StorageWorld();
    provideLocal(world, '/mnt', 'node-2');
    world.createClaiming('web', 'data');
    world.run(5);
    expect(world.eventsOf('web')[0]).toBe(
      'FailedMount: MountVolume.NodeAffinity check failed for volume "pv-data" : no matching NodeSelectorTerms',
    );
  });

  it('a hostPath volume may be claimed, and takes no mount options', () => {
    const world = new StorageWorld();
    world.provide('data', { source: { hostPath: { path: '/srv' }, mountOptions: ['noatime'] } });
    world.createClaiming('web', 'data');
    world.run(5);
    expect(world.eventsOf('web')[0]).toBe(
      'FailedMount: MountVolume.MountOptionSupport check failed for volume "pv-data" : mount options are not supported for this volume type',
    );
  });

  it('an NFS export is mounted for each pod; a server that is not there is told of', () => {
    const world = new StorageWorld();
    const disk = new Disk();
    world.createWith('early', { nfs: { server: 'files', path: '/' } });
    world.run(2);
    expect(world.eventsOf('early')[0]).toMatch(/^FailedMount: MountVolume\.SetUp failed for volume "data" : mount failed: mount files:\/ /);
    world.fileServers.set('files', disk);
    world.createWith('web', { nfs: { server: 'files', path: '/' } });
    world.run(3);
    world.host.files.write(`${world.hostPathOf('web')}/note`, 'kept');
    expect(disk.readText('/note')).toBe('kept');
    const uid = uidOf(world, 'web');
    world.delete('web');
    world.run(10);
    expect(world.volumeMounts().some((path) => path.includes(uid))).toBe(false);
  });
});

describe('volumes: what containers get', () => {
  it('a subPath is made when it is missing, and one from a variable names its folder', () => {
    const world = new StorageWorld();
    const env = [{ name: 'POD', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
    const volumeMounts = [{ name: 'data', mountPath: '/data', subPathExpr: 'logs/$(POD)' }];
    world.createWith('web', { emptyDir: {} }, { containers: [{ name: 'app', image: 'app:1', env, volumeMounts }] });
    world.run(3);
    expect(world.hostPathOf('web')).toMatch(/\/kubernetes\.io~empty-dir\/data\/logs\/web$/);
    expect(world.host.files.exists(world.hostPathOf('web'))).toBe(true);
  });

  it('a volume that no container uses is left alone', () => {
    const world = new StorageWorld();
    world.create('web', { volumes: [{ name: 'data', configMap: { name: 'nowhere' } }] });
    world.run(3);
    expect(world.phase('web')).toBe('Running');
    expect(world.eventsOf('web').some((event) => event.startsWith('FailedMount'))).toBe(false);
  });

  it('a generic ephemeral volume is the claim that the pod owns, and no other', () => {
    const world = new StorageWorld();
    world.register();
    world.provide('web-data');
    world.createWith('web', { ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'] } } } });
    world.run(2);
    expect(world.eventsOf('web')[0]).toContain('was not created for pod default/web (UID ');
    const uid = uidOf(world, 'web');
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'web', uid, controller: true }];
    world.complete(
      world.api.persistentvolumeclaims.patch({ namespace: 'default', name: 'web-data', patch: { metadata: { ownerReferences } } }),
    );
    world.run(40);
    expect(world.phase('web')).toBe('Running');
  });
});

describe('volumes: cost', () => {
  it('a settled pod without claims costs nothing, and one with a claim a look each 60 to 90 s', () => {
    const idle = (prepare: (world: StorageWorld) => void): number => {
      const world = new StorageWorld();
      world.register();
      world.provide('data');
      prepare(world);
      world.run(100);
      expect(world.phase('web')).toBe('Running');
      world.stopAttaching();
      const before = world.kernel.eventCount;
      world.run(3600);
      return world.kernel.eventCount - before;
    };
    const without = idle((world) => world.create('web'));
    expect(idle((world) => world.createWith('web', { emptyDir: {} }))).toBe(without);
    const looks = 3600 / 60;
    expect(idle((world) => world.createClaiming('web', 'data')) - without).toBeLessThan(looks * 20);
  });
});
