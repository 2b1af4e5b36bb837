import { Cell, Mailbox, messageOf, type Micros, type Owner, type Task } from '@slipway/kernel';
import { ContainerFiles, type ProcessMount } from './container-files.ts';
import { Context } from './context.ts';
import type { FileSystem } from './file-system.ts';
import type { Host } from './host.ts';
import type { NetworkNamespace } from './namespace.ts';
import { SIGNAL_NUMBERS, type Program, type ResourceUse, type SignalName } from './program.ts';

/** What to run, and how. */
export interface ProcessSpec {
  /** For traces and messages, such as `web-0/nginx`. */
  readonly name: string;
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `/` if left out. */
  readonly cwd?: string;
  readonly user?: string;
  /** The host's name if left out. */
  readonly hostname?: string;
  /** As the pod names it. Left out: the annotation `io.kubernetes.cri.image-name`. */
  readonly image?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Must end by itself. Left out: the annotation `slipway.dev/one-shot`. */
  readonly oneShot?: boolean;
  /** Path on the host. Left out: a root of its own that ends with the process. */
  readonly rootfs?: string;
  readonly readOnlyRoot?: boolean;
  readonly mounts?: readonly ProcessMount[];
  readonly netns: NetworkNamespace;
  readonly cgroup?: string;
  /** Beyond it the process is killed. Left out: no limit. */
  readonly memoryLimitBytes?: number;
  /** Gets each line that is printed, without its end. */
  readonly stdout?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** What it does. Left out: the host's resolver says. */
  readonly program?: Program;
}

/** Annotation with the image as the pod names it (containerd, pkg/cri/annotations). */
export const IMAGE_ANNOTATION = 'io.kubernetes.cri.image-name';
/** Annotation `"true"` on containers that must end by themselves: init containers (sidecars apart) and those of Jobs. */
export const ONE_SHOT_ANNOTATION = 'slipway.dev/one-shot';

/** A process of a simulated machine: what a container, or a daemon, is underneath. */
export class HostProcess {
  readonly host: Host;
  readonly pid: number;
  readonly spec: ProcessSpec;
  readonly program: Program;
  state: 'created' | 'running' | 'exited' = 'created';
  /** Virtual times. */
  startedAt: Micros | undefined;
  finishedAt: Micros | undefined;
  exitCode: number | undefined;
  oomKilled = false;
  readonly #end: (process: HostProcess) => void;
  #owner: Owner | undefined;
  #exited: Cell<boolean> | undefined;
  #signals: Mailbox<SignalName> | undefined;
  #files: ContainerFiles | undefined;
  #context: Context | undefined;
  #memoryBytes = 0;
  #cpuNanocores = 0;
  #cpuNanos = 0;
  #cpuSince: Micros = 0;

  /** Made by `ProcessTable.create`. */
  constructor(host: Host, pid: number, spec: ProcessSpec, program: Program, end: (process: HostProcess) => void) {
    this.host = host;
    this.pid = pid;
    this.spec = spec;
    this.program = program;
    this.#end = end;
    // Mounts are taken now: what the host mounts or unmounts later concerns the container only where it propagates.
    if ((spec.mounts?.length ?? 0) > 0) void this.files;
  }

  get name(): string {
    return this.spec.name;
  }

  /** True once the process has ended. Power loss sets nothing: whoever watched has gone as well. */
  get exited(): Cell<boolean> {
    this.#exited ??= new Cell(this.state === 'exited');
    return this.#exited;
  }

  /** Whose processes the program's are; its end is theirs. */
  get owner(): Owner {
    this.#owner ??= this.host.owner.child(this.name);
    return this.#owner;
  }

  /** What it sees as `/`. */
  get files(): FileSystem {
    const { rootfs, mounts = [], readOnlyRoot = false } = this.spec;
    this.#files ??= new ContainerFiles(this.host.mounts, { rootfs, readOnlyRoot, mounts, image: this.program.files ?? {} });
    return this.#files;
  }

  /** Signals that its program has not received yet. */
  get signals(): Mailbox<SignalName> {
    this.#signals ??= new Mailbox('signals');
    return this.#signals;
  }

  /** What its program is given. */
  get context(): Context {
    this.#context ??= new Context(this);
    return this.#context;
  }

  /** Working set. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  get cpuNanocores(): number {
    return this.#cpuNanocores;
  }

  /** CPU time used since the start, in nanoseconds. */
  get cpuNanos(): number {
    return this.#cpuNanos + Math.round(((this.host.kernel.now - this.#cpuSince) / 1_000_000) * this.#cpuNanocores);
  }

  /** Runs what was created; a second time does nothing. */
  start(): void {
    if (this.state !== 'created') return;
    const { kernel } = this.host;
    this.state = 'running';
    this.startedAt = kernel.now;
    this.#cpuSince = kernel.now;
    this.host.bump();
    this.owner.spawn(this.program.name, this.program.run(this.context), (task) => this.#ended(task));
  }

  /** SIGKILL ends it at once (exit code 137). Others are the program's to receive. An ended process takes none. */
  signal(name: SignalName): void {
    if (this.state === 'exited') return;
    if (name === 'SIGKILL') this.exit(128 + SIGNAL_NUMBERS.SIGKILL);
    else this.signals.send(name);
  }

  /** Sets what it uses. Beyond the limit the kernel kills it: exit code 137, `oomKilled`. */
  use({ memoryBytes = this.#memoryBytes, cpuNanocores = this.#cpuNanocores }: ResourceUse): void {
    if (this.state === 'exited') return;
    if (cpuNanocores !== this.#cpuNanocores) {
      this.#cpuNanos = this.cpuNanos;
      this.#cpuSince = this.host.kernel.now;
      this.#cpuNanocores = cpuNanocores;
    }
    this.#memoryBytes = memoryBytes;
    if (memoryBytes <= (this.spec.memoryLimitBytes ?? Number.POSITIVE_INFINITY)) return;
    this.oomKilled = true;
    this.exit(128 + SIGNAL_NUMBERS.SIGKILL);
  }

  /** Ends it with this code: its program stops where it stands, its sockets close, commands that run in it are cut. */
  exit(exitCode: number): void {
    if (this.state === 'exited') return;
    this.#cpuNanos = this.cpuNanos;
    this.#cpuNanocores = 0;
    this.#memoryBytes = 0;
    this.lost(exitCode);
    this.#owner?.kill();
    this.spec.netns.closeSockets(this.owner);
    this.#end(this);
    this.#exited?.set(true);
  }

  /** Marks it as ended without telling anybody, as a power loss does. */
  lost(exitCode: number): void {
    this.state = 'exited';
    this.exitCode = exitCode;
    this.finishedAt = this.host.kernel.now;
  }

  #ended(task: Task<number>): void {
    // A killed program has an exit code already, or went with the machine.
    if (task.state === 'failed') {
      this.context.printError(messageOf(task.outcome));
      this.context.warn(`program ${this.program.name} of ${this.name} failed: ${messageOf(task.outcome)}`);
      this.exit(1);
    } else if (task.state === 'done') this.exit((task.outcome as number) & 255);
  }
}
