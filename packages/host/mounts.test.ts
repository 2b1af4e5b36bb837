import { codeOf } from '@slipway/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ContainerFiles, type ProcessMount } from './container-files.ts';
import { Devices } from './devices.ts';
import { Disk } from './disk.ts';
import { MountTable } from './mounts.ts';

function setup(...folders: string[]) {
  const disk = new Disk();
  const devices = new Devices();
  devices.set('/dev/sdb', new Disk({ capacityBytes: 100 }));
  const mounts = new MountTable(disk, devices);
  for (const folder of folders) mounts.makeDirectory(folder, { recursive: true });
  const container = (list: ProcessMount[], rootfs?: string) =>
    new ContainerFiles(mounts, { rootfs, readOnlyRoot: false, mounts: list, image: { '/etc/motd': 'hello', '/data/seed': 'image' } });
  return { disk, devices, mounts, container };
}

const code = (act: () => unknown): string => {
  try {
    act();
    return 'none';
  } catch (error) {
    return codeOf(error);
  }
};

test('mount: a device shows its own files, hides the folder, and keeps them', () => {
  const { disk, devices, mounts } = setup('/mnt');
  disk.write('/mnt/hidden', 'x');
  mounts.mount('/dev/sdb', '/mnt', { type: 'ext4' });
  mounts.write('/mnt/file', 'data');
  expect([mounts.list('/mnt'), devices.get('/dev/sdb')?.readText('/file'), disk.exists('/mnt/file')]).toEqual([['file'], 'data', false]);
  expect(code(() => mounts.write('/mnt/big', 'x'.repeat(200)))).toBe('ENOSPC');
  mounts.unmount('/mnt');
  expect(mounts.list('/mnt')).toEqual(['hidden']);
  expect(code(() => mounts.unmount('/mnt'))).toBe('EINVAL');
});

test('mount: a bind mount shows what its source is, read-only if asked, files too', () => {
  const { mounts } = setup('/a/sub', '/b');
  mounts.write('/a/sub/file', '1');
  mounts.mount('/a/sub', '/b', { type: 'bind', readOnly: true });
  expect(mounts.readText('/b/file')).toBe('1');
  expect(code(() => mounts.write('/b/file', '2'))).toBe('EROFS');
  mounts.write('/a/sub/file', '2');
  expect(mounts.readText('/b/file')).toBe('2');
  mounts.write('/hosts', 'one');
  mounts.write('/alias', '');
  mounts.mount('/hosts', '/alias', { type: 'bind' });
  expect(mounts.readText('/alias')).toBe('one');
  expect(code(() => mounts.mount('/hosts', '/b', { type: 'bind' }))).toBe('ENOTDIR');
  expect(code(() => mounts.rename('/hosts', '/b/hosts'))).toBe('EXDEV');
  expect(code(() => mounts.remove('/alias'))).toBe('EBUSY');
});

test('unmount: refuses while something is mounted below or held, unless lazy', () => {
  const { mounts } = setup('/mnt');
  mounts.mount('tmpfs', '/mnt', { type: 'tmpfs' });
  mounts.makeDirectory('/mnt/inner');
  mounts.mount('tmpfs', '/mnt/inner', { type: 'tmpfs' });
  expect(code(() => mounts.unmount('/mnt'))).toBe('EBUSY');
  mounts.unmount('/mnt/inner');
  const close = mounts.hold('/mnt/inner');
  expect(code(() => mounts.unmount('/mnt'))).toBe('EBUSY');
  close();
  mounts.mount('tmpfs', '/mnt/inner', { type: 'tmpfs' });
  mounts.unmount('/mnt', { lazy: true });
  expect(mounts.all()).toEqual([]);
});

test('mount: says what is missing', () => {
  const { mounts } = setup('/mnt');
  expect(code(() => mounts.mount('/dev/sdz', '/mnt', { type: 'ext4' }))).toBe('ENOENT');
  expect(code(() => mounts.mount('server:/export', '/mnt', { type: 'nfs' }))).toBe('ENODEV');
  expect(code(() => mounts.mount('tmpfs', '/nowhere', { type: 'tmpfs' }))).toBe('ENOENT');
  mounts.mount('server:/export', '/mnt', { type: 'nfs', disk: new Disk() });
  expect(mounts.at('/mnt/')?.type).toBe('nfs');
});

test('mount: a link leads into a mount', () => {
  const { mounts } = setup('/run', '/var');
  mounts.symlink('/run', '/var/run');
  mounts.mount('tmpfs', '/run', { type: 'tmpfs' });
  mounts.write('/var/run/netns/a', '', { parents: true });
  expect(mounts.exists('/run/netns/a')).toBe(true);
  expect(code(() => mounts.remove('/var/run/', { recursive: true }))).toBe('none');
  expect(mounts.exists('/run/netns/a')).toBe(true);
});

test('mounts: after mounting and unmounting in any order the newest one left on a path is what is seen', () => {
  const paths = ['/a', '/a/b', '/c'];
  fc.assert(
    fc.property(fc.array(fc.record({ on: fc.boolean(), path: fc.constantFrom(...paths) }), { maxLength: 20 }), (steps) => {
      const { mounts } = setup('/a/b', '/c');
      const stacks = new Map<string, string[]>(paths.map((path) => [path, []]));
      steps.forEach(({ on, path }, at) => {
        const stack = stacks.get(path) ?? [];
        if (on) {
          const disk = new Disk();
          disk.write('/mark', `${at}`);
          disk.makeDirectory('/b');
          mounts.mount('server:/', path, { type: 'nfs', disk });
          stack.push(`${at}`);
          // What is mounted on a parent afterwards does not move what lies below: lookups are by path.
        } else {
          const busy = path === '/a' && stack.length === 1 && (stacks.get('/a/b')?.length ?? 0) > 0;
          expect(code(() => mounts.unmount(path))).toBe(stack.length === 0 ? 'EINVAL' : busy ? 'EBUSY' : 'none');
          if (!busy) stack.pop();
        }
      });
      for (const path of paths) {
        const top = stacks.get(path)?.at(-1);
        if (top !== undefined) expect(mounts.readText(`${path}/mark`)).toBe(top);
      }
      expect(mounts.all().length).toBe([...stacks.values()].flat().length);
    }),
  );
});

test('container: sees its image and its volumes, and writes to its root on the host', () => {
  const { mounts, container } = setup('/pods/1/volume', '/roots/1');
  mounts.write('/pods/1/etc-hosts', '127.0.0.1 localhost');
  const files = container(
    [
      { source: '/pods/1/volume', destination: '/data' },
      { source: '/pods/1/etc-hosts', destination: '/etc/hosts', readOnly: true },
    ],
    '/roots/1',
  );
  expect(mounts.list('/roots/1')).toEqual([]);
  expect([files.readText('/etc/motd'), files.readText('/etc/hosts'), files.list('/data')]).toEqual(['hello', '127.0.0.1 localhost', []]);
  files.write('/data/out', 'kept');
  files.write('/tmp/scratch', 'in the root');
  expect([mounts.readText('/pods/1/volume/out'), mounts.readText('/roots/1/tmp/scratch')]).toEqual(['kept', 'in the root']);
  expect(code(() => files.write('/etc/hosts', ''))).toBe('EROFS');
  expect(files.list('/')).toContain('data');
});

test('container: keeps a volume that the host unmounts, and sees later mounts only where they propagate', () => {
  const { mounts, container } = setup('/volume', '/shared', '/private');
  mounts.mount('/dev/sdb', '/volume', { type: 'ext4' });
  mounts.write('/volume/file', 'data');
  const files = container([
    { source: '/volume', destination: '/v' },
    { source: '/shared', destination: '/s', propagated: true },
    { source: '/private', destination: '/p' },
  ]);
  mounts.unmount('/volume');
  expect(files.readText('/v/file')).toBe('data');
  for (const folder of ['/shared', '/private']) {
    mounts.makeDirectory(`${folder}/new`);
    mounts.mount('tmpfs', `${folder}/new`, { type: 'tmpfs' });
    mounts.write(`${folder}/new/file`, 'x');
  }
  expect([files.exists('/s/new/file'), files.exists('/p/new/file')]).toEqual([true, false]);
});
