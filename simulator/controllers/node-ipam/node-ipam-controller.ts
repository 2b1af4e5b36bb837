import { type ControllerDefinition, defineController } from '@slipway/client';
import { type Cidr, cidr, formatNetwork, sizeOf, subnet } from '@slipway/host';
import type { Node } from '@slipway/kube';

export interface NodeIpamOptions {
  /** Left out: 10.244.0.0/16, as kubeadm's flannel has it. */
  readonly clusterCidr?: string;
  /** Prefix length of a node's range. Left out: 24. */
  readonly nodeMaskSize?: number;
}

/** Gives each node a range of pod addresses, in order of arrival; ranges never overlap. Source: `pkg/controller/nodeipam/ipam/range_allocator.go`. */
export function nodeIpamController({ clusterCidr = '10.244.0.0/16', nodeMaskSize = 24 }: NodeIpamOptions = {}): ControllerDefinition {
  const pool = new RangePool(cidr(clusterCidr), nodeMaskSize);
  /** Nodes that came when no range was left. */
  const waiting = new Set<string>();

  return defineController({
    name: 'node-ipam-controller',
    // Source: `pkg/controller/nodeipam/ipam/cidr_allocator.go`, cidrUpdateWorkers.
    workers: 30,
    watches: ['nodes'],
    start({ informers }) {
      for (const node of informers.get('nodes').list()) if (node.spec?.podCIDR) pool.occupy(node.metadata.name, node.spec.podCIDR);
    },
    *reconcile(name, { informers, api, events, queue }) {
      const node = informers.get('nodes').get(name);
      waiting.delete(name);
      if (!node || node.metadata.deletionTimestamp !== undefined) {
        if (!node && pool.release(name)) for (const each of waiting) queue.add(each);
        return;
      }
      if (node.spec?.podCIDR) {
        pool.occupy(name, node.spec.podCIDR);
        return;
      }
      const range = pool.allocate(name);
      if (range === undefined) {
        waiting.add(name);
        events.normal(node, 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`);
        return;
      }
      const spec: Partial<Node['spec']> = { podCIDR: range, podCIDRs: [range] };
      try {
        yield* api.nodes.patch({ name, patch: { spec } });
      } catch (error) {
        // The range stays this node's: a write whose answer was lost may have been done.
        events.normal(node, 'CIDRAssignmentFailed', `Node ${name} status is now: CIDRAssignmentFailed`);
        throw error;
      }
    },
  });
}

/** The ranges of a network, each with at most one holder. */
class RangePool {
  readonly #network: Cidr;
  readonly #prefix: number;
  readonly #count: number;
  readonly #byNode = new Map<string, string>();
  readonly #taken = new Set<string>();
  #next = 0;

  constructor(network: Cidr, prefix: number) {
    this.#network = network;
    this.#prefix = prefix;
    this.#count = Number(sizeOf(network) / sizeOf({ ...network, prefix }));
  }

  /** The node's range; a free one if it has none; undefined when none is left. */
  allocate(node: string): string | undefined {
    const held = this.#byNode.get(node);
    if (held !== undefined) return held;
    for (let tries = 0; tries < this.#count; tries++) {
      const index = (this.#next + tries) % this.#count;
      const range = subnet(this.#network, this.#prefix, index);
      const text = range && formatNetwork(range);
      if (text === undefined || this.#taken.has(text)) continue;
      this.#next = (index + 1) % this.#count;
      this.occupy(node, text);
      return text;
    }
    return undefined;
  }

  occupy(node: string, range: string): void {
    if (this.#byNode.get(node) === range) return;
    this.release(node);
    this.#byNode.set(node, range);
    this.#taken.add(range);
  }

  /** Whether the node held a range. */
  release(node: string): boolean {
    const range = this.#byNode.get(node);
    if (range === undefined) return false;
    this.#byNode.delete(node);
    this.#taken.delete(range);
    return true;
  }
}
