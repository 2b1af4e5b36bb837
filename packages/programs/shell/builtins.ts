import { signalOf } from '@slipway/host';
import type { Process } from '@slipway/kernel';
import { invoke, SHELLS } from './invoke.ts';
import { ExitJump, LoopJump, ReturnJump } from './jumps.ts';
import type { Io } from './redirects.ts';
import type { Shell } from './shell.ts';

/** A command that acts on the shell itself. */
export type Builtin = (shell: Shell, args: readonly string[], io: Io, tail: boolean) => Process<number>;

/** Makes a builtin that takes no time. */
const plain = (act: (shell: Shell, args: readonly string[], io: Io) => number): Builtin =>
  function* (shell, args, io) {
    return act(shell, args, io);
  };

const statusOf = (shell: Shell, text: string | undefined): number => (text === undefined ? shell.status : Number.parseInt(text, 10) || 0);

export const BUILTINS: Readonly<Record<string, Builtin>> = {
  ':': plain(() => 0),
  '.': source,
  source,
  break: plain((_shell, [levels]) => {
    throw new LoopJump('break', Number(levels ?? 1));
  }),
  continue: plain((_shell, [levels]) => {
    throw new LoopJump('continue', Number(levels ?? 1));
  }),
  exit: plain((shell, [status]) => {
    throw new ExitJump(statusOf(shell, status));
  }),
  return: plain((shell, [status]) => {
    throw new ReturnJump(statusOf(shell, status));
  }),
  cd: plain((shell, args, io) => {
    const path = args.find((arg) => !arg.startsWith('-')) ?? shell.get('HOME') ?? '/';
    const there = shell.resolve(path);
    if (!shell.files.exists(there) || shell.files.status(there).kind !== 'directory') {
      io.stderr.write(`${shell.name}: cd: can't cd to ${path}: No such file or directory\n`);
      return 2;
    }
    shell.cwd = there;
    return 0;
  }),
  pwd: plain((shell, _args, io) => {
    io.stdout.write(`${shell.cwd}\n`);
    return 0;
  }),
  export: plain(assign(true)),
  readonly: plain(assign(false)),
  local: plain(assign(false)),
  declare: plain(assign(false)),
  unset: plain((shell, names) => {
    for (const name of names) {
      shell.variables.delete(name);
      shell.functions.delete(name);
    }
    return 0;
  }),
  set: plain((shell, args) => {
    for (let at = 0; at < args.length; at += 1) {
      const arg = args[at] ?? '';
      if (arg === '--' || !/^[-+]/.test(arg)) {
        shell.positional = args.slice(arg === '--' ? at + 1 : at);
        return 0;
      }
      const letters = [...arg.slice(1)];
      for (const letter of letters) {
        const option = letter === 'o' ? (args[(at += 1)] ?? '') : letter;
        const short = option === 'errexit' ? 'e' : option === 'xtrace' ? 'x' : option;
        if (arg.startsWith('-')) shell.options.add(short);
        else shell.options.delete(short);
      }
    }
    return 0;
  }),
  shift: plain((shell, [count]) => {
    shell.positional = shell.positional.slice(Number(count ?? 1));
    return 0;
  }),
  *read(shell, args, io) {
    const names = args.filter((arg) => !arg.startsWith('-'));
    const line = yield* io.stdin.line();
    if (line === undefined) return 1;
    const words = line
      .replace(/\n$/, '')
      .trim()
      .split(/[ \t]+/);
    const all = names.length > 0 ? names : ['REPLY'];
    all.forEach((name, at) => shell.set(name, at === all.length - 1 ? words.slice(at).join(' ') : (words[at] ?? '')));
    return line.endsWith('\n') ? 0 : 1;
  },
  *eval(shell, args, io, tail) {
    return yield* shell.list(shell.finder.parse(args.join(' ')), io, tail);
  },
  *exec(shell, args, io) {
    if (args.length === 0) return 0;
    // What replaces the shell gets its signals; traps are gone with it.
    shell.traps.clear();
    throw new ExitJump(yield* invoke(shell, args, io, true));
  },
  *command(shell, args, io, tail) {
    if (args[0] === '-v' || args[0] === '-V') return found(shell, args[1] ?? '', io);
    return yield* invoke(shell, args, io, tail);
  },
  type: plain((shell, [name = ''], io) => found(shell, name, io)),
  which: plain((shell, [name = ''], io) => found(shell, name, io)),
  *trap(shell, args, io) {
    const [script = '', ...names] = args[0] === '--' ? args.slice(1) : args;
    if (args.length === 0) {
      for (const [name, text] of shell.traps) io.stdout.write(`trap -- '${text}' ${name}\n`);
      return 0;
    }
    for (const name of names) {
      const signal = name === '0' || name === 'EXIT' ? 'EXIT' : signalOf(name);
      if (signal === undefined) continue;
      if (script === '-') shell.traps.delete(signal);
      else shell.traps.set(signal, script);
      if (signal !== 'EXIT') yield* shell.listen();
    }
    return 0;
  },
  *wait(shell, args, io) {
    const [name] = args.filter((arg) => !arg.startsWith('-'));
    if (name === undefined) return yield* shell.wait(undefined, io);
    const job = shell.jobs.find(name);
    return job ? yield* shell.wait(job, io) : 127;
  },
  jobs: plain((shell, _args, io) => {
    shell.jobs.all.forEach(({ pid, status }, at) =>
      io.stdout.write(`[${at + 1}] ${pid} ${status === undefined ? 'Running' : `Done(${status})`}\n`),
    );
    return 0;
  }),
  kill: plain((shell, args, io) => {
    if (args[0] === '-l') return 0;
    const [first = '', ...rest] = args;
    const option = first === '-s' ? rest.shift() : first.startsWith('-') ? first.slice(1) : undefined;
    const targets = option === undefined ? args : rest;
    const probe = option === '0';
    const signal = probe ? 'SIGTERM' : signalOf(option ?? 'TERM');
    if (!signal) {
      io.stderr.write(`${shell.name}: kill: ${option}: invalid signal specification\n`);
      return 1;
    }
    let status = 0;
    for (const target of targets) {
      const job = shell.jobs.find(target);
      if (job && job.status === undefined) {
        if (probe) continue;
        if (job.receiver && signal !== 'SIGKILL') job.receiver.send(signal);
        else job.task?.stop();
      } else if (target === '1' || target === '-1') {
        // The kernel shields a container's first process from SIGKILL out of its own container.
        if (!probe && signal !== 'SIGKILL') shell.context.process.signal(signal);
      } else {
        io.stderr.write(`${shell.name}: can't kill pid ${target}: No such process\n`);
        status = 1;
      }
    }
    return status;
  }),
  alias: plain(() => 0),
  umask: plain(() => 0),
  ulimit: plain(() => 0),
  hash: plain(() => 0),
  *let(shell, args, io) {
    let status = 0;
    for (const arg of args)
      status = yield* shell.command({ kind: 'arithmetic', expression: [{ kind: 'text', text: arg, quoted: true }] }, io, false);
    return status;
  },
};

function* source(shell: Shell, [path = '', ...args]: readonly string[], io: Io): Process<number> {
  const { positional } = shell;
  const there = shell.resolve(path);
  if (!shell.files.exists(there)) {
    io.stderr.write(`${shell.name}: .: can't open '${path}': No such file or directory\n`);
    return 2;
  }
  if (args.length > 0) shell.positional = args;
  try {
    return yield* shell.list(shell.finder.parse(shell.files.readText(there)), io, false);
  } catch (error) {
    if (error instanceof ReturnJump) return error.status;
    throw error;
  } finally {
    shell.positional = positional;
  }
}

function assign(exports: boolean): (shell: Shell, args: readonly string[]) => number {
  return (shell, args) => {
    for (const arg of args) {
      if (arg.startsWith('-')) continue;
      const [name = '', value] = arg.split(/=(.*)/s);
      if (value !== undefined) shell.set(name, value);
      if (exports) {
        if (value === undefined) shell.set(name, shell.get(name) ?? '');
        shell.exported.add(name);
      }
    }
    return 0;
  };
}

function found(shell: Shell, name: string, io: Io): number {
  const known =
    SHELLS.includes(name) ||
    shell.functions.has(name) ||
    Object.hasOwn(BUILTINS, name) ||
    shell.finder.command([name]) !== undefined ||
    shell.finder.program([name]) !== undefined;
  if (known) io.stdout.write(`${name}\n`);
  return known ? 0 : 1;
}
