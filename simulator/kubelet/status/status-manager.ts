import type { ApiClient } from '@slipway/client';
import { codeOf, type Owner, type Process, sleepUntil } from '@slipway/kernel';
import { type ContainerStatus, formatTime, isEqual, type Pod, type PodCondition, type PodStatus } from '@slipway/kube';
import { isTerminalPhase } from '../decisions/containers.ts';
import { isExpectedFailure } from '../failure.ts';
import { statusSyncPeriod } from '../options.ts';
import { changedFields } from './changed-fields.ts';
import { finishedStatus, mergedStatus, terminatedStatus } from './finished-status.ts';
import { containersReadyCondition, kubeletConditions, readyCondition, readyToStartContainersCondition } from './pod-conditions.ts';

interface Entry {
  readonly status: PodStatus;
  /** Grows with each change. */
  readonly version: number;
  /** The worker has done all that it will ever do. */
  readonly finished: boolean;
  readonly pod: Pod;
}

/** What a status manager is made from. */
export interface StatusManagerOptions {
  readonly owner: Owner;
  readonly api: ApiClient;
  /** The newest pod that the kubelet knows under a uid. */
  readonly podOf: (uid: string) => Pod | undefined;
  /** Containers of this pod may run now or later. */
  readonly couldHaveRunningContainers: (uid: string) => boolean;
}

/**
 * Holds the statuses of the node's pods, brings them to the API one after the other, and removes pods from it that have ended.
 *
 * Source: `pkg/kubelet/status/status_manager.go`.
 */
export class StatusManager {
  readonly #options: StatusManagerOptions;
  readonly #entries = new Map<string, Entry>();
  /** Version that the API has. */
  readonly #written = new Map<string, number>();
  /** What the API last answered, which may be newer than what the watch has brought. */
  readonly #answered = new Map<string, Pod>();
  /** Uids to be written, in order. */
  readonly #dirty = new Set<string>();
  /** Uids to be looked at again on the next tick of the grid. */
  readonly #later = new Set<string>();
  #writing = false;

  constructor(options: StatusManagerOptions) {
    this.#options = options;
  }

  get(uid: string): PodStatus | undefined {
    return this.#entries.get(uid)?.status;
  }

  /** Pods that have a status here. */
  pods(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Takes a new status. A pod that is being deleted is written even if nothing changed, so that its end is not missed. */
  set(pod: Pod, status: PodStatus): void {
    this.#update(pod, status, pod.metadata.deletionTimestamp !== undefined, false);
  }

  /** The pod has ended for good: all its containers count as ended, and it may leave the API. */
  terminate(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    this.#update(pod, terminatedStatus(pod, this.get(uid) ?? pod.status ?? {}), true, true);
  }

  /** A new sandbox with its network is ready. Source: `pkg/kubelet/kubelet.go` OnPodSandboxReady. */
  setSandboxReady(pod: Pod): void {
    const status = this.get(pod.metadata.uid ?? '') ?? pod.status ?? {};
    const ready = readyToStartContainersCondition(pod, true);
    const others = (status.conditions ?? []).filter(({ type }) => type !== ready.type);
    this.set(pod, { ...status, conditions: [...others, ready] });
  }

  /** A readiness probe has settled. */
  setReadiness(uid: string, containerId: string, ready: boolean): void {
    this.#change(
      uid,
      containerId,
      ({ ready: before }) => before !== ready,
      (status) => ({ ...status, ready }),
      true,
    );
  }

  /** A startup probe has settled. */
  setStarted(uid: string, containerId: string, started: boolean): void {
    this.#change(
      uid,
      containerId,
      ({ started: before }) => before !== started,
      (status) => ({ ...status, started }),
      false,
    );
  }

  /** Somebody else wrote the pod: what the API has may no longer be what it should. */
  reconcile(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const entry = this.#entries.get(uid);
    const answered = this.#answered.get(uid);
    if (!entry || answered?.metadata.resourceVersion === pod.metadata.resourceVersion) return;
    if (this.#written.get(uid) !== entry.version || this.#wanted(pod, entry) !== undefined) this.#retryLater(uid);
  }

  /** The pod has left the API and the kubelet. */
  forget(uid: string): void {
    for (const map of [this.#entries, this.#written, this.#answered]) map.delete(uid);
    this.#dirty.delete(uid);
    this.#later.delete(uid);
  }

  #change(
    uid: string,
    containerId: string,
    differs: (status: ContainerStatus) => boolean,
    change: (status: ContainerStatus) => ContainerStatus,
    affectsConditions: boolean,
  ): void {
    const entry = this.#entries.get(uid);
    const pod = this.#options.podOf(uid);
    if (!entry || !pod) return;
    const isIt = ({ containerID }: ContainerStatus) => containerID?.endsWith(`://${containerId}`) ?? false;
    const { initContainerStatuses = [], containerStatuses = [] } = entry.status;
    const found = [...initContainerStatuses, ...containerStatuses].find(isIt);
    if (!found || !differs(found)) return;
    const changed = (list: readonly ContainerStatus[]) => list.map((status) => (isIt(status) ? change(status) : status));
    const initStatuses = changed(initContainerStatuses);
    const statuses = changed(containerStatuses);
    const status = {
      ...entry.status,
      ...(initStatuses.length > 0 ? { initContainerStatuses: initStatuses } : {}),
      containerStatuses: statuses,
    };
    if (!affectsConditions) {
      this.#update(pod, status, false, entry.finished);
      return;
    }
    const input = { pod, initStatuses, statuses, phase: status.phase ?? 'Pending' };
    const fresh: readonly PodCondition[] = [readyCondition(input, status.conditions ?? []), containersReadyCondition(input)];
    const conditions = (status.conditions ?? []).map((old) => fresh.find(({ type }) => type === old.type) ?? old);
    this.#update(pod, { ...status, conditions }, false, entry.finished);
  }

  #update(pod: Pod, status: PodStatus, force: boolean, finished: boolean): void {
    const { owner } = this.#options;
    const uid = pod.metadata.uid ?? '';
    const before = this.#entries.get(uid);
    const next = finishedStatus(pod, status, before?.status ?? pod.status, formatTime(owner.kernel.unixMicros));
    const isFinished = finished || (before?.finished ?? false);
    if (before && !force && isEqual(before.status, next)) return;
    this.#entries.set(uid, { status: next, version: (before?.version ?? 0) + 1, finished: isFinished, pod });
    this.#dirty.add(uid);
    this.#wake();
  }

  #wake(): void {
    if (this.#writing || this.#dirty.size === 0) return;
    this.#writing = true;
    this.#options.owner.spawn('pod statuses', this.#write());
  }

  *#write(): Process {
    for (const uid of this.#dirty) {
      this.#dirty.delete(uid);
      try {
        yield* this.#sync(uid);
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
        if (codeOf(error) === 'NotFound') this.#written.set(uid, this.#entries.get(uid)?.version ?? 0);
        else this.#retryLater(uid);
      }
    }
    this.#writing = false;
  }

  /** On a fixed grid, as long as there is anything left to do. */
  #retryLater(uid: string): void {
    if (this.#later.add(uid).size > 1) return;
    const { owner } = this.#options;
    const tick = (Math.floor(owner.kernel.now / statusSyncPeriod) + 1) * statusSyncPeriod;
    owner.spawn('pod statuses, again', this.#again(tick));
  }

  *#again(tick: number): Process {
    yield* sleepUntil(tick);
    for (const uid of this.#later) if (this.#entries.has(uid)) this.#dirty.add(uid);
    this.#later.clear();
    this.#wake();
  }

  /** Writes one status, then removes the pod if it has ended. */
  *#sync(uid: string): Process {
    const { api } = this.#options;
    let pod = this.#newest(uid);
    let entry = this.#entries.get(uid);
    if (!pod || !entry) return;
    const { namespace = 'default', name } = pod.metadata;
    for (;;) {
      const wanted = this.#wanted(pod, entry);
      if (wanted === undefined) break;
      try {
        const { resourceVersion } = pod.metadata;
        pod = yield* api.pods.patch({
          namespace,
          name,
          patch: { metadata: { uid, resourceVersion }, status: wanted },
          subresource: 'status',
        });
        break;
      } catch (error) {
        if (codeOf(error) !== 'Conflict') throw error;
        pod = yield* api.pods.get({ namespace, name });
        // Another pod of the same name has come since: this one is gone.
        if (pod.metadata.uid !== uid) return;
        entry = this.#entries.get(uid);
        if (!entry) return;
      }
    }
    this.#answered.set(uid, pod);
    this.#written.set(uid, entry.version);
    if (pod.metadata.deletionTimestamp === undefined || !isTerminalPhase(pod.status?.phase) || !entry.finished) return;
    yield* api.pods.delete({ namespace, name, gracePeriodSeconds: 0, preconditions: { uid } });
    this.forget(uid);
  }

  /** The API's newest version of a pod that has come here, by watch or by answer. */
  #newest(uid: string): Pod | undefined {
    const seen = this.#options.podOf(uid);
    const answered = this.#answered.get(uid);
    if (!seen || !answered) return seen ?? answered ?? this.#entries.get(uid)?.pod;
    return Number(seen.metadata.resourceVersion ?? 0) >= Number(answered.metadata.resourceVersion ?? 0) ? seen : answered;
  }

  /** Fields of the status that the API should have otherwise; undefined when it has them. */
  #wanted(pod: Pod, { status }: Entry): Record<string, unknown> | undefined {
    const api = pod.status ?? {};
    const uid = pod.metadata.uid ?? '';
    const merged = mergedStatus(pod, api, status, this.#options.couldHaveRunningContainers(uid));
    const fields = changedFields(api, sameOrder(api, merged));
    return Object.keys(fields).length === 0 ? undefined : fields;
  }
}

/** Conditions in the order in which the API has them, so that order alone is no change. */
function sameOrder(api: PodStatus, status: PodStatus): PodStatus {
  const place = new Map((api.conditions ?? []).map(({ type }, index) => [type, index] as const));
  const last = place.size;
  const rank = ({ type }: PodCondition) => place.get(type) ?? last + (kubeletConditions.has(type) ? 0 : 1);
  return { ...status, conditions: [...(status.conditions ?? [])].sort((a, b) => rank(a) - rank(b)) };
}
