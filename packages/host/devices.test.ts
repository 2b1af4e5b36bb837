import { codeOf, type Micros, seconds } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ContainerFiles } from './container-files.ts';
import { Devices } from './devices.ts';
import { Disk } from './disk.ts';
import { MountTable } from './mounts.ts';

function machine(...folders: string[]) {
  const devices = new Devices();
  const servers = new Map([['fs-1.efs.us-east-1.amazonaws.com', new Disk()]]);
  const mounts = new MountTable(new Disk(), devices, servers);
  for (const folder of folders) mounts.makeDirectory(folder, { recursive: true });
  return { devices, servers, mounts };
}

const code = (act: () => unknown): string => {
  try {
    act();
    return 'none';
  } catch (error) {
    return codeOf(error);
  }
};

describe('unplugging', () => {
  test('device: pulled out while mounted, every path on it answers EIO, in containers too, and it can be unmounted', () => {
    const { devices, mounts } = machine('/mnt', '/pod');
    const disk = new Disk({ cached: true });
    devices.set('/dev/xvdba', disk);
    mounts.mount('/dev/xvdba', '/mnt', { type: 'ext4' });
    mounts.write('/mnt/synced', 'kept', { sync: true });
    mounts.write('/mnt/cached', 'lost');
    mounts.mount('/mnt', '/pod', { type: 'bind' });
    const container = new ContainerFiles(mounts, {
      rootfs: undefined,
      readOnlyRoot: false,
      mounts: [{ source: '/pod', destination: '/data' }],
      image: {},
    });
    expect(container.readText('/data/synced')).toBe('kept');
    devices.delete('/dev/xvdba');
    for (const [files, folder] of [[mounts, '/mnt'] as const, [mounts, '/pod'] as const, [container, '/data'] as const]) {
      expect(code(() => files.readText(`${folder}/synced`))).toBe('EIO');
      expect(code(() => files.write(`${folder}/new`, 'x'))).toBe('EIO');
      expect(code(() => files.list(folder))).toBe('EIO');
      expect(files.exists(`${folder}/synced`)).toBe(false);
    }
    expect(() => mounts.readText('/mnt/synced')).toThrow('open /mnt/synced: input/output error');
    expect([disk.readText('/synced'), disk.exists('/cached')]).toEqual(['kept', false]);
    mounts.unmount('/pod');
    mounts.unmount('/mnt');
    expect(mounts.list('/mnt')).toEqual([]);
  });

  test('device: the same disk plugged in again does not bring the old mount back to life', () => {
    const { devices, mounts } = machine('/old', '/new');
    const disk = new Disk();
    devices.set('/dev/xvdba', disk);
    mounts.mount('/dev/xvdba', '/old', { type: 'ext4' });
    mounts.write('/old/file', 'data');
    devices.clear();
    devices.set('/dev/xvdba', disk).set('/dev/xvdba', disk);
    mounts.mount('/dev/xvdba', '/new', { type: 'ext4' });
    expect([code(() => mounts.readText('/old/file')), mounts.readText('/new/file')]).toEqual(['EIO', 'data']);
  });

  test('device: another disk on its path pulls the first one out', () => {
    const { devices, mounts } = machine('/mnt');
    devices.set('/dev/xvdba', new Disk());
    mounts.mount('/dev/xvdba', '/mnt', { type: 'ext4' });
    devices.set('/dev/xvdba', new Disk());
    expect(code(() => mounts.list('/mnt'))).toBe('EIO');
  });
});

describe('formatting', () => {
  test('device: a blank one, or one with another file system, is not mounted', () => {
    const { devices, mounts } = machine('/mnt');
    const disk = new Disk({ blank: true });
    devices.set('/dev/xvdba', disk);
    expect(code(() => mounts.mount('/dev/xvdba', '/mnt', { type: 'ext4' }))).toBe('EINVAL');
    disk.format('xfs');
    expect(code(() => mounts.mount('/dev/xvdba', '/mnt', { type: 'ext4' }))).toBe('EINVAL');
    mounts.mount('/dev/xvdba', '/mnt', { type: 'xfs' });
    expect(mounts.at('/mnt')?.type).toBe('xfs');
  });

  test('device: bound to a file, it is its own raw bytes', () => {
    const { devices, mounts } = machine('/publish');
    const disk = new Disk({ blank: true, capacityBytes: 8 });
    devices.set('/dev/xvdba', disk);
    mounts.write('/publish/pod', '');
    mounts.mount('/dev/xvdba', '/publish/pod', { type: 'bind' });
    mounts.write('/publish/pod', 'raw');
    expect(code(() => mounts.write('/publish/pod', 'too much data'))).toBe('ENOSPC');
    mounts.unmount('/publish/pod');
    mounts.mount('/dev/xvdba', '/publish/pod', { type: 'bind' });
    expect([mounts.readText('/publish/pod'), disk.fileSystem]).toEqual(['raw', undefined]);
    disk.format('ext4');
    expect(disk.list('/')).toEqual([]);
  });

  test('device: a larger one has room only once its file system has grown', () => {
    const disk = new Disk({ capacityBytes: 4 });
    disk.growDevice(8);
    expect([disk.deviceBytes, disk.capacityBytes, code(() => disk.write('/file', '12345'))]).toEqual([8, 4, 'ENOSPC']);
    disk.growFileSystem();
    disk.growDevice(6);
    disk.write('/file', '12345');
    expect([disk.deviceBytes, disk.capacityBytes]).toEqual([8, 8]);
  });
});

describe('what power takes', () => {
  test('unmount: the last one of a file system writes back, an earlier one does not', () => {
    const { devices, mounts } = machine('/mnt', '/pod');
    const disk = new Disk({ cached: true });
    devices.set('/dev/xvdba', disk);
    mounts.mount('/dev/xvdba', '/mnt', { type: 'ext4' });
    mounts.mount('/mnt', '/pod', { type: 'bind' });
    mounts.write('/pod/file', 'one');
    mounts.unmount('/pod');
    disk.losePower();
    expect(disk.exists('/file')).toBe(false);
    mounts.write('/mnt/file', 'two');
    mounts.unmount('/mnt');
    disk.losePower();
    expect(disk.readText('/file')).toBe('two');
  });

  test('disk: with a clock, what is half a minute old was written back', () => {
    let now: Micros = 0;
    const disk = new Disk({ cached: true, clock: () => now });
    for (let each = 0; each < 200; each += 1) {
      disk.write('/file', `${each}`);
      now += seconds(1);
    }
    disk.losePower();
    // Written at 170 s and before: 30 s old at 200 s.
    expect(disk.readText('/file')).toBe('170');
  });

  test('copy: has what a power loss would leave, and goes its own way', () => {
    const path = fc.constantFrom('/a', '/b', '/c', '/d/e', '/d/f');
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('write', 'remove', 'rename'), path, to: path }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'sync', path: '', to: '' }) },
    );
    const perform = (disk: Disk, { kind, path: at, to }: { kind: string; path: string; to: string }, text: string): void => {
      if (kind === 'sync') disk.sync();
      else if (kind === 'write') disk.write(at, text, { parents: true });
      else if (kind === 'remove') disk.remove(at, { recursive: true });
      else code(() => disk.rename(at, to));
    };
    const contents = (disk: Disk, folder = '/'): string[] =>
      disk.list(folder).flatMap((name) => {
        const at = `${folder === '/' ? '' : folder}/${name}`;
        return disk.status(at).kind === 'directory' ? [at, ...contents(disk, at)] : [`${at}=${disk.readText(at)}`];
      });
    const facts = (disk: Disk) => [contents(disk), disk.usedBytes, disk.inodes];
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.array(step, { maxLength: 5 }), (before, after) => {
        const disk = new Disk({ cached: true });
        before.forEach((each, at) => perform(disk, each, `${at}`));
        const seen = facts(disk);
        const copy = disk.copy();
        const copied = facts(copy);
        expect(facts(disk)).toEqual(seen);
        after.forEach((each, at) => perform(copy, each, `copy ${at}`));
        expect(facts(disk)).toEqual(seen);
        disk.losePower();
        expect(copied).toEqual(facts(disk));
      }),
    );
  });

  test('copy: of a blank disk is blank, and may be larger', () => {
    const blank = new Disk({ blank: true, capacityBytes: 4 });
    expect([blank.copy().fileSystem, blank.copy({ capacityBytes: 8 }).capacityBytes]).toEqual([undefined, 8]);
    blank.format('ext4');
    const larger = blank.copy({ capacityBytes: 8 });
    expect([larger.fileSystem, larger.deviceBytes, larger.capacityBytes]).toEqual(['ext4', 8, 4]);
  });
});

describe('file servers', () => {
  const server = 'fs-1.efs.us-east-1.amazonaws.com';

  test('mount: a path of a server is the root of what is seen, by several machines at once', () => {
    const { servers, mounts } = machine('/mnt');
    const shared = servers.get(server) as Disk;
    const other = new MountTable(new Disk(), new Devices(), servers);
    other.makeDirectory('/there');
    shared.makeDirectory('/claims/one', { recursive: true });
    mounts.mount(`${server}:/claims/one`, '/mnt', { type: 'nfs4' });
    other.mount(`${server}:/`, '/there', { type: 'nfs' });
    mounts.write('/mnt/file', 'shared');
    expect(other.readText('/there/claims/one/file')).toBe('shared');
    mounts.losePower();
    expect(other.readText('/there/claims/one/file')).toBe('shared');
  });

  test('mount: says what is wrong with a server or path', () => {
    const { servers, mounts } = machine('/mnt');
    servers.get(server)?.write('/file', '');
    const refusal = (source: string, type = 'nfs4') => code(() => mounts.mount(source, '/mnt', { type }));
    expect([
      refusal(`${server}:/nowhere`),
      refusal(`${server}:/file`),
      refusal('fs-2.efs.us-east-1.amazonaws.com:/'),
      refusal(server),
      refusal(`${server}:/`, 'ext4'),
    ]).toEqual(['ENOENT', 'ENOTDIR', 'EHOSTDOWN', 'EINVAL', 'ENODEV']);
    expect(() => mounts.mount('fs-2:/', '/mnt', { type: 'nfs4' })).toThrow('mount fs-2:/ /mnt: host is down');
  });
});
