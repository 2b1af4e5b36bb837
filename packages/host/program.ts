import type { Mailbox, Micros, Process, Random } from '@slipway/kernel';
import type { FileSystem } from './file-system.ts';
import type { HostProcess } from './process.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { HttpReply, HttpRequest, NetworkRequest, Reply, SocketHandler, Transport } from './sockets.ts';

/** Signals that programs meet. */
export type SignalName = 'SIGHUP' | 'SIGINT' | 'SIGQUIT' | 'SIGKILL' | 'SIGUSR1' | 'SIGUSR2' | 'SIGTERM' | 'SIGCHLD' | 'SIGWINCH';

/** Their numbers on Linux; a process that dies of one exits with 128 and this. */
export const SIGNAL_NUMBERS: Readonly<Record<SignalName, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGWINCH: 28,
};

/** Reads `TERM`, `SIGTERM`, `15` or `SIGRTMIN+3` (systemd's stop; treated as SIGTERM); undefined when it is no signal known here. */
export function signalOf(text: string): SignalName | undefined {
  const upper = text.toUpperCase();
  if (upper.startsWith('SIGRTMIN')) return 'SIGTERM';
  const names = Object.keys(SIGNAL_NUMBERS) as SignalName[];
  return names.find((name) => name === upper || name === `SIG${upper}` || String(SIGNAL_NUMBERS[name]) === upper);
}

/** What a command that was run in a container gave. */
export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How much a process uses. */
export interface ResourceUse {
  /** Working set. */
  readonly memoryBytes?: number;
  /** Billionths of a core. */
  readonly cpuNanocores?: number;
}

/** What a container does once it runs. One object serves every container of its kind; what belongs to one lies in its context. */
export interface Program {
  readonly name: string;
  /** Files that its image brings, by path; laid into the container's root at first use. */
  readonly files?: Readonly<Record<string, string>>;
  /**
   * Runs from start to end and returns the exit code. Signals come through `context.signals`; one that nobody receives is ignored, as
   * Linux ignores it for the first process of a container. An error that is thrown is printed, and the exit code is 1.
   */
  run(context: ProgramContext): Process<number>;
  /** Runs a command in the container: a probe, a hook, `kubectl exec`. Left out: every command is unknown (exit code 127). */
  exec?(context: ProgramContext, argv: readonly string[]): Process<ExecResult>;
}

/** Finds what a process does. */
export interface ProgramResolver {
  /** @param image as the pod names it; undefined for a process of the host itself */
  resolve(image: string | undefined, argv: readonly string[]): Program;
}

/** What a running program has. */
export interface ProgramContext {
  readonly process: HostProcess;
  /** As in the image's configuration and the pod; empty when the image's own entry point is unknown. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly image: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** The pod's name as the container sees it. */
  readonly hostname: string;
  /** Must end by itself: an init container, a Job's container. */
  readonly oneShot: boolean;
  readonly netns: NetworkNamespace;
  /** The container's root and volumes. */
  readonly files: FileSystem;
  readonly signals: Mailbox<SignalName>;
  /** A stream of the seed that is this process's own. */
  readonly random: Random;
  /** Virtual time since 1970. */
  readonly unixMicros: Micros;
  /** Listens until closed, or until the process ends. Port 0 takes every port that nobody else has. @throws HostError EADDRINUSE */
  listen(protocol: Transport, port: number, handler: SocketHandler, address?: string): () => void;
  /** Asks a server, as this container. @throws HostError; see `HostNetwork.request` */
  request(request: Omit<NetworkRequest, 'from' | 'client'>): Process<Reply>;
  /** `GET http://name:port/path`: looks the name up, then asks. @throws HostError ENOENT (no such name) */
  fetch(url: string, request?: Omit<HttpRequest, 'path'>, timeout?: Micros): Process<HttpReply>;
  /** Addresses of a name. Empty: no such name. */
  lookup(name: string): Process<readonly string[]>;
  sleep(duration: Micros): Process;
  /** Runs a process beside this one, which ends with the program. */
  spawn(name: string, process: Process<unknown>): void;
  /** One line to standard output. */
  print(line: string): void;
  /** One line to standard error. */
  printError(line: string): void;
  /** Tells the user of something that is not simulated; once for each text. */
  warn(message: string): void;
  /** Sets what the process uses from now on; beyond its memory limit it is killed. */
  use(use: ResourceUse): void;
}
