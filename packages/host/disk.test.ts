import { codeOf } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Disk } from './disk.ts';
import { normalPath } from './path.ts';
import { byteLength, decodeUtf8, encodeUtf8 } from './utf8.ts';

/** The plainest thing that could be a disk: a map from path to content, null for a directory. */
class ModelDisk {
  readonly entries = new Map<string, string | null>([['/', null]]);

  parentCode(path: string): string | undefined {
    const parts = path.split('/').slice(1, -1);
    for (let at = 1; at <= parts.length; at += 1) {
      const entry = this.entries.get(`/${parts.slice(0, at).join('/')}`);
      if (entry === undefined) return 'ENOENT';
      if (entry !== null) return 'ENOTDIR';
    }
    return undefined;
  }

  below(path: string): string[] {
    return [...this.entries.keys()].filter((other) => other.startsWith(`${path}/`));
  }

  write(path: string, content: string): string | undefined {
    const code = this.parentCode(path) ?? (this.entries.get(path) === null ? 'EISDIR' : undefined);
    if (!code) this.entries.set(path, content);
    return code;
  }

  append(path: string, content: string): string | undefined {
    return this.write(path, (this.entries.get(path) ?? '') + content);
  }

  makeDirectory(path: string): string | undefined {
    const code = this.parentCode(path) ?? (this.entries.has(path) ? 'EEXIST' : undefined);
    if (!code) this.entries.set(path, null);
    return code;
  }

  remove(path: string): string | undefined {
    const code = this.parentCode(path) ?? (!this.entries.has(path) ? 'ENOENT' : this.below(path).length > 0 ? 'ENOTEMPTY' : undefined);
    if (!code) this.entries.delete(path);
    return code;
  }

  removeTree(path: string): string | undefined {
    const code = this.parentCode(path);
    if (code) return code === 'ENOENT' ? undefined : code;
    for (const each of [path, ...this.below(path)]) this.entries.delete(each);
    return undefined;
  }

  rename(from: string, to: string): string | undefined {
    const code = this.parentCode(from) ?? (this.entries.has(from) ? this.parentCode(to) : 'ENOENT');
    if (code) return code;
    if (from === to) return undefined;
    const [folder, goal] = [this.entries.get(from) === null, this.entries.get(to)];
    if (folder && to.startsWith(`${from}/`)) return 'EINVAL';
    if (goal !== undefined && folder !== (goal === null)) return folder ? 'ENOTDIR' : 'EISDIR';
    if (goal === null && this.below(to).length > 0) return 'ENOTEMPTY';
    for (const each of [from, ...this.below(from)]) {
      this.entries.set(to + each.slice(from.length), this.entries.get(each) ?? null);
      this.entries.delete(each);
    }
    return undefined;
  }
}

const path = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);
const content = fc.string({ maxLength: 6, unit: fc.constantFrom('a', 'é', '日', '🚢') });
const operation = fc.oneof(
  fc.record({ kind: fc.constantFrom('write' as const, 'append' as const), path, content }),
  fc.record({ kind: fc.constantFrom('makeDirectory' as const, 'remove' as const, 'removeTree' as const), path }),
  fc.record({ kind: fc.constant('rename' as const), path, to: path }),
);
type Operation = typeof operation extends fc.Arbitrary<infer O> ? O : never;

function perform(disk: Disk, step: Operation): string | undefined {
  try {
    if (step.kind === 'write') disk.write(step.path, step.content);
    else if (step.kind === 'append') disk.append(step.path, step.content);
    else if (step.kind === 'makeDirectory') disk.makeDirectory(step.path);
    else if (step.kind === 'rename') disk.rename(step.path, step.to);
    else disk.remove(step.path, { recursive: step.kind === 'removeTree' });
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

function performOnModel(model: ModelDisk, step: Operation): string | undefined {
  if (step.kind === 'write' || step.kind === 'append') return model[step.kind](step.path, step.content);
  return step.kind === 'rename' ? model.rename(step.path, step.to) : model[step.kind](step.path);
}

/** Everything on a disk, as the model has it. */
function contents(disk: Disk, folder = '/'): [string, string | null][] {
  return disk.list(folder).flatMap((name): [string, string | null][] => {
    const at = normalPath(name, folder);
    return disk.status(at).kind === 'directory' ? [[at, null], ...contents(disk, at)] : [[at, disk.readText(at)]];
  });
}

const byPath = (entries: Iterable<[string, string | null]>): [string, string | null][] => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

describe('disk', () => {
  test('disk: does what a map of paths does, and refuses with the same codes', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 40 }), (steps) => {
        const [disk, model] = [new Disk(), new ModelDisk()];
        for (const step of steps) expect(perform(disk, step)).toBe(performOnModel(model, step));
        model.entries.delete('/');
        expect(byPath(contents(disk))).toEqual(byPath(model.entries));
        expect(disk.inodes).toBe(model.entries.size);
        expect(disk.usedBytes).toBe([...model.entries.values()].reduce((sum, text) => sum + byteLength(text ?? ''), 0));
      }),
    );
  });

  test('disk: with a write cache, power loss leaves exactly what the last sync saw', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 15 }), fc.array(operation, { maxLength: 15 }), (before, after) => {
        const disk = new Disk({ cached: true });
        for (const step of before) perform(disk, step);
        disk.sync();
        const [kept, used, inodes] = [contents(disk), disk.usedBytes, disk.inodes];
        for (const step of after) perform(disk, step);
        disk.losePower();
        expect(byPath(contents(disk))).toEqual(byPath(kept));
        expect([disk.usedBytes, disk.inodes]).toEqual([used, inodes]);
      }),
    );
  });

  test('disk: never holds more than its capacity, and a refused write changes no content', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 30 }), fc.nat(12), (steps, capacityBytes) => {
        const disk = new Disk({ capacityBytes });
        for (const step of steps) {
          const before = disk.usedBytes;
          if (perform(disk, step) === 'ENOSPC') expect(disk.usedBytes).toBe(before);
          expect(disk.usedBytes).toBeLessThanOrEqual(capacityBytes);
        }
      }),
    );
  });

  test('disk: links lead on, relative ones from their own folder, and loops end', () => {
    const disk = new Disk();
    disk.write('/volume/..2026/key', 'value', { parents: true });
    disk.symlink('..2026', '/volume/..data');
    disk.symlink('..data/key', '/volume/key');
    expect(disk.readText('/volume/key')).toBe('value');
    expect(disk.linkStatus('/volume/key').kind).toBe('link');
    disk.symlink('/volume', '/absolute');
    expect(disk.list('/absolute')).toEqual(['..2026', '..data', 'key']);
    disk.symlink('round', '/round');
    expect(() => disk.readText('/round')).toThrow('too many levels of symbolic links');
  });

  test('disk: a directory of many keeps every name', () => {
    const disk = new Disk();
    const names = Array.from({ length: 30 }, (_, at) => `f${String(at).padStart(2, '0')}`);
    for (const name of names) disk.write(`/${name}`, name);
    for (const name of names.slice(0, 10)) disk.remove(`/${name}`);
    expect(disk.list('/')).toEqual(names.slice(10));
    expect(disk.readText('/f29')).toBe('f29');
  });

  test('disk: a full one takes an empty file, unless it is written at once or not at all', () => {
    const disk = new Disk();
    disk.write('/old', 'x');
    disk.full = true;
    for (const atomic of [false, true])
      expect(() => disk.write(`/${atomic ? 'whole' : 'half'}`, 'x', { atomic })).toThrow('no space left on device');
    expect(disk.list('/')).toEqual(['half', 'old']);
    expect(disk.readText('/half')).toBe('');
    disk.write('/old', 'xy', { atomic: true });
    expect(disk.readText('/old')).toBe('xy');
  });

  test('disk: errors read as Go prints them', () => {
    expect(() => new Disk().readText('/etc/hosts')).toThrow('open /etc/hosts: no such file or directory');
  });
});

test('utf8: agrees with the platform', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 8 }), (points) => {
      const text = String.fromCodePoint(...points);
      const bytes = encodeUtf8(text);
      expect([...bytes]).toEqual([...new TextEncoder().encode(text)]);
      expect(byteLength(text)).toBe(bytes.length);
      expect(decodeUtf8(bytes)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    }),
  );
});
