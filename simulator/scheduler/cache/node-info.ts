import { type HostPort, type Node, resourceAmount } from '@slipway/kube';
import type { PodInfo } from './pod-info.ts';
import { combine, noResource, type Resource, resourceOfAmounts } from './resource.ts';

/** An image and how far it has spread. Shared by all nodes that have it, and kept current by the cache. */
export interface ImageState {
  readonly sizeBytes: number;
  readonly nodeCount: number;
}

const noImages: ReadonlyMap<string, ImageState> = new Map();

/**
 * A node and the sums over its pods. Immutable: each change makes a new one in time that grows with the pods of this node only, so a
 * snapshot is a list of references and a what-if needs no copy. Source: `pkg/scheduler/framework/types.go` NodeInfo.
 */
export class NodeInfo {
  readonly node: Node;
  readonly allocatable: Resource;
  readonly pods: readonly PodInfo[];
  /** Pods with any affinity or anti-affinity term. */
  readonly podsWithAffinity: readonly PodInfo[];
  readonly podsWithRequiredAntiAffinity: readonly PodInfo[];
  readonly podsWithClaims: readonly PodInfo[];
  /** True sum of what the pods request. */
  readonly requested: Resource;
  /** CPU with 100m for each container that names none: for scores only. */
  readonly nonZeroMilliCPU: number;
  /** Memory with 200 MiB for each container that names none: for scores only. */
  readonly nonZeroMemory: number;
  readonly usedPorts: readonly HostPort[];
  readonly images: ReadonlyMap<string, ImageState>;

  constructor(parts: Omit<NodeInfo, 'withPod' | 'withoutPod' | 'withPodReplaced' | 'withNode'>) {
    this.node = parts.node;
    this.allocatable = parts.allocatable;
    this.pods = parts.pods;
    this.podsWithAffinity = parts.podsWithAffinity;
    this.podsWithRequiredAntiAffinity = parts.podsWithRequiredAntiAffinity;
    this.podsWithClaims = parts.podsWithClaims;
    this.requested = parts.requested;
    this.nonZeroMilliCPU = parts.nonZeroMilliCPU;
    this.nonZeroMemory = parts.nonZeroMemory;
    this.usedPorts = parts.usedPorts;
    this.images = parts.images;
  }

  withPod(podInfo: PodInfo): NodeInfo {
    return new NodeInfo({
      node: this.node,
      allocatable: this.allocatable,
      pods: [...this.pods, podInfo],
      podsWithAffinity: podInfo.hasAffinity ? [...this.podsWithAffinity, podInfo] : this.podsWithAffinity,
      podsWithRequiredAntiAffinity:
        podInfo.requiredAntiAffinityTerms.length > 0 ? [...this.podsWithRequiredAntiAffinity, podInfo] : this.podsWithRequiredAntiAffinity,
      podsWithClaims: podInfo.claims.length > 0 ? [...this.podsWithClaims, podInfo] : this.podsWithClaims,
      requested: combine(this.requested, podInfo.requests, 1),
      nonZeroMilliCPU: this.nonZeroMilliCPU + podInfo.nonZeroMilliCPU,
      nonZeroMemory: this.nonZeroMemory + podInfo.nonZeroMemory,
      usedPorts: podInfo.hostPorts.length > 0 ? [...this.usedPorts, ...podInfo.hostPorts] : this.usedPorts,
      images: this.images,
    });
  }

  /** Without the pod of this uid; itself when it has none. */
  withoutPod(uid: string): NodeInfo {
    const leaving = this.pods.find((podInfo) => podInfo.uid === uid);
    if (!leaving) return this;
    const others = this.pods.filter((podInfo) => podInfo !== leaving);
    return new NodeInfo({
      node: this.node,
      allocatable: this.allocatable,
      pods: others,
      podsWithAffinity: leaving.hasAffinity ? others.filter((podInfo) => podInfo.hasAffinity) : this.podsWithAffinity,
      podsWithRequiredAntiAffinity:
        leaving.requiredAntiAffinityTerms.length > 0
          ? others.filter((podInfo) => podInfo.requiredAntiAffinityTerms.length > 0)
          : this.podsWithRequiredAntiAffinity,
      podsWithClaims: leaving.claims.length > 0 ? others.filter(({ claims }) => claims.length > 0) : this.podsWithClaims,
      requested: combine(this.requested, leaving.requests, -1),
      nonZeroMilliCPU: this.nonZeroMilliCPU - leaving.nonZeroMilliCPU,
      nonZeroMemory: this.nonZeroMemory - leaving.nonZeroMemory,
      usedPorts: leaving.hostPorts.length > 0 ? others.flatMap((podInfo) => podInfo.hostPorts) : this.usedPorts,
      images: this.images,
    });
  }

  /** The same pod in a newer version that counts alike: sums stay, references move on. */
  withPodReplaced(before: PodInfo, after: PodInfo): NodeInfo {
    const swap = (pods: readonly PodInfo[]): readonly PodInfo[] => pods.map((podInfo) => (podInfo === before ? after : podInfo));
    return new NodeInfo({
      node: this.node,
      allocatable: this.allocatable,
      pods: swap(this.pods),
      podsWithAffinity: before.hasAffinity ? swap(this.podsWithAffinity) : this.podsWithAffinity,
      podsWithRequiredAntiAffinity:
        before.requiredAntiAffinityTerms.length > 0 ? swap(this.podsWithRequiredAntiAffinity) : this.podsWithRequiredAntiAffinity,
      podsWithClaims: before.claims.length > 0 ? swap(this.podsWithClaims) : this.podsWithClaims,
      requested: this.requested,
      nonZeroMilliCPU: this.nonZeroMilliCPU,
      nonZeroMemory: this.nonZeroMemory,
      usedPorts: this.usedPorts,
      images: this.images,
    });
  }

  withNode(node: Node, images: ReadonlyMap<string, ImageState> = this.images): NodeInfo {
    const before = this.node.status?.allocatable;
    const allocatable = node.status?.allocatable === before ? this.allocatable : allocatableOf(node);
    return new NodeInfo({
      node,
      allocatable,
      pods: this.pods,
      podsWithAffinity: this.podsWithAffinity,
      podsWithRequiredAntiAffinity: this.podsWithRequiredAntiAffinity,
      podsWithClaims: this.podsWithClaims,
      requested: this.requested,
      nonZeroMilliCPU: this.nonZeroMilliCPU,
      nonZeroMemory: this.nonZeroMemory,
      usedPorts: this.usedPorts,
      images,
    });
  }
}

/** What the node offers to pods. */
export function allocatableOf(node: Node): Resource {
  const amounts: Record<string, number> = {};
  for (const [name, quantity] of Object.entries(node.status?.allocatable ?? {})) amounts[name] = resourceAmount(name, quantity);
  return resourceOfAmounts(amounts);
}

/** A node without pods. */
export function nodeInfoOf(node: Node, images: ReadonlyMap<string, ImageState> = noImages): NodeInfo {
  return new NodeInfo({
    node,
    allocatable: allocatableOf(node),
    pods: [],
    podsWithAffinity: [],
    podsWithRequiredAntiAffinity: [],
    podsWithClaims: [],
    requested: noResource,
    nonZeroMilliCPU: 0,
    nonZeroMemory: 0,
    usedPorts: [],
    images,
  });
}
