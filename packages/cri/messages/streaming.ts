// Commands in containers, and the URLs of streaming sessions.

/** Asks to run a command and to wait for it. */
export interface ExecSyncRequest {
  /** A running container. */
  readonly containerId: string;
  /** Command and arguments; not empty. */
  readonly cmd: readonly string[];
  /** Seconds after which it is killed and the call fails; 0: none. */
  readonly timeout?: number;
}

/** How the command ended. */
export interface ExecSyncResponse {
  /** What it printed, at most 16 MiB. */
  readonly stdout: Uint8Array;
  /** What it printed as errors, at most 16 MiB. */
  readonly stderr: Uint8Array;
  /** Its exit code. */
  readonly exitCode: number;
}

/** Asks for a URL at which a command runs with live streams. */
export interface ExecRequest {
  /** A running container. */
  readonly containerId: string;
  /** Command and arguments. */
  readonly cmd: readonly string[];
  /** With a terminal; then no `stderr`. */
  readonly tty?: boolean;
  /** Stream standard input. */
  readonly stdin?: boolean;
  /** Stream standard output. */
  readonly stdout?: boolean;
  /** Stream standard error. */
  readonly stderr?: boolean;
}

/** Where the session is. */
export interface ExecResponse {
  /** Good once, for a minute. */
  readonly url: string;
}

/** Asks for a URL at which the streams of the first process are. */
export interface AttachRequest {
  /** A running container. */
  readonly containerId: string;
  /** Stream standard input. */
  readonly stdin?: boolean;
  /** The container has a terminal; then no `stderr`. */
  readonly tty?: boolean;
  /** Stream standard output. */
  readonly stdout?: boolean;
  /** Stream standard error. */
  readonly stderr?: boolean;
}

/** Where the session is. */
export interface AttachResponse {
  /** Good once, for a minute. */
  readonly url: string;
}

/** Asks for a URL that leads to ports of the pod. */
export interface PortForwardRequest {
  /** A ready sandbox. */
  readonly podSandboxId: string;
  /** Ports; may be empty, since the streams name theirs. */
  readonly port?: readonly number[];
}

/** Where the session is. */
export interface PortForwardResponse {
  /** Good once, for a minute. */
  readonly url: string;
}
