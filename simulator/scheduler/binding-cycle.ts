import type { ApiClient, EventRecorder } from '@slipway/client';
import { codeOf, isProcess, type Kernel, messageOf, type Micros, minutes, type Process } from '@slipway/kernel';
import type { SchedulerCache } from './cache/cache.ts';
import type { PodInfo } from './cache/pod-info.ts';
import { podDelete } from './framework/cluster-event.ts';
import type { CycleState } from './framework/cycle-state.ts';
import { fitErrorMessage } from './framework/fit-error.ts';
import type { Framework } from './framework/framework.ts';
import { NodeToStatus } from './framework/node-to-status.ts';
import type { Refusal } from './framework/run-filters.ts';
import { error, isRejected, messageOfStatus, type Status } from './framework/status.ts';
import type { WaitingPod } from './framework/types.ts';
import { patchPodStatus } from './pod-status.ts';
import type { QueuedPodInfo } from './queue/queued-pod.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';
import type { AttemptFailure } from './scheduler.ts';
import { HeldPod } from './waiting-pods.ts';

/** Longest that Permit may hold a pod, whatever a plugin says. */
const MAX_PERMIT_WAIT: Micros = minutes(15);

export interface BindingCycleOptions {
  readonly framework: Framework;
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  readonly events: EventRecorder;
  readonly kernel: Kernel;
  readonly api: ApiClient;
}

/** A pod with room on its node, ready to be bound. */
export interface Reservation {
  readonly queued: QueuedPodInfo;
  /** The pod as placed. */
  readonly placed: PodInfo;
  readonly nodeName: string;
  readonly state: CycleState;
  readonly held: HeldPod | undefined;
  readonly since: Micros;
}

/** From the chosen node to the bound pod: assume, Reserve, Permit in the cycle; then PreBind, Bind and PostBind beside the next one. */
export class BindingCycle {
  readonly #options: BindingCycleOptions;
  readonly #waiting = new Map<string, HeldPod>();

  constructor(options: BindingCycleOptions) {
    this.#options = options;
  }

  waitingPod(uid: string): WaitingPod | undefined {
    return this.#waiting.get(uid);
  }

  waitingPods(): readonly WaitingPod[] {
    return [...this.#waiting.values()];
  }

  rejectWaiting(uid: string): boolean {
    const held = this.#waiting.get(uid);
    held?.reject('', 'removed');
    return held !== undefined;
  }

  /** The rest of the scheduling cycle. */
  reserve(queued: QueuedPodInfo, nodeName: string, state: CycleState): Reservation | { readonly failure: AttemptFailure } {
    const { framework, cache, queue, kernel } = this.#options;
    const placed = cache.assume(queued.podInfo, nodeName);
    queue.nominator.delete(queued.uid);
    const reservation = { queued, placed, nodeName, state, held: undefined, since: kernel.now };
    for (const plugin of framework.reserve) {
      const status = plugin.reserve(placed.pod, nodeName, state);
      if (status.code !== 'Success') return { failure: this.#refused(reservation, { plugin: plugin.name, status }, 'Reserve') };
    }
    const pending = new Map<string, Micros>();
    for (const plugin of framework.permit) {
      const status = plugin.permit(placed.pod, nodeName, state);
      if (status.code === 'Wait') pending.set(plugin.name, kernel.now + Math.min(status.timeout ?? 0, MAX_PERMIT_WAIT));
      else if (status.code !== 'Success') return { failure: this.#refused(reservation, { plugin: plugin.name, status }, 'Permit') };
    }
    if (pending.size === 0) return reservation;
    const held = new HeldPod(placed.pod, pending);
    this.#waiting.set(queued.uid, held);
    return { ...reservation, held };
  }

  /** The binding cycle. Returns what went wrong, after taking everything back. */
  *run(reservation: Reservation): Process<AttemptFailure | undefined> {
    const { framework, queue, events, api } = this.#options;
    const { queued, placed, nodeName, state, held, since } = reservation;
    const { pod } = placed;
    if (held || this.#willPreBind(reservation)) {
      // Tells others, such as autoscalers, where the pod is about to go.
      yield* patchPodStatus(api, queued.podInfo.pod, { nominatedNodeName: nodeName });
    }
    if (held) {
      const refusal = yield* held.decision(since);
      this.#waiting.delete(queued.uid);
      if (refusal) return this.#takeBack(reservation, refusal, 'Permit');
    }
    // From here on a failure is an error, never a refusal: no event can help.
    queue.done(queued.uid);
    for (const plugin of framework.preBind) {
      const status = yield* settle(plugin.preBind(pod, nodeName, state));
      if (status.code !== 'Success') return this.#takeBack(reservation, { plugin: plugin.name, status }, 'PreBind');
    }
    const bound = yield* this.#bind(reservation);
    if (bound.status.code !== 'Success') return this.#takeBack(reservation, bound, 'Bind');
    events.normal(pod, 'Scheduled', `Successfully assigned ${placed.key} to ${nodeName}`);
    for (const plugin of framework.postBind) plugin.postBind(pod, nodeName, state);
    return undefined;
  }

  /** Room that a refused pod gave back may be what others wait for; said after it is back in the queue, so that it does not wake itself. */
  announceFreedRoom({ placed }: Reservation): void {
    this.#options.queue.moveAll(podDelete, placed.pod, undefined, ({ uid }) => uid !== placed.uid);
  }

  *#bind({ placed, nodeName, state }: Reservation): Process<Refusal> {
    for (const plugin of this.#options.framework.bind) {
      const status = yield* settle(plugin.bind(placed.pod, nodeName, state));
      if (status.code !== 'Skip') return { plugin: plugin.name, status };
    }
    return { plugin: '', status: { code: 'Error', reasons: ['all bind plugins skipped'] } };
  }

  #willPreBind({ placed, nodeName, state }: Reservation): boolean {
    return this.#options.framework.preBind.some((plugin) => plugin.preBindPreFlight?.(placed.pod, nodeName, state).code !== 'Skip');
  }

  /** A failure of the binding cycle. An error frees the room for others at once. */
  #takeBack(reservation: Reservation, refusal: Refusal, point: string): AttemptFailure {
    const failure = this.#refused(reservation, refusal, point);
    if (failure.reason === 'SchedulerError') this.#options.queue.moveAll(podDelete, reservation.placed.pod, undefined);
    return failure;
  }

  /** Unreserves in reverse order, forgets the assumption, and says why. */
  #refused({ placed, nodeName, state }: Reservation, { plugin, status }: Refusal, point: string): AttemptFailure {
    const { framework, cache } = this.#options;
    for (const reserved of framework.reserve.toReversed()) reserved.unreserve(placed.pod, nodeName, state);
    cache.forget(placed.pod);
    if (point === 'Bind' || point === 'PreBind' || !isRejected(status)) return errorAt(point, plugin, status);
    const statuses = new NodeToStatus();
    statuses.set(nodeName, status, plugin);
    const unschedulablePlugins = new Set(plugin === '' ? [] : [plugin]);
    const pendingPlugins = new Set(status.code === 'Pending' ? [plugin] : []);
    const message = fitErrorMessage({ totalNodes: 1, statuses, unschedulablePlugins, pendingPlugins, preFilterMessage: '' }, '');
    return { reason: 'Unschedulable', message, unschedulablePlugins, pendingPlugins, nominatedNodeName: '' };
  }
}

function errorAt(point: string, plugin: string, status: Status): AttemptFailure {
  return {
    reason: 'SchedulerError',
    message: plugin === '' ? messageOfStatus(status) : `running ${point} plugin "${plugin}": ${messageOfStatus(status)}`,
    unschedulablePlugins: new Set(),
    pendingPlugins: new Set(),
    nominatedNodeName: '',
  };
}

/** A plugin's answer; a call of its own that failed is an error like one that it returns. */
function* settle(answer: Status | Process<Status>): Process<Status> {
  if (!isProcess(answer)) return answer;
  try {
    return yield* answer as Process<Status>;
  } catch (failure) {
    if (codeOf(failure) === 'UNKNOWN') throw failure;
    return error(messageOf(failure));
  }
}
