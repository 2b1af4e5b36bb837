import type { Implementation, Micros, Source, Stream, Token } from '@slipway/kernel';
import { token } from '@slipway/kernel';
import type { LinuxResources } from './linux.ts';
import type { ProcessSpec, RuntimeSpec } from './spec.ts';

// OCI runtime-spec 1.3.0, runtime.md. The first five methods are the spec's; the others are what every runtime has beside them
// (runc 1.3, runc(8)) and what containerd needs.

/** The version that `ociVersion` says. */
export const OCI_RUNTIME_VERSION = '1.3.0';

/** Where a container is. Never back. Spec: "State". */
export const statuses = ['creating', 'created', 'running', 'stopped'] as const;
export type ContainerStatus = (typeof statuses)[number];

/** Spec: "State". Also what hooks read from standard input. */
export interface State {
  readonly ociVersion: string;
  /** Unique on the host. */
  readonly id: string;
  readonly status: ContainerStatus;
  /** Of the container's first process; there when created or running. */
  readonly pid?: number;
  /** Absolute path of the bundle. */
  readonly bundle: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Every state change that the spec allows; `-` is no container at all. */
export const transitions: readonly (readonly [from: ContainerStatus | '-', what: string, to: ContainerStatus | '-'])[] = [
  ['-', 'create (begins)', 'creating'],
  ['creating', 'create (ends)', 'created'],
  ['created', 'start', 'running'],
  ['created', 'process exit or kill', 'stopped'],
  ['running', 'process exit or kill', 'stopped'],
  ['stopped', 'delete', '-'],
];

/** What happens to a container from first to last. Spec: "Lifecycle". */
export const lifecycle: readonly {
  readonly step: number;
  readonly during: 'create' | 'start' | 'run' | 'delete';
  readonly what: string;
}[] = [
  { step: 1, during: 'create', what: 'create is called with bundle and id' },
  { step: 2, during: 'create', what: 'the environment is built from config.json; later edits of the file do not count' },
  { step: 3, during: 'create', what: 'prestart hooks' },
  { step: 4, during: 'create', what: 'createRuntime hooks' },
  { step: 5, during: 'create', what: 'createContainer hooks' },
  { step: 6, during: 'start', what: 'start is called with the id' },
  { step: 7, during: 'start', what: 'startContainer hooks' },
  { step: 8, during: 'start', what: 'the user program runs' },
  { step: 9, during: 'start', what: 'poststart hooks' },
  { step: 10, during: 'run', what: 'the process exits: end, crash or kill' },
  { step: 11, during: 'delete', what: 'delete is called with the id' },
  { step: 12, during: 'delete', what: 'the environment is destroyed' },
  { step: 13, during: 'delete', what: 'poststop hooks' },
];

/** The kinds of hooks in the order in which they run. Spec: "POSIX-platform Hooks", "Summary". */
export const hookKinds = [
  { name: 'prestart', during: 'create', runsIn: 'runtime', onFailure: 'stop' },
  { name: 'createRuntime', during: 'create', runsIn: 'runtime', onFailure: 'stop' },
  { name: 'createContainer', during: 'create', runsIn: 'container', onFailure: 'stop' },
  { name: 'startContainer', during: 'start', runsIn: 'container', onFailure: 'stop' },
  { name: 'poststart', during: 'start', runsIn: 'runtime', onFailure: 'stop' },
  { name: 'poststop', during: 'delete', runsIn: 'runtime', onFailure: 'warn' },
] as const satisfies readonly {
  readonly name: keyof NonNullable<RuntimeSpec['hooks']>;
  readonly during: 'create' | 'start' | 'delete';
  readonly runsIn: 'runtime' | 'container';
  readonly onFailure: 'stop' | 'warn';
}[];
export type HookKind = (typeof hookKinds)[number]['name'];

/** An answer that says nothing but "done". */
export type Empty = Readonly<Record<string, never>>;

/** Runs containers from bundles on one machine. OCI runtime-spec 1.3.0, "Operations". Calls reach it over a link, as a program that is executed. */
export interface OciRuntime {
  /**
   * What is known of a container now.
   *
   * @throws OciRuntimeError ID_REQUIRED, UNKNOWN_CONTAINER. Spec: "Query State".
   */
  state(request: ContainerRequest): State;
  /**
   * Builds the environment of a new container from the bundle's `config.json`; the user program does not run yet. On failure nothing is left.
   *
   * @throws OciRuntimeError ID_REQUIRED, BUNDLE_REQUIRED, ID_INVALID, ID_IN_USE, CONFIG_INVALID (a property cannot be applied), HOOK_FAILED. Spec: "Create".
   */
  create(request: CreateRequest): CreateResponse;
  /**
   * Runs the user program of a created container.
   *
   * @throws OciRuntimeError ID_REQUIRED, UNKNOWN_CONTAINER, NOT_CREATED (no effect), PROCESS_NOT_SET, PROCESS_FAILED (program not found), HOOK_FAILED. Spec: "Start".
   */
  start(request: ContainerRequest): Empty;
  /**
   * Sends a signal to the container's first process, or to all of them.
   *
   * @throws OciRuntimeError ID_REQUIRED, UNKNOWN_CONTAINER, NOT_RUNNING (neither created nor running; no effect), SIGNAL_INVALID. Spec: "Kill".
   */
  kill(request: KillRequest): Empty;
  /**
   * Removes what `create` made, and nothing else; the id may be used again. A poststop hook that fails is a warning.
   *
   * @throws OciRuntimeError ID_REQUIRED, UNKNOWN_CONTAINER (not with `force`), NOT_STOPPED (not with `force`, which kills first),
   *   HOOK_FAILED (runtimes that let their caller try again, beyond the spec). Spec: "Delete".
   */
  delete(request: DeleteRequest): Empty;

  /** All containers, by id. runc(8) `list`. */
  list?(request: Empty): ListResponse;
  /**
   * Runs one more program in a running container and waits for its end. runc(8) `exec`.
   *
   * @returns the exit code, which is no error whatever it is
   * @throws OciRuntimeError ID_REQUIRED, UNKNOWN_CONTAINER, NOT_RUNNING, PAUSED, PROCESS_FAILED (program not found).
   */
  exec?(request: ExecRequest): ExecResponse;
  /** Changes the limits of a container in place. @throws OciRuntimeError ID_REQUIRED, UNKNOWN_CONTAINER, NOT_RUNNING. runc(8) `update`. */
  update?(request: UpdateRequest): Empty;
  /** Freezes all processes. @throws OciRuntimeError ID_REQUIRED, UNKNOWN_CONTAINER, NOT_RUNNING. runc(8) `pause`. */
  pause?(request: ContainerRequest): Empty;
  /** Thaws them. @throws OciRuntimeError ID_REQUIRED, UNKNOWN_CONTAINER, NOT_PAUSED. runc(8) `resume`. */
  resume?(request: ContainerRequest): Empty;
  /** Process ids of the container, on the host. @throws OciRuntimeError ID_REQUIRED, UNKNOWN_CONTAINER. runc(8) `ps`. */
  ps?(request: ContainerRequest): PsResponse;
  /** What the container uses now. @throws OciRuntimeError ID_REQUIRED, UNKNOWN_CONTAINER, NOT_RUNNING. runc(8) `events --stats`. */
  stats?(request: ContainerRequest): StatsResponse;
  /** Ends and memory kills as they happen, until the container stops. @throws OciRuntimeError ID_REQUIRED, UNKNOWN_CONTAINER. runc(8) `events`. */
  events?(request: ContainerRequest): Stream<RuntimeEvent>;
  /** What this runtime can do. Spec: "Features Structure". */
  features?(request: Empty): Features;
}

export interface ContainerRequest {
  readonly id: string;
}

/** Where the first process's output goes. In life: file descriptors that the runtime inherits from its caller, the shim. */
export interface Stdio {
  /** One line without its line feed. */
  readonly stdout?: (line: string) => void;
  readonly stderr?: (line: string) => void;
}

export interface CreateRequest {
  readonly id: string;
  /** Absolute path of the folder that has `config.json`. */
  readonly bundle: string;
  /** Left out: output is dropped. */
  readonly stdio?: Stdio;
  /** What the bundle's `config.json` says, from a caller that has just written it; saves reading it again. Left out: it is read. */
  readonly spec?: RuntimeSpec;
}

export interface CreateResponse {
  /** Of the first process, as `--pid-file` of runc(8). */
  readonly pid: number;
}

export interface KillRequest {
  readonly id: string;
  /** `SIGTERM`, `TERM` or `15`. */
  readonly signal: string;
  /** Also all other processes of the container. */
  readonly all?: boolean;
}

export interface DeleteRequest {
  readonly id: string;
  readonly force?: boolean;
}

export interface ContainerListEntry extends State {
  /** Virtual time at which `create` ended. */
  readonly created: Micros;
  readonly rootfs: string;
  readonly paused: boolean;
}

export interface ListResponse {
  readonly containers: readonly ContainerListEntry[];
}

export interface ExecRequest {
  readonly id: string;
  /** `args` and `cwd` matter; `user` and `env` default to the container's. */
  readonly process: ProcessSpec;
}

export interface ExecResponse {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface UpdateRequest {
  readonly id: string;
  readonly resources: LinuxResources;
}

export interface PsResponse {
  readonly pids: readonly number[];
}

export interface StatsResponse {
  readonly id: string;
  /** CPU time since the start, in nanoseconds. */
  readonly cpuUsageNanos: number;
  readonly memoryUsageBytes: number;
  /** Left out: none. */
  readonly memoryLimitBytes?: number;
  readonly pids: number;
}

export type RuntimeEvent =
  | { readonly type: 'oom'; readonly id: string }
  | { readonly type: 'exit'; readonly id: string; readonly exitCode: number };

/** Spec: "Features Structure". */
export interface Features {
  readonly ociVersionMin: string;
  readonly ociVersionMax: string;
  readonly hooks?: readonly string[];
  readonly mountOptions?: readonly string[];
  readonly linux?: { readonly namespaces?: readonly string[]; readonly capabilities?: readonly string[] };
  readonly annotations?: Readonly<Record<string, string>>;
  readonly potentiallyUnsafeConfigAnnotations?: readonly string[];
}

/** What a reader of `events` holds. */
export type RuntimeEvents = Source<RuntimeEvent>;

/** Registered, because a visitor's plugin may load its own copy of this package. */
export const OCI_RUNTIME: Token<Implementation<OciRuntime>> = token('@slipway/oci/OciRuntime');
