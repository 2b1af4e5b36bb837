import { folderOf, joinPath, nameOf } from '@slipway/host';
import { at, type Call, type CommandTable, fail, flagsOf, reasonOf, say } from './command.ts';

/** Runs `act` for each path; a failure is told as busybox tells it, and the others are still done. */
function each(call: Call, paths: readonly string[], told: (path: string, reason: string) => string, act: (path: string) => void): number {
  let status = 0;
  for (const path of paths) {
    try {
      act(at(call, path));
    } catch (error) {
      status = fail(call, told(path, reasonOf(error)));
    }
  }
  return status;
}

const isFolder = (call: Call, path: string): boolean =>
  call.context.files.exists(path) && call.context.files.status(path).kind === 'directory';

function copyTree(call: Call, from: string, to: string): void {
  const { files } = call.context;
  if (files.status(from).kind !== 'directory') {
    files.write(to, files.read(from));
    return;
  }
  files.makeDirectory(to, { recursive: true });
  for (const name of files.list(from)) copyTree(call, joinPath(from, `/${name}`), joinPath(to, `/${name}`));
}

/** Into a folder things keep their name. */
const goalIn = (call: Call, from: string, to: string): string => (isFolder(call, to) ? joinPath(to, `/${nameOf(at(call, from))}`) : to);

function listing(call: Call): number {
  const { files } = call.context;
  const { flags, rest } = flagsOf(call.args);
  const paths = rest.length > 0 ? rest : ['.'];
  return each(
    call,
    paths,
    (path, reason) => `ls: ${path}: ${reason}`,
    (path) => {
      const folder = files.status(path).kind === 'directory' && !flags.has('d');
      const names = folder
        ? [
            ...(flags.has('a') ? ['.', '..'] : []),
            ...files.list(path).filter((name) => flags.has('a') || flags.has('A') || !name.startsWith('.')),
          ]
        : [path];
      if (folder && paths.length > 1) say(call, `${path}:`);
      for (const name of names) {
        if (!flags.has('l')) {
          say(call, name);
          continue;
        }
        const { kind, sizeBytes } = files.linkStatus(folder ? joinPath(path, `/${name}`) : path);
        say(
          call,
          `${kind === 'directory' ? 'drwxr-xr-x' : kind === 'link' ? 'lrwxrwxrwx' : '-rw-r--r--'}    1 root     root     ${String(sizeBytes).padStart(9)} ${name}`,
        );
      }
    },
  );
}

/** Commands on files. */
export const FILE_COMMANDS: CommandTable = {
  ls: listing,
  mkdir(call) {
    const { flags, rest } = flagsOf(call.args, 'm');
    const told = (path: string, reason: string): string => `mkdir: can't create directory '${path}': ${reason}`;
    return each(call, rest, told, (path) => call.context.files.makeDirectory(path, { recursive: flags.has('p') || flags.has('parents') }));
  },
  rmdir(call) {
    return each(
      call,
      flagsOf(call.args).rest,
      (path, reason) => `rmdir: '${path}': ${reason}`,
      (path) => call.context.files.remove(path),
    );
  },
  rm(call) {
    const { flags, rest } = flagsOf(call.args);
    const recursive = flags.has('r') || flags.has('R') || flags.has('recursive');
    const told = (path: string, reason: string): string => `rm: can't remove '${path}': ${reason}`;
    return each(call, rest, told, (path) => {
      if (!call.context.files.exists(path) && flags.has('f')) return;
      if (isFolder(call, path) && !recursive && call.context.files.linkStatus(path).kind === 'directory') throw new Error('Is a directory');
      call.context.files.remove(path, { recursive });
    });
  },
  touch(call) {
    const { files } = call.context;
    const told = (path: string, reason: string): string => `touch: ${path}: ${reason}`;
    return each(call, flagsOf(call.args, 'dtr').rest, told, (path) => files.exists(path) || files.write(path, ''));
  },
  cp(call) {
    const { flags, rest } = flagsOf(call.args);
    const to = at(call, rest.at(-1) ?? '');
    const told = (path: string, reason: string): string => `cp: can't stat '${path}': ${reason}`;
    return each(call, rest.slice(0, -1), told, (from) => {
      const recursive = ['r', 'R', 'a', 'recursive', 'archive'].some((flag) => flags.has(flag));
      if (isFolder(call, from) && !recursive) throw new Error('omitting directory');
      // `cp -r folder/. to` copies what is inside.
      if (isFolder(call, from) && rest[0]?.endsWith('/.')) copyTree(call, from, to);
      else copyTree(call, from, goalIn(call, from, to));
    });
  },
  mv(call) {
    const { rest } = flagsOf(call.args);
    const to = at(call, rest.at(-1) ?? '');
    const told = (path: string, reason: string): string => `mv: can't rename '${path}': ${reason}`;
    return each(call, rest.slice(0, -1), told, (from) => {
      try {
        call.context.files.rename(from, goalIn(call, from, to));
      } catch (error) {
        if ((error as { code?: unknown }).code !== 'EXDEV') throw error;
        copyTree(call, from, goalIn(call, from, to));
        call.context.files.remove(from, { recursive: true });
      }
    });
  },
  ln(call) {
    const { flags, rest } = flagsOf(call.args);
    const [target = '', name = nameOf(target)] = rest;
    const path = goalIn(call, target, at(call, name));
    if (flags.has('f') && call.context.files.exists(path)) call.context.files.remove(path);
    if (flags.has('s')) call.context.files.symlink(target, path);
    else call.context.files.write(path, call.context.files.read(at(call, target)));
    return 0;
  },
  readlink(call) {
    const { rest } = flagsOf(call.args);
    const path = at(call, rest[0] ?? '');
    if (!call.context.files.exists(path)) return 1;
    say(call, call.context.files.linkStatus(path).kind === 'link' ? call.context.files.readLink(path) : path);
    return 0;
  },
  stat(call) {
    const { flags, rest } = flagsOf(call.args, 'c');
    const told = (path: string, reason: string): string => `stat: can't stat '${path}': ${reason}`;
    return each(call, rest, told, (path) => {
      const { kind, sizeBytes } = call.context.files.status(path);
      say(
        call,
        (flags.get('c') ?? '%n %s %F')
          .replace('%n', path)
          .replace('%s', String(sizeBytes))
          .replace('%F', kind === 'file' ? 'regular file' : kind),
      );
    });
  },
  du(call) {
    const { rest } = flagsOf(call.args);
    for (const path of rest.length > 0 ? rest : ['.']) say(call, `${Math.ceil(sizeBelow(call, at(call, path)) / 1024)}\t${path}`);
    return 0;
  },
  find(call) {
    const [root = '.', ...tests] = call.args;
    const name = tests[tests.indexOf('-name') + 1];
    const type = tests.includes('-type') ? tests[tests.indexOf('-type') + 1] : undefined;
    const expression =
      tests.includes('-name') && name !== undefined
        ? new RegExp(
            `^${name
              .replace(/[.+^${}()|[\]\\]/g, '\\$&')
              .replace(/\*/g, '.*')
              .replace(/\?/g, '.')}$`,
          )
        : undefined;
    const walk = (path: string, shown: string): void => {
      const { kind } = call.context.files.linkStatus(path);
      const wanted = type === undefined || type === (kind === 'directory' ? 'd' : kind === 'link' ? 'l' : 'f');
      if (wanted && (!expression || expression.test(nameOf(path)))) {
        say(call, shown);
        if (tests.includes('-delete')) call.context.files.remove(path, { recursive: true });
      }
      if (kind === 'directory' && call.context.files.exists(path))
        for (const child of call.context.files.list(path)) walk(joinPath(path, `/${child}`), joinPath(shown, `/${child}`));
    };
    if (!call.context.files.exists(at(call, root))) return fail(call, `find: ${root}: No such file or directory`);
    walk(at(call, root), root);
    return 0;
  },
  basename(call) {
    const [path = '', suffix = ''] = call.args;
    const name = nameOf(path.replace(/\/+$/, ''));
    say(call, suffix !== '' && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name);
    return 0;
  },
  dirname(call) {
    const [path = ''] = call.args;
    say(call, path.includes('/') ? folderOf(path.replace(/\/+$/, '')) : '.');
    return 0;
  },
  realpath(call) {
    say(call, at(call, call.args[0] ?? '.'));
    return 0;
  },
  mktemp(call) {
    const { flags, rest } = flagsOf(call.args, 'p');
    const template = rest[0] ?? '/tmp/tmp.XXXXXX';
    const path = at(
      call,
      template.replace(/X+$/, (xs) => call.context.random.text(xs.length, 'abcdefghijklmnopqrstuvwxyz0123456789')),
    );
    if (flags.has('d')) call.context.files.makeDirectory(path, { recursive: true });
    else call.context.files.write(path, '', { parents: true });
    say(call, path);
    return 0;
  },
  truncate(call) {
    const { flags, rest } = flagsOf(call.args, 's');
    for (const path of rest) call.context.files.write(at(call, path), '\0'.repeat(bytesOf(flags.get('s') ?? '0')));
    return 0;
  },
  fallocate(call) {
    const { flags, rest } = flagsOf(call.args, 'lo');
    call.context.files.write(at(call, rest[0] ?? ''), new Uint8Array(bytesOf(flags.get('l') ?? '0')));
    return 0;
  },
  dd(call) {
    const option = (name: string): string | undefined => call.args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
    const size = bytesOf(option('bs') ?? '512') * Number(option('count') ?? 0);
    const [from, to] = [option('if'), option('of')];
    const content = from === undefined || from.startsWith('/dev/') ? new Uint8Array(size) : call.context.files.read(at(call, from));
    if (to !== undefined && to !== '/dev/null')
      call.context.files.write(at(call, to), content, { sync: call.args.some((arg) => /^(conv|oflag)=.*sync/.test(arg)) });
    return 0;
  },
  sync(call) {
    const { process } = call.context;
    const { rest } = flagsOf(call.args);
    const paths = rest.length > 0 ? rest : ['/', ...(process.spec.mounts ?? []).map(({ destination }) => destination)];
    return each(
      call,
      paths,
      (path, reason) => `sync: error syncing '${path}': ${reason}`,
      (path) => call.context.files.locate(path).disk.sync(),
    );
  },
  df(call) {
    say(call, 'Filesystem           1K-blocks      Used Available Use% Mounted on');
    const { disk } = call.context.files.locate('/');
    const total = Number.isFinite(disk.capacityBytes) ? disk.capacityBytes : 100 * GiB;
    const percent = Math.floor((disk.usedBytes * 100) / total);
    say(
      call,
      `overlay              ${Math.floor(total / 1024)} ${Math.ceil(disk.usedBytes / 1024)} ${Math.floor((total - disk.usedBytes) / 1024)} ${percent}% /`,
    );
    return 0;
  },
};

const GiB = 1024 * 1024 * 1024;

/** Reads `512`, `10M`, `1G`, `4k`. */
export function bytesOf(text: string): number {
  const match = /^(\d+)\s*([kKmMgG]?)i?[bB]?$/.exec(text);
  return Number(match?.[1] ?? 0) * ({ k: 1024, m: 1024 * 1024, g: GiB }[(match?.[2] ?? '').toLowerCase()] ?? 1);
}

function sizeBelow(call: Call, path: string): number {
  const { kind, sizeBytes } = call.context.files.linkStatus(path);
  if (kind !== 'directory') return sizeBytes;
  return call.context.files.list(path).reduce((sum, name) => sum + sizeBelow(call, joinPath(path, `/${name}`)), 0);
}

/** chmod, chown and their like succeed on what exists: the simulation has no owners and no modes. */
export const OWNERSHIP_COMMANDS: CommandTable = Object.fromEntries(
  ['chmod', 'chown', 'chgrp', 'setfacl'].map((name) => [
    name,
    (call: Call): number => {
      const { rest } = flagsOf(call.args);
      return each(
        call,
        rest.slice(1),
        (path, reason) => `${name}: ${path}: ${reason}`,
        (path) => call.context.files.status(path),
      );
    },
  ]),
);
