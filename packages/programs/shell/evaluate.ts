import { milliseconds, type Process, self, spawn, type Task } from '@slipway/kernel';
import { arithmetic } from './arithmetic.ts';
import { expandFields, expandPattern, expandText } from './expand.ts';
import { invoke } from './invoke.ts';
import { ExitJump, LoopJump } from './jumps.ts';
import { matches } from './pattern.ts';
import { type Io, redirect } from './redirects.ts';
import { reasonOf } from '../commands/command.ts';
import type { Shell } from './shell.ts';
import { Pipe } from './streams.ts';
import { type Command, type List, ShellSyntaxError, type Simple } from './syntax.ts';

/** Iterations of a loop at one instant after which it is taken to be waiting for something. */
const BUSY = 1000;

export function* runList(shell: Shell, list: List, io: Io, tail: boolean): Process<number> {
  let left = list.length;
  for (const { command, background } of list) {
    left -= 1;
    if (background) yield* shell.start(command, io);
    else {
      shell.status = yield* runCommand(shell, command, io, tail && left === 0);
      if (shell.status !== 0 && shell.tested === 0 && shell.options.has('e') && failsShell(command)) throw new ExitJump(shell.status);
    }
    yield* shell.runTraps(io);
  }
  return shell.status;
}

export function* runCommand(shell: Shell, command: Command, io: Io, tail: boolean): Process<number> {
  switch (command.kind) {
    case 'simple':
      return yield* simple(shell, command, io, tail);
    case 'pipeline':
      return yield* pipeline(shell, command, io);
    case 'chain':
      return yield* chain(shell, command, io, tail);
    case 'if': {
      for (const { condition, body } of command.branches) {
        if ((yield* tested(shell, runList(shell, condition, io, false))) === 0) return yield* inside(shell, body, io, tail);
      }
      return command.otherwise ? yield* inside(shell, command.otherwise, io, tail) : 0;
    }
    case 'loop':
      return yield* loop(shell, command, io);
    case 'for':
      return yield* each(shell, command, io);
    case 'case': {
      const text = yield* expandText(command.word, shell);
      for (const { patterns, body } of command.branches) {
        for (const pattern of patterns)
          if (matches(yield* expandPattern(pattern, shell), text)) return yield* inside(shell, body, io, tail);
      }
      return 0;
    }
    case 'group':
      return command.subshell
        ? yield* shell.subshell((inner) => runList(inner, command.body, io, false), io)
        : yield* runList(shell, command.body, io, tail);
    case 'arithmetic': {
      const numbers = { get: (name: string) => shell.get(name) ?? '', set: (name: string, value: string) => shell.set(name, value) };
      return Number(arithmetic(yield* expandText(command.expression, shell), numbers) === 0);
    }
    case 'function':
      shell.functions.set(command.name, command.body);
      return 0;
    case 'redirected': {
      const inner = yield* redirected(shell, command.redirects, io);
      return inner ? yield* runCommand(shell, command.command, inner, false) : 1;
    }
  }
}

/** `set -e` minds no failure of what `&&`, `||` and `!` look at; a chain sees to its last command itself. */
const failsShell = (command: Command): boolean => command.kind !== 'chain' && !(command.kind === 'pipeline' && command.negated);

/** An empty list, or one that no command of sets a status in, succeeds. */
function* inside(shell: Shell, list: List, io: Io, tail: boolean): Process<number> {
  shell.status = 0;
  return yield* runList(shell, list, io, tail);
}

function* tested<T>(shell: Shell, process: Process<T>): Process<T> {
  shell.tested += 1;
  try {
    return yield* process;
  } finally {
    shell.tested -= 1;
  }
}

function* simple(shell: Shell, { assignments, words, redirects }: Simple, io: Io, tail: boolean): Process<number> {
  const argv: string[] = [];
  for (const word of words) argv.push(...(yield* expandFields(word, shell)));
  const values: [string, string][] = [];
  let status = 0;
  for (const { name, value } of assignments) {
    const text = yield* expandText(value, shell);
    // An assignment's status is that of the last command in it.
    if (value.some(({ kind }) => kind === 'command')) status = shell.status;
    if (argv.length === 0) shell.set(name, text);
    else values.push([name, text]);
  }
  const inner = redirects.length > 0 ? yield* redirected(shell, redirects, io) : io;
  if (!inner) return 1;
  if (argv.length === 0) return status;
  if (shell.options.has('x')) io.stderr.write(`+ ${argv.join(' ')}\n`);
  return yield* invoke(shell, argv, inner, tail, values.length > 0 ? { ...shell.environment(), ...Object.fromEntries(values) } : undefined);
}

function* redirected(shell: Shell, redirects: Simple['redirects'], io: Io): Process<Io | undefined> {
  try {
    return yield* redirect(redirects, io, shell, shell.container);
  } catch (error) {
    if (error instanceof ShellSyntaxError) throw error;
    io.stderr.write(`${shell.name}: ${reasonOf(error)}\n`);
    return undefined;
  }
}

function* chain(shell: Shell, { first, rest }: Extract<Command, { kind: 'chain' }>, io: Io, tail: boolean): Process<number> {
  let status = yield* tested(shell, runCommand(shell, first, io, false));
  for (const [index, { operator, command }] of rest.entries()) {
    shell.status = status;
    if ((status === 0) !== (operator === '&&')) continue;
    if (index < rest.length - 1) {
      status = yield* tested(shell, runCommand(shell, command, io, false));
      continue;
    }
    status = yield* runCommand(shell, command, io, tail);
    if (status !== 0 && shell.tested === 0 && shell.options.has('e') && failsShell(command)) throw new ExitJump(status);
  }
  return status;
}

function* loop(shell: Shell, { until, condition, body }: Extract<Command, { kind: 'loop' }>, io: Io): Process<number> {
  const { kernel } = yield* self();
  let status = 0;
  let [instant, rounds] = [kernel.now, 0];
  for (;;) {
    if (kernel.now !== instant) [instant, rounds] = [kernel.now, 0];
    rounds += 1;
    // A loop that waits without sleeping burns a core; virtual time has to pass for what it waits for.
    if (rounds > BUSY) {
      yield* shell.context.sleep(milliseconds(100));
      instant = kernel.now;
    }
    const held = (yield* tested(shell, runList(shell, condition, io, false))) === 0;
    if (held === until) return status;
    if ((yield* round(shell, body, io)) === 'break') return shell.status;
    status = shell.status;
  }
}

function* each(shell: Shell, { name, words, body }: Extract<Command, { kind: 'for' }>, io: Io): Process<number> {
  const values: string[] = words ? [] : [...shell.positional];
  for (const word of words ?? []) values.push(...(yield* expandFields(word, shell)));
  shell.status = 0;
  for (const value of values) {
    shell.set(name, value);
    if ((yield* round(shell, body, io)) === 'break') break;
  }
  return shell.status;
}

function* round(shell: Shell, body: List, io: Io): Process<'break' | 'continue'> {
  try {
    yield* runList(shell, body, io, false);
    return 'continue';
  } catch (error) {
    if (!(error instanceof LoopJump)) throw error;
    if (error.levels > 1) throw new LoopJump(error.kind, error.levels - 1);
    shell.status = 0;
    return error.kind;
  }
}

function* pipeline(shell: Shell, { stages, negated }: Extract<Command, { kind: 'pipeline' }>, io: Io): Process<number> {
  const process = stages.length === 1 && stages[0] ? runCommand(shell, stages[0], io, false) : piped(shell, stages, io);
  if (!negated) return yield* process;
  return Number((yield* tested(shell, process)) === 0);
}

/** All stages run at once, and all are waited for; the last one's status counts, or with `pipefail` the last that is not 0. */
function* piped(shell: Shell, stages: readonly Command[], io: Io): Process<number> {
  let source: Pipe | undefined;
  const writers: Task<number>[] = [];
  for (const command of stages.slice(0, -1)) {
    const pipe = new Pipe();
    writers.push(yield* spawn('pipe', stage(shell, command, io, source, pipe)));
    source = pipe;
  }
  const last = stages.at(-1);
  let status = last ? yield* stage(shell, last, io, source, undefined) : 0;
  for (const writer of writers.reverse()) {
    const code = yield* writer.join();
    if (shell.options.has('pipefail') && status === 0) status = code;
  }
  return status;
}

function* stage(shell: Shell, command: Command, io: Io, source: Pipe | undefined, out: Pipe | undefined): Process<number> {
  const own: Io = { stdin: source ?? io.stdin, stdout: out ?? io.stdout, stderr: io.stderr };
  try {
    return yield* shell.subshell((inner) => runCommand(inner, command, own, false), io);
  } finally {
    source?.abandon();
    out?.end();
  }
}
