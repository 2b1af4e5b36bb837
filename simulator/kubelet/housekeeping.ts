import { type Micros, type Owner, type Process, sleepUntil } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import type { BackOff } from './decisions/back-off.ts';
import type { ObservedPod } from './decisions/observed-pod.ts';
import { housekeepingPeriod, orphanGracePeriodSeconds } from './options.ts';
import type { Pleg } from './pleg/pleg.ts';
import type { PodStore } from './pod-store.ts';
import type { ProbeManager } from './prober/probe-manager.ts';
import type { StatusManager } from './status/status-manager.ts';
import type { VolumeManager } from './volumes/volume-manager.ts';
import type { PodWorkers } from './workers/pod-workers.ts';

/** What housekeeping is made from. */
export interface HousekeepingOptions {
  readonly owner: Owner;
  readonly pods: PodStore;
  readonly workers: PodWorkers;
  readonly probes: ProbeManager;
  readonly statuses: StatusManager;
  readonly volumes: VolumeManager;
  readonly pleg: Pleg;
  readonly backOff: BackOff;
  /** All pods that the API has for this node have been seen. */
  readonly sourcesReady: () => boolean;
  /** The tick has come: put it in line with the sync loop's other events. */
  readonly onTick: () => void;
}

/**
 * Clears away what pods leave behind. It has a tick every two seconds, of which only those exist that have something to do.
 *
 * Source: `pkg/kubelet/kubelet_pods.go` HandlePodCleanups.
 */
export class Housekeeping {
  readonly #options: HousekeepingOptions;
  readonly #phase: Micros;
  #planned = false;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    this.#phase = options.owner.kernel.now % housekeepingPeriod;
  }

  /** There may be something to clear away on the next tick. */
  wanted(): void {
    if (this.#planned) return;
    this.#planned = true;
    this.#options.owner.spawn('housekeeping', this.#wait());
  }

  *#wait(): Process {
    const { now } = this.#options.owner.kernel;
    const tick = (Math.floor((now - this.#phase) / housekeepingPeriod) + 1) * housekeepingPeriod + this.#phase;
    yield* sleepUntil(tick);
    this.#planned = false;
    this.#options.onTick();
  }

  *run(): Process {
    const { pods, workers, probes, statuses, volumes, pleg, backOff, sourcesReady, owner } = this.#options;
    // A pod that has not been heard of yet must not be taken for an orphan.
    if (!sourcesReady()) {
      this.wanted();
      return;
    }
    workers.syncKnown(pods.uids());
    const working = workers.workTypes();
    for (const uid of probes.pods()) if (!workers.couldHaveRunningContainers(uid)) probes.removePod(uid);
    for (const uid of statuses.pods()) if (!pods.has(uid)) statuses.forget(uid);
    this.#removeOrphanedDirectories(working);
    for (const pod of pods.list()) if (!working.has(pod.metadata.uid ?? '') && this.#isActive(pod)) workers.update({ type: 'create', pod });
    for (const uid of pleg.knownPods()) {
      const observed = pleg.latest(uid);
      if (!observed || working.has(uid) || pods.has(uid) || !mayRun(observed)) continue;
      workers.update({ type: 'kill', pod: podFromRuntime(observed), runtimeOnly: true, gracePeriodSeconds: orphanGracePeriodSeconds });
    }
    volumes.lookAtHeld();
    backOff.collectGarbage(owner.kernel.unixMicros);
  }

  #isActive({ metadata: { uid = '' }, status }: Pod): boolean {
    const ended = (phase: string | undefined) => phase === 'Succeeded' || phase === 'Failed';
    return !ended(status?.phase) && !ended(this.#options.statuses.get(uid)?.phase);
  }

  /** A directory goes once nothing of its pod runs and none of its volumes is mounted; the end of the last mount leads here again. */
  #removeOrphanedDirectories(working: ReadonlyMap<string, unknown>): void {
    const { pods, pleg, volumes } = this.#options;
    for (const uid of volumes.podsOnDisk()) {
      const observed = pleg.latest(uid);
      if (pods.has(uid) || working.has(uid) || (observed && mayRun(observed))) continue;
      volumes.release(uid);
      volumes.removePod(uid);
    }
  }
}

/** Something of the pod runs, or may. */
function mayRun({ containers, sandboxes }: ObservedPod): boolean {
  return containers.some(({ state }) => state === 'running' || state === 'unknown') || sandboxes.some(({ ready }) => ready);
}

/** All that is left of a pod that only the runtime knows. Source: `pkg/kubelet/container/runtime.go` ToAPIPod. */
function podFromRuntime({ uid, name, namespace, containers }: ObservedPod): Pod {
  const names = [...new Set(containers.map((container) => container.name))];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid },
    spec: { containers: names.map((container) => ({ name: container })) },
  };
}
