import { type Container, isSidecar, type Pod, type Probe } from '@slipway/kube';
import type { ProbeFindings } from '../decisions/compute-pod-actions.ts';
import { kubeletRestartGracePeriod } from '../options.ts';
import type { ReadinessFindings } from '../status/readiness.ts';
import type { ProbeKind } from './probe-results.ts';
import { ProbeWorker, type ProbeWorkerShared } from './probe-worker.ts';

/** The probes of all pods of the node. Source: `pkg/kubelet/prober/prober_manager.go`. */
export class ProbeManager implements ProbeFindings, ReadinessFindings {
  readonly #shared: ProbeWorkerShared;
  /** By pod uid, then by container and kind. Pods without probes have no entry. */
  readonly #workers = new Map<string, Map<string, ProbeWorker>>();

  constructor(shared: ProbeWorkerShared) {
    this.#shared = shared;
  }

  get restartedBefore(): number {
    return this.#shared.startedAt - kubeletRestartGracePeriod;
  }

  liveness(containerId: string) {
    return this.#shared.results.get('liveness', containerId);
  }

  startup(containerId: string) {
    return this.#shared.results.get('startup', containerId);
  }

  readiness(containerId: string) {
    return this.#shared.results.get('readiness', containerId);
  }

  /** Starts the probes of a pod that are not there yet. */
  addPod(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)]) {
      for (const [kind, probe] of probesOf(container)) {
        const key = `${container.name}/${kind}`;
        const workers = this.#workers.get(uid) ?? new Map<string, ProbeWorker>();
        if (workers.has(key)) continue;
        const worker = new ProbeWorker(this.#shared, kind, pod, container, probe, () => this.#remove(uid, key));
        this.#workers.set(uid, workers.set(key, worker));
        worker.start();
      }
    }
  }

  /** Probes the readiness of these containers at once. */
  probeNow(uid: string, containers: readonly string[]): void {
    for (const container of containers) this.#workers.get(uid)?.get(`${container}/readiness`)?.trigger();
  }

  /** The pod ends: nothing is restarted any more, but readiness still counts. */
  stopLivenessAndStartup(uid: string): void {
    for (const [key, worker] of this.#workers.get(uid) ?? []) {
      if (worker.kind === 'readiness') continue;
      worker.stop();
      this.#remove(uid, key);
    }
  }

  removePod(uid: string): void {
    for (const worker of this.#workers.get(uid)?.values() ?? []) worker.stop();
    this.#workers.delete(uid);
  }

  /** Pods that have probes. */
  pods(): readonly string[] {
    return [...this.#workers.keys()];
  }

  #remove(uid: string, key: string): void {
    const workers = this.#workers.get(uid);
    if (workers?.delete(key) && workers.size === 0) this.#workers.delete(uid);
  }
}

function probesOf({ startupProbe, readinessProbe, livenessProbe }: Container): readonly (readonly [ProbeKind, Probe])[] {
  const probes: (readonly [ProbeKind, Probe])[] = [];
  if (startupProbe) probes.push(['startup', startupProbe]);
  if (readinessProbe) probes.push(['readiness', readinessProbe]);
  if (livenessProbe) probes.push(['liveness', livenessProbe]);
  return probes;
}
