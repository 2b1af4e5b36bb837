import type { Micros } from '@slipway/kernel';
import type { PodInfo } from '../cache/pod-info.ts';
import type { QueuedPod } from '../framework/types.ts';

/** A pod on its way through the queues. Source: `pkg/scheduler/framework/types.go` QueuedPodInfo. */
export class QueuedPodInfo implements QueuedPod {
  podInfo: PodInfo;
  /** When it came in, or came back from its last attempt. */
  timestamp: Micros;
  /** Order of coming in: tells pods of one instant apart. */
  sequence: number;
  attempts = 0;
  /** Trace event that last made it worth a try. */
  cause = 0;
  /** Attempts that ended in a refusal. */
  unschedulableCount = 0;
  /** Attempts in a row that ended in an error. */
  consecutiveErrorsCount = 0;
  /** Worked out once per attempt; undefined until asked. */
  backoffExpiration: Micros | undefined;
  /** Who refused it last time: only their events wake it. */
  unschedulablePlugins: ReadonlySet<string> = new Set();
  /** Those among them who will say themselves when to go on. */
  pendingPlugins: ReadonlySet<string> = new Set();
  /** The PreEnqueue plugin that holds it back. */
  gatingPlugin: string | undefined;

  constructor(podInfo: PodInfo, timestamp: Micros, sequence: number) {
    this.podInfo = podInfo;
    this.timestamp = timestamp;
    this.sequence = sequence;
  }

  get uid(): string {
    return this.podInfo.uid;
  }

  get rejectors(): ReadonlySet<string> {
    return this.pendingPlugins.size === 0 ? this.unschedulablePlugins : new Set([...this.unschedulablePlugins, ...this.pendingPlugins]);
  }
}
