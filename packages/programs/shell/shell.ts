import { type FileSystem, HostError, type Program, type ProgramContext, type SignalName } from '@slipway/host';
import { type Process, spawn, until } from '@slipway/kernel';
import type { CommandModel } from '../commands/command.ts';
import { runCommand, runList } from './evaluate.ts';
import type { Expander } from './expand.ts';
import { type Job, Jobs } from './jobs.ts';
import { ExitJump, LoopJump, ReturnJump } from './jumps.ts';
import type { Io } from './redirects.ts';
import { TextSink } from './streams.ts';
import { type Command, type List, ShellSyntaxError } from './syntax.ts';

/** What a shell finds commands in. */
export interface CommandFinder {
  /** A command that comes to an end. */
  command(argv: readonly string[]): CommandModel | undefined;
  /** A program that may run for good, such as `nginx`. */
  program(argv: readonly string[]): Program | undefined;
  /** What stands in for a program without a model. */
  readonly unknown: Program;
  /** Reads a script, once. @throws ShellSyntaxError */
  parse(script: string): List;
}

export interface ShellOptions {
  /** Input and outputs of the shell. */
  readonly io: Io;
  /** Those of the container's first process, as `/proc/1/fd/1`. */
  readonly container: Io;
  /** True for a container's first process that need not end: its last command, when nobody knows it, is taken for a server. */
  readonly serves: boolean;
  /** Whose variables, functions and options a subshell begins with. */
  readonly parent?: Shell;
  /** The background job that this shell runs in. */
  readonly job?: Job;
}

const DEFAULTS: Readonly<Record<string, string>> = {
  HOME: '/root',
  IFS: ' \t\n',
  OPTIND: '1',
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  PPID: '0',
};

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGUSR1: 10, SIGUSR2: 12, SIGTERM: 15, SIGWINCH: 28 };

/**
 * A POSIX shell, as far as scripts in manifests go: its state. `evaluate.ts` runs what was parsed, `invoke.ts` runs single commands.
 */
export class Shell implements Expander {
  readonly context: ProgramContext;
  readonly finder: CommandFinder;
  readonly io: Io;
  readonly container: Io;
  readonly serves: boolean;
  readonly jobs: Jobs;
  readonly job: Job | undefined;
  readonly variables: Map<string, string>;
  readonly exported: Set<string>;
  readonly functions: Map<string, Command>;
  readonly options: Set<string>;
  /** Script by signal or `EXIT`; empty: ignored. */
  readonly traps = new Map<string, string>();
  readonly pending: SignalName[] = [];
  positional: readonly string[] = [];
  name = 'sh';
  cwd: string;
  status = 0;
  /** Process id of the newest background job; 0: there is none. */
  lastJob = 0;
  /** Above zero where a failure is looked at, so that `set -e` does not act. */
  tested = 0;
  readonly #pid: number;
  #listening = false;

  constructor(context: ProgramContext, finder: CommandFinder, { io, container, serves, parent, job }: ShellOptions) {
    this.context = context;
    this.finder = finder;
    this.io = io;
    this.container = container;
    this.serves = serves;
    this.#pid = parent ? parent.#pid : serves ? 1 : 30;
    this.jobs = new Jobs(parent ? 1000 : this.#pid + 6);
    this.job = job ?? parent?.job;
    this.cwd = parent?.cwd ?? context.cwd;
    this.variables = new Map(parent?.variables);
    this.exported = new Set(parent?.exported);
    this.functions = new Map(parent?.functions);
    this.options = new Set(parent?.options);
    if (parent) [this.positional, this.name, this.lastJob, this.status] = [parent.positional, parent.name, parent.lastJob, parent.status];
  }

  get files(): FileSystem {
    return this.context.files;
  }

  get(name: string): string | undefined {
    if (name === '?') return String(this.status);
    if (name === '#') return String(this.positional.length);
    if (name === '$') return String(this.#pid);
    if (name === '!') return this.lastJob === 0 ? '' : String(this.lastJob);
    if (name === '0') return this.name;
    if (name === '-') return [...this.options].filter((option) => option.length === 1).join('');
    if (/^\d+$/.test(name)) return this.positional[Number(name) - 1];
    const value = this.variables.get(name) ?? this.context.env[name];
    if (value !== undefined) return value;
    if (name === 'PWD') return this.cwd;
    if (name === 'HOSTNAME') return this.context.hostname;
    if (name === 'RANDOM') return String(this.context.random.integer(0, 32_767));
    if (name === 'SECONDS')
      return String(Math.floor((this.context.process.host.kernel.now - (this.context.process.startedAt ?? 0)) / 1_000_000));
    return DEFAULTS[name];
  }

  set(name: string, value: string): void {
    this.variables.set(name, value);
  }

  /** What commands see. */
  environment(): Readonly<Record<string, string>> {
    const { env } = this.context;
    const own = [...this.variables].filter(([name]) => this.exported.has(name) || name in env);
    return own.length === 0 ? env : { ...env, ...Object.fromEntries(own) };
  }

  /** A path that counts from the working directory. */
  resolve(path: string): string {
    return path.startsWith('/') ? path : `${this.cwd}/${path}`;
  }

  /** Runs a script to its end, its EXIT trap too, and returns the exit code. */
  *script(text: string, io: Io): Process<number> {
    let status: number;
    try {
      status = yield* this.list(this.finder.parse(text), io, true);
    } catch (error) {
      status = this.leave(error, io);
    }
    const last = this.traps.get('EXIT');
    if (last === undefined || last === '') return status;
    this.traps.delete('EXIT');
    this.status = status;
    try {
      yield* this.list(this.finder.parse(last), io, false);
      return status;
    } catch (error) {
      return this.leave(error, io);
    }
  }

  /** Runs commands one after the other. `tail`: nothing follows, so that the last may take the shell's place. */
  list(list: List, io: Io, tail: boolean): Process<number> {
    return runList(this, list, io, tail);
  }

  command(command: Command, io: Io, tail: boolean): Process<number> {
    return runCommand(this, command, io, tail);
  }

  *connect(protocol: 'tcp' | 'udp', host: string, port: number): Process {
    const [ip] = yield* this.context.lookup(host);
    if (ip === undefined) throw new HostError('ENOENT', `lookup ${host}`);
    yield* this.context.request({ ip, port, protocol });
  }

  *capture(script: string): Process<string> {
    const sink = new TextSink();
    const io: Io = { ...this.io, stdout: sink };
    this.status = yield* this.subshell((shell) => shell.list(this.finder.parse(script), io, false), io);
    return sink.text;
  }

  /** Runs something in a copy of this shell, which an `exit` inside ends and nothing else. */
  *subshell(run: (shell: Shell) => Process<number>, io: Io, job?: Job): Process<number> {
    const shell = new Shell(this.context, this.finder, {
      io,
      container: this.container,
      serves: this.serves,
      parent: this,
      ...(job ? { job } : {}),
    });
    try {
      return yield* run(shell);
    } catch (error) {
      return shell.leave(error, io);
    }
  }

  /** Starts a command in the background. */
  *start(command: Command, io: Io): Process<void> {
    const job: Job = { pid: this.jobs.nextPid() };
    this.jobs.all.push(job);
    const task = yield* spawn(
      'job',
      this.subshell((shell) => shell.command(command, io, true), io, job),
    );
    task.onEnd = () => {
      job.status ??= task.state === 'done' ? (task.outcome as number) : 128 + (SIGNALS['SIGTERM'] ?? 0);
      this.jobs.notify();
    };
    job.task = task;
    this.lastJob = job.pid;
    this.status = 0;
  }

  /** Waits for one job, or for all; a trapped signal ends the wait. */
  *wait(job: Job | undefined, io: Io): Process<number> {
    for (;;) {
      const seen = this.jobs.happened.version;
      const signal = this.pending[0];
      if (signal) {
        yield* this.runTraps(io);
        return 128 + (SIGNALS[signal] ?? 0);
      }
      if (job ? job.status !== undefined : this.jobs.all.every(({ status }) => status !== undefined)) return job?.status ?? 0;
      yield* until(this.jobs.happened, seen);
    }
  }

  /** Runs the traps of signals that arrived meanwhile. */
  *runTraps(io: Io): Process<void> {
    for (let signal = this.pending.shift(); signal; signal = this.pending.shift()) {
      const script = this.traps.get(signal);
      const { status } = this;
      if (script) yield* this.list(this.finder.parse(script), io, false);
      this.status = status;
    }
  }

  /** From the first trap on, signals are the shell's; before, they are ignored, as for every first process of a container. */
  *listen(): Process<void> {
    if (this.#listening) return;
    this.#listening = true;
    if (this.job) this.job.receiver = this.context.signals;
    yield* spawn('traps', this.#receive());
  }

  *#receive(): Process<never> {
    for (;;) {
      const signal = yield* this.context.signals.receive();
      if (this.traps.get(signal)) this.pending.push(signal);
      this.jobs.notify();
    }
  }

  /** The exit code of a shell that something was thrown out of. */
  leave(error: unknown, io: Io): number {
    if (error instanceof ExitJump || error instanceof ReturnJump) return error.status & 255;
    if (error instanceof LoopJump) return 0;
    if (!(error instanceof ShellSyntaxError)) throw error;
    io.stderr.write(`${this.name}: ${error.message}\n`);
    if (error.unsupported) this.context.warn(`${this.context.process.name}: the shell script was not understood (${error.message})`);
    return 2;
  }
}
