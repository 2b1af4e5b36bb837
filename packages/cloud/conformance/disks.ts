import { must } from '@slipway/kernel';
import { cloudCase } from './subject.ts';

const source = 'CloudApi, disks; Amazon EBS User Guide, "Amazon EBS volume lifecycle"';
const oneZone = { skipped: 'all machines are in one zone' };

/** What a cloud does with disks and their copies. */
export const diskCases = [
  cloudCase('disks.create', 'createVolume: makes one disk, however often the same order comes', source, async (bench) => {
    const { here } = await bench.places();
    const order = { clientToken: bench.token(), zone: here.zone, sizeGiB: 10, tags: { name: 'one', kind: 'test' } };
    const { volume } = await bench.settle(bench.cloud.createVolume(order));
    const { volume: again } = await bench.settle(bench.cloud.createVolume({ ...order, tags: { kind: 'test', name: 'one' } }));
    must(again.volumeId === volume.volumeId, 'the same order has the same disk');
    must(volume.sizeGiB === 10 && volume.zone === here.zone, 'it is as ordered');
    await bench.untilDisk(volume.volumeId, ({ state }) => state === 'available', 'available');
    await bench.refused(bench.cloud.createVolume({ ...order, sizeGiB: 11 }), 'IdempotentParameterMismatch', 'its token with another order');
    const { volumes } = await bench.settle(bench.cloud.describeVolumes({ tags: { name: 'one' } }));
    must(volumes.length === 1 && volumes[0]?.volumeId === volume.volumeId, 'its tags find it');
    must((await bench.settle(bench.cloud.describeVolumes({ tags: { name: 'two' } }))).volumes.length === 0, 'other tags do not');
  }),
  cloudCase('disks.delete', 'deleteVolume: the disk is gone; an unknown one is refused everywhere', source, async (bench) => {
    const { here } = await bench.places();
    const { volumeId } = await bench.newDisk(here.zone);
    const { instanceId } = here;
    await bench.settle(bench.cloud.deleteVolume({ volumeId }));
    const code = 'InvalidVolume.NotFound';
    await bench.refused(bench.cloud.deleteVolume({ volumeId }), code, 'deleting it again');
    await bench.refused(bench.cloud.describeVolumes({ volumeIds: [volumeId] }), code, 'describing it');
    await bench.refused(bench.cloud.attachVolume({ volumeId, instanceId }), code, 'attaching it');
    await bench.refused(bench.cloud.detachVolume({ volumeId, instanceId }), code, 'detaching it');
    await bench.refused(bench.cloud.modifyVolume({ volumeId, sizeGiB: 20 }), code, 'modifying it');
    await bench.refused(bench.cloud.createSnapshot({ clientToken: bench.token(), volumeId }), code, 'copying it');
  }),
  cloudCase('disks.attach', 'attachVolume: plugs the disk into its machine and no other', source, async (bench) => {
    const { here, beside } = await bench.places();
    const disk = await bench.newDisk(here.zone);
    const { volumeId } = disk;
    const attachment = await bench.attach(disk, here);
    must(bench.device(attachment, here) !== undefined, 'the machine has the device');
    must(bench.device(attachment, beside) === undefined, 'another machine has not');
    const again = await bench.settle(bench.cloud.attachVolume({ volumeId, instanceId: here.instanceId }));
    must(again.device === attachment.device, 'the same order again changes nothing');
    await bench.refused(bench.cloud.attachVolume({ volumeId, instanceId: beside.instanceId }), 'VolumeInUse', 'a second machine');
    await bench.refused(bench.cloud.deleteVolume({ volumeId }), 'VolumeInUse', 'deleting it while it is attached');
    await bench.refused(
      bench.cloud.detachVolume({ volumeId, instanceId: beside.instanceId }),
      'InvalidAttachment.NotFound',
      'detaching it from another machine',
    );
    await bench.detach(disk);
    must(bench.device(attachment, here) === undefined, 'the device is gone');
    await bench.refused(bench.cloud.detachVolume({ volumeId, instanceId: here.instanceId }), 'IncorrectState', 'detaching it again');
  }),
  cloudCase('disks.zone', 'attachVolume: a disk stays in its zone', source, async (bench) => {
    const { here, elsewhere } = await bench.places();
    if (!elsewhere) return oneZone;
    const { volumeId } = await bench.newDisk(here.zone);
    const { instanceId } = elsewhere;
    await bench.refused(bench.cloud.attachVolume({ volumeId, instanceId }), 'InvalidVolume.ZoneMismatch', 'a machine of another zone');
    return undefined;
  }),
  cloudCase('disks.content', 'disks: what was written moves with the disk, and power does not take it', source, async (bench) => {
    const { here, beside } = await bench.places();
    const disk = await bench.newDisk(here.zone);
    const first = await bench.attach(disk, here);
    const device = bench.device(first, here);
    must(device !== undefined, 'the machine has the device');
    must(device.fileSystem === undefined, 'a new disk is blank');
    device.format('ext4');
    device.write('/file', 'kept', { sync: true });
    bench.subject.dataCentre.powerOff(here.name);
    bench.subject.dataCentre.powerOn(here.name);
    must(bench.device(first, here) === device, 'power does not pull a disk out');
    await bench.detach(disk);
    const moved = bench.device(await bench.attach(disk, beside), beside);
    must(moved?.readText('/file') === 'kept', 'the other machine reads it');
  }),
  cloudCase('disks.machine-gone', 'disks: one whose machine is terminated is free, with what was on it', source, async (bench) => {
    const { here, beside } = await bench.places();
    const disk = await bench.newDisk(here.zone);
    bench.device(await bench.attach(disk, here), here)?.write('/file', 'kept', { sync: true });
    await bench.settle(bench.cloud.terminateInstance({ instanceId: here.instanceId }));
    await bench.untilDisk(disk.volumeId, ({ state }) => state === 'available', 'free');
    must(bench.device(await bench.attach(disk, beside), beside)?.readText('/file') === 'kept', 'the other machine reads it');
  }),
  cloudCase('disks.limit', 'attachVolume: a machine takes so many disks and no more', source, async (bench) => {
    const { here } = await bench.places();
    const { instanceId } = here;
    const devices = new Set<string>();
    for (let count = 0; count < 200; count += 1) {
      const { volumeId } = await bench.newDisk(here.zone, { sizeGiB: 1 });
      try {
        devices.add((await bench.settle(bench.cloud.attachVolume({ volumeId, instanceId }))).device);
      } catch {
        must(count > 0, 'a machine takes at least one disk');
        must(devices.size === count, 'each has a device of its own');
        await bench.refused(bench.cloud.attachVolume({ volumeId, instanceId }), 'AttachmentLimitExceeded', 'one disk too many');
        return undefined;
      }
    }
    return { skipped: 'a machine takes 200 disks' };
  }),
  cloudCase('disks.modify', 'modifyVolume: a disk grows and keeps what is on it, and never shrinks', source, async (bench) => {
    const { here } = await bench.places();
    const disk = await bench.newDisk(here.zone);
    const { volumeId } = disk;
    const device = bench.device(await bench.attach(disk, here), here);
    device?.format('ext4');
    device?.write('/file', 'kept', { sync: true });
    await bench.settle(bench.cloud.modifyVolume({ volumeId, sizeGiB: 20 }));
    await bench.untilDisk(volumeId, ({ sizeGiB, modification }) => sizeGiB === 20 && modification !== 'modifying', 'larger');
    must(device?.deviceBytes === 20 * 2 ** 30, 'the machine sees the larger device');
    must(device.capacityBytes === 10 * 2 ** 30, 'its file system is as large as before');
    must(device.readText('/file') === 'kept', 'what was on it is there');
    await bench.refused(bench.cloud.modifyVolume({ volumeId, sizeGiB: 10 }), 'InvalidParameterValue', 'shrinking');
  }),
  cloudCase('snapshots', 'createSnapshot: what the disk held then, whatever becomes of the disk', source, async (bench) => {
    const { here } = await bench.places();
    const disk = await bench.newDisk(here.zone);
    const { volumeId } = disk;
    const device = bench.device(await bench.attach(disk, here), here);
    device?.format('ext4');
    device?.write('/file', 'then', { sync: true });
    device?.write('/cache', 'not synced');
    const order = { clientToken: bench.token(), volumeId };
    const { snapshot } = await bench.settle(bench.cloud.createSnapshot(order));
    const { snapshotId } = snapshot;
    device?.write('/file', 'later', { sync: true });
    must((await bench.settle(bench.cloud.createSnapshot(order))).snapshot.snapshotId === snapshotId, 'the same order has the same copy');
    await bench.until(
      'the copy is completed',
      () => bench.cloud.describeSnapshots({ snapshotIds: [snapshotId] }),
      ({ snapshots }) => snapshots[0]?.state === 'completed',
    );
    await bench.detach(disk);
    await bench.settle(bench.cloud.deleteVolume({ volumeId }));
    const restored = await bench.newDisk(here.zone, { snapshotId, sizeGiB: 20 });
    const again = bench.device(await bench.attach(restored, here), here);
    must(again?.readText('/file') === 'then', 'the restored disk holds what was there then');
    must(!again.exists('/cache'), 'and not what its machine only had in memory');
    await bench.refused(
      bench.cloud.createVolume({ clientToken: bench.token(), zone: here.zone, sizeGiB: 1, snapshotId }),
      'InvalidParameterValue',
      'a disk that is smaller than its snapshot',
    );
    await bench.settle(bench.cloud.deleteSnapshot({ snapshotId }));
    await bench.refused(bench.cloud.deleteSnapshot({ snapshotId }), 'InvalidSnapshot.NotFound', 'deleting it again');
    await bench.refused(
      bench.cloud.createVolume({ clientToken: bench.token(), zone: here.zone, sizeGiB: 10, snapshotId }),
      'InvalidSnapshot.NotFound',
      'a disk from a copy that is gone',
    );
  }),
];
