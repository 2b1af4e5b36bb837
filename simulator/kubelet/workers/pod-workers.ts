import type { Kernel, Micros, Owner, Process } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import { isTerminalPhase } from '../decisions/containers.ts';
import { effectiveGracePeriod } from '../decisions/kill-order.ts';
import type { ObservedPod } from '../decisions/observed-pod.ts';
import { isExpectedFailure } from '../failure.ts';
import { backOffPeriod, syncFrequency, transientBackOffPeriod } from '../options.ts';
import type { Pleg } from '../pleg/pleg.ts';
import type { PodSyncer } from './pod-syncer.ts';
import { SyncError } from './sync-error.ts';
import type { SyncQueue } from './sync-queue.ts';

/** Why a pod is looked at. */
export type UpdateType = 'create' | 'update' | 'sync' | 'kill';

/** Asks a pod's worker to do its work. */
export interface PodUpdate {
  readonly type: UpdateType;
  readonly pod: Pod;
  /** The pod is known from the runtime only; it can only be killed. */
  readonly runtimeOnly?: boolean;
  /** Grace period of a kill, in seconds; it can make the pod's own only shorter. */
  readonly gracePeriodSeconds?: number;
  /** The kill is an eviction: what its status says of it. */
  readonly evict?: Eviction;
}

/** Why the kubelet has evicted a pod. */
export interface Eviction {
  readonly reason: string;
  readonly message: string;
}

/** Where a pod is in its life; there is no way back. */
export type WorkType = 'sync' | 'terminating' | 'terminated' | 'finished';

interface Worker {
  readonly uid: string;
  work: WorkType;
  pending: PodUpdate | undefined;
  active: PodUpdate | undefined;
  working: boolean;
  started: boolean;
  runtimeOnly: boolean;
  deleted: boolean;
  evicted: Eviction | undefined;
  /** The same pod was added again while it still ended. */
  restartRequested: boolean;
  /** Seconds; 0 until the pod is to end. */
  gracePeriod: number;
  /** PLEG stamp at which the last sync ended, and the time. */
  lastSync: number;
  lastSyncAt: Micros;
  /** Trace event behind the pending update. */
  cause: number;
  /** True once the running sync should give way. */
  cancelled: boolean;
}

/** What pod workers are made from. */
export interface PodWorkersOptions {
  readonly owner: Owner;
  readonly pleg: Pleg;
  readonly syncer: PodSyncer;
  readonly queue: SyncQueue;
  /** A whole number from 0 up to its second argument, drawn for this key. */
  readonly jitter: (key: string, most: number) => number;
  /** A worker has nothing left to do for its pod. */
  readonly onFinished: (uid: string) => void;
  /** A worker could not end its pod. One that the API has forgotten is asked again by nobody but housekeeping. */
  readonly onNotEnded: (uid: string) => void;
}

/**
 * One worker for each pod: it syncs, then terminates, then cleans up, one step at a time. A worker exists as data; a process runs only
 * while it has work.
 *
 * Source: `pkg/kubelet/pod_workers.go`.
 */
export class PodWorkers {
  readonly #options: PodWorkersOptions;
  readonly #workers = new Map<string, Worker>();

  constructor(options: PodWorkersOptions) {
    this.#options = options;
  }

  /** Uids of pods that have a worker, with where they are. */
  workTypes(): ReadonlyMap<string, WorkType> {
    return new Map([...this.#workers].map(([uid, { work }]) => [uid, work]));
  }

  has(uid: string): boolean {
    return this.#workers.has(uid);
  }

  isTerminationRequested(uid: string): boolean {
    const work = this.#workers.get(uid)?.work;
    return work !== undefined && work !== 'sync';
  }

  /** All containers have ended. */
  isKnownTerminated(uid: string): boolean {
    const work = this.#workers.get(uid)?.work;
    return work === 'terminated' || work === 'finished';
  }

  /** Something of the pod may run now or later. */
  couldHaveRunningContainers(uid: string): boolean {
    return this.#workers.has(uid) && !this.isKnownTerminated(uid);
  }

  /** What the runtime keeps of the pod is of no use to anybody. */
  shouldContentBeRemoved(uid: string, isKnown: boolean): boolean {
    const worker = this.#workers.get(uid);
    if (!worker) return !isKnown;
    return worker.evicted !== undefined || (worker.deleted && this.isKnownTerminated(uid));
  }

  update(update: PodUpdate): void {
    const uid = update.pod.metadata.uid ?? '';
    let worker = this.#workers.get(uid);
    const isNew = worker === undefined;
    worker ??= this.#create(uid, update);
    if (!isNew && worker.work !== 'sync' && update.type === 'create') {
      worker.restartRequested = true;
      return;
    }
    if (worker.work === 'finished') return;
    // What is known of the pod from the API is worth more than what the runtime says.
    const known = worker.pending ?? worker.active;
    const effective = update.runtimeOnly && known && !known.runtimeOnly ? { ...update, pod: known.pod, runtimeOnly: false } : update;
    if (update.runtimeOnly && worker.work === 'terminated') return;
    const becameTerminating = worker.work === 'sync' && this.#endsBy(effective, worker);
    if (becameTerminating) worker.work = 'terminating';
    let shortened = false;
    if (worker.work === 'terminating') {
      const grace = effectiveGracePeriod(effective.pod, worker.gracePeriod, { override: update.gracePeriodSeconds });
      worker.gracePeriod = grace.seconds;
      shortened = grace.shortened;
    }
    worker.pending = effective;
    worker.cause = this.#options.owner.kernel.cause;
    if (becameTerminating || shortened) this.#cancel(worker);
    this.#wake(worker);
  }

  /** Workers of pods that nobody knows any more are removed once they have finished; those that have not are told to end. */
  syncKnown(known: ReadonlySet<string>): void {
    for (const worker of [...this.#workers.values()]) {
      const orphan = !known.has(worker.uid);
      if (!orphan && !worker.restartRequested) continue;
      if (worker.work === 'finished' || (orphan && !worker.started && !worker.runtimeOnly)) {
        this.#workers.delete(worker.uid);
        this.#options.queue.forget(worker.uid);
      } else if (orphan) this.#abandon(worker);
    }
  }

  #create(uid: string, update: PodUpdate): Worker {
    const worker: Worker = {
      uid,
      work: 'sync',
      pending: undefined,
      active: undefined,
      working: false,
      started: false,
      runtimeOnly: update.runtimeOnly === true,
      deleted: false,
      evicted: undefined,
      restartRequested: false,
      gracePeriod: 0,
      lastSync: 0,
      lastSyncAt: 0,
      cause: 0,
      cancelled: false,
    };
    // After a restart of the kubelet, a pod that has ended before has nothing left to stop.
    if (isTerminalPhase(update.pod.status?.phase) && isStopped(this.#options.pleg.latest(uid))) worker.work = 'terminated';
    this.#workers.set(uid, worker);
    return worker;
  }

  #endsBy({ pod, type, evict, runtimeOnly }: PodUpdate, worker: Worker): boolean {
    if (runtimeOnly || pod.metadata.deletionTimestamp !== undefined) {
      worker.deleted = true;
      return true;
    }
    if (isTerminalPhase(pod.status?.phase)) return true;
    if (type !== 'kill') return false;
    worker.evicted = evict;
    return true;
  }

  /** The pod has left the API while its worker was still at it. */
  #abandon(worker: Worker): void {
    worker.deleted = true;
    const last = worker.active ?? worker.pending;
    if (worker.work === 'sync') {
      worker.work = 'terminating';
      worker.gracePeriod = last ? effectiveGracePeriod(last.pod, worker.gracePeriod, {}).seconds : 1;
      this.#cancel(worker);
    }
    if (worker.pending || !last) return;
    worker.pending = last;
    this.#wake(worker);
  }

  #cancel(worker: Worker): void {
    worker.cancelled = true;
    this.#options.syncer.interrupt(worker.uid);
  }

  #wake(worker: Worker): void {
    if (worker.working) return;
    worker.working = true;
    this.#options.owner.spawn('pod worker', this.#run(worker));
  }

  *#run(worker: Worker): Process {
    const { kernel } = this.#options.owner;
    while (worker.pending) {
      worker.active = worker.pending;
      worker.pending = undefined;
      if (worker.cause > 0) kernel.cause = worker.cause;
      worker.started = true;
      worker.cancelled = false;
      const { work } = worker;
      let failure: unknown;
      let ended = false;
      try {
        ended = yield* this.#step(worker, work, worker.active);
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
        failure = error;
      }
      if (failure === undefined && ended) this.#advance(worker, work);
      if (worker.work === 'finished') break;
      this.#plan(worker, ended && failure === undefined, failure);
    }
    worker.working = false;
  }

  /** @returns true when the worker goes over to its next kind of work */
  *#step(worker: Worker, work: WorkType, { pod, runtimeOnly }: PodUpdate): Process<boolean> {
    const { pleg, syncer } = this.#options;
    const { name, namespace = 'default' } = pod.metadata;
    if (work === 'terminating' && runtimeOnly) {
      yield* syncer.terminateRuntimePod(pod);
      return true;
    }
    let observed: ObservedPod;
    try {
      observed = yield* pleg.newerThan(worker.uid, name, namespace, worker.lastSync, worker.lastSyncAt);
    } catch (error) {
      if (isExpectedFailure(error)) syncer.unseen(pod, error);
      throw error;
    }
    try {
      switch (work) {
        case 'sync':
          return yield* syncer.sync(pod, observed, () => worker.cancelled);
        case 'terminating':
          yield* syncer.terminating(pod, observed, worker.gracePeriod, worker.evicted);
          return true;
        case 'terminated':
        case 'finished':
          yield* syncer.terminated(pod, observed);
          return true;
      }
    } finally {
      worker.lastSync = pleg.stamp;
      worker.lastSyncAt = this.#options.owner.kernel.now;
    }
  }

  #advance(worker: Worker, work: WorkType): void {
    if (work === 'sync') worker.work = 'terminating';
    else if (work === 'terminating') worker.work = worker.active?.runtimeOnly ? 'finished' : 'terminated';
    else worker.work = 'finished';
    if (worker.work === 'terminating' && worker.gracePeriod === 0 && worker.active) {
      worker.gracePeriod = effectiveGracePeriod(worker.active.pod, 0, {}).seconds;
    }
    if (worker.work !== 'finished') {
      // The next kind of work follows at once.
      worker.pending ??= worker.active;
      return;
    }
    this.#options.queue.forget(worker.uid);
    this.#options.onFinished(worker.uid);
  }

  /** When the pod is looked at next if nothing happens before. */
  #plan(worker: Worker, advanced: boolean, failure: unknown): void {
    if (advanced || worker.pending) return;
    const { queue, syncer, owner } = this.#options;
    if (failure === undefined) {
      // Only what changes unseen needs a regular look.
      if (worker.active && syncer.needsResync(worker.active.pod)) queue.enqueue(worker.uid, this.#jittered(worker, syncFrequency));
      return;
    }
    if (worker.deleted) this.#options.onNotEnded(worker.uid);
    queue.enqueue(worker.uid, this.#jittered(worker, pauseAfter(failure, owner.kernel)));
  }

  #jittered(worker: Worker, period: Micros): Micros {
    return period + this.#options.jitter(`${worker.uid}/${this.#options.owner.kernel.now}`, Math.floor(period / 2));
  }
}

function pauseAfter(failure: unknown, kernel: Kernel): Micros {
  if (!(failure instanceof SyncError)) return backOffPeriod;
  if (failure.transient) return transientBackOffPeriod;
  if (failure.retryAt === undefined) return backOffPeriod;
  return Math.min(Math.max(0, failure.retryAt - kernel.unixMicros), syncFrequency);
}

function isStopped(observed: ObservedPod | undefined): boolean {
  if (!observed) return true;
  return !observed.containers.some(({ state }) => state === 'running') && !observed.sandboxes.some(({ ready }) => ready);
}
