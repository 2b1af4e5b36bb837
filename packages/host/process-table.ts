import type { Process } from '@slipway/kernel';
import { HostError } from './errors.ts';
import type { Host } from './host.ts';
import { HostProcess, IMAGE_ANNOTATION, type ProcessSpec } from './process.ts';
import type { ExecResult } from './program.ts';

/** Processes of one machine, by pid. One that ended is dropped, as init reaps it; whoever started it still holds it. */
export class ProcessTable {
  readonly #host: Host;
  readonly #processes = new Map<number, HostProcess>();
  #lastPid = 1;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Those that have not ended, by pid. */
  list(): readonly HostProcess[] {
    return [...this.#processes.values()];
  }

  get(pid: number): HostProcess | undefined {
    return this.#processes.get(pid);
  }

  /** How many have not ended. */
  get size(): number {
    return this.#processes.size;
  }

  /** Makes a process that does not run yet. @throws HostError ENOENT (the source of a mount is missing) */
  create(spec: ProcessSpec): HostProcess {
    const program = spec.program ?? this.#host.programs.resolve(spec.image ?? spec.annotations?.[IMAGE_ANNOTATION], spec.argv);
    const process = new HostProcess(this.#host, this.#lastPid + 1, spec, program, (ended) => this.#ended(ended));
    this.#lastPid += 1;
    this.#processes.set(process.pid, process);
    return process;
  }

  /** Makes a process and runs it. @throws HostError ENOENT (the source of a mount is missing) */
  start(spec: ProcessSpec): HostProcess {
    const process = this.create(spec);
    process.start();
    return process;
  }

  /**
   * Runs a command beside a running process, in its files and network. When the process ends meanwhile, the command is killed: exit
   * code 137. When the caller goes away, the command is killed too.
   *
   * @throws HostError ESRCH (the process does not run)
   */
  *exec(target: HostProcess, argv: readonly string[]): Process<ExecResult> {
    if (target.state !== 'running') throw new HostError('ESRCH', `exec in ${target.name}`);
    const { program } = target;
    if (!program.exec) return { exitCode: 127, stdout: '', stderr: `exec: "${argv[0] ?? ''}": executable file not found in $PATH` };
    const task = target.owner.spawn('exec', program.exec(target.context, argv));
    try {
      return yield* task.join();
    } catch (error) {
      if (task.state === 'gone') return { exitCode: 137, stdout: '', stderr: '' };
      throw error;
    } finally {
      task.kill();
    }
  }

  /** Power goes. */
  losePower(): void {
    const lost = this.list();
    this.#processes.clear();
    this.#lastPid = 1;
    for (const process of lost) process.lost(137);
  }

  #ended(process: HostProcess): void {
    this.#processes.delete(process.pid);
    this.#host.bump();
  }
}
