import type { HostProcess, NetworkNamespace } from '@slipway/host';
import type { Micros } from '@slipway/kernel';
import { type ContainerStatus, type HookKind, OCI_RUNTIME_VERSION, type State } from '../../runtime/contract.ts';
import type { Hook } from '../../runtime/spec.ts';
import type { HookSubject } from './hooks.ts';

/** What is written to `state.json`: enough to know the container again after whoever ran the runtime has restarted. */
export interface ContainerRecord {
  readonly ociVersion: string;
  readonly id: string;
  readonly bundle: string;
  readonly rootfs: string;
  readonly pid: number;
  /** Virtual time. */
  readonly created: Micros;
  /** Paths of the network it is in, and of the one that was made for it. */
  readonly network: string;
  readonly ownNetwork?: string;
  /** Whether there is a program to start. */
  readonly runnable: boolean;
  readonly hooks: Readonly<Partial<Record<HookKind, readonly Hook[]>>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A container as the runtime knows it. Its status follows from its process, so the two never disagree. */
export class Container implements HookSubject {
  readonly record: ContainerRecord;
  readonly netns: NetworkNamespace;
  readonly process: HostProcess | undefined;
  /** True until `create` has ended. */
  creating: boolean;
  /** True while a `start` runs its hooks: a second one must not begin. */
  starting = false;
  paused = false;
  /** Infinity: none. */
  memoryLimitBytes: number;

  constructor(record: ContainerRecord, netns: NetworkNamespace, process: HostProcess | undefined, limits: Limits) {
    this.record = record;
    this.netns = netns;
    this.process = process;
    this.creating = limits.creating;
    this.memoryLimitBytes = limits.memoryLimitBytes;
  }

  get hooks(): HookSubject['hooks'] {
    return this.record.hooks;
  }

  get rootfs(): string {
    return this.record.rootfs;
  }

  get status(): ContainerStatus {
    const state = this.process?.state ?? 'exited';
    if (state === 'exited') return 'stopped';
    if (state === 'running') return 'running';
    return this.creating ? 'creating' : 'created';
  }

  get state(): State {
    const { id, bundle, annotations, pid } = this.record;
    const { status } = this;
    return { ociVersion: OCI_RUNTIME_VERSION, id, status, ...(status !== 'stopped' && { pid }), bundle, annotations };
  }
}

interface Limits {
  readonly creating: boolean;
  readonly memoryLimitBytes: number;
}
