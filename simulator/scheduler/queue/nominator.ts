import type { PodInfo } from '../cache/pod-info.ts';

const nobody: readonly PodInfo[] = [];

/** Which pods hold room on which node until they are scheduled. Source: `backend/queue/nominator.go`. */
export class Nominator {
  readonly #byNode = new Map<string, readonly PodInfo[]>();
  readonly #nodeOf = new Map<string, string>();

  get size(): number {
    return this.#nodeOf.size;
  }

  /** In order of nomination. */
  onNode(nodeName: string): readonly PodInfo[] {
    return this.#byNode.get(nodeName) ?? nobody;
  }

  /** Every nomination, with its node. */
  *all(): Generator<{ readonly podInfo: PodInfo; readonly node: string }> {
    for (const [node, pods] of this.#byNode) for (const podInfo of pods) yield { podInfo, node };
  }

  /** Holds room on the node; an empty name gives it back. Left out: what the pod's status says. */
  set(podInfo: PodInfo, nodeName: string = podInfo.pod.status?.nominatedNodeName ?? ''): void {
    this.delete(podInfo.uid);
    if (nodeName === '') return;
    this.#nodeOf.set(podInfo.uid, nodeName);
    this.#byNode.set(nodeName, [...this.onNode(nodeName), podInfo]);
  }

  /** The pod has changed. A nomination that no version of it speaks of yet is kept: the write is still on its way. */
  update(before: PodInfo, after: PodInfo): void {
    const [was, is] = [before.pod.status?.nominatedNodeName ?? '', after.pod.status?.nominatedNodeName ?? ''];
    this.set(after, was === '' && is === '' ? (this.#nodeOf.get(after.uid) ?? '') : is);
  }

  delete(uid: string): void {
    const nodeName = this.#nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(uid);
    const others = this.onNode(nodeName).filter((podInfo) => podInfo.uid !== uid);
    if (others.length === 0) this.#byNode.delete(nodeName);
    else this.#byNode.set(nodeName, others);
  }
}
