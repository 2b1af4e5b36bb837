import { invariant } from '@slipway/kernel';
import { isTerminal, type Namespace, type Node, type Pod } from '@slipway/kube';
import { DefaultSelectors } from './default-selectors.ts';
import { ImageStates } from './image-states.ts';
import { MatchingPodsIndex } from './matching-pods.ts';
import { type NodeInfo, nodeInfoOf } from './node-info.ts';
import { NodeTree } from './node-tree.ts';
import { assignedTo, type PodInfo, podInfoOf, uidOf } from './pod-info.ts';
import { CachedSnapshot } from './cached-snapshot.ts';
import type { Snapshot } from './snapshot.ts';

interface PlacedPod {
  readonly podInfo: PodInfo;
  readonly nodeName: string;
  /** Placed by this scheduler, not yet seen as bound. */
  readonly assumed: boolean;
}

/**
 * The scheduler's own view of nodes and placed pods, ahead of the API server by its assumptions. An assumption never expires by time:
 * the bound pod's watch event confirms it, or a failure forgets it. Source: `pkg/scheduler/backend/cache/cache.go`.
 */
export class SchedulerCache {
  readonly selectors = new DefaultSelectors();
  readonly #nodes = new Map<string, NodeInfo>();
  /** Pods on nodes that are not known (yet, or any more): they count as soon as the node is. */
  readonly #homeless = new Map<string, Map<string, PodInfo>>();
  readonly #pods = new Map<string, PlacedPod>();
  readonly #tree = new NodeTree();
  readonly #images = new ImageStates();
  readonly #matching = new MatchingPodsIndex();
  readonly #namespaces = new Map<string, { readonly [key: string]: string }>();
  /** Placed pods by the claims that they use. */
  readonly #claimUsers = new Map<string, number>();
  readonly #snapshot: CachedSnapshot;
  #changed = new Set<string>();
  #orderChanged = true;

  constructor() {
    this.#snapshot = new CachedSnapshot(this.#matching, this.selectors, this.#namespaces, this.#claimUsers);
  }

  get nodeCount(): number {
    return this.#nodes.size;
  }

  /** Adds a node or takes in its new version. */
  setNode(node: Node): void {
    const { name } = node.metadata;
    const before = this.#nodes.get(name);
    if (before?.node === node) return;
    if (this.#tree.set(node)) this.#orderChanged = true;
    if (before) {
      const sameImages = before.node.status?.images === node.status?.images;
      this.#replace(before.withNode(node, sameImages ? before.images : this.#images.update(node, before.images)));
      return;
    }
    let info = nodeInfoOf(node);
    info = info.withNode(node, this.#images.update(node, info.images));
    for (const podInfo of this.#homeless.get(name)?.values() ?? []) info = info.withPod(podInfo);
    this.#homeless.delete(name);
    this.#replace(info);
  }

  /** Forgets a node; its pods are remembered until their own deletion arrives. */
  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (!info) return;
    this.#nodes.delete(name);
    this.#tree.delete(name);
    this.#orderChanged = true;
    this.#images.remove(name, info.images);
    if (info.pods.length > 0) this.#homeless.set(name, new Map(info.pods.map((podInfo) => [podInfo.uid, podInfo])));
  }

  setNamespace(namespace: Namespace): void {
    this.#namespaces.set(namespace.metadata.name, namespace.metadata.labels ?? {});
  }

  removeNamespace(name: string): void {
    this.#namespaces.delete(name);
  }

  isAssumed(pod: Pod): boolean {
    return this.#pods.get(uidOf(pod))?.assumed ?? false;
  }

  /** The pod as it is placed here, also when only assumed. */
  placedPod(uid: string): PodInfo | undefined {
    return this.#pods.get(uid)?.podInfo;
  }

  /** Every pod that takes room, and whether it is only assumed to be where it is. */
  *placedPods(): Generator<PlacedPod> {
    yield* this.#pods.values();
  }

  /** Counts the pod on the node from now on, before the API server knows. Returns the pod as placed. */
  assume(podInfo: PodInfo, nodeName: string): PodInfo {
    invariant(!this.#pods.has(podInfo.uid), `pod ${podInfo.key} is assumed although it is placed already`);
    const placed = assignedTo(podInfo, nodeName);
    this.#place(placed, nodeName, true);
    return placed;
  }

  /** Takes an assumption back; false when the pod is bound by now, or gone. */
  forget(pod: Pod): boolean {
    if (!this.isAssumed(pod)) return false;
    this.#displace(uidOf(pod));
    return true;
  }

  /**
   * Takes in a bound pod: new, confirming an assumption, or changed. A finished pod takes nothing any more and leaves.
   *
   * @returns the pod as known before and after; `after` is undefined for a finished pod
   */
  setPod(pod: Pod): { readonly before: PodInfo | undefined; readonly after: PodInfo | undefined; readonly wasAssumed: boolean } {
    const nodeName = pod.spec.nodeName ?? '';
    const uid = uidOf(pod);
    const known = this.#pods.get(uid);
    const wasAssumed = known?.assumed ?? false;
    if (isTerminal(pod)) {
      if (known) this.#displace(uid);
      return { before: known?.podInfo, after: undefined, wasAssumed };
    }
    const after = podInfoOf(pod, known?.podInfo);
    if (known && known.nodeName === nodeName && countsAlike(known.podInfo, after)) {
      // Most updates are of status: nothing that nodes sum up has changed, but plugins shall see the newest object.
      this.#pods.set(uid, { podInfo: after, nodeName, assumed: false });
      this.#swap(known.podInfo, after, nodeName);
      return { before: known.podInfo, after, wasAssumed };
    }
    if (known) this.#displace(uid);
    this.#place(after, nodeName, false);
    return { before: known?.podInfo, after, wasAssumed };
  }

  removePod(pod: Pod): void {
    if (this.#pods.has(uidOf(pod))) this.#displace(uidOf(pod));
  }

  /** Brings the snapshot up to date in time that grows with what has changed, and returns it. */
  updateSnapshot(): Snapshot {
    if (this.#orderChanged) {
      this.#snapshot.rebuild(this.#tree.list().flatMap((name) => this.#nodes.get(name) ?? []));
      this.#orderChanged = false;
    } else {
      for (const name of this.#changed) {
        const info = this.#nodes.get(name);
        if (info) this.#snapshot.replace(info);
      }
    }
    if (this.#changed.size > 0) this.#changed = new Set();
    return this.#snapshot;
  }

  #place(podInfo: PodInfo, nodeName: string, assumed: boolean): void {
    this.#pods.set(podInfo.uid, { podInfo, nodeName, assumed });
    this.#matching.add(podInfo, nodeName);
    for (const { key } of podInfo.claims) this.#claimUsers.set(key, (this.#claimUsers.get(key) ?? 0) + 1);
    const info = this.#nodes.get(nodeName);
    if (info) this.#replace(info.withPod(podInfo));
    else this.#homelessOn(nodeName).set(podInfo.uid, podInfo);
  }

  #displace(uid: string): void {
    const placed = this.#pods.get(uid);
    if (!placed) return;
    const { podInfo, nodeName } = placed;
    this.#pods.delete(uid);
    this.#matching.remove(podInfo, nodeName);
    for (const { key } of podInfo.claims) this.#releaseClaim(key);
    const info = this.#nodes.get(nodeName);
    if (info) this.#replace(info.withoutPod(uid));
    else {
      const others = this.#homelessOn(nodeName);
      others.delete(uid);
      if (others.size === 0) this.#homeless.delete(nodeName);
    }
  }

  #releaseClaim(key: string): void {
    const users = (this.#claimUsers.get(key) ?? 0) - 1;
    if (users > 0) this.#claimUsers.set(key, users);
    else this.#claimUsers.delete(key);
  }

  #swap(before: PodInfo, after: PodInfo, nodeName: string): void {
    const info = this.#nodes.get(nodeName);
    if (info) this.#replace(info.withPodReplaced(before, after));
    else this.#homelessOn(nodeName).set(after.uid, after);
  }

  #replace(info: NodeInfo): void {
    this.#nodes.set(info.node.metadata.name, info);
    this.#changed.add(info.node.metadata.name);
  }

  #homelessOn(nodeName: string): Map<string, PodInfo> {
    let pods = this.#homeless.get(nodeName);
    if (!pods) {
      pods = new Map();
      this.#homeless.set(nodeName, pods);
    }
    return pods;
  }
}

/** Nothing that a node sums up, and nothing that selectors look at, differs. */
function countsAlike(before: PodInfo, after: PodInfo): boolean {
  return (
    before.requests === after.requests &&
    before.pod.metadata.labels === after.pod.metadata.labels &&
    before.pod.metadata.deletionTimestamp === after.pod.metadata.deletionTimestamp
  );
}
