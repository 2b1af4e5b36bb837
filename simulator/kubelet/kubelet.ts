import { type ApiClient, Informer } from '@slipway/client';
import type { ImageService, RuntimeService } from '@slipway/cri';
import type { Host } from '@slipway/host';
import { type Change, type Client, every, hashText, isQuiet, type Kernel, linkOf, type Owner, type Process } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import { ContainerGarbageCollector } from './container-gc.ts';
import { BackOff } from './decisions/back-off.ts';
import { isTerminalPhase } from './decisions/containers.ts';
import { EvictionManager } from './eviction/eviction-manager.ts';
import { isExpectedFailure } from './failure.ts';
import { Housekeeping } from './housekeeping.ts';
import { ImageGarbageCollector } from './images/image-gc.ts';
import { ImageManager } from './images/image-manager.ts';
import { KubeletEvents } from './kubelet-events.ts';
import { NodeAgent } from './node/node-agent.ts';
import { RuntimeState } from './node/runtime-state.ts';
import { baseBackOff, crashLoopResetAfter, type KubeletOptions, maximumBackOff, runtimeStatusPeriod } from './options.ts';
import { Pleg } from './pleg/pleg.ts';
import type { PodLifecycleEvent } from './pleg/pod-events.ts';
import { decisionsOf, type KubeletParts } from './plugin.ts';
import { type PodChange, podChanges, PodStore } from './pod-store.ts';
import { ProbeManager } from './prober/probe-manager.ts';
import { ProbeResults } from './prober/probe-results.ts';
import { Prober } from './prober/prober.ts';
import { ContainerKiller } from './runtime/container-killer.ts';
import { ContainerStarter } from './runtime/container-starter.ts';
import { LifecycleHooks } from './runtime/lifecycle-hooks.ts';
import { RuntimeManager } from './runtime/runtime-manager.ts';
import { StartErrors } from './runtime/start-errors.ts';
import { StatusManager } from './status/status-manager.ts';
import { SyncLoop } from './sync-loop.ts';
import type { CsiDriverRegistry } from './volumes/csi/driver-registry.ts';
import { VolumeManager } from './volumes/volume-manager.ts';
import { PodSyncer } from './workers/pod-syncer.ts';
import { PodWorkers } from './workers/pod-workers.ts';
import { SyncQueue } from './workers/sync-queue.ts';

/** What a kubelet is made from. */
export interface KubeletDependencies {
  readonly kernel: Kernel;
  /** Whoever the kubelet's processes belong to: a child of the machine's owner, so that it goes with the power. */
  readonly owner: Owner;
  readonly node: string;
  /** Over a link of its own. */
  readonly api: ApiClient;
  readonly runtime: Client<RuntimeService>;
  readonly image: Client<ImageService>;
  readonly host: Host;
  /** Bumped by the runtime whenever its lists change; lets idle relists be left out. */
  readonly changed?: Change | undefined;
  /** Changes with each write of the node's object; lets idle reports be left out. Left out: nobody else writes it. */
  readonly objectChanged?: Change | undefined;
  readonly options?: KubeletOptions | undefined;
  /** What it decides otherwise than the built-in one. */
  readonly parts?: KubeletParts | undefined;
}

/**
 * The agent of one node: keeps the pods that are bound to it running, and tells the API of them and of the node. It keeps nothing that
 * it could not find again in the API and in the runtime, so another one may take its place at any time.
 *
 * Source: Kubernetes 1.36 `pkg/kubelet`.
 */
export class Kubelet {
  readonly node: string;
  readonly #dependencies: KubeletDependencies;
  readonly #options: KubeletOptions;
  readonly #pods = new PodStore();
  readonly #informer: Informer<Pod>;
  readonly #runtimeState: RuntimeState;
  readonly #pleg: Pleg;
  readonly #agent: NodeAgent;
  readonly #loop: SyncLoop;
  readonly #housekeeping: Housekeeping;
  readonly #containerGarbage: ContainerGarbageCollector;
  readonly #imageGarbage: ImageGarbageCollector | undefined;
  readonly #evictions: EvictionManager;
  readonly #statuses: StatusManager;
  readonly #workers: PodWorkers;
  readonly #volumes: VolumeManager;
  #hostIPs: readonly string[] | undefined;
  #changes: PodChange[] = [];

  constructor(dependencies: KubeletDependencies) {
    const { kernel, owner, node, api, runtime, image, host, changed, options = {} } = dependencies;
    const { computePodActions, admissionProblems, podPhase } = decisionsOf(dependencies.parts);
    this.node = node;
    this.#dependencies = dependencies;
    this.#options = options;
    const events = new KubeletEvents(api, owner, node);
    const hostIPs = () => this.hostIPs;
    const jitter = (key: string, most: number) => (most <= 0 ? 0 : hashText(`kubelet/${node}/${key}`, kernel.seed) % (most + 1));
    const isTerminating = (uid: string) => this.#workers.isTerminationRequested(uid);
    // After a restart, pods that the sync loop has not taken in yet are known all the same. Upstream waits for its first housekeeping.
    const isAwaited = (uid: string) => !this.#workers.has(uid) && this.#informer.list().some(({ metadata }) => metadata.uid === uid);
    const sourcesReady = () => this.#informer.synced.value;
    // Nobody is gone before the API server has said who is there. Source: `pkg/kubelet/pod_workers.go`, podsSynced.
    const isGone = (uid: string) => sourcesReady() && this.#workers.shouldContentBeRemoved(uid, this.#pods.has(uid) || isAwaited(uid));

    this.#informer = new Informer(api.pods, { fieldSelector: `spec.nodeName=${node}` });
    this.#runtimeState = new RuntimeState(runtime, kernel);
    this.#pleg = new Pleg({ owner, runtime, host, changed, onEvents: (list) => this.#onPleg(list) });
    this.#agent = new NodeAgent({
      owner,
      name: node,
      api,
      objectChanged: dependencies.objectChanged,
      host,
      image,
      events,
      runtimeState: this.#runtimeState,
      options,
      ips: hostIPs,
      pressures: () => this.#evictions.pressures,
      plegProblem: () => this.#pleg.problem(kernel.now),
      initializeStorage: (object) => this.#volumes.nodeInfo.initialize(object),
      volumesInUse: () => this.#volumes.volumesInUse(),
      onReported: (names) => this.#volumes.reportedInUse(names),
      jitter,
    });
    this.#statuses = new StatusManager({
      owner,
      api,
      podOf: (uid) => this.#pods.get(uid),
      couldHaveRunningContainers: (uid) => this.#workers.couldHaveRunningContainers(uid),
    });
    const results = new ProbeResults((uid, containerId, kind, result) =>
      this.#loop.send({ channel: 'probe', uid, containerId, kind, result }),
    );
    const prober = new Prober(runtime, host);
    const statusOf = (uid: string) => this.#statuses.get(uid);
    const probes = new ProbeManager({ kernel, owner, prober, results, events, statusOf, startedAt: kernel.unixMicros, jitter });
    const dns = {
      servers: options.clusterDNS ?? [],
      domain: options.clusterDomain ?? 'cluster.local',
      host: { servers: [], searches: [], options: [] },
    };
    const volumes = new VolumeManager({
      owner,
      api,
      host,
      events,
      nodeName: node,
      clusterDomain: dns.domain,
      node: () => this.#agent.node,
      hostIPs,
      registered: this.#agent.registered,
      podsSeen: () => this.#haveVolumesBeenSeen(),
      onInUseChange: () => this.#agent.touch(),
      onUnmounted: () => this.#housekeeping.wanted(),
    });
    this.#volumes = volumes;
    const images = new ImageManager({
      kernel,
      image,
      events,
      serialize: options.serializeImagePulls ?? true,
      isTerminating,
      onChange: () => this.#onImages(),
    });
    const hooks = new LifecycleHooks(runtime, host);
    const killer = new ContainerKiller({ kernel, runtime, events, hooks });
    const starter = new ContainerStarter({
      kernel,
      api,
      runtime,
      host,
      events,
      images,
      volumes,
      hooks,
      killer,
      node: () => this.#agent.node,
      hostIPs,
    });
    const backOff = new BackOff(baseBackOff, options.maxContainerRestartPeriod ?? maximumBackOff, crashLoopResetAfter);
    const startErrors = new StartErrors();
    const runtimeManager = new RuntimeManager({
      kernel,
      api,
      runtime,
      events,
      starter,
      killer,
      backOff,
      startErrors,
      probes,
      computePodActions,
      dns,
      onSandboxReady: (pod) => this.#statuses.setSandboxReady(pod),
      isTerminating,
    });
    const onDue = (uids: readonly string[]) => this.#loop.send({ channel: 'sync', uids });
    const queue = new SyncQueue(owner, onDue);
    // What a pod's next look is planned for must not put off its deadline.
    const deadlines = new SyncQueue(owner, onDue);
    const syncer = new PodSyncer({
      kernel,
      events,
      statuses: this.#statuses,
      probes,
      startErrors,
      runtimeManager,
      killer,
      volumes,
      images,
      pleg: this.#pleg,
      runtimeState: this.#runtimeState,
      hostIPs,
      isTerminating,
      podPhase,
      syncAt: (uid, time) => deadlines.enqueue(uid, Math.max(0, time - kernel.unixMicros)),
    });
    this.#workers = new PodWorkers({
      owner,
      pleg: this.#pleg,
      syncer,
      queue,
      jitter,
      onFinished: () => {
        this.#housekeeping.wanted();
        this.#containerGarbage.wanted();
      },
      onNotEnded: () => this.#housekeeping.wanted(),
    });
    this.#housekeeping = new Housekeeping({
      owner,
      pods: this.#pods,
      workers: this.#workers,
      probes,
      statuses: this.#statuses,
      volumes,
      pleg: this.#pleg,
      backOff,
      sourcesReady,
      onTick: () => this.#loop.send({ channel: 'housekeeping' }),
    });
    this.#loop = new SyncLoop({
      owner,
      pods: this.#pods,
      workers: this.#workers,
      statuses: this.#statuses,
      events,
      pleg: this.#pleg,
      node: this.#agent,
      runtimeState: this.#runtimeState,
      housekeeping: this.#housekeeping,
      admissionProblems,
      isGone,
      removeContainer: (id) => void owner.spawn('remove a dead container', this.#removeContainer(id)),
    });
    this.#containerGarbage = new ContainerGarbageCollector({ owner, runtime, host, events, isGone, sourcesReady, changed });
    this.#evictions = new EvictionManager({
      owner,
      host,
      runtime,
      pods: this.#pods,
      workers: this.#workers,
      events,
      onChange: () => this.#agent.touch(),
      collectGarbage: () => this.#containerGarbage.wanted(),
    });
    const { imageFilesystemBytes } = options;
    this.#imageGarbage =
      imageFilesystemBytes === undefined
        ? undefined
        : new ImageGarbageCollector({
            owner,
            runtime,
            image,
            events,
            capacityBytes: imageFilesystemBytes,
            changed,
            onRemoved: () => this.#agent.touch(),
          });
  }

  /** Addresses of the node, the main one first. */
  get hostIPs(): readonly string[] {
    this.#hostIPs ??= this.#options.nodeIPs ?? this.#dependencies.host.addresses.map((address) => address.split('/')[0] ?? address);
    return this.#hostIPs;
  }

  /** Where the node's CSI drivers make themselves known. */
  get csiDrivers(): CsiDriverRegistry {
    return this.#volumes.csiDrivers;
  }

  /** Starts all that a kubelet does. Its owner's end is its end. */
  start(): void {
    const { owner } = this.#dependencies;
    this.#informer.onChange((_event, before, after) => this.#onChange(podChanges(before, after)));
    this.#volumes.start();
    owner.spawn('runtime status', this.#pollRuntime());
    owner.spawn('node agent', this.#agent.run());
    owner.spawn('pleg', this.#pleg.run());
    owner.spawn('pods of the node', this.#informer.run());
    owner.spawn('sync loop', this.#loop.run());
    owner.spawn('container garbage', this.#containerGarbage.run());
    owner.spawn('evictions', this.#evictions.run());
    if (this.#imageGarbage) owner.spawn('image garbage', this.#imageGarbage.run());
    // What an earlier kubelet left behind is looked at once.
    this.#housekeeping.wanted();
    this.#containerGarbage.wanted();
  }

  /** Every pod of the node that may run has told which volumes it wants. */
  #haveVolumesBeenSeen(): boolean {
    if (!this.#informer.synced.value) return false;
    return this.#informer.list().every((pod) => {
      const { uid = '' } = pod.metadata;
      const isOver = isTerminalPhase(pod.status?.phase) || this.#workers.isTerminationRequested(uid);
      // A pod without a worker was refused.
      return isOver || this.#volumes.hasSeen(pod) || (this.#pods.has(uid) && !this.#workers.has(uid));
    });
  }

  /** All changes of one batch make one event. */
  #onChange(changes: readonly PodChange[]): void {
    if (changes.length === 0) return;
    // A pod that goes without a worker, as after a restart of the kubelet, leaves what the runtime has of it.
    if (changes.some(({ op }) => op === 'remove')) this.#containerGarbage.wanted();
    const waiting = this.#changes;
    waiting.push(...changes);
    if (waiting.length > changes.length) return;
    this.#dependencies.owner.spawn('pod changes', this.#flushChanges());
  }

  *#flushChanges(): Process {
    const changes = this.#changes;
    this.#changes = [];
    this.#loop.send({ channel: 'config', changes });
  }

  #onPleg(list: readonly PodLifecycleEvent[]): void {
    this.#loop.send({ channel: 'pleg', events: list });
    if (!list.some(({ type }) => type === 'ContainerDied')) return;
    this.#containerGarbage.wanted();
    this.#imageGarbage?.wanted();
  }

  #onImages(): void {
    this.#agent.touch();
    this.#imageGarbage?.wanted();
  }

  /** Asks the runtime how it is; while all is well and nothing moves on the machine, the answer is known. */
  *#pollRuntime(): Process {
    const { owner, runtime, host, changed } = this.#dependencies;
    const ticker = every(runtimeStatusPeriod, owner.kernel.now);
    const disturbed = linkOf(runtime)?.disturbed;
    const { failed } = this.#runtimeState;
    const cells = [host.changed, failed, ...(changed ? [changed] : []), ...(disturbed ? [disturbed] : [])];
    const elision = { unless: cells, quiet: () => this.#runtimeState.healthy && isQuiet(runtime) };
    for (;;) {
      if (yield* this.#runtimeState.poll()) this.#agent.touch();
      yield* ticker.next(elision);
    }
  }

  *#removeContainer(id: string): Process {
    try {
      yield* this.#dependencies.runtime.removeContainer({ containerId: id });
    } catch (error) {
      // The garbage collector comes by again.
      if (!isExpectedFailure(error)) throw error;
    }
  }
}

/** Makes a kubelet and starts it. */
export function startKubelet(dependencies: KubeletDependencies): Kubelet {
  const kubelet = new Kubelet(dependencies);
  kubelet.start();
  return kubelet;
}
