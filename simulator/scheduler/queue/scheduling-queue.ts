import { Cell, type Micros, minutes, seconds } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import { type PodInfo, uidOf } from '../cache/pod-info.ts';
import { type ClusterEvent, forceActivate, isWildcard, podChanges, unschedulableTimeout } from '../framework/cluster-event.ts';
import type { Framework } from '../framework/framework.ts';
import { BackoffQueue } from './backoff-queue.ts';
import { InFlightEvents } from './in-flight-events.ts';
import { KeyedHeap } from './keyed-heap.ts';
import { Nominator } from './nominator.ts';
import { QueuedPodInfo } from './queued-pod.ts';
import { UnschedulablePods } from './unschedulable-pods.ts';

/** Longest stay among the unschedulable without a useful event. */
export const MAX_UNSCHEDULABLE: Micros = minutes(5);
/** How often that is looked at. */
export const LEFTOVER_PERIOD: Micros = seconds(30);

type Strategy = 'skip' | 'after-backoff' | 'immediately';

export interface SchedulingQueueOptions {
  readonly framework: Framework;
  readonly now: () => Micros;
  /** Unix time of virtual zero: back-off windows are whole seconds of Unix time. */
  readonly epoch: number;
  /** Trace event that the running code acts upon; kept with a pod that becomes worth a try. */
  readonly cause?: () => number;
}

/**
 * Pods on their way to a node: active (to be tried), backing off, unschedulable (waiting for an event), in flight (being tried).
 * A pod is in exactly one of them. Source: `pkg/scheduler/backend/queue/scheduling_queue.go`.
 *
 * Two things differ by design: pods of one instant leave in order of arrival, and gated pods take no part in the five-minute flush,
 * where upstream only asks their gate again in vain.
 */
export class SchedulingQueue {
  /** Set when a pod can be taken. */
  readonly ready = new Cell(0);
  /** Set when a pod begins to back off. */
  readonly backingOff = new Cell(0);
  /** Set when a pod is parked as unschedulable. */
  readonly parked = new Cell(0);
  readonly nominator = new Nominator();
  readonly #framework: Framework;
  readonly #now: () => Micros;
  readonly #cause: () => number;
  readonly #active: KeyedHeap<QueuedPodInfo>;
  readonly #backoff: BackoffQueue;
  readonly #unschedulable = new UnschedulablePods();
  readonly #inFlight = new InFlightEvents();
  #sequence = 0;

  constructor({ framework, now, epoch, cause = () => 0 }: SchedulingQueueOptions) {
    this.#framework = framework;
    this.#now = now;
    this.#cause = cause;
    const { queueSort } = framework;
    const isBefore = (a: QueuedPodInfo, b: QueuedPodInfo): boolean =>
      queueSort.less(a, b) || (a.sequence < b.sequence && !queueSort.less(b, a));
    this.#active = new KeyedHeap((pod) => pod.uid, isBefore);
    this.#backoff = new BackoffQueue(epoch, isBefore);
  }

  /** How many pods are where. */
  get counts(): { readonly active: number; readonly backoff: number; readonly unschedulable: number } {
    return { active: this.#active.size, backoff: this.#backoff.size, unschedulable: this.#unschedulable.size };
  }

  /** Where a pod is, for tests and for people. */
  whereIs(uid: string): 'active' | 'backoff' | 'unschedulable' | 'in-flight' | undefined {
    if (this.#active.get(uid)) return 'active';
    if (this.#backoff.get(uid)) return 'backoff';
    if (this.#unschedulable.get(uid)) return 'unschedulable';
    return this.#inFlight.has(uid) ? 'in-flight' : undefined;
  }

  /** A waiting pod's record; none for one in flight. */
  record(uid: string): QueuedPodInfo | undefined {
    return this.#active.get(uid) ?? this.#backoff.get(uid) ?? this.#unschedulable.get(uid);
  }

  /** A new pod without a node. */
  add(podInfo: PodInfo): void {
    const pod = new QueuedPodInfo(podInfo, this.#now(), this.#nextSequence());
    if (this.#moveToActive(pod)) this.nominator.set(podInfo);
  }

  /** A pod without a node has changed; the change may be what it waited for. */
  update(before: PodInfo, after: PodInfo): void {
    const events = podChanges(before, after);
    if (this.#inFlight.has(after.uid)) {
      for (const event of events) this.#inFlight.add({ event, before: before.pod, after: after.pod });
      return;
    }
    const queued = this.#active.get(after.uid) ?? this.#backoff.get(after.uid);
    if (queued) {
      queued.podInfo = after;
      this.nominator.update(before, after);
      if (this.#active.get(after.uid)) this.#active.set(queued);
      else this.#backoff.add(queued);
      return;
    }
    const parked = this.#unschedulable.get(after.uid);
    if (!parked) {
      this.add(after);
      return;
    }
    parked.podInfo = after;
    this.nominator.update(before, after);
    for (const event of events) {
      const strategy = this.#strategyFor(parked, event, before.pod, after.pod);
      if (strategy === 'skip') continue;
      this.#unschedulable.delete(parked.uid);
      this.#requeue(parked, strategy);
      if (this.#unschedulable.get(parked.uid) === undefined) return;
    }
  }

  /** The pod is gone, or was bound by someone else. */
  delete(pod: Pod): void {
    const uid = uidOf(pod);
    this.nominator.delete(uid);
    if (this.#active.delete(uid) === undefined && this.#backoff.delete(uid) === undefined) this.#unschedulable.delete(uid);
  }

  /** Takes the next pod; when none is active, one that still backs off (unless it met an error). It is in flight until `done`. */
  pop(): QueuedPodInfo | undefined {
    const pod = this.#active.pop() ?? this.#backoff.popEarly();
    if (!pod) return undefined;
    pod.attempts += 1;
    this.#inFlight.start(pod.uid);
    return pod;
  }

  /** Nothing that happens from now on matters to this attempt any more. */
  done(uid: string): void {
    this.#inFlight.done(uid);
  }

  /** A pod comes back from a failed attempt: refused when it names plugins, otherwise with an error. */
  addUnschedulable(pod: QueuedPodInfo): void {
    if (!this.#active.get(pod.uid) && !this.#backoff.get(pod.uid) && !this.#unschedulable.get(pod.uid)) {
      if (pod.rejectors.size === 0) pod.consecutiveErrorsCount += 1;
      else {
        pod.unschedulableCount += 1;
        pod.consecutiveErrorsCount = 0;
      }
      pod.timestamp = this.#now();
      pod.sequence = this.#nextSequence();
      pod.backoffExpiration = undefined;
      this.#requeue(pod, this.#strategySince(pod));
    }
    this.done(pod.uid);
  }

  /**
   * Something has happened: pods whose plugins find it useful go back to the active queue, or to back-off if theirs is not over.
   *
   * @param only asks first whether the event concerns a pod at all
   */
  moveAll(event: ClusterEvent, before: unknown, after: unknown, only: (pod: PodInfo) => boolean = () => true): void {
    const wildcard = isWildcard(event);
    const listeners = wildcard ? [] : this.#framework.listeners(event);
    if (!wildcard && listeners.length === 0) return;
    const candidates = wildcard ? this.#unschedulable.pods() : this.#unschedulable.refusedBy(listeners.map(({ plugin }) => plugin));
    for (const pod of candidates) if (only(pod.podInfo)) this.#move(pod, event, before, after);
    this.#inFlight.add({ event, before, after });
  }

  /** Somebody wants these pods tried now. One that is being tried is tried again when it comes back. */
  activate(pods: readonly Pod[]): void {
    for (const pod of pods) {
      const uid = uidOf(pod);
      const waiting = this.#unschedulable.get(uid) ?? this.#backoff.delete(uid);
      if (waiting) this.#moveToActive(waiting);
      else if (this.#inFlight.has(uid)) this.#inFlight.add({ event: forceActivate, before: undefined, after: pod });
    }
  }

  /** When back-offs are next looked at; undefined while there are none. */
  nextBackoffFlush(): Micros | undefined {
    return this.#backoff.nextFlush(this.#now());
  }

  flushBackoff(): void {
    // Gates were asked when these began to back off.
    for (const pod of this.#backoff.popCompleted(this.#now())) {
      const { cause } = pod;
      this.#activate(pod);
      pod.cause = cause;
    }
  }

  /** When the unschedulable are next worth a look; undefined while none waits for more than its gate. */
  nextLeftoverFlush(): Micros | undefined {
    let oldest = Number.POSITIVE_INFINITY;
    for (const pod of this.#unschedulable.pods()) if (pod.gatingPlugin === undefined) oldest = Math.min(oldest, pod.timestamp);
    if (oldest === Number.POSITIVE_INFINITY) return undefined;
    return (Math.floor((oldest + MAX_UNSCHEDULABLE) / LEFTOVER_PERIOD) + 1) * LEFTOVER_PERIOD;
  }

  /** Sends back everybody who has waited too long. */
  flushLeftover(): void {
    for (const pod of this.#unschedulable.pods()) {
      if (this.#now() - pod.timestamp > MAX_UNSCHEDULABLE) this.#move(pod, unschedulableTimeout, undefined, undefined);
    }
  }

  #move(pod: QueuedPodInfo, event: ClusterEvent, before: unknown, after: unknown): void {
    if (pod.gatingPlugin !== undefined && !this.#framework.listeners(event).some(({ plugin }) => plugin === pod.gatingPlugin)) return;
    const strategy = this.#strategyFor(pod, event, before, after);
    if (strategy === 'skip') return;
    this.#unschedulable.delete(pod.uid);
    this.#requeue(pod, strategy);
  }

  #strategySince(pod: QueuedPodInfo): Strategy {
    if (pod.rejectors.size === 0) return 'after-backoff';
    let best: Strategy = 'skip';
    for (const { event, before, after } of this.#inFlight.since(pod.uid)) {
      const strategy = this.#strategyFor(pod, event, before, after);
      if (strategy === 'immediately') return strategy;
      if (strategy === 'after-backoff') best = strategy;
    }
    return best;
  }

  /** Asks the hints of the plugins that refused the pod. */
  #strategyFor(pod: QueuedPodInfo, event: ClusterEvent, before: unknown, after: unknown): Strategy {
    const { rejectors, pendingPlugins } = pod;
    if (rejectors.size === 0) return 'after-backoff';
    if (isWildcard(event)) return after === undefined || uidOf(after as Pod) === pod.uid ? 'after-backoff' : 'skip';
    let best: Strategy = 'skip';
    for (const { plugin, hint } of this.#framework.listeners(event)) {
      if (!rejectors.has(plugin) || (hint && hint(pod.podInfo.pod, before, after) === 'QueueSkip')) continue;
      if (pendingPlugins.has(plugin)) return 'immediately';
      best = 'after-backoff';
    }
    return best;
  }

  #requeue(pod: QueuedPodInfo, strategy: Strategy): void {
    if (strategy === 'skip') this.#park(pod);
    else if (strategy === 'after-backoff' && this.#backoff.isBackingOff(pod, this.#now())) this.#moveToBackoff(pod);
    else this.#moveToActive(pod);
  }

  #moveToActive(pod: QueuedPodInfo): boolean {
    if (this.#gated(pod)) return false;
    this.#activate(pod);
    return true;
  }

  #moveToBackoff(pod: QueuedPodInfo): void {
    if (this.#gated(pod)) return;
    this.#unschedulable.delete(pod.uid);
    pod.cause = this.#cause();
    this.#backoff.add(pod);
    this.backingOff.set(this.backingOff.value + 1);
    this.ready.set(this.ready.value + 1);
  }

  #activate(pod: QueuedPodInfo): void {
    this.#unschedulable.delete(pod.uid);
    pod.cause = this.#cause();
    this.#active.set(pod);
    this.ready.set(this.ready.value + 1);
  }

  /** Asks the gates; a pod that one holds back is parked. */
  #gated(pod: QueuedPodInfo): boolean {
    const gate = this.#framework.gateOf(pod.podInfo.pod);
    pod.gatingPlugin = gate?.name;
    if (!gate) return false;
    pod.unschedulablePlugins = new Set([...pod.unschedulablePlugins, gate.name]);
    this.#park(pod);
    return true;
  }

  #park(pod: QueuedPodInfo): void {
    this.#unschedulable.set(pod);
    this.parked.set(this.parked.value + 1);
  }

  #nextSequence(): number {
    this.#sequence += 1;
    return this.#sequence;
  }
}
