import type { Program, SignalName } from '@slipway/host';
import { isProcess, Mailbox, messageOf, type Process } from '@slipway/kernel';
import { ChildContext } from '../child-context.ts';
import { type Call, type CommandModel, reasonOf } from '../commands/command.ts';
import { type Builtin, BUILTINS } from './builtins.ts';
import { ExitJump, LoopJump, ReturnJump } from './jumps.ts';
import type { Io } from './redirects.ts';
import { Shell } from './shell.ts';
import { LineSink, readAll } from './streams.ts';
import { type Command, ShellSyntaxError } from './syntax.ts';

export const SHELLS: readonly string[] = ['sh', 'bash', 'ash', 'dash'];

/** The last part of a command's path. */
export const commandName = (argv: readonly string[]): string => argv[0]?.slice(argv[0].lastIndexOf('/') + 1) ?? '';

/**
 * Runs one command: a function, a builtin, a shell, a script in the container's files, a command or a program with a model.
 *
 * One without a model warns and succeeds, except where it is the last thing that a container's first process does: then it is taken for
 * the container's server and runs on.
 */
export function* invoke(shell: Shell, argv: readonly string[], io: Io, tail: boolean, env: Env = shell.environment()): Process<number> {
  const [name] = argv;
  // What a wrapper such as `nice` has nothing to run with.
  if (name === undefined) return 0;
  const body = shell.functions.get(name);
  if (body) return yield* callFunction(shell, body, argv, io);
  const builtin: Builtin | undefined = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined;
  if (builtin) return yield* builtin(shell, argv.slice(1), io, tail);
  const script = scriptFile(shell, name);
  if (script !== undefined) return yield* runScript(shell, { script, name, args: argv.slice(1), options: [] }, io, tail, env);
  if (SHELLS.includes(commandName(argv))) return yield* runShell(shell, argv, io, tail, env);
  const model = shell.finder.command(argv);
  if (model) return yield* runModel(shell, model, argv, io, tail, env);
  const program = shell.finder.program(argv);
  if (program) return yield* runProgram(shell, program, argv, io, tail, env);
  const serves = shell.serves && tail;
  shell.context.warn(
    `${shell.context.process.name}: the command "${name}" is not simulated; it ${serves ? 'runs on' : 'is taken to succeed'}`,
  );
  return serves ? yield* runProgram(shell, shell.finder.unknown, argv, io, tail, env) : 0;
}

type Env = Readonly<Record<string, string>>;

interface Invocation {
  readonly script: string;
  readonly name: string;
  readonly args: readonly string[];
  /** Letters of `set`. */
  readonly options: readonly string[];
}

/** Reads a shell's own arguments: `-c script [name args…]`, `file args…`, or a script on its input. */
function* runShell(shell: Shell, argv: readonly string[], io: Io, tail: boolean, env: Env): Process<number> {
  const options: string[] = [];
  let [index, command] = [1, false];
  for (; /^[-+]./.test(argv[index] ?? ''); index += 1) {
    const word = argv[index] ?? '';
    if (word === '--') {
      index += 1;
      break;
    }
    if (word.startsWith('--')) continue;
    for (const letter of word.slice(1)) {
      if (letter === 'c') command = true;
      else if (letter === 'o') options.push(argv[(index += 1)] === 'pipefail' ? 'pipefail' : (argv[index] ?? '').charAt(0));
      else options.push(letter);
    }
  }
  const [first, ...rest] = argv.slice(index);
  if (command)
    return yield* runScript(shell, { script: first ?? '', name: rest[0] ?? argv[0] ?? 'sh', args: rest.slice(1), options }, io, tail, env);
  if (first === undefined)
    return yield* runScript(shell, { script: yield* readAll(io.stdin), name: argv[0] ?? 'sh', args: [], options }, io, false, env);
  const path = shell.resolve(first);
  if (!shell.files.exists(path)) {
    // Scripts of images are unknown here, those from ConfigMaps are not.
    const script = shell.finder.program([first, ...rest]);
    if (script) return yield* runProgram(shell, script, [first, ...rest], io, tail, env);
    const serves = shell.serves && tail;
    shell.context.warn(
      `${shell.context.process.name}: the script "${first}" is not in the simulation; it ${serves ? 'runs on' : 'is taken to succeed'}`,
    );
    return serves ? yield* runProgram(shell, shell.finder.unknown, argv, io, tail, env) : 0;
  }
  return yield* runScript(shell, { script: shell.files.readText(path), name: first, args: rest, options }, io, tail, env);
}

/** Runs a script in a shell of its own. */
function* runScript(shell: Shell, { script, name, args, options }: Invocation, io: Io, tail: boolean, env: Env): Process<number> {
  const own = mayReplace(shell, tail) ? { signals: shell.context.signals } : {};
  const context = new ChildContext(shell.context, { env, cwd: shell.cwd, ...own });
  const inner = new Shell(context, shell.finder, {
    io,
    container: shell.container,
    serves: shell.serves && tail,
    ...(shell.job ? { job: shell.job } : {}),
  });
  [inner.name, inner.positional] = [name, args];
  for (const option of options) inner.options.add(option);
  return yield* inner.script(script, io);
}

function* runModel(shell: Shell, model: CommandModel, argv: readonly string[], io: Io, tail: boolean, env: Env): Process<number> {
  const { stdin, stdout, stderr } = io;
  const call: Call = {
    stdin,
    stdout,
    stderr,
    context: shell.context,
    argv,
    args: argv.slice(1),
    env,
    cwd: shell.cwd,
    run: (inner, change = {}) => invoke(shell, inner, change.stdin ? { ...io, stdin: change.stdin } : io, tail, change.env ?? env),
  };
  try {
    const status = model(call);
    return isProcess(status) ? yield* status : status;
  } catch (error) {
    if (error instanceof ExitJump || error instanceof LoopJump || error instanceof ReturnJump || error instanceof ShellSyntaxError)
      throw error;
    io.stderr.write(`${argv[0] ?? ''}: ${reasonOf(error)}\n`);
    return 1;
  }
}

function* runProgram(shell: Shell, program: Program, argv: readonly string[], io: Io, tail: boolean, env: Env): Process<number> {
  const signals = mayReplace(shell, tail) ? shell.context.signals : new Mailbox<SignalName>('signals');
  const [out, err] = [new LineSink((line) => io.stdout.write(`${line}\n`)), new LineSink((line) => io.stderr.write(`${line}\n`))];
  const printing = { print: (line: string) => out.write(`${line}\n`), printError: (line: string) => err.write(`${line}\n`) };
  const context = new ChildContext(shell.context, { argv, env, cwd: shell.cwd, signals, ...printing });
  if (shell.job) shell.job.receiver = signals;
  try {
    return yield* program.run(context);
  } catch (error) {
    if (error instanceof ExitJump) throw error;
    io.stderr.write(`${argv[0] ?? ''}: ${messageOf(error)}\n`);
    return 1;
  } finally {
    context.closeSockets();
    if (shell.job) delete shell.job.receiver;
  }
}

/** Shells replace themselves with their last command unless a trap needs them; it then gets the container's signals. */
const mayReplace = (shell: Shell, tail: boolean): boolean => tail && shell.traps.size === 0 && shell.job === undefined;

/** A script in the container's files, such as one from a ConfigMap. */
function scriptFile(shell: Shell, name: string): string | undefined {
  if (!name.includes('/') || /^\/(usr\/|usr\/local\/)?s?bin\/[^/]+$/.test(name)) return undefined;
  const path = shell.resolve(name);
  if (!shell.files.exists(path) || shell.files.status(path).kind !== 'file') return undefined;
  const text = shell.files.readText(path);
  return text.startsWith('#!') && !/^#!\s*\S*\b(sh|bash|ash|dash)\b|^#!\/usr\/bin\/env\s+(sh|bash)\b/.test(text) ? undefined : text;
}

function* callFunction(shell: Shell, body: Command, argv: readonly string[], io: Io): Process<number> {
  const { positional } = shell;
  shell.positional = argv.slice(1);
  try {
    return yield* shell.command(body, io, false);
  } catch (error) {
    if (error instanceof ReturnJump) return error.status;
    throw error;
  } finally {
    shell.positional = positional;
  }
}
