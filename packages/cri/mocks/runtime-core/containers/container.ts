import { Cell } from '@slipway/kernel';
import type { HostProcess } from '@slipway/host';
import type { RuntimeSpec } from '@slipway/oci';
import type {
  Container as ListedContainer,
  ContainerConfig,
  ContainerState,
  ContainerStatus,
  LinuxContainerResources,
} from '../../../messages/index.ts';
import type { LogFile } from './log-file.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';
import { nanos } from '../timestamps.ts';

/** Configuration as far as it matters after creation; the rest went into the bundle. */
export type KeptConfig = Omit<ContainerConfig, 'envs' | 'command' | 'args' | 'workingDir' | 'devices' | 'CDIDevices' | 'windows'>;

/** What is kept of a container on the disk and never changes. */
export interface ContainerRecord {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: KeptConfig;
  /** As CRI shows it. */
  readonly imageId: string;
  /** By digest. */
  readonly imageRef: string;
  readonly stopSignal: string;
  /** Absolute; empty: no log. */
  readonly logPath: string;
  /** Time since 1970 in microseconds, as are the others. */
  readonly createdAt: number;
}

/** Where a container is in its life; kept beside the record, since it changes. */
export interface Progress {
  readonly state: 'created' | 'running' | 'exited' | 'unknown';
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly resources?: LinuxContainerResources;
}

const states: Readonly<Record<Progress['state'], ContainerState>> = {
  created: 'CONTAINER_CREATED',
  running: 'CONTAINER_RUNNING',
  exited: 'CONTAINER_EXITED',
  unknown: 'CONTAINER_UNKNOWN',
};

/** A container in the runtime's memory. */
export class Container {
  readonly record: ContainerRecord;
  readonly sandbox: Sandbox;
  readonly progress: Cell<Progress>;
  readonly log: LogFile | undefined;
  /** Its first process, from the OCI runtime's `create` until it has ended. */
  process: HostProcess | undefined;
  /** What its bundle says, until the OCI runtime has made it; after a restart of the runtime only the file knows. */
  spec: RuntimeSpec | undefined;
  /** The OCI runtime knows of it. */
  inRuntime = false;
  /** A start is under way. */
  starting = false;
  /** The stop signal was sent; it is sent once only. */
  stopSignalled = false;
  #listed: ListedContainer | undefined;
  #listedAt = -1;

  constructor(record: ContainerRecord, sandbox: Sandbox, progress: Progress, log: LogFile | undefined) {
    this.record = record;
    this.sandbox = sandbox;
    this.progress = new Cell(progress);
    this.log = log;
  }

  get id(): string {
    return this.record.id;
  }

  get state(): Progress['state'] {
    return this.progress.value.state;
  }

  /** In CRI's words. */
  get criState(): ContainerState {
    return states[this.state];
  }

  /** As a list shows it; the same object until it changes. */
  get listed(): ListedContainer {
    if (this.#listed && this.#listedAt === this.progress.version) return this.#listed;
    const { id, sandboxId, config, imageId, createdAt } = this.record;
    this.#listedAt = this.progress.version;
    this.#listed = {
      id,
      podSandboxId: sandboxId,
      metadata: config.metadata,
      image: config.image,
      imageRef: imageId,
      state: this.criState,
      createdAt: nanos(createdAt),
      labels: config.labels ?? {},
      annotations: config.annotations ?? {},
      imageId,
    };
    return this.#listed;
  }

  get status(): ContainerStatus {
    const { id, config, imageId, imageRef, createdAt, logPath } = this.record;
    const { startedAt, finishedAt, exitCode, reason, message, resources } = this.progress.value;
    const { runAsUser, runAsGroup, supplementalGroups } = config.linux?.securityContext ?? {};
    return {
      id,
      metadata: config.metadata,
      state: this.criState,
      createdAt: nanos(createdAt),
      startedAt: nanos(startedAt),
      finishedAt: nanos(finishedAt),
      exitCode,
      image: config.image,
      imageRef,
      reason,
      message,
      labels: config.labels ?? {},
      annotations: config.annotations ?? {},
      mounts: config.mounts ?? [],
      logPath,
      ...(resources ? { resources: { linux: resources } } : {}),
      imageId,
      user: {
        linux: {
          uid: runAsUser?.value ?? 0,
          gid: runAsGroup?.value ?? 0,
          supplementalGroups: supplementalGroups ?? [runAsGroup?.value ?? 0],
        },
      },
      stopSignal: config.stopSignal ?? 'RUNTIME_DEFAULT',
    };
  }
}

/** What is left of a configuration once the bundle is written. */
export function keptConfig(config: ContainerConfig): KeptConfig {
  const {
    envs: _envs,
    command: _command,
    args: _args,
    workingDir: _workingDir,
    devices: _devices,
    CDIDevices: _cdiDevices,
    windows: _windows,
    ...kept
  } = config;
  return kept;
}
