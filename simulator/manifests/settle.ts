import { type Kernel, type Micros, minutes, seconds } from '@slipway/kernel';
import { isEqual, type KubeObject, type Node, type Pod } from '@slipway/kube';
import type { ApiServer, CommittedWrite } from '../apiserver/index.ts';
import { isOwnWorkload, notReady, WORKLOADS } from './readiness.ts';

/** Nothing but heartbeats for so long means that nothing more will happen. */
const QUIET: Micros = minutes(2);
const LONGEST: Micros = minutes(30);
/** Readiness has to last so long: a program that ends at once is seen as running until its runtime is asked again, a second later. */
const LASTING: Micros = seconds(10);
/** Without pods that run, only events, endpoints and rules follow from what came last. */
const AFTERMATH: Micros = seconds(1);

export interface Settled {
  /** False: it was still changing when time was up. */
  readonly settled: boolean;
  /** Every workload is ready. */
  readonly ready: boolean;
}

/** Progress as it happens. */
export interface Progress {
  readonly ready: number;
  readonly total: number;
  readonly now: Micros;
}

/** Follows what is written and knows at any time which workloads are not ready. */
export class SettleWatch {
  readonly #kernel: Kernel;
  readonly #waiting = new Set<string>();
  readonly #known = new Set<string>();
  readonly #stop: () => void;
  #lastChange: Micros;
  #pods = 0;
  #readyPods = 0;
  /** Those of them that have not ended. */
  #runningPods = 0;

  constructor(kernel: Kernel, server: ApiServer) {
    this.#kernel = kernel;
    this.#lastChange = kernel.now;
    this.#stop = server.observe((write) => this.#see(write));
  }

  get progress(): Progress {
    return { ready: this.#readyPods, total: this.#pods, now: this.#kernel.now };
  }

  /**
   * Lets the cluster run until every workload is ready, nothing but heartbeats has changed for 2 virtual minutes, or 30 are over.
   *
   * @param run runs the world up to a time; it returns early when `halt` was called.
   */
  async settle(run: (until: Micros) => Promise<unknown>, onProgress?: (progress: Progress) => void): Promise<Settled> {
    const start = this.#kernel.now;
    const end = start + LONGEST;
    const step = onProgress ? seconds(5) : Number.POSITIVE_INFINITY;
    try {
      for (;;) {
        const { now } = this.#kernel;
        if (this.#waiting.size === 0) {
          if (await this.#lasts(run)) return { settled: true, ready: true };
          continue;
        }
        const quietAt = this.#lastChange + QUIET;
        if (now >= quietAt) return { settled: true, ready: false };
        if (now >= end) return { settled: false, ready: false };
        await run(Math.min(quietAt, end, now + step));
        onProgress?.(this.progress);
      }
    } finally {
      this.#stop();
    }
  }

  /** Whether everything stays ready. A halt, when something becomes ready anew, ends no wait early. */
  async #lasts(run: (until: Micros) => Promise<unknown>): Promise<boolean> {
    const end = this.#kernel.now + (this.#runningPods > 0 ? LASTING : AFTERMATH);
    while (this.#waiting.size === 0 && this.#kernel.now < end) await run(end);
    return this.#waiting.size === 0;
  }

  /**
   * Lets the cluster run for so long, whatever it does. It has settled when every workload is ready at the end, or nothing but heartbeats
   * has changed for 2 minutes by then.
   */
  async runFor(duration: Micros, run: (until: Micros) => Promise<unknown>): Promise<Settled> {
    const end = this.#kernel.now + duration;
    // A workload that becomes ready halts the run; it goes on.
    while (this.#kernel.now < end) await run(end);
    this.#stop();
    const ready = this.#waiting.size === 0;
    return { settled: ready || end - this.#lastChange >= QUIET, ready };
  }

  #see(write: CommittedWrite): void {
    if (!isHeartbeat(write)) this.#lastChange = this.#kernel.now;
    const { resource, type, object, old } = write;
    if (resource === 'pods') this.#count(type, object as Pod, old as Pod | undefined);
    if (!WORKLOADS.has(resource) || !isOwnWorkload(object)) return;
    const { namespace, name } = object.metadata;
    const key = `${resource}/${namespace}/${name}`;
    if (type === 'DELETED') {
      this.#waiting.delete(key);
      this.#known.delete(key);
      return;
    }
    this.#known.add(key);
    if (notReady(resource, object)) this.#waiting.add(key);
    else if (this.#waiting.delete(key) && this.#waiting.size === 0) this.#kernel.halt();
  }

  #count(type: CommittedWrite['type'], pod: Pod, old: Pod | undefined): void {
    const fine = (version: Pod | undefined): number => (version && notReady('pods', version) === undefined ? 1 : 0);
    if (type === 'ADDED') this.#pods += 1;
    if (type === 'DELETED') this.#pods -= 1;
    const runs = (version: Pod | undefined): number => (version?.status?.phase === 'Succeeded' ? 0 : fine(version));
    this.#readyPods += (type === 'DELETED' ? 0 : fine(pod)) - fine(old);
    this.#runningPods += (type === 'DELETED' ? 0 : runs(pod)) - runs(old);
  }
}

/** Reports to people and signs of life say nothing of whether the cluster still moves. */
function isHeartbeat({ resource, type, object, old }: CommittedWrite): boolean {
  if (resource === 'events' || resource === 'leases') return true;
  if (resource !== 'nodes' || type !== 'MODIFIED') return false;
  return isEqual(withoutBeats(object), withoutBeats(old as KubeObject));
}

function withoutBeats(object: KubeObject): object {
  const { metadata, spec, status } = object as Node;
  const conditions = status?.conditions?.map(({ type, status: value }) => `${type}=${value}`);
  return { labels: metadata.labels, annotations: metadata.annotations, spec, allocatable: status?.allocatable, conditions };
}
