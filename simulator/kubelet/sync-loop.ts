import { Mailbox, type Micros, type Owner, type Process, sleep } from '@slipway/kernel';
import { isConditionTrue, type Pod } from '@slipway/kube';
import type { ProbeResult } from './decisions/compute-pod-actions.ts';
import { isTerminalPhase } from './decisions/containers.ts';
import type { Housekeeping } from './housekeeping.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import type { NodeAgent } from './node/node-agent.ts';
import type { RuntimeState } from './node/runtime-state.ts';
import { baseRuntimePause, maximumDeadContainersPerContainer, maximumRuntimePause } from './options.ts';
import type { Pleg } from './pleg/pleg.ts';
import type { PodLifecycleEvent } from './pleg/pod-events.ts';
import type { KubeletDecisions } from './plugin.ts';
import type { PodChange, PodStore } from './pod-store.ts';
import type { ProbeKind } from './prober/probe-results.ts';
import { containersReadyCondition, readyCondition } from './status/pod-conditions.ts';
import type { StatusManager } from './status/status-manager.ts';
import type { PodWorkers } from './workers/pod-workers.ts';

/** Everything that the sync loop reacts to. */
export type SyncLoopEvent =
  | { readonly channel: 'config'; readonly changes: readonly PodChange[] }
  | { readonly channel: 'pleg'; readonly events: readonly PodLifecycleEvent[] }
  | { readonly channel: 'sync'; readonly uids: readonly string[] }
  | {
      readonly channel: 'probe';
      readonly uid: string;
      readonly containerId: string;
      readonly kind: ProbeKind;
      readonly result: ProbeResult;
    }
  | { readonly channel: 'housekeeping' };

/** What a sync loop is made from. */
export interface SyncLoopOptions {
  readonly owner: Owner;
  readonly pods: PodStore;
  readonly workers: PodWorkers;
  readonly statuses: StatusManager;
  readonly events: KubeletEvents;
  readonly pleg: Pleg;
  readonly node: NodeAgent;
  readonly runtimeState: RuntimeState;
  readonly housekeeping: Housekeeping;
  /** What speaks against a pod that was bound to the node. */
  readonly admissionProblems: KubeletDecisions['admissionProblems'];
  /** Whether what the runtime has of this pod is of no use any more. */
  readonly isGone: (uid: string) => boolean;
  /** Removes a container that ended long ago. */
  readonly removeContainer: (id: string) => void;
}

/**
 * Takes one event after the other and tells the pods' workers. It rests while the runtime cannot be used.
 *
 * Source: `pkg/kubelet/kubelet.go` syncLoop, syncLoopIteration, HandlePod….
 */
export class SyncLoop {
  readonly #options: SyncLoopOptions;
  readonly #mailbox = new Mailbox<SyncLoopEvent>('sync loop');

  constructor(options: SyncLoopOptions) {
    this.#options = options;
  }

  send(event: SyncLoopEvent): void {
    this.#mailbox.send(event);
  }

  *run(): Process {
    for (;;) {
      const event = yield* this.#mailbox.receive();
      yield* this.#restWhileRuntimeIsDown();
      switch (event.channel) {
        case 'config':
          yield* this.#applyConfig(event.changes);
          break;
        case 'pleg':
          this.#handlePleg(event.events);
          break;
        case 'sync':
          for (const uid of event.uids) this.#sync(uid);
          break;
        case 'probe':
          this.#handleProbe(event.uid, event.containerId, event.kind, event.result);
          break;
        case 'housekeeping':
          yield* this.#options.housekeeping.run();
          break;
      }
    }
  }

  *#restWhileRuntimeIsDown(): Process {
    const { runtimeState, pleg, owner } = this.#options;
    let pause: Micros = baseRuntimePause;
    while (runtimeState.runtimeProblem() !== undefined || pleg.problem(owner.kernel.now) !== undefined) {
      yield* sleep(pause);
      pause = Math.min(2 * pause, maximumRuntimePause);
    }
  }

  *#applyConfig(changes: readonly PodChange[]): Process {
    const added: Pod[] = [];
    for (const { op, pod } of changes) {
      if (op === 'add') added.push(pod);
      else {
        // Pods that came before this change are taken first.
        if (added.length > 0) yield* this.#addPods(added.splice(0));
        this.#change(op, pod);
      }
    }
    if (added.length > 0) yield* this.#addPods(added);
  }

  /** Oldest first, so that after a restart the node keeps the pods that it had. */
  *#addPods(pods: readonly Pod[]): Process {
    const { pods: store, workers, node, admissionProblems } = this.#options;
    const inOrder = [...pods].sort((a, b) => compare(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''));
    const fresh = yield* node.fresh();
    for (const pod of inOrder) {
      const uid = pod.metadata.uid ?? '';
      const others = this.#activePods().filter((other) => other.metadata.uid !== uid);
      store.set(pod);
      // One that is to go has nothing to be admitted to; refused, nobody would let it go.
      const isLeaving = workers.isTerminationRequested(uid) || pod.metadata.deletionTimestamp !== undefined;
      if (fresh && !isLeaving && !isTerminalPhase(pod.status?.phase)) {
        const [problem] = admissionProblems({ pod, node: fresh, others });
        if (problem) {
          this.#reject(pod, problem.reason, problem.message);
          continue;
        }
      }
      workers.update({ type: 'create', pod });
    }
  }

  #reject(pod: Pod, reason: string, message: string): void {
    const { events, statuses } = this.#options;
    events.pod(pod, 'Warning', reason, message);
    statuses.set(pod, {
      ...(pod.status?.qosClass ? { qosClass: pod.status.qosClass } : {}),
      ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
      phase: 'Failed',
      reason,
      message: `Pod was rejected: ${message}`,
    });
  }

  /** Pods that hold resources of the node. Source: `kubelet_pods.go` filterOutInactivePods. */
  #activePods(): readonly Pod[] {
    const { pods, workers, statuses } = this.#options;
    return pods.list().filter(({ metadata: { uid = '' }, status }) => {
      if (workers.isKnownTerminated(uid)) return false;
      const terminal = isTerminalPhase(status?.phase) || isTerminalPhase(statuses.get(uid)?.phase);
      return !terminal || workers.isTerminationRequested(uid);
    });
  }

  #change(op: 'update' | 'reconcile' | 'remove', pod: Pod): void {
    const { pods, workers, statuses, housekeeping } = this.#options;
    const uid = pod.metadata.uid ?? '';
    if (op === 'remove') {
      pods.remove(uid);
      if (workers.workTypes().has(uid)) workers.update({ type: 'kill', pod });
      housekeeping.wanted();
      return;
    }
    pods.set(pod);
    if (op === 'update') {
      workers.update({ type: 'update', pod });
      return;
    }
    statuses.reconcile(pod);
    if (isReadinessOutdated(pod)) workers.update({ type: 'sync', pod });
  }

  #handlePleg(events: readonly PodLifecycleEvent[]): void {
    const { pods, workers, housekeeping } = this.#options;
    for (const event of events) {
      const pod = pods.get(event.uid);
      if (event.type === 'ContainerDied') {
        housekeeping.wanted();
        this.#pruneDead(event.uid, event.id);
      }
      // Something runs that nobody here knows of.
      if (!pod && !workers.workTypes().has(event.uid)) housekeeping.wanted();
      if (pod && event.type !== 'ContainerRemoved' && event.type !== 'ContainerChanged') workers.update({ type: 'sync', pod });
    }
  }

  /** Of the dead instances of one container, the newest is kept. Source: `pkg/kubelet/pod_container_deletor.go`. */
  #pruneDead(uid: string, id: string): void {
    const { pleg, isGone, removeContainer } = this.#options;
    const containers = pleg.latest(uid)?.containers ?? [];
    const all = isGone(uid);
    const name = containers.find((container) => container.id === id)?.name;
    if (name === undefined && !all) return;
    const dead = containers.filter(({ state, name: other }) => state === 'exited' && (all || other === name));
    for (const { id: old } of dead.slice(all ? 0 : maximumDeadContainersPerContainer)) removeContainer(old);
  }

  #handleProbe(uid: string, containerId: string, kind: ProbeKind, result: ProbeResult): void {
    const { statuses } = this.#options;
    if (kind === 'liveness' && result !== 'failure') return;
    if (kind === 'readiness') statuses.setReadiness(uid, containerId, result === 'success');
    if (kind === 'startup') statuses.setStarted(uid, containerId, result === 'success');
    this.#sync(uid);
  }

  #sync(uid: string): void {
    const { pods, workers } = this.#options;
    const pod = pods.get(uid);
    if (pod) workers.update({ type: 'sync', pod });
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Somebody answered a readiness gate, and the pod's readiness has not followed. Source: `status_manager.go` NeedToReconcilePodReadiness. */
function isReadinessOutdated(pod: Pod): boolean {
  if ((pod.spec.readinessGates ?? []).length === 0) return false;
  const { conditions = [], initContainerStatuses = [], containerStatuses = [], phase = 'Pending' } = pod.status ?? {};
  const input = { pod, initStatuses: initContainerStatuses, statuses: containerStatuses, phase };
  if (containersReadyCondition(input).status !== 'True') return false;
  return (readyCondition(input, conditions).status === 'True') !== isConditionTrue(conditions, 'Ready');
}
