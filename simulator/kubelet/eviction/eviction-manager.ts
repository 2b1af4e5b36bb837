import type { ContainerStats, RuntimeService } from '@slipway/cri';
import type { Host } from '@slipway/host';
import { type Client, every, type Micros, type Owner, type Process, seconds, sleep } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import { isTerminalPhase } from '../decisions/containers.ts';
import { isExpectedFailure } from '../failure.ts';
import type { KubeletEvents } from '../kubelet-events.ts';
import { isCriticalPod } from '../node/admission.ts';
import { evictionPeriod, evictionPressureTransitionPeriod } from '../options.ts';
import type { PodStore } from '../pod-store.ts';
import type { PodWorkers } from '../workers/pod-workers.ts';
import { evictionMessage, evictionOrder, type Usage } from './rank.ts';
import { type Pressure, type Shortage, shortagesOf } from './signals.ts';

/** What an eviction manager is made from. */
export interface EvictionManagerOptions {
  readonly owner: Owner;
  readonly host: Host;
  readonly runtime: Client<RuntimeService>;
  readonly pods: PodStore;
  readonly workers: PodWorkers;
  readonly events: KubeletEvents;
  /** The node's conditions have changed. */
  readonly onChange: () => void;
  /** Dead containers may be removed, for their room. */
  readonly collectGarbage: () => void;
}

/** Seconds that an evicted pod has to end, where a hard threshold is met. Source: `eviction_manager.go`, immediateEvictionGracePeriodSeconds. */
const GRACE_SECONDS = 1;
/** How long, and how often, it is looked for the end of an evicted pod. Source: `eviction_manager.go`, podCleanupTimeout, podCleanupPollFreq. */
const CLEANUP: Micros = seconds(30);
const LOOK: Micros = seconds(1);

/**
 * Takes pods off a machine that runs short of memory or disk, one after the other, and tells of the pressure. What fills a disk is no
 * image of the kubelet's, so that images are left where they are.
 *
 * Source: `pkg/kubelet/eviction/eviction_manager.go`.
 */
export class EvictionManager {
  readonly #options: EvictionManagerOptions;
  /** When each pressure was last seen, in virtual time. */
  readonly #seen = new Map<Pressure, Micros>();

  constructor(options: EvictionManagerOptions) {
    this.#options = options;
  }

  /** What the node reports: a pressure goes a while after it was last seen. */
  get pressures(): ReadonlySet<Pressure> {
    return new Set(this.#seen.keys());
  }

  *run(): Process {
    const { owner, host } = this.#options;
    const ticker = every(evictionPeriod, owner.kernel.now);
    const elision = { unless: [host.pressure], quiet: () => this.#seen.size === 0 && shortagesOf(host).length === 0 };
    for (;;) {
      const evicted = yield* this.#relieve();
      // Once the pod is gone it is looked again at once whether that was enough.
      if (evicted) yield* this.#waitFor(evicted);
      else yield* ticker.next(elision);
    }
  }

  /** Evicts one pod if it must. */
  *#relieve(): Process<Pod | undefined> {
    const { owner, host, events, collectGarbage } = this.#options;
    const shortages = shortagesOf(host);
    this.#note(shortages, owner.kernel.now);
    const [first] = shortages;
    if (!first) return undefined;
    events.node('Warning', 'EvictionThresholdMet', `Attempting to reclaim ${first.resource}`);
    if (first.pressure === 'DiskPressure') collectGarbage();
    const usages = yield* this.#usages(first);
    for (const pod of evictionOrder(this.#candidates(), usages, first)) {
      const message = evictionMessage(pod, usages.get(pod.metadata.uid ?? ''), first);
      events.pod(pod, 'Warning', 'Evicted', message);
      this.#options.workers.update({ type: 'kill', pod, evict: { reason: 'Evicted', message }, gracePeriodSeconds: GRACE_SECONDS });
      return pod;
    }
    return undefined;
  }

  #note(shortages: readonly Shortage[], now: Micros): void {
    const before = this.#seen.size;
    for (const { pressure } of shortages) this.#seen.set(pressure, now);
    for (const [pressure, at] of this.#seen) if (now - at >= evictionPressureTransitionPeriod) this.#seen.delete(pressure);
    if (this.#seen.size !== before) this.#options.onChange();
  }

  /** By name, so that equal ones have an order. */
  #candidates(): readonly Pod[] {
    const { pods, workers } = this.#options;
    const nameOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`;
    return pods
      .list()
      .filter((pod) => {
        const { uid = '' } = pod.metadata;
        return !isCriticalPod(pod) && !isTerminalPhase(pod.status?.phase) && workers.has(uid) && !workers.isTerminationRequested(uid);
      })
      .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  *#usages({ resource }: Shortage): Process<ReadonlyMap<string, Usage>> {
    const usages = new Map<string, { pod: number; containers: Map<string, number> }>();
    try {
      const { stats } = yield* this.#options.runtime.listContainerStats({});
      for (const { attributes, memory, writableLayer } of stats as readonly ContainerStats[]) {
        const uid = attributes?.labels['io.kubernetes.pod.uid'] ?? '';
        const used = Number((resource === 'memory' ? memory?.workingSetBytes : writableLayer?.usedBytes)?.value ?? 0);
        const usage = usages.get(uid) ?? { pod: 0, containers: new Map<string, number>() };
        usages.set(uid, usage);
        usage.pod += used;
        usage.containers.set(attributes?.labels['io.kubernetes.container.name'] ?? '', used);
      }
    } catch (error) {
      // Without figures the rest of the order still holds.
      if (!isExpectedFailure(error)) throw error;
    }
    return usages;
  }

  *#waitFor({ metadata: { uid = '' } }: Pod): Process {
    const { owner, workers } = this.#options;
    const end = owner.kernel.now + CLEANUP;
    while (owner.kernel.now < end && workers.has(uid) && workers.couldHaveRunningContainers(uid)) yield* sleep(LOOK);
  }
}
