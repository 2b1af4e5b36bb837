import { type Fault, minutes, type Process, seconds } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import {
  SNAPSHOT_CLASSES,
  SNAPSHOT_CONTENTS,
  SNAPSHOTS,
  type VolumeSnapshot,
  type VolumeSnapshotClass,
  type VolumeSnapshotContent,
} from '../controllers/storage/snapshot/snapshot-objects.ts';
import { StorageWorld, type StorageWorldOptions } from './testing/storage-world.ts';

const V1 = 'snapshot.storage.k8s.io/v1';
const CAPABILITIES = ['CREATE_DELETE_VOLUME', 'PUBLISH_UNPUBLISH_VOLUME', 'CREATE_DELETE_SNAPSHOT', 'LIST_SNAPSHOTS'] as const;

/** A world with a driver that takes snapshots, a class for them and a bound claim `data`. */
function worldWith(options: StorageWorldOptions = {}) {
  const world = new StorageWorld({ snapshots: true, capabilities: CAPABILITIES, pods: false, ...options });
  const { api } = world;
  const snapshots = api.resource<VolumeSnapshot>(SNAPSHOTS);
  const contents = api.resource<VolumeSnapshotContent>(SNAPSHOT_CONTENTS);
  const addClass = (name: string, more: Partial<VolumeSnapshotClass> = {}) =>
    world.run(
      api.resource<VolumeSnapshotClass>(SNAPSHOT_CLASSES).create({
        apiVersion: V1,
        kind: 'VolumeSnapshotClass',
        metadata: { name, annotations: { 'snapshot.storage.kubernetes.io/is-default-class': 'true' } },
        driver: world.driver.name,
        deletionPolicy: 'Delete',
        ...more,
      }),
    );
  world.addClaim('data', 'now');
  world.until(() => world.claim('data')?.status?.phase === 'Bound');
  return {
    world,
    addClass,
    act: <T>(process: Process<T>): T => world.run(process),
    contents,
    snapshots,
    take: (name: string, source: VolumeSnapshot['spec']['source'] = { persistentVolumeClaimName: 'data' }) =>
      world.run(snapshots.create({ apiVersion: V1, kind: 'VolumeSnapshot', metadata: { name, namespace: 'default' }, spec: { source } })),
    status: (name: string) => world.stored<VolumeSnapshot>(SNAPSHOTS).find(({ metadata }) => metadata.name === name)?.status,
    stored: () => ({
      snapshots: world.stored<VolumeSnapshot>(SNAPSHOTS),
      contents: world.stored<VolumeSnapshotContent>(SNAPSHOT_CONTENTS),
    }),
    restore: (name: string, from: string, storage = '1Gi') =>
      world.addClaim(name, 'now', {
        dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: from },
        resources: { requests: { storage } },
      }),
    remove: (name: string) => world.run(snapshots.delete({ namespace: 'default', name })),
  };
}

describe('snapshots', () => {
  it('taken of a claim, looked at until it is ready, restored to another claim, and gone without a trace', () => {
    const { world, addClass, take, status, stored, restore, remove } = worldWith({ looksAtSnapshot: 3 });
    addClass('fast');
    const { uid } = take('before').metadata;
    world.pass(seconds(1));
    expect(status('before')).toMatchObject({ boundVolumeSnapshotContentName: `snapcontent-${uid}`, readyToUse: false });
    expect(world.claim('data')?.metadata.finalizers).toContain('snapshot.storage.kubernetes.io/pvc-as-source-protection');
    world.until(() => status('before')?.readyToUse === true);
    expect(status('before')).toEqual({
      boundVolumeSnapshotContentName: `snapcontent-${uid}`,
      creationTime: '2026-01-01T00:00:00Z',
      readyToUse: true,
      restoreSize: '1Gi',
    });
    expect(stored().contents).toMatchObject([
      {
        metadata: { name: `snapcontent-${uid}` },
        spec: { driver: world.driver.name, source: { volumeHandle: 'vol-1' }, deletionPolicy: 'Delete', volumeSnapshotClassName: 'fast' },
        status: { snapshotHandle: 'snap-2', readyToUse: true },
      },
    ]);
    expect(world.driver.calls.filter((call) => call.startsWith('Snapshot'))).toEqual([
      'Snapshot vol-1',
      'Snapshot vol-1',
      'Snapshot vol-1',
    ]);
    world.pass(seconds(1));
    expect(world.claim('data')?.metadata.finalizers).not.toContain('snapshot.storage.kubernetes.io/pvc-as-source-protection');
    expect(world.events('VolumeSnapshot')).toEqual([
      'CreatingSnapshot Waiting for a snapshot default/before to be created by the CSI driver.',
      'SnapshotCreated Snapshot default/before was successfully created by the CSI driver.',
      'SnapshotReady Snapshot default/before is ready to use.',
    ]);

    restore('copy', 'before');
    world.until(() => world.claim('copy')?.status?.phase === 'Bound');
    const restored = [...world.driver.volumes.values()].find(({ request }) => request.volumeContentSource !== undefined);
    expect(restored?.request.volumeContentSource).toEqual({ snapshot: { snapshotId: 'snap-2' } });

    remove('before');
    world.until(() => stored().snapshots.length === 0);
    expect([stored().contents, world.driver.snapshots.size]).toEqual([[], 0]);
  });

  it('a claim that waits for its volume, no class and two default classes are told, and it is tried again', () => {
    const { world, addClass, take, status, contents, act } = worldWith();
    take('early', { persistentVolumeClaimName: 'later' });
    take('no-class');
    world.pass(seconds(2));
    expect(status('early')?.error?.message).toMatch(/^Failed to create snapshot content with error failed to get PVC later: /);
    expect(status('no-class')?.error?.message).toBe('Failed to set default snapshot class with error cannot find default snapshot class');
    addClass('one');
    addClass('two');
    world.pass(seconds(10));
    expect(status('no-class')?.error?.message).toBe(
      'Failed to set default snapshot class with error 2 default snapshot classes were found',
    );
    act(world.api.resource(SNAPSHOT_CLASSES).delete({ name: 'two' }));
    world.addClaim('later', 'now');
    world.until(() => status('early')?.readyToUse === true && status('no-class')?.readyToUse === true, minutes(6));
    expect([status('early')?.error, status('no-class')?.error, act(contents.list()).items.length]).toEqual([undefined, undefined, 2]);
  });

  it('policy Retain: the content stays and can be taken up by another snapshot', () => {
    const { world, addClass, take, status, stored, remove, act, contents } = worldWith();
    addClass('keep', { deletionPolicy: 'Retain' });
    take('first');
    world.until(() => status('first')?.readyToUse === true);
    remove('first');
    world.until(() => stored().snapshots.length === 0);
    expect([stored().contents.length, world.driver.snapshots.size]).toEqual([1, 1]);
    act(
      contents.create({
        apiVersion: V1,
        kind: 'VolumeSnapshotContent',
        metadata: { name: 'by-hand' },
        spec: {
          volumeSnapshotRef: { name: 'second', namespace: 'default' },
          deletionPolicy: 'Delete',
          driver: world.driver.name,
          source: { snapshotHandle: 'snap-2' },
        },
      }),
    );
    take('second', { volumeSnapshotContentName: 'by-hand' });
    world.until(() => status('second')?.readyToUse === true);
    remove('second');
    world.until(() => stored().snapshots.length === 0);
    expect([stored().contents.map(({ metadata }) => metadata.name).length, world.driver.snapshots.size]).toEqual([1, 0]);
  });

  it('deleted while a claim is being filled from it: it waits until the claim has its volume', () => {
    const { world, addClass, take, status, stored, restore, remove } = worldWith({ takes: seconds(5) });
    addClass('fast');
    take('before');
    world.until(() => status('before')?.readyToUse === true);
    restore('copy', 'before');
    world.pass(seconds(2));
    remove('before');
    world.pass(seconds(1));
    expect([stored().snapshots.length, world.claim('copy')?.status?.phase]).toEqual([1, 'Pending']);
    expect(world.events('VolumeSnapshot')).toContain('SnapshotDeletePending Snapshot is being used to restore a PVC');
    world.until(() => stored().snapshots.length === 0);
    expect([world.claim('copy')?.status?.phase, world.driver.snapshots.size, stored().contents.length]).toEqual(['Bound', 0, 0]);
  });

  it('an error, a lost answer or a restart at each call in turn: one snapshot is taken, and none is left', () => {
    const kinds: readonly Fault['kind'][] = [
      { error: { code: 'INTERNAL' } },
      { error: { code: 'UNAVAILABLE' } },
      { loseAnswer: true },
      { duplicate: true },
    ];
    for (const method of ['createSnapshot', 'deleteSnapshot']) {
      for (const kind of kinds) {
        const { world, addClass, take, status, stored, remove } = worldWith({ looksAtSnapshot: 2 });
        addClass('fast');
        world.set('snapshotter', [{ kind, method, times: 2 }]);
        take('before');
        world.pass(seconds(1));
        world.restartSidecar('snapshotter');
        world.restartSnapshotController();
        world.until(() => status('before')?.readyToUse === true, minutes(10));
        expect([method, kind, world.driver.snapshots.size]).toEqual([method, kind, 1]);
        remove('before');
        world.pass(seconds(0.1));
        world.restartSidecar('snapshotter');
        world.until(() => stored().snapshots.length === 0 && stored().contents.length === 0, minutes(10));
        expect([method, kind, world.driver.snapshots.size]).toEqual([method, kind, 0]);
      }
    }
  });

  it('deleted while the driver is at it and its answer is lost: what it has taken is not forgotten', () => {
    const { world, addClass, take, stored, remove } = worldWith();
    addClass('fast');
    world.set('snapshotter', [{ kind: { loseAnswer: true }, method: 'createSnapshot', times: 1 }]);
    take('before');
    world.pass(seconds(1));
    remove('before');
    world.pass(seconds(5));
    expect([world.driver.snapshots.size, stored().contents.length]).toEqual([1, 1]);
    world.until(() => stored().snapshots.length === 0 && stored().contents.length === 0, minutes(10));
    expect(world.driver.snapshots.size).toBe(0);
  });
});
