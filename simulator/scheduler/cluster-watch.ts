import { type ApiClient, informer, type Informer } from '@slipway/client';
import { all, type Owner, type Process } from '@slipway/kernel';
import type { Node, Pod, PodDisruptionBudget } from '@slipway/kube';
import { type PodInfo, podInfoOf, uidOf } from './cache/pod-info.ts';
import type { SchedulerCache } from './cache/cache.ts';
import { nodeChanges, podAdd, podChanges, podDelete } from './framework/cluster-event.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';
import type { VolumeCaches } from './volumes/volume-caches.ts';

export interface ClusterWatchOptions {
  readonly api: ApiClient;
  readonly owner: Owner;
  readonly cache: SchedulerCache;
  readonly queue: SchedulingQueue;
  /** Left out: nobody wants to hear of storage. */
  readonly volumes?: VolumeCaches;
  /** Only pods that ask for this scheduler are queued; placed pods count whoever placed them. */
  readonly schedulerName: string;
  /** An assumed pod is being deleted: ends its wait in Permit, if it is there. Returns whether it was. */
  readonly rejectWaiting: (uid: string) => boolean;
}

/** Pods that have ended take nothing, so the API server need not send them (`pkg/scheduler/scheduler.go` NewInformerFactory). */
const LIVE_PODS = 'status.phase!=Succeeded,status.phase!=Failed';

/** Feeds cache and queue with what happens in the cluster. Source: `pkg/scheduler/eventhandlers.go`. */
export class ClusterWatch {
  readonly #options: ClusterWatchOptions;
  /** Pods of this scheduler without a node, by uid, in their newest version. */
  readonly #pending = new Map<string, PodInfo>();
  readonly #budgets: Informer<PodDisruptionBudget>;

  constructor(options: ClusterWatchOptions) {
    this.#options = options;
    this.#budgets = informer(options.api.poddisruptionbudgets);
  }

  /** The newest version of a pod that still wants a node. */
  pending(uid: string): PodInfo | undefined {
    return this.#pending.get(uid);
  }

  get disruptionBudgets(): readonly PodDisruptionBudget[] {
    return this.#budgets.list();
  }

  /** Starts the informers and returns once each has its first list. */
  *start(): Process {
    const { api, owner, cache } = this.#options;
    const pods = informer(api.pods, { fieldSelector: LIVE_PODS });
    pods.onChange((_event, before, after) => {
      this.#podChanged(before, after);
    });
    const nodes = informer(api.nodes);
    nodes.onChange((_event, before, after) => {
      this.#nodeChanged(before, after);
    });
    const namespaces = informer(api.namespaces);
    namespaces.onChange((_event, before, after) => {
      if (after) cache.setNamespace(after);
      else if (before) cache.removeNamespace(before.metadata.name);
    });
    const services = informer(api.services);
    services.onChange((_event, before, after) => {
      if (after) cache.selectors.setService(after);
      else if (before) cache.selectors.deleteService(before);
    });
    const replicaSets = informer(api.replicasets);
    replicaSets.onChange((_event, before, after) => {
      if (after) cache.selectors.setWorkload(after);
      else if (before) cache.selectors.deleteWorkload(before);
    });
    const statefulSets = informer(api.statefulsets);
    statefulSets.onChange((_event, before, after) => {
      if (after) cache.selectors.setWorkload(after);
      else if (before) cache.selectors.deleteWorkload(before);
    });
    const storage = this.#options.volumes?.connect((resource, actionType, before, after) => {
      this.#options.queue.moveAll({ resource, actionType }, before, after);
    });
    const informers = [nodes, namespaces, services, replicaSets, statefulSets, this.#budgets, ...(storage ?? []), pods];
    for (const each of informers) owner.spawn(`informer ${each.resource.name}`, each.run());
    yield* all(informers.map((each) => each.waitForSync()));
  }

  #nodeChanged(before: Node | undefined, after: Node | undefined): void {
    const { cache, queue, volumes } = this.#options;
    if (after && before) {
      cache.setNode(after);
      for (const event of nodeChanges(before, after)) queue.moveAll(event, before, after);
    } else if (after) {
      cache.setNode(after);
      queue.moveAll({ resource: 'Node', actionType: 'Add' }, undefined, after);
    } else if (before) {
      queue.moveAll({ resource: 'Node', actionType: 'Delete' }, before, undefined);
      cache.removeNode(before.metadata.name);
    }
    // Heartbeats move no volume.
    if (before?.metadata.labels !== after?.metadata.labels) volumes?.followers.touch('nodes', (after ?? before)?.metadata.name ?? '');
  }

  #podChanged(before: Pod | undefined, after: Pod | undefined): void {
    // A name that was deleted and used again between two looks is two pods.
    if (before && after && uidOf(before) !== uidOf(after)) {
      this.#podChanged(before, undefined);
      this.#podChanged(undefined, after);
      return;
    }
    if (after) {
      if (isAssigned(after)) this.#assignedPodSet(before, after);
      else if (this.#isOurs(after)) this.#pendingPodSet(before, after);
    } else if (before) {
      if (isAssigned(before)) this.#assignedPodDeleted(before);
      else if (this.#isOurs(before)) this.#pendingPodDeleted(before);
    }
  }

  #assignedPodSet(old: Pod | undefined, pod: Pod): void {
    const { cache, queue } = this.#options;
    const { before, after } = cache.setPod(pod);
    if (old && isAssigned(old)) {
      if (!after) queue.moveAll(podDelete, pod, undefined);
      else if (before) for (const event of podChanges(before, after)) queue.moveAll(event, old, pod);
      return;
    }
    // Bound, by this scheduler or by someone else.
    if (this.#pending.delete(uidOf(pod))) queue.delete(pod);
    if (after) queue.moveAll(podAdd, undefined, pod);
  }

  #assignedPodDeleted(pod: Pod): void {
    const { cache, queue } = this.#options;
    if (this.#pending.delete(uidOf(pod))) queue.delete(pod);
    cache.removePod(pod);
    queue.moveAll(podDelete, pod, undefined);
  }

  #pendingPodSet(old: Pod | undefined, pod: Pod): void {
    const { cache, queue } = this.#options;
    const uid = uidOf(pod);
    const before = this.#pending.get(uid);
    const after = podInfoOf(pod, before);
    this.#pending.set(uid, after);
    if (!before) {
      queue.add(after);
      return;
    }
    if (cache.isAssumed(pod)) {
      if (pod.metadata.deletionTimestamp !== undefined && old?.metadata.deletionTimestamp === undefined) this.#assumedPodDeleted(pod);
      return;
    }
    queue.update(before, after);
    const nomination = before.pod.status?.nominatedNodeName ?? '';
    if (nomination !== '' && nomination !== (pod.status?.nominatedNodeName ?? '')) this.#nominationGone(before);
  }

  #pendingPodDeleted(pod: Pod): void {
    const { cache, queue, volumes } = this.#options;
    const podInfo = this.#pending.get(uidOf(pod));
    this.#pending.delete(uidOf(pod));
    queue.delete(pod);
    volumes?.followers.touch('pods', uidOf(pod));
    if (cache.isAssumed(pod)) this.#assumedPodDeleted(pod);
    else if (podInfo && (pod.status?.nominatedNodeName ?? '') !== '') this.#nominationGone(podInfo);
  }

  /** Its room is free at once; the binding that is under way will fail by itself. */
  #assumedPodDeleted(pod: Pod): void {
    const { cache, queue, rejectWaiting } = this.#options;
    const placed = cache.placedPod(uidOf(pod));
    if (!rejectWaiting(uidOf(pod))) cache.forget(pod);
    queue.moveAll(podDelete, placed?.pod ?? pod, undefined);
  }

  /** Pods of the same or lower priority counted the nominee as placed. */
  #nominationGone({ pod, priority }: PodInfo): void {
    this.#options.queue.moveAll(podDelete, pod, undefined, (other) => other.priority <= priority);
  }

  #isOurs(pod: Pod): boolean {
    return (pod.spec.schedulerName ?? 'default-scheduler') === this.#options.schedulerName;
  }
}

const isAssigned = (pod: Pod): boolean => (pod.spec.nodeName ?? '') !== '';
