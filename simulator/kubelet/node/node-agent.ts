import type { ApiClient } from '@slipway/client';
import type { ImageService } from '@slipway/cri';
import type { Host } from '@slipway/host';
import {
  Cell,
  type Change,
  type Client,
  codeOf,
  every,
  isQuiet,
  linkOf,
  type Micros,
  type Owner,
  type Process,
  sleep,
  sleepUntil,
  type Task,
} from '@slipway/kernel';
import { formatTime, type Node, type NodeStatus } from '@slipway/kube';
import { isExpectedFailure } from '../failure.ts';
import type { Pressure } from '../eviction/signals.ts';
import type { KubeletEvents } from '../kubelet-events.ts';
import {
  baseRegistrationPause,
  fastStatusPeriod,
  type KubeletOptions,
  leaseDurationSeconds,
  leaseRenewPeriod,
  maximumRegistrationPause,
  nodeReadyGracePeriod,
  nodeStatusReportFrequency,
  nodeStatusUpdateFrequency,
} from '../options.ts';
import { changedFields } from '../status/changed-fields.ts';
import { defaultLabels, initialNode, type NodeFacts, nodeStatus, nodeStatusHasChanged } from './node-status.ts';
import type { RuntimeState } from './runtime-state.ts';

/** What a node agent is made from. */
export interface NodeAgentOptions {
  readonly owner: Owner;
  readonly name: string;
  readonly api: ApiClient;
  /** Changes with each write of the node's object, whoever writes it. */
  readonly objectChanged: Change | undefined;
  readonly host: Host;
  readonly image: Client<ImageService>;
  readonly events: KubeletEvents;
  readonly runtimeState: RuntimeState;
  readonly options: KubeletOptions;
  readonly ips: () => readonly string[];
  /** What the machine runs short of. Left out: nothing. */
  readonly pressures?: () => ReadonlySet<Pressure>;
  readonly plegProblem: () => string | undefined;
  /** Readies the node for storage drivers; before that it cannot be ready. */
  readonly initializeStorage: (node: Node) => Process;
  /** Volumes that must not be detached; undefined while that is not known. */
  readonly volumesInUse: () => readonly string[] | undefined;
  /** The API has been told that these volumes are in use. */
  readonly onReported: (volumes: readonly string[]) => void;
  /** A whole number from 0 up to its second argument, drawn for this key. */
  readonly jitter: (key: string, most: number) => number;
}

/**
 * Speaks for the node: registers it, keeps its status up to date, renews its lease.
 *
 * Source: `pkg/kubelet/kubelet_node_status.go`, component-helpers `apimachinery/lease/controller.go`.
 */
export class NodeAgent {
  /** True once the node is in the API. */
  readonly registered = new Cell(false);
  readonly #options: NodeAgentOptions;
  /** Set when the status may have changed; ticks at which it has not are left out. */
  readonly #dirty = new Cell(0);
  #node: Node | undefined;
  #lastReport: Micros | undefined;
  /** Shifts the next forced report, so that nodes which changed together do not report together for ever. */
  #shift: Micros = 0;
  #reminder: Task | undefined;
  #isStorageReady = false;

  constructor(options: NodeAgentOptions) {
    this.#options = options;
  }

  /** The node as the API last showed it. */
  get node(): Node | undefined {
    return this.#node;
  }

  /** The next tick looks at the status again. */
  touch(): void {
    this.#dirty.set(this.#dirty.value + 1);
  }

  /** Asks the API for the node; what was known before has to do while it does not answer. */
  *fresh(): Process<Node | undefined> {
    try {
      this.#node = yield* this.#options.api.nodes.get({ name: this.#options.name });
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
    }
    return this.#node;
  }

  /** Registers, then keeps lease and status for ever. */
  *run(): Process {
    const { owner, events, name, api, image, runtimeState, objectChanged } = this.#options;
    events.node('Normal', 'Starting', 'Starting kubelet.');
    yield* this.#register();
    for (const reason of ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID']) {
      events.node('Normal', reason, `Node ${name} status is now: ${reason}`);
    }
    owner.spawn('node lease', this.#renewLease());
    owner.spawn('storage drivers', this.#readyStorage());
    owner.spawn('first readiness', this.#becomeReady());
    const ticker = every(nodeStatusUpdateFrequency, owner.kernel.now);
    const disturbed = [linkOf(api.link), linkOf(image)].flatMap((link) => link?.disturbed ?? []);
    // Others write the status too: the node lifecycle controller, when it has not heard from here for long.
    const unless = [this.#dirty, ...(objectChanged ? [objectChanged] : []), ...disturbed];
    // A runtime that fails is called down after a while, which no change tells of.
    const quiet = (): boolean => isQuiet(api.link) && isQuiet(image) && runtimeState.healthy;
    for (;;) {
      yield* ticker.next({ unless, quiet });
      yield* this.#report(false);
    }
  }

  *#register(): Process {
    const { owner } = this.#options;
    for (let pause = baseRegistrationPause; ; pause = Math.min(2 * pause, maximumRegistrationPause)) {
      yield* sleep(pause);
      try {
        yield* this.#options.runtimeState.poll();
        const node = initialNode(yield* this.#facts(), formatTime(owner.kernel.unixMicros));
        this.#node = yield* this.#createOrAdopt(node);
        this.#lastReport = owner.kernel.now;
        this.registered.set(true);
        return;
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
      }
    }
  }

  *#readyStorage(): Process {
    const { kernel } = this.#options.owner;
    const start = kernel.now;
    const node = this.#node;
    if (!node) return;
    yield* this.#options.initializeStorage(node);
    this.#isStorageReady = true;
    // Before that, the first readiness is looked for all the time.
    if (kernel.now - start >= nodeReadyGracePeriod) this.touch();
  }

  *#createOrAdopt(node: Node): Process<Node> {
    const { api, name, options } = this.#options;
    try {
      return yield* api.nodes.create(node);
    } catch (error) {
      if (codeOf(error) !== 'AlreadyExists') throw error;
    }
    const existing = yield* api.nodes.get({ name });
    const labels = changedFields(existing.metadata.labels ?? {}, { ...existing.metadata.labels, ...defaultLabels(name, options) });
    const annotations = changedFields(existing.metadata.annotations ?? {}, {
      ...existing.metadata.annotations,
      ...node.metadata.annotations,
    });
    if (Object.keys(labels).length + Object.keys(annotations).length === 0) return existing;
    return yield* api.nodes.patch({ name, patch: { metadata: { labels, annotations } } });
  }

  /** Soon after the start the first good status is reported at once, not on the next tick. */
  *#becomeReady(): Process {
    const { owner, runtimeState } = this.#options;
    const deadline = owner.kernel.now + nodeReadyGracePeriod;
    while (owner.kernel.now < deadline && !isReady(this.#node)) {
      yield* sleep(fastStatusPeriod);
      yield* runtimeState.poll();
      if (this.#problems().length === 0) yield* this.#report(true);
    }
  }

  /** Writes the status if it has changed, or has not been written for long. */
  *#report(fast: boolean): Process {
    const { api, name, owner, jitter, onReported } = this.#options;
    const { kernel } = owner;
    try {
      const before = yield* api.nodes.get({ name });
      const status = nodeStatus(yield* this.#facts(), before.status, formatTime(kernel.unixMicros));
      const changed = nodeStatusHasChanged(before.status, status);
      this.#node = before;
      const since = kernel.now - (this.#lastReport ?? 0);
      if (!changed && (fast || since < nodeStatusReportFrequency + this.#shift)) {
        onReported(before.status?.volumesInUse ?? []);
        this.#remind();
        return;
      }
      const half = nodeStatusReportFrequency / 2;
      this.#shift = changed ? jitter(`report/${kernel.now}`, nodeStatusReportFrequency) - half : 0;
      this.#tellOfReadiness(before.status, status);
      this.#node = yield* api.nodes.patch({ name, patch: { status: changedFields(before.status ?? {}, status) }, subresource: 'status' });
      this.#lastReport = kernel.now;
      onReported(status.volumesInUse ?? []);
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      // The next tick tries again. A node that was removed from the API stays removed until its kubelet is started again.
      this.touch();
      return;
    }
    this.#remind();
  }

  #tellOfReadiness(before: NodeStatus | undefined, after: NodeStatus): void {
    const { name, events } = this.#options;
    for (const [pressure, reasons] of PRESSURE_REASONS) {
      const [was, is] = [before, after].map((status) => status?.conditions?.find(({ type }) => type === pressure)?.status);
      const reason = is === 'True' ? reasons[0] : reasons[1];
      if (was !== undefined && was !== is) events.node('Normal', reason, `Node ${name} status is now: ${reason}`);
    }
    const was = before?.conditions?.find(({ type }) => type === 'Ready')?.status;
    const is = after.conditions?.find(({ type }) => type === 'Ready')?.status;
    if (was === undefined || was === is) return;
    const reason = is === 'True' ? 'NodeReady' : 'NodeNotReady';
    events.node('Normal', reason, `Node ${name} status is now: ${reason}`);
  }

  /** Makes the tick at which the next forced report is due one that counts. */
  #remind(): void {
    const { owner } = this.#options;
    this.#reminder?.kill();
    const due = (this.#lastReport ?? 0) + nodeStatusReportFrequency + this.#shift;
    // A tick runs after everything else of its instant, so the reminder comes in time for one that falls on it.
    this.#reminder = owner.spawn('next node status', this.#touchAt(due - 1)) as Task;
  }

  *#touchAt(time: Micros): Process {
    yield* sleepUntil(time);
    this.touch();
  }

  *#renewLease(): Process {
    const { owner, api, name } = this.#options;
    const ticker = every(leaseRenewPeriod, owner.kernel.now);
    let pause = baseRegistrationPause;
    for (;;) {
      const owned = this.#node?.metadata.uid;
      const ownerReferences = owned === undefined ? [] : [{ apiVersion: 'v1', kind: 'Node', name, uid: owned }];
      try {
        yield* api.renewLease({ name, holderIdentity: name, leaseDurationSeconds, ownerReferences });
        pause = baseRegistrationPause;
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
        yield* sleep(pause);
        pause = Math.min(2 * pause, maximumRegistrationPause);
        continue;
      }
      yield* ticker.next();
    }
  }

  #problems(): readonly string[] {
    const { runtimeState, plegProblem } = this.#options;
    const runtime = [runtimeState.runtimeProblem(), plegProblem()].filter((problem) => problem !== undefined);
    const network = runtimeState.networkProblem();
    // A node begins as not ready: its storage drivers can only be listed once it exists. Source: `kubelet.go` initializeCSINode.
    const storage = this.#isStorageReady ? [] : ['CSINode is not yet initialized'];
    return [...runtime, ...(network === undefined ? [] : [network]), ...storage];
  }

  *#facts(): Process<NodeFacts> {
    const { name, options, runtimeState, image, ips, host } = this.#options;
    const { status, runtimeName, runtimeVersion } = runtimeState;
    return {
      name,
      options,
      ips: ips(),
      runtimeName,
      runtimeVersion,
      runtimeHandlers: status?.runtimeHandlers,
      supplementalGroupsPolicy: status?.features?.supplementalGroupsPolicy ?? false,
      images: yield* this.#images(image),
      bootId: bootIdOf(host),
      problems: this.#problems(),
      volumesInUse: this.#options.volumesInUse(),
      ...(this.#options.pressures ? { pressures: this.#options.pressures() } : {}),
    };
  }

  *#images(image: Client<ImageService>) {
    try {
      return (yield* image.listImages({})).images;
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      return [];
    }
  }
}

function isReady(node: Node | undefined): boolean {
  return node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

/** What is told when a pressure comes, and when it goes. Source: `pkg/kubelet/nodestatus/setters.go`. */
const PRESSURE_REASONS = [
  ['MemoryPressure', ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory']],
  ['DiskPressure', ['NodeHasDiskPressure', 'NodeHasNoDiskPressure']],
] as const;

const bootIdFile = '/run/slipway-boot-id';

/** An id that lasts until the machine loses power. */
function bootIdOf(host: Host): string {
  if (host.files.exists(bootIdFile)) return host.files.readText(bootIdFile);
  const id = host.kernel.random(`boot/${host.name}`).text(32, '0123456789abcdef');
  host.files.write(bootIdFile, id, { parents: true });
  return id;
}
