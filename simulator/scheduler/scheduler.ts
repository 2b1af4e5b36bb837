import { type ApiClient, EventRecorder } from '@slipway/client';
import { type Kernel, type Micros, microseconds, type Owner, type Process, type Random, sleep, sleepUntil, until } from '@slipway/kernel';
import { formatTime, type Pod } from '@slipway/kube';
import { BindingCycle, type Reservation } from './binding-cycle.ts';
import { SchedulerCache } from './cache/cache.ts';
import type { PodInfo } from './cache/pod-info.ts';
import type { Snapshot } from './cache/snapshot.ts';
import { ClusterWatch } from './cluster-watch.ts';
import { recordDecision } from './decision-record.ts';
import { CycleState } from './framework/cycle-state.ts';
import { fitErrorMessage } from './framework/fit-error.ts';
import type { Framework } from './framework/framework.ts';
import { type CycleOutcome, runCycle, type SearchPosition } from './framework/run-cycle.ts';
import { activeFilters, addPodToState, removePodFromState, runFiltersWithNominatedPods } from './framework/run-filters.ts';
import { messageOfStatus, success } from './framework/status.ts';
import type { FrameworkHandle, SchedulerPlugin } from './framework/types.ts';
import { patchPodStatus } from './pod-status.ts';
import { defaultProfile, frameworkOf, type Profile } from './profile.ts';
import type { QueuedPodInfo } from './queue/queued-pod.ts';
import { SchedulingQueue } from './queue/scheduling-queue.ts';
import { VolumeCaches } from './volumes/volume-caches.ts';

/**
 * Virtual time that one attempt takes. Upstream needs some hundreds of microseconds to a few milliseconds, growing with the cluster; a
 * constant keeps runs readable and gives placements an order in time.
 */
export const ATTEMPT_TIME: Micros = microseconds(500);

export interface SchedulerOptions {
  readonly api: ApiClient;
  /** Runs the scheduler; killing it is the scheduler's crash, and a new one starts from the API alone. */
  readonly owner: Owner;
  readonly kernel: Kernel;
  /** Left out: `defaultProfile`. */
  readonly profile?: Profile;
  /** Added to the profile's; see `frameworkOf`. */
  readonly plugins?: readonly SchedulerPlugin[];
  /** Left out: `ATTEMPT_TIME`. */
  readonly attemptTime?: Micros;
}

/** Why an attempt did not end with a node. */
export interface AttemptFailure {
  readonly reason: 'Unschedulable' | 'SchedulerError';
  readonly message: string;
  readonly unschedulablePlugins: ReadonlySet<string>;
  readonly pendingPlugins: ReadonlySet<string>;
  /** Left out: the pod keeps its nomination. */
  readonly nominatedNodeName?: string;
}

/** Kinds that are watched only for plugins that register their events. */
const STORAGE = [
  'PersistentVolumeClaim',
  'PersistentVolume',
  'StorageClass',
  'CSINode',
  'CSIDriver',
  'CSIStorageCapacity',
  'VolumeAttachment',
] as const;

const nobody: ReadonlySet<string> = new Set();
/** Longest text of an event; the condition has it all. */
const NOTE_LENGTH = 1024;

/** The kube-scheduler: takes pods one by one, decides on a snapshot, binds beside the next decision. `pkg/scheduler/schedule_one.go`. */
export class Scheduler implements FrameworkHandle {
  readonly framework: Framework;
  readonly cache = new SchedulerCache();
  readonly queue: SchedulingQueue;
  readonly volumes: VolumeCaches;
  readonly #options: SchedulerOptions;
  readonly #watch: ClusterWatch;
  readonly #events: EventRecorder;
  readonly #binding: BindingCycle;
  readonly #position: SearchPosition = { nextStartNodeIndex: 0 };

  constructor(options: SchedulerOptions) {
    this.#options = options;
    const { api, owner, kernel, plugins } = options;
    this.framework = frameworkOf(options.profile ?? defaultProfile, { api }, plugins);
    const { schedulerName } = this.framework;
    this.volumes = new VolumeCaches(api);
    this.queue = new SchedulingQueue({ framework: this.framework, now: () => kernel.now, epoch: kernel.epoch, cause: () => kernel.cause });
    this.#events = new EventRecorder({ api, owner, component: schedulerName });
    this.#binding = new BindingCycle({
      framework: this.framework,
      cache: this.cache,
      queue: this.queue,
      events: this.#events,
      kernel,
      api,
    });
    this.#watch = new ClusterWatch({
      api,
      owner,
      cache: this.cache,
      queue: this.queue,
      ...(STORAGE.some((resource) => this.framework.hears(resource)) && { volumes: this.volumes }),
      schedulerName,
      rejectWaiting: (uid) => this.#binding.rejectWaiting(uid),
    });
    for (const plugin of this.framework.plugins) plugin.initialize?.(this);
  }

  /** Schedules for ever. */
  *run(): Process<never> {
    const { owner } = this.#options;
    yield* this.#watch.start();
    owner.spawn('flush back-offs', this.#flushBackoffs());
    owner.spawn('flush unschedulable pods', this.#flushLeftovers());
    const { ready } = this.queue;
    for (;;) {
      const seen = ready.version;
      const queued = this.queue.pop();
      if (queued) yield* this.#attempt(queued);
      else yield* until(ready, seen);
    }
  }

  /** What it holds in memory, for whoever looks at it from outside: pods that take room. */
  *placed(): Generator<{ uid: string; namespace: string; name: string; node: string; assumed: boolean }> {
    for (const { podInfo, nodeName: node, assumed } of this.cache.placedPods()) {
      const { namespace, name } = nameOf(podInfo);
      yield { uid: podInfo.uid, namespace, name, node, assumed };
    }
  }

  /** And pods for which it keeps room. */
  *nominated(): Generator<{ uid: string; namespace: string; name: string; node: string }> {
    for (const { podInfo, node } of this.queue.nominator.all()) {
      const { namespace, name } = nameOf(podInfo);
      yield { uid: podInfo.uid, namespace, name, node };
    }
  }

  snapshot(): Snapshot {
    return this.cache.updateSnapshot();
  }

  nominatedPods(nodeName: string): readonly PodInfo[] {
    return this.queue.nominator.onNode(nodeName);
  }

  waitingPod(uid: string): ReturnType<FrameworkHandle['waitingPod']> {
    return this.#binding.waitingPod(uid);
  }

  waitingPods(): ReturnType<FrameworkHandle['waitingPods']> {
    return this.#binding.waitingPods();
  }

  filterNode(state: CycleState, nodeInfo: Parameters<FrameworkHandle['filterNode']>[1]): ReturnType<FrameworkHandle['filterNode']> {
    const nominees = this.nominatedPods(nodeInfo.node.metadata.name);
    return runFiltersWithNominatedPods(this.framework, activeFilters(this.framework, state), nominees, nodeInfo, state)?.status ?? success;
  }

  addPodToState: FrameworkHandle['addPodToState'] = (state, added, nodeInfo) => {
    addPodToState(this.framework, state, added, nodeInfo);
  };

  removePodFromState: FrameworkHandle['removePodFromState'] = (state, removed, nodeInfo) => {
    removePodFromState(this.framework, state, removed, nodeInfo);
  };

  activate(pods: readonly Pod[]): void {
    this.queue.activate(pods);
  }

  spawn(name: string, process: Process): void {
    this.#options.owner.spawn(name, process);
  }

  placedPod(uid: string): PodInfo | undefined {
    return this.cache.placedPod(uid);
  }

  disruptionBudgets(): ReturnType<FrameworkHandle['disruptionBudgets']> {
    return this.#watch.disruptionBudgets;
  }

  podExists(uid: string): boolean {
    return this.#watch.pending(uid) !== undefined;
  }

  get api(): ApiClient {
    return this.#options.api;
  }

  get schedulerName(): string {
    return this.framework.schedulerName;
  }

  unixMicros(): number {
    return this.#options.kernel.unixMicros;
  }

  random(name: string): Random {
    return this.#options.kernel.random(name);
  }

  report(pod: Pod, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#events.report(pod, type, reason, message);
  }

  /** One scheduling cycle: decide, assume, reserve; the binding cycle then runs beside the next one. */
  *#attempt(queued: QueuedPodInfo): Process {
    const { kernel, attemptTime = ATTEMPT_TIME } = this.#options;
    const { pod, uid } = queued.podInfo;
    if (pod.metadata.deletionTimestamp !== undefined) {
      this.#events.warning(pod, 'FailedScheduling', `skip schedule deleting pod: ${queued.podInfo.key}`);
      this.queue.done(uid);
      return;
    }
    yield* sleep(attemptTime);
    // Placed already, or gone while its turn came.
    if (this.cache.isAssumed(pod) || !this.#watch.pending(uid)) {
      this.queue.done(uid);
      return;
    }
    kernel.cause = queued.cause;
    const state = new CycleState(queued.podInfo, this.cache.updateSnapshot());
    const { nominator } = this.queue;
    const nominated = nominator.size === 0 ? undefined : (nodeName: string) => nominator.onNode(nodeName);
    const outcome = runCycle(this.framework, state, this.#position, nominated);
    kernel.cause = recordDecision(kernel, queued.podInfo, outcome);
    if (outcome.kind !== 'scheduled') {
      this.#failed(queued, this.#failureOf(state, outcome));
      return;
    }
    const reservation = this.#binding.reserve(queued, outcome.nodeName, state);
    if ('failure' in reservation) this.#failed(queued, reservation.failure);
    else this.spawn(`bind ${queued.podInfo.key}`, this.#bind(reservation));
  }

  *#bind(reservation: Reservation): Process {
    const failure = yield* this.#binding.run(reservation);
    if (!failure) return;
    this.#failed(reservation.queued, failure);
    if (failure.reason === 'Unschedulable') this.#binding.announceFreedRoom(reservation);
  }

  #failureOf(state: CycleState, outcome: Exclude<CycleOutcome, { kind: 'scheduled' }>): AttemptFailure {
    const forgetNomination = { nominatedNodeName: '' };
    switch (outcome.kind) {
      case 'no-nodes':
        return {
          reason: 'Unschedulable',
          message: 'no nodes available to schedule pods',
          unschedulablePlugins: nobody,
          pendingPlugins: nobody,
          ...forgetNomination,
        };
      case 'error':
        return {
          reason: 'SchedulerError',
          message: outcome.message,
          unschedulablePlugins: nobody,
          pendingPlugins: nobody,
          ...forgetNomination,
        };
      case 'unschedulable': {
        const { diagnosis } = outcome;
        const made = this.#postFilter(state, outcome);
        return {
          reason: 'Unschedulable',
          message: fitErrorMessage(diagnosis, made.message),
          unschedulablePlugins: diagnosis.unschedulablePlugins,
          pendingPlugins: diagnosis.pendingPlugins,
          ...(made.nominatedNodeName !== undefined && { nominatedNodeName: made.nominatedNodeName }),
        };
      }
    }
  }

  /** Lets plugins make room. Source: `framework/runtime/framework.go` RunPostFilterPlugins. */
  #postFilter(
    state: CycleState,
    { diagnosis }: Extract<CycleOutcome, { kind: 'unschedulable' }>,
  ): { readonly message: string; readonly nominatedNodeName?: string } {
    if (this.framework.postFilter.length === 0) return { message: '', nominatedNodeName: '' };
    const reasons: string[] = [];
    let nomination: { readonly nominatedNodeName?: string } = {};
    for (const plugin of this.framework.postFilter) {
      const { status, nominatedNodeName } = plugin.postFilter(state.podInfo.pod, state, diagnosis.statuses);
      const answered = nominatedNodeName === undefined ? {} : { nominatedNodeName };
      if (status.code === 'Success' || status.code === 'UnschedulableAndUnresolvable')
        return { message: messageOfStatus(status), ...answered };
      if (status.code !== 'Unschedulable') return { message: messageOfStatus(status) };
      if (nominatedNodeName !== undefined) nomination = answered;
      reasons.push(...status.reasons);
    }
    return { message: reasons.join(', '), ...nomination };
  }

  /** Back to the queue, with an event and a condition that say why. Source: handleSchedulingFailure. */
  #failed(queued: QueuedPodInfo, failure: AttemptFailure): void {
    const { api, kernel } = this.#options;
    const current = this.#watch.pending(queued.uid);
    if (!current) {
      this.queue.done(queued.uid);
      return;
    }
    queued.podInfo = current;
    queued.unschedulablePlugins = failure.unschedulablePlugins;
    queued.pendingPlugins = failure.pendingPlugins;
    this.queue.addUnschedulable(queued);
    this.queue.nominator.set(current, failure.nominatedNodeName);
    const { pod } = current;
    this.#events.warning(pod, 'FailedScheduling', truncated(failure.message));
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: failure.reason,
      message: failure.message,
      lastTransitionTime: formatTime(kernel.unixMicros),
      ...(pod.metadata.generation !== undefined && { observedGeneration: pod.metadata.generation }),
    } as const;
    const { nominatedNodeName } = failure;
    this.spawn(
      `report ${current.key}`,
      patchPodStatus(api, pod, { condition, ...(nominatedNodeName !== undefined && { nominatedNodeName }) }),
    );
  }

  /** Ticks on whole seconds, but only while somebody backs off. */
  *#flushBackoffs(): Process<never> {
    const { backingOff } = this.queue;
    for (;;) {
      const seen = backingOff.version;
      const next = this.queue.nextBackoffFlush();
      if (next === undefined) yield* until(backingOff, seen);
      else {
        yield* sleepUntil(next);
        this.queue.flushBackoff();
      }
    }
  }

  /** Looks at the next point of the 30 s grid at which somebody's five minutes are over. */
  *#flushLeftovers(): Process<never> {
    const { parked } = this.queue;
    for (;;) {
      const seen = parked.version;
      const next = this.queue.nextLeftoverFlush();
      if (next === undefined) yield* until(parked, seen);
      else {
        yield* sleepUntil(next);
        this.queue.flushLeftover();
      }
    }
  }
}

/** Starts a scheduler on its owner. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const scheduler = new Scheduler(options);
  options.owner.spawn('scheduling', scheduler.run());
  return scheduler;
}

const nameOf = ({ pod: { metadata } }: PodInfo): { namespace: string; name: string } => ({
  namespace: metadata.namespace ?? 'default',
  name: metadata.name,
});

function truncated(message: string): string {
  const suffix = ' ...';
  return message.length <= NOTE_LENGTH ? message : message.slice(0, NOTE_LENGTH - suffix.length) + suffix;
}
