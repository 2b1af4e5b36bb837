import { Cell, codeOf, messageOf, Mutex, self, spawn, type Client, type Owner, type Process, type Random } from '@slipway/kernel';
import type { Cni } from '@slipway/cni';
import type { Host, HostProcess } from '@slipway/host';
import type { OciDistribution, OciRuntime } from '@slipway/oci';
import { CriError } from '../../errors.ts';
import { grpcCodes } from '../../rules.ts';
import type { Container } from './containers/container.ts';
import { watchContainer, watchEvents, watchSandbox } from './containers/exits.ts';
import { EventHub } from './event-hub.ts';
import type { Flavour } from './flavour.ts';
import { ImagePuller } from './images/image-puller.ts';
import { ImageStore } from './images/image-store.ts';
import { PodNetwork } from './sandboxes/pod-network.ts';
import { hasOwnProcess } from './sandboxes/sandbox.ts';
import { Sessions } from './sessions.ts';
import { RuntimeStore } from './store.ts';

/** What a runtime is made of and made on. */
export interface CoreParts {
  readonly host: Host;
  readonly flavour: Flavour;
  readonly oci: Client<OciRuntime>;
  readonly registry: Client<OciDistribution>;
  /** Finds a network plugin by type. */
  readonly cni: (type: string) => Client<Cni> | undefined;
  /** Ids and names of namespaces. */
  readonly random: Random;
  /** How fast image layers come over the wire; Infinity: at once. */
  readonly pullBytesPerSecond: number;
}

const HEX = '0123456789abcdef';

/** Everything that containerd and CRI-O have in common, for the services beside this file. */
export class RuntimeCore {
  readonly host: Host;
  readonly flavour: Flavour;
  readonly oci: Client<OciRuntime>;
  /** Grows whenever what lists of sandboxes and containers show has changed. */
  readonly changed = new Cell(0);
  readonly store: RuntimeStore;
  readonly images: ImageStore;
  readonly puller: ImagePuller;
  readonly network: PodNetwork;
  readonly events: EventHub;
  readonly sessions: Sessions;
  /** Containers by the image id that they use. */
  readonly imageUsers = new Map<string, Set<string>>();
  /** What `updateRuntimeConfig` said last. */
  podCidr = '';
  readonly #random: Random;
  readonly #recovery = new Mutex('recovery of the runtime');
  /** The power-up that the state in memory is of. */
  #bootedAs: Owner | undefined;
  /** The daemon's life that watches containers: a later one has to take them up again. */
  #watchedBy: Owner | undefined;

  constructor({ host, flavour, oci, registry, cni, random, pullBytesPerSecond }: CoreParts) {
    this.host = host;
    this.flavour = flavour;
    this.oci = oci;
    this.#random = random;
    this.store = new RuntimeStore(host, flavour, this.changed);
    this.images = new ImageStore(host, flavour);
    this.puller = new ImagePuller(flavour, this.images, registry, pullBytesPerSecond);
    this.network = new PodNetwork(host, flavour, this.store, cni);
    this.events = new EventHub(() => host.kernel.unixMicros);
    this.sessions = new Sessions(random, () => host.kernel.now);
  }

  /** 64 hex digits. */
  newId(): string {
    return this.#random.text(64, HEX);
  }

  newNetns(): string {
    return this.flavour.netnsPath(this.#random.text(32, HEX));
  }

  /** Answers at once, or after what an earlier life left on the disk was read. */
  whenReady<T>(action: () => T): T | Process<T> {
    return this.#isReady ? inCriWords(action) : this.#afterRecovery(action);
  }

  /** The same for what takes time. */
  *serve<T>(action: () => Process<T>): Process<T> {
    try {
      yield* this.ready();
      return yield* action();
    } catch (error) {
      throw criErrorOf(error);
    }
  }

  /** Waits until what an earlier life left on the disk was read. */
  *ready(): Process {
    if (!this.#isReady) yield* this.#recovery.hold(this.#recover());
  }

  /** Watches a container's process, and shows its end when it comes. */
  *watch(container: Container, process: HostProcess | undefined): Process {
    container.process = process;
    const name = `shim ${container.id.slice(0, 12)}`;
    yield* spawn(name, process ? watchContainer(this, container, process) : watchEvents(this, container));
  }

  /** Watches a sandbox's own process. */
  *watchSandbox(sandbox: Parameters<typeof watchSandbox>[1], process: HostProcess): Process {
    sandbox.process = process;
    yield* spawn(`shim ${sandbox.id.slice(0, 12)}`, watchSandbox(this, sandbox, process));
  }

  useImage(container: Container): void {
    const users = this.imageUsers.get(container.record.imageId);
    if (users) users.add(container.id);
    else this.imageUsers.set(container.record.imageId, new Set([container.id]));
  }

  freeImage(container: Container): void {
    const users = this.imageUsers.get(container.record.imageId);
    users?.delete(container.id);
    if (users?.size === 0) this.imageUsers.delete(container.record.imageId);
  }

  get #isReady(): boolean {
    return this.#bootedAs === this.host.owner && this.#watchedBy?.alive === true;
  }

  *#afterRecovery<T>(action: () => T): Process<T> {
    yield* this.ready();
    return inCriWords(action);
  }

  *#recover(): Process {
    if (this.#isReady) return;
    const rebooted = !this.host.files.exists(this.#bootMark);
    this.images.load();
    this.store.load();
    this.imageUsers.clear();
    for (const container of this.store.containers.values()) {
      this.useImage(container);
      yield* this.#recoverContainer(container);
    }
    for (const sandbox of this.store.sandboxes.values()) {
      if (!sandbox.ready) continue;
      const process = rebooted ? undefined : yield* this.#processOf(sandbox.id);
      if (process) yield* this.watchSandbox(sandbox, process);
      else if (rebooted || hasOwnProcess(this.flavour, sandbox.config)) this.store.changeSandbox(sandbox, { state: 'notReady' });
      if (this.flavour.checksNetwork && sandbox.ready && sandbox.record.attached) yield* this.network.check(sandbox);
    }
    if (this.host.files.exists(this.#lifeMark)) yield* this.network.collect();
    else this.host.files.write(this.#lifeMark, this.flavour.runtimeVersion, { parents: true });
    // Memory file systems are empty after a boot, which is how a daemon tells a reboot from its own restart.
    this.host.files.write(this.#bootMark, '', { parents: true });
    this.#bootedAs = this.host.owner;
    this.#watchedBy = (yield* self()).owner;
  }

  /** Source: containerd, internal/cri/server/restart.go loadContainer. */
  *#recoverContainer(container: Container): Process {
    const { state } = container;
    if (state === 'exited') return;
    const process = yield* this.#processOf(container.id);
    container.inRuntime = process !== undefined;
    if (process) {
      if (state === 'created') container.process = process;
      else yield* this.watch(container, process);
      return;
    }
    // A created one without a process is created still: containerd has run nothing for it yet.
    if (state === 'created' && this.flavour.ociCreateAt === 'start') return;
    this.store.changeContainer(container, { state: 'exited', finishedAt: this.host.kernel.unixMicros, exitCode: 255, reason: 'Unknown' });
  }

  *#processOf(id: string): Process<HostProcess | undefined> {
    try {
      const { pid } = yield* this.oci.state({ id });
      return pid === undefined ? undefined : this.host.processes.get(pid);
    } catch (error) {
      if (codeOf(error) !== 'UNKNOWN_CONTAINER') throw error;
      return undefined;
    }
  }

  /** There from the first start on: only after it can anything be left over. */
  get #lifeMark(): string {
    return `${this.flavour.root}/version`;
  }

  get #bootMark(): string {
    return `${this.flavour.bundles}/boot`;
  }
}

/**
 * What has a code that is none of CRI's (a full disk, a refusal of the OCI runtime) is a plain error of the runtime, hence UNKNOWN. What
 * has no code at all is a defect, and stays as it is for the link to report.
 */
function criErrorOf(error: unknown): unknown {
  const code = codeOf(error);
  return (grpcCodes as readonly string[]).includes(code) ? error : new CriError('UNKNOWN', messageOf(error));
}

function inCriWords<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw criErrorOf(error);
  }
}
