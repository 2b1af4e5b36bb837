import { type Kernel, messageOf, type Process } from '@slipway/kernel';
import { parseTime, type Pod, type PodStatus } from '@slipway/kube';
import { isHostNetwork, isTerminalPhase } from '../decisions/containers.ts';
import { type ObservedPod, unseenPod } from '../decisions/observed-pod.ts';
import { isExpectedFailure, rpcText } from '../failure.ts';
import type { ImageManager } from '../images/image-manager.ts';
import type { KubeletEvents } from '../kubelet-events.ts';
import type { RuntimeState } from '../node/runtime-state.ts';
import { orphanGracePeriodSeconds } from '../options.ts';
import type { KubeletDecisions } from '../plugin.ts';
import type { Pleg } from '../pleg/pleg.ts';
import type { ProbeManager } from '../prober/probe-manager.ts';
import type { ContainerKiller } from '../runtime/container-killer.ts';
import type { RuntimeManager } from '../runtime/runtime-manager.ts';
import type { StartErrors } from '../runtime/start-errors.ts';
import { podStatus } from '../status/pod-status.ts';
import type { StatusManager } from '../status/status-manager.ts';
import { VolumeTimeout } from '../volumes/volume-error.ts';
import type { VolumeManager } from '../volumes/volume-manager.ts';
import type { Eviction } from './pod-workers.ts';
import { SyncError } from './sync-error.ts';

/** What a pod syncer is made from. */
export interface PodSyncerOptions {
  readonly kernel: Kernel;
  readonly events: KubeletEvents;
  readonly statuses: StatusManager;
  readonly probes: ProbeManager;
  readonly startErrors: StartErrors;
  readonly runtimeManager: RuntimeManager;
  readonly killer: ContainerKiller;
  readonly volumes: VolumeManager;
  readonly images: ImageManager;
  readonly pleg: Pleg;
  readonly runtimeState: RuntimeState;
  readonly hostIPs: () => readonly string[];
  readonly isTerminating: (uid: string) => boolean;
  readonly podPhase: KubeletDecisions['podPhase'];
  /** Asks for another look at the pod at this time (Unix, microseconds). */
  readonly syncAt: (uid: string, time: number) => void;
}

const deadlineExceeded = { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' } as const;

/**
 * The three kinds of work on a pod, in the kubelet's order.
 *
 * Source: `pkg/kubelet/kubelet.go` SyncPod, SyncTerminatingPod, SyncTerminatingRuntimePod, SyncTerminatedPod.
 */
export class PodSyncer {
  readonly #options: PodSyncerOptions;

  constructor(options: PodSyncerOptions) {
    this.#options = options;
  }

  /** Something that the pod depends on changes without telling anybody. */
  needsResync(pod: Pod): boolean {
    return this.#options.volumes.follows(pod);
  }

  /** The runtime did not say how the pod stands, so that nothing can be done for it now. */
  unseen(pod: Pod, error: unknown): void {
    this.#options.events.pod(pod, 'Warning', 'FailedSync', `error determining status: ${rpcText(error)}`);
  }

  /** The pod's sync should give way. */
  interrupt(uid: string): void {
    this.#options.volumes.interrupt(uid);
    this.#options.images.interrupt(uid);
  }

  /**
   * Brings the pod to what it shall be.
   *
   * @returns true when it has ended and is to be terminated
   * @throws SyncError to be called again
   */
  *sync(pod: Pod, observed: ObservedPod, cancelled: () => boolean): Process<boolean> {
    const { statuses, events, runtimeState, probes, runtimeManager, pleg, isTerminating, kernel } = this.#options;
    const uid = pod.metadata.uid ?? '';
    const status = this.#report(pod, observed, false);
    if (isTerminalPhase(status.phase)) return true;
    const network = runtimeState.networkProblem();
    if (network !== undefined && !isHostNetwork(pod)) {
      const message = `network is not ready: ${network}`;
      events.pod(pod, 'Warning', 'NetworkNotReady', message);
      throw new SyncError(message, { transient: true });
    }
    // The addresses that the pod is known by outlast its sandbox.
    const seen = { ...observed, ips: status.podIPs?.map(({ ip }) => ip) ?? [] };
    yield* this.#mountVolumes(pod, seen, cancelled);
    if (!isTerminating(uid)) probes.addPod(pod);
    const { acted, failures } = yield* runtimeManager.syncPod(pod, seen);
    const [first] = failures;
    if (first) {
      const times = failures.flatMap(({ retryAt }) => retryAt ?? []);
      throw new SyncError(first.message, { retryAt: times.length > 0 ? Math.min(...times) : undefined });
    }
    if (acted) pleg.request(uid);
    const startedAt = parseTime(statuses.get(uid)?.startTime ?? '') ?? kernel.unixMicros;
    const { activeDeadlineSeconds } = pod.spec;
    if (activeDeadlineSeconds !== undefined) this.#options.syncAt(uid, startedAt + activeDeadlineSeconds * 1_000_000);
    return false;
  }

  /** Ends all that runs of the pod. @param evicted why, where the node is short of something. @throws SyncError to be called again */
  *terminating(pod: Pod, observed: ObservedPod, gracePeriodSeconds: number, evicted?: Eviction): Process {
    const { probes, pleg } = this.#options;
    const uid = pod.metadata.uid ?? '';
    this.#report(pod, observed, false, evicted);
    probes.stopLivenessAndStartup(uid);
    yield* this.#kill(pod, observed, gracePeriodSeconds);
    probes.removePod(uid);
    const { name, namespace = 'default' } = pod.metadata;
    const after = (yield* pleg.look(uid)) ?? unseenPod(uid, name, namespace);
    const running = after.containers.filter(({ state }) => state === 'running').map(({ id }) => id);
    if (running.length > 0) {
      throw new SyncError(`detected running containers after a successful KillPod, CRI violation: [${running.join(' ')}]`);
    }
    this.#report(pod, { ...after, ips: after.ips.length > 0 ? after.ips : observed.ips }, true, evicted);
  }

  /** Ends what runs of a pod that only the runtime knows. @throws SyncError to be called again */
  *terminateRuntimePod(pod: Pod): Process {
    const observed = yield* this.#options.pleg.look(pod.metadata.uid ?? '');
    if (observed) yield* this.#kill(pod, observed, orphanGracePeriodSeconds);
  }

  /** Cleans up after a pod of which nothing runs. @throws VolumeTimeout, to be called again */
  *terminated(pod: Pod, observed: ObservedPod): Process {
    const { volumes, statuses, startErrors } = this.#options;
    const uid = pod.metadata.uid ?? '';
    this.#report(pod, observed, true);
    yield* volumes.waitForUnmount(uid);
    startErrors.forget(uid);
    statuses.terminate(pod);
  }

  *#kill(pod: Pod, observed: ObservedPod, gracePeriodSeconds: number): Process {
    const { killer, events } = this.#options;
    const [failure] = yield* killer.killPod(pod, observed, gracePeriodSeconds);
    if (!failure) return;
    const message = `error killing pod: failed to "${failure.reason.replace('Error', '')}" for "${failure.subject}" with ${failure.reason}: "${failure.message}"`;
    events.pod(pod, 'Warning', 'FailedKillPod', message);
    throw new SyncError(message);
  }

  *#mountVolumes(pod: Pod, observed: ObservedPod, cancelled: () => boolean): Process {
    try {
      yield* this.#options.volumes.waitForMount(pod, observed.ips, cancelled);
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      // What ran out of time has told of each of its tries.
      if (!(error instanceof VolumeTimeout)) {
        this.#options.events.pod(pod, 'Warning', 'FailedMount', `Unable to attach or mount volumes: ${messageOf(error)}`);
      }
      throw new SyncError(messageOf(error));
    }
  }

  /** Works out the pod's status and hands it on. */
  #report(pod: Pod, observed: ObservedPod, terminal: boolean, evicted?: Eviction): PodStatus {
    const { statuses, probes, startErrors, runtimeState, hostIPs, kernel, podPhase } = this.#options;
    const uid = pod.metadata.uid ?? '';
    const previous = statuses.get(uid);
    const { status, probeNow } = podStatus({
      podPhase,
      pod,
      observed,
      previous,
      terminal,
      findings: probes,
      startError: (container) => startErrors.get(uid, container),
      runtimeName: runtimeState.runtimeName,
      hostIPs: hostIPs(),
      evicted: evicted
        ? { ...evicted, disruption: true }
        : isPastDeadline(pod, previous ?? pod.status, kernel.unixMicros)
          ? deadlineExceeded
          : undefined,
    });
    statuses.set(pod, status);
    if (probeNow.length > 0) probes.probeNow(uid, probeNow);
    return status;
  }
}

/** Source: `pkg/kubelet/active_deadline.go`. */
function isPastDeadline({ spec }: Pod, status: PodStatus | undefined, now: number): boolean {
  const startedAt = parseTime(status?.startTime ?? '');
  return spec.activeDeadlineSeconds !== undefined && startedAt !== undefined && now - startedAt >= spec.activeDeadlineSeconds * 1_000_000;
}
