import { must } from '@slipway/kernel';
import type { Snapshot } from '../messages/index.ts';
import type { Bench } from './bench.ts';
import { csiCase } from './case.ts';

const cuts = ['controller', 'controller:CREATE_DELETE_VOLUME', 'controller:CREATE_DELETE_SNAPSHOT'] as const;
const lists = [...cuts, 'controller:LIST_SNAPSHOTS'] as const;
const gets = [...cuts, 'controller:GET_SNAPSHOT'] as const;
const longName = `conformance-${'x'.repeat(128 - 'conformance-'.length)}`;

async function cut(bench: Bench, sourceVolumeId: string, name = bench.name('snapshot')): Promise<Snapshot> {
  return (await bench.settle(bench.controller.createSnapshot({ sourceVolumeId, name }))).snapshot;
}

/** Asks until the snapshot is ready, as the side-car does. */
async function cutAndReady(bench: Bench, sourceVolumeId: string): Promise<Snapshot> {
  const name = bench.name('snapshot');
  for (let round = 0; round < 100; round += 1) {
    const snapshot = await cut(bench, sourceVolumeId, name);
    if (snapshot.readyToUse) return snapshot;
  }
  must(false, 'a snapshot is ready after so many calls');
}

const ids = (snapshots: readonly Snapshot[]): string =>
  snapshots
    .map(({ snapshotId }) => snapshotId)
    .sort()
    .join();

/** Snapshots of single volumes. */
export const snapshotCases = [
  csiCase(
    'create-snapshot.no-name',
    'createSnapshot: no name is refused',
    'CreateSnapshot; csi-sanity CreateSnapshot: should fail when no name is provided',
    cuts,
    async (bench) => {
      const request = { sourceVolumeId: (await bench.create()).volumeId, name: '' };
      await bench.refused(bench.controller.createSnapshot(request), 'INVALID_ARGUMENT', 'a snapshot without a name');
    },
  ),
  csiCase(
    'create-snapshot.no-source',
    'createSnapshot: no source volume is refused',
    'CreateSnapshot; csi-sanity CreateSnapshot: should fail when no source volume id is provided',
    cuts,
    async (bench) => {
      const request = { sourceVolumeId: '', name: bench.name('snapshot') };
      await bench.refused(bench.controller.createSnapshot(request), 'INVALID_ARGUMENT', 'a snapshot without a source');
    },
  ),
  csiCase(
    'create-snapshot.unknown-source',
    'createSnapshot: an unknown source volume is refused',
    'CreateSnapshot',
    cuts,
    async (bench) => {
      const request = { sourceVolumeId: 'reallyfakevolumeid', name: bench.name('snapshot') };
      await bench.refused(bench.controller.createSnapshot(request), ['NOT_FOUND', 'INVALID_ARGUMENT'], 'a snapshot of an unknown volume');
    },
  ),
  csiCase(
    'create-snapshot.repeat',
    'createSnapshot: the same name of the same volume gives the same snapshot',
    'CreateSnapshot; csi-sanity CreateSnapshot: should succeed when requesting to create a snapshot with already existing name and same source volume ID',
    cuts,
    async (bench) => {
      const { volumeId } = await bench.create();
      const name = bench.name('snapshot');
      const first = await cut(bench, volumeId, name);
      for (let round = 0; round < 3; round += 1) {
        const again = await cut(bench, volumeId, name);
        must(
          again.snapshotId === first.snapshotId && again.creationTime === first.creationTime,
          'id and time are those of the first answer',
        );
      }
      must((await cut(bench, volumeId)).snapshotId !== first.snapshotId, 'another name is another snapshot');
    },
  ),
  csiCase(
    'create-snapshot.other-source',
    'createSnapshot: the same name of another volume is refused',
    'CreateSnapshot; csi-sanity CreateSnapshot: should fail when requesting to create a snapshot with already existing name and different source volume ID',
    cuts,
    async (bench) => {
      const name = bench.name('snapshot');
      await cut(bench, (await bench.create()).volumeId, name);
      const request = { sourceVolumeId: (await bench.create()).volumeId, name };
      await bench.refused(bench.controller.createSnapshot(request), 'ALREADY_EXISTS', 'the same name of another volume');
    },
  ),
  csiCase(
    'create-snapshot.longest-name',
    'createSnapshot: a name of 128 characters is taken',
    'CreateSnapshot; csi-sanity CreateSnapshot: should succeed when creating snapshot with maximum-length name',
    cuts,
    async (bench) => {
      const { volumeId } = await bench.create();
      const { snapshotId } = await cut(bench, volumeId, longName);
      must((await cut(bench, volumeId, longName)).snapshotId === snapshotId, 'the same name is the same snapshot');
    },
  ),
  csiCase(
    'delete-snapshot.no-id',
    'deleteSnapshot: no id is refused',
    'DeleteSnapshot; csi-sanity DeleteSnapshot: should fail when no snapshot id is provided',
    cuts,
    async (bench) => bench.refused(bench.controller.deleteSnapshot({ snapshotId: '' }), 'INVALID_ARGUMENT', 'deletion without an id'),
  ),
  csiCase(
    'delete-snapshot.unknown',
    'deleteSnapshot: a snapshot that never was is gone',
    'DeleteSnapshot; csi-sanity DeleteSnapshot: should succeed when an invalid snapshot id is used',
    cuts,
    async (bench) => void (await bench.settle(bench.controller.deleteSnapshot({ snapshotId: 'reallyfakesnapshotid' }))),
  ),
  csiCase(
    'delete-snapshot.repeat',
    'deleteSnapshot: the snapshot is gone, its name is free, and deleting it again succeeds',
    'DeleteSnapshot; csi-sanity DeleteSnapshot: should return appropriate values (no optional values added)',
    cuts,
    async (bench) => {
      const name = bench.name('snapshot');
      const { snapshotId } = await cut(bench, (await bench.create()).volumeId, name);
      for (let round = 0; round < 3; round += 1) await bench.settle(bench.controller.deleteSnapshot({ snapshotId }));
      await cut(bench, (await bench.create()).volumeId, name);
    },
  ),
  csiCase(
    'delete-volume.with-snapshot',
    'deleteVolume: a volume with a snapshot goes and leaves it usable, or is refused and nothing changes',
    'DeleteVolume; CreateSnapshot',
    cuts,
    async (bench) => {
      const { volumeId } = await bench.create();
      const { snapshotId } = await cutAndReady(bench, volumeId);
      const outcome = await bench.tried(bench.controller.deleteVolume({ volumeId }));
      if ('code' in outcome) must(outcome.code === 'FAILED_PRECONDITION', `it is refused with FAILED_PRECONDITION, not ${outcome.code}`);
      await bench.create({ volumeContentSource: { snapshot: { snapshotId } } });
      if ('code' in outcome) await cut(bench, volumeId);
    },
  ),
  csiCase(
    'list-snapshots.presence',
    'listSnapshots: snapshots that were cut are in the list, and deleted ones are not',
    'ListSnapshots; csi-sanity ListSnapshots: should return appropriate values; check the presence of new snapshots in the snapshot list',
    lists,
    async (bench) => {
      must((await bench.listedSnapshots()).length === 0, 'there is no snapshot yet');
      const { volumeId } = await bench.create();
      const [one, two, gone] = [await cut(bench, volumeId), await cut(bench, volumeId), await cut(bench, volumeId)];
      await bench.settle(bench.controller.deleteSnapshot({ snapshotId: gone.snapshotId }));
      must(ids(await bench.listedSnapshots()) === ids([one, two]), 'the list has those that are left');
    },
  ),
  csiCase(
    'list-snapshots.by-id',
    'listSnapshots: by id it gives that one, by an unknown id none',
    'ListSnapshots; csi-sanity ListSnapshots: should return snapshots that match the specified snapshot id; should return empty when the specified snapshot id does not exist',
    lists,
    async (bench) => {
      const { volumeId } = await bench.create();
      const [one] = [await cut(bench, volumeId), await cut(bench, volumeId)];
      const of = async (snapshotId: string): Promise<readonly Snapshot[]> =>
        ((await bench.settle(bench.controller.listSnapshots({ snapshotId }))).entries ?? []).flatMap(({ snapshot }) => snapshot ?? []);
      must(ids(await of(one.snapshotId)) === one.snapshotId, 'the list has that snapshot alone');
      must((await of('none-existing-id')).length === 0, 'the list of an unknown id is empty');
    },
  ),
  csiCase(
    'list-snapshots.by-source',
    'listSnapshots: by source volume it gives those of that volume, by an unknown one none',
    'ListSnapshots; csi-sanity ListSnapshots: should return snapshots that match the specified source volume id; should return empty when the specified source volume id does not exist',
    lists,
    async (bench) => {
      const [mine, others] = [await bench.create(), await bench.create()];
      const [one, two] = [await cut(bench, mine.volumeId), await cut(bench, mine.volumeId)];
      await cut(bench, others.volumeId);
      const of = async (sourceVolumeId: string): Promise<readonly Snapshot[]> =>
        ((await bench.settle(bench.controller.listSnapshots({ sourceVolumeId }))).entries ?? []).flatMap(({ snapshot }) => snapshot ?? []);
      must(ids(await of(mine.volumeId)) === ids([one, two]), 'the list has the snapshots of that volume');
      must((await of('none-existing-id')).length === 0, 'the list of an unknown volume is empty');
    },
  ),
  csiCase(
    'list-snapshots.pages',
    'listSnapshots: 2 of 5 come with a token, which gives the rest; each comes once',
    'ListSnapshots; csi-sanity ListSnapshots: should return next token when a limited number of entries are requested',
    lists,
    async (bench) => {
      const { volumeId } = await bench.create();
      const all: Snapshot[] = [];
      for (let count = 0; count < 5; count += 1) all.push(await cut(bench, volumeId));
      const { entries = [], nextToken = '' } = await bench.settle(bench.controller.listSnapshots({ maxEntries: 2 }));
      must(entries.length === 2 && nextToken !== '', 'the first page has 2 snapshots and a token');
      const rest = await bench.settle(bench.controller.listSnapshots({ startingToken: nextToken }));
      must((rest.entries ?? []).length === 3 && !rest.nextToken, 'the token alone gives the other 3, and no token');
      for (const size of [1, 2, 4, 6])
        must(ids(await bench.listedSnapshots(size)) === ids(all), `pages of ${size} have each snapshot once`);
    },
  ),
  csiCase('list-snapshots.bad-token', 'listSnapshots: a token that nobody gave out is refused', 'ListSnapshots', lists, async (bench) =>
    bench.refused(bench.controller.listSnapshots({ startingToken: 'invalid-token' }), 'ABORTED', 'an invalid token'),
  ),
  csiCase(
    'get-snapshot.known',
    'getSnapshot: tells a snapshot as createSnapshot did',
    'GetSnapshot; csi-sanity GetSnapshot: should return snapshot that match the specified snapshot id',
    gets,
    async (bench) => {
      const { snapshotId, creationTime } = await cut(bench, (await bench.create()).volumeId);
      const { snapshot } = await bench.settle(bench.controller.getSnapshot({ snapshotId }));
      must(snapshot.snapshotId === snapshotId && snapshot.creationTime === creationTime, 'id and time are those of the snapshot');
    },
  ),
  csiCase(
    'get-snapshot.unknown',
    'getSnapshot: an unknown snapshot, and none, is refused',
    'GetSnapshot; csi-sanity GetSnapshot: should return an error; should return an error when the specified snapshot id does not exist',
    gets,
    async (bench) => {
      await bench.refused(bench.controller.getSnapshot({ snapshotId: 'none-existing-id' }), 'NOT_FOUND', 'an unknown snapshot');
      await bench.refused(bench.controller.getSnapshot({ snapshotId: '' }), 'INVALID_ARGUMENT', 'no snapshot');
    },
  ),
  csiCase(
    'create-volume.from-snapshot',
    'createVolume: from a snapshot it has what was there at that instant, and not what came later',
    'CreateVolume; csi-sanity CreateVolume: should create volume from an existing source snapshot',
    cuts,
    async (bench) => {
      const source = await bench.create();
      const before = bench.subject.nodes[0]?.node ? await bench.up(source) : undefined;
      const silent = before === undefined ? { skipped: 'the driver has no node service' } : bench.noFiles(before);
      if (before && !silent) bench.write(before, 'early', '1');
      const { snapshotId } = await cutAndReady(bench, source.volumeId);
      if (before && !silent) bench.write(before, 'late', '2');
      const volume = await bench.create({ volumeContentSource: { snapshot: { snapshotId } } });
      must(volume.volumeId !== source.volumeId, 'it is a volume of its own');
      if (silent) return;
      const copy = await bench.up(volume);
      must(bench.read(copy, 'early') === '1', 'a file from before the snapshot is there');
      must(bench.read(copy, 'late') === undefined, 'a file from after the snapshot is not');
    },
  ),
  csiCase(
    'create-volume.clone',
    'createVolume: from a volume it has what that one has, and goes its own way',
    'CreateVolume; csi-sanity CreateVolume: should create volume from an existing source volume',
    ['controller', 'controller:CREATE_DELETE_VOLUME', 'controller:CLONE_VOLUME'],
    async (bench) => {
      const source = await bench.create();
      const before = bench.subject.nodes[0]?.node ? await bench.up(source) : undefined;
      const silent = before === undefined ? { skipped: 'the driver has no node service' } : bench.noFiles(before);
      if (before && !silent) bench.write(before, 'file', '1');
      const volume = await bench.create({ volumeContentSource: { volume: { volumeId: source.volumeId } } });
      must(volume.volumeId !== source.volumeId, 'it is a volume of its own');
      if (!before || silent) return;
      const copy = await bench.up(volume);
      must(bench.read(copy, 'file') === '1', 'the file is there');
      bench.write(copy, 'file', '2');
      must(bench.read(before, 'file') === '1', 'a change of the copy does not change the source');
    },
  ),
];
