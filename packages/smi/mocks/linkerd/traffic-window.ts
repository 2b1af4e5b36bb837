import type { Micros } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import type { ObserveRequest } from '../../messages.ts';
import { type Workload, workloadsOf } from './workload.ts';

/** A pod as metrics know it. */
export interface Peer {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly workloads: readonly Workload[];
}

/** All requests that one pod sent to another by one Service. */
export class Flow {
  readonly source: Peer | undefined;
  readonly destination: Peer | undefined;
  readonly to: ObserveRequest['to'];
  readonly apex: string | undefined;
  readonly #at: Micros[] = [];
  readonly #latency: number[] = [];
  readonly #success: boolean[] = [];
  #first = 0;

  constructor({ source, destination, to, apex }: ObserveRequest) {
    this.source = source && peerOf(source);
    this.destination = destination && peerOf(destination);
    this.to = to;
    this.apex = apex;
  }

  get size(): number {
    return this.#at.length - this.#first;
  }

  add(at: Micros, { latency, success }: ObserveRequest): void {
    this.#at.push(at);
    this.#latency.push(latency);
    this.#success.push(success);
  }

  /** Drops what was seen before. */
  forget(before: Micros): void {
    while (this.#first < this.#at.length && (this.#at[this.#first] as Micros) < before) this.#first += 1;
    // Moved down only when most of it is gone, so that each entry is moved about once.
    if (this.#first < 64 || this.#first * 2 < this.#at.length) return;
    this.#at.splice(0, this.#first);
    this.#latency.splice(0, this.#first);
    this.#success.splice(0, this.#first);
    this.#first = 0;
  }

  /** Adds what is left to a sum. */
  sum(figures: Figures): void {
    for (let index = this.#first; index < this.#at.length; index += 1) {
      figures.latencies.push(this.#latency[index] as number);
      if (this.#success[index] === true) figures.successes += 1;
      else figures.failures += 1;
    }
  }
}

/** A sum over flows. */
export interface Figures {
  successes: number;
  failures: number;
  /** Micros, in any order. */
  readonly latencies: number[];
}

/** What was observed in the last while, by who sent to whom. */
export class TrafficWindow {
  readonly length: Micros;
  readonly #flows = new Map<string, Flow>();
  #sweepAt = 64;

  constructor(length: Micros) {
    this.length = length;
  }

  observe(now: Micros, request: ObserveRequest): void {
    const { source, destination, to, apex } = request;
    const key = `${source?.metadata.uid}|${destination?.metadata.uid}|${to.namespace}/${to.service}|${apex}`;
    let flow = this.#flows.get(key);
    if (!flow) {
      if (this.#flows.size >= this.#sweepAt) this.#sweep(now);
      flow = new Flow(request);
      this.#flows.set(key, flow);
    }
    flow.forget(now - this.length);
    flow.add(now, request);
  }

  /** The flows that have something in the window. */
  flows(now: Micros): Iterable<Flow> {
    this.#sweep(now);
    return this.#flows.values();
  }

  #sweep(now: Micros): void {
    for (const [key, flow] of this.#flows) {
      flow.forget(now - this.length);
      if (flow.size === 0) this.#flows.delete(key);
    }
    this.#sweepAt = Math.max(64, this.#flows.size * 2);
  }
}

function peerOf(pod: Pod): Peer {
  const { metadata, spec } = pod;
  return { namespace: metadata.namespace ?? 'default', name: metadata.name, node: spec.nodeName ?? '', workloads: workloadsOf(pod) };
}
