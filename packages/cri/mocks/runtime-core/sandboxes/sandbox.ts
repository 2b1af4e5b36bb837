import type { PodSandbox, PodSandboxConfig, PodSandboxStatus } from '../../../messages/index.ts';
import { Mutex } from '@slipway/kernel';
import type { HostProcess } from '@slipway/host';
import type { Container } from '../containers/container.ts';
import type { Flavour } from '../flavour.ts';
import { nanos } from '../timestamps.ts';

/** What is kept of a sandbox on the disk. */
export interface SandboxRecord {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly handler: string;
  /** Time since 1970 in microseconds. */
  readonly createdAt: number;
  /** Path of the network namespace; empty with the host's network. */
  readonly netns: string;
  readonly ips: readonly string[];
  /** `unknown`: its network could not be undone after a failed start. CRI shows it as not ready. */
  readonly state: 'ready' | 'notReady' | 'unknown';
  /** There is an attachment that a CNI DEL must undo. */
  readonly attached: boolean;
}

/** A sandbox in the runtime's memory. */
export class Sandbox {
  #record: SandboxRecord;
  #listed: PodSandbox | undefined;
  #networkLock: Mutex | undefined;
  /** Its own process, where it has one and that runs. */
  process: HostProcess | undefined;
  /** By id, in the order of creation. */
  readonly containers = new Map<string, Container>();

  constructor(record: SandboxRecord) {
    this.#record = record;
  }

  get record(): SandboxRecord {
    return this.#record;
  }

  get id(): string {
    return this.#record.id;
  }

  get config(): PodSandboxConfig {
    return this.#record.config;
  }

  get ready(): boolean {
    return this.#record.state === 'ready';
  }

  /** Spec of CNI, "Lifecycle & Ordering": a runtime runs no two operations on one container at a time. */
  get networkLock(): Mutex {
    this.#networkLock ??= new Mutex(`network of sandbox ${this.id}`);
    return this.#networkLock;
  }

  change(changes: Partial<SandboxRecord>): void {
    this.#record = { ...this.#record, ...changes };
    this.#listed = undefined;
  }

  /** As a list shows it; the same object until it changes. */
  get listed(): PodSandbox {
    const { id, config, handler, createdAt } = this.#record;
    this.#listed ??= {
      id,
      metadata: config.metadata,
      state: this.ready ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
      createdAt: nanos(createdAt),
      labels: config.labels ?? {},
      annotations: config.annotations ?? {},
      runtimeHandler: handler,
    };
    return this.#listed;
  }

  get status(): PodSandboxStatus {
    const { config, ips, handler } = this.#record;
    const [ip = '', ...more] = ips;
    const options = config.linux?.securityContext?.namespaceOptions;
    return {
      ...this.listed,
      network: { ip, additionalIps: more.map((address) => ({ ip: address })) },
      ...(options ? { linux: { namespaces: { options } } } : {}),
      runtimeHandler: handler,
    };
  }
}

/** Whether a sandbox lives in the node's own network namespace. */
export const onHostNetwork = (config: PodSandboxConfig): boolean => config.linux?.securityContext?.namespaceOptions?.network === 'NODE';

/**
 * Whether a sandbox has a process of its own. Source: CRI-O, `drop_infra_ctr`: without a shared pid namespace there is nothing for one to
 * do; containerd always has one.
 */
export const hasOwnProcess = ({ alwaysPause }: Flavour, config: PodSandboxConfig): boolean =>
  alwaysPause || config.linux?.securityContext?.namespaceOptions?.pid === 'POD';
