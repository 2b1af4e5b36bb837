import { must } from '@slipway/kernel';
import type { VolumeGroupSnapshot } from '../messages/index.ts';
import type { Bench } from './bench.ts';
import { csiCase } from './case.ts';

const groups = ['group controller', 'group:CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT'] as const;
const withVolumes = [...groups, 'controller', 'controller:CREATE_DELETE_VOLUME'] as const;

async function cut(bench: Bench, sourceVolumeIds: readonly string[], name: string): Promise<VolumeGroupSnapshot> {
  return (await bench.settle(bench.group.createVolumeGroupSnapshot({ name, sourceVolumeIds }))).groupSnapshot;
}

async function twoVolumes(bench: Bench): Promise<readonly [string, string]> {
  return [(await bench.create()).volumeId, (await bench.create()).volumeId];
}

const idsOf = ({ snapshots }: VolumeGroupSnapshot): readonly string[] => snapshots.map(({ snapshotId }) => snapshotId).sort();

/** Snapshots of several volumes at once. */
export const groupCases = [
  csiCase(
    'group.capabilities',
    'groupControllerGetCapabilities: known capabilities',
    'GroupControllerGetCapabilities; csi-sanity GroupController: GroupControllerGetCapabilities: should return appropriate capabilities',
    ['group controller'],
    async (bench) => {
      const { capabilities = [] } = await bench.settle(bench.group.groupControllerGetCapabilities({}));
      must(
        capabilities.every(({ rpc }) => rpc.type === 'CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT'),
        'each is known',
      );
    },
  ),
  csiCase(
    'create-group-snapshot.no-name',
    'createVolumeGroupSnapshot: no name is refused',
    'CreateVolumeGroupSnapshot; csi-sanity GroupController: CreateVolumeGroupSnapshot: should fail when no name is provided',
    groups,
    async (bench) => {
      const request = { name: '', sourceVolumeIds: ['some-volume'] };
      await bench.refused(bench.group.createVolumeGroupSnapshot(request), 'INVALID_ARGUMENT', 'a group without a name');
    },
  ),
  csiCase(
    'create-group-snapshot.repeat',
    'createVolumeGroupSnapshot: one snapshot of each volume, and the same group for the same name',
    'CreateVolumeGroupSnapshot',
    withVolumes,
    async (bench) => {
      const volumes = await twoVolumes(bench);
      const name = bench.name('group');
      const first = await cut(bench, volumes, name);
      must(
        [...first.snapshots]
          .map(({ sourceVolumeId }) => sourceVolumeId)
          .sort()
          .join() === [...volumes].sort().join(),
        'each volume has its snapshot',
      );
      const again = await cut(bench, volumes, name);
      must(
        again.groupSnapshotId === first.groupSnapshotId && idsOf(again).join() === idsOf(first).join(),
        'the second answer is the first',
      );
    },
  ),
  csiCase(
    'create-group-snapshot.other-volumes',
    'createVolumeGroupSnapshot: the same name for other volumes is refused',
    'CreateVolumeGroupSnapshot',
    withVolumes,
    async (bench) => {
      const [one, two] = await twoVolumes(bench);
      const name = bench.name('group');
      await cut(bench, [one, two], name);
      const request = { name, sourceVolumeIds: [one] };
      await bench.refused(bench.group.createVolumeGroupSnapshot(request), 'ALREADY_EXISTS', 'the same name for other volumes');
    },
  ),
  csiCase(
    'create-group-snapshot.all-or-none',
    'createVolumeGroupSnapshot: with an unknown volume it fails and leaves nothing',
    'CreateVolumeGroupSnapshot',
    withVolumes,
    async (bench) => {
      const [one] = await twoVolumes(bench);
      const request = { name: bench.name('group'), sourceVolumeIds: [one, 'reallyfakevolumeid'] };
      const codes = ['NOT_FOUND', 'INVALID_ARGUMENT', 'FAILED_PRECONDITION'];
      await bench.refused(bench.group.createVolumeGroupSnapshot(request), codes, 'a group with an unknown volume');
      if (await bench.has('controller:LIST_SNAPSHOTS')) must((await bench.listedSnapshots()).length === 0, 'no snapshot is left over');
    },
  ),
  csiCase(
    'get-group-snapshot.known',
    'getVolumeGroupSnapshot: tells a group; with snapshots of another it is refused',
    'GetVolumeGroupSnapshot',
    withVolumes,
    async (bench) => {
      const volumes = await twoVolumes(bench);
      const group = await cut(bench, volumes, bench.name('group'));
      const { groupSnapshotId } = group;
      const { groupSnapshot } = await bench.settle(bench.group.getVolumeGroupSnapshot({ groupSnapshotId, snapshotIds: idsOf(group) }));
      must(groupSnapshot.groupSnapshotId === groupSnapshotId && idsOf(groupSnapshot).join() === idsOf(group).join(), 'it is the group');
      const strange = { groupSnapshotId, snapshotIds: ['reallyfakesnapshotid'] };
      await bench.refused(bench.group.getVolumeGroupSnapshot(strange), 'INVALID_ARGUMENT', 'snapshots that are not of the group');
    },
  ),
  csiCase(
    'get-group-snapshot.unknown',
    'getVolumeGroupSnapshot: an unknown group, and none, is refused',
    'GetVolumeGroupSnapshot; csi-sanity GroupController: GetVolumeGroupSnapshot: should fail when no volume id is provided; should fail when an invalid volume id is used',
    groups,
    async (bench) => {
      const unknown = { groupSnapshotId: 'reallyfakegroupid', snapshotIds: [] };
      await bench.refused(bench.group.getVolumeGroupSnapshot(unknown), 'NOT_FOUND', 'an unknown group');
      await bench.refused(bench.group.getVolumeGroupSnapshot({ ...unknown, groupSnapshotId: '' }), 'INVALID_ARGUMENT', 'no group');
    },
  ),
  csiCase(
    'delete-group-snapshot.repeat',
    'deleteVolumeGroupSnapshot: the group and its snapshots are gone, and deleting again succeeds',
    'DeleteVolumeGroupSnapshot',
    withVolumes,
    async (bench) => {
      const group = await cut(bench, await twoVolumes(bench), bench.name('group'));
      const { groupSnapshotId } = group;
      const strange = { groupSnapshotId, snapshotIds: ['reallyfakesnapshotid'] };
      await bench.refused(bench.group.deleteVolumeGroupSnapshot(strange), 'INVALID_ARGUMENT', 'snapshots that are not of the group');
      const request = { groupSnapshotId, snapshotIds: idsOf(group) };
      for (let round = 0; round < 3; round += 1) await bench.settle(bench.group.deleteVolumeGroupSnapshot(request));
      await bench.refused(bench.group.getVolumeGroupSnapshot(request), 'NOT_FOUND', 'a deleted group');
      if (await bench.has('controller:LIST_SNAPSHOTS')) must((await bench.listedSnapshots()).length === 0, 'its snapshots are gone');
    },
  ),
  csiCase(
    'delete-group-snapshot.unknown',
    'deleteVolumeGroupSnapshot: a group that never was is gone; no id is refused',
    'DeleteVolumeGroupSnapshot; csi-sanity GroupController: DeleteVolumeGroupSnapshot: should fail when no volume id is provided; should succeed when an invalid volume id is used',
    groups,
    async (bench) => {
      await bench.settle(bench.group.deleteVolumeGroupSnapshot({ groupSnapshotId: 'reallyfakegroupid', snapshotIds: [] }));
      const nameless = { groupSnapshotId: '', snapshotIds: [] };
      await bench.refused(bench.group.deleteVolumeGroupSnapshot(nameless), 'INVALID_ARGUMENT', 'deletion without an id');
    },
  ),
];
