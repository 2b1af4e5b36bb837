import type { ProbeResult } from '../decisions/compute-pod-actions.ts';

/** What a probe is for. */
export type ProbeKind = 'readiness' | 'liveness' | 'startup';

/** Told when what is known of a container changes. */
export type ResultListener = (uid: string, containerId: string, kind: ProbeKind, result: ProbeResult) => void;

/** The settled results of all probes by container id. Source: `pkg/kubelet/prober/results/results_manager.go`. */
export class ProbeResults {
  readonly #results: Readonly<Record<ProbeKind, Map<string, ProbeResult>>> = {
    readiness: new Map(),
    liveness: new Map(),
    startup: new Map(),
  };
  readonly #listener: ResultListener;

  constructor(listener: ResultListener) {
    this.#listener = listener;
  }

  get(kind: ProbeKind, containerId: string): ProbeResult | undefined {
    return this.#results[kind].get(containerId);
  }

  /** Tells the listener when the result is another one than before. */
  set(kind: ProbeKind, uid: string, containerId: string, result: ProbeResult): void {
    const results = this.#results[kind];
    if (results.get(containerId) === result) return;
    results.set(containerId, result);
    this.#listener(uid, containerId, kind, result);
  }

  remove(kind: ProbeKind, containerId: string): void {
    this.#results[kind].delete(containerId);
  }
}
