import { cidr, formatNetwork, parseIp, RouteTable } from '@slipway/host';
import type { Node } from '@slipway/kube';
import type { TunnelRoute } from '../../data-path.ts';
import { leaseOf } from './agent.ts';
import type { Lease } from './backend.ts';

/**
 * Every node's lease, to be looked up by pod address: one for a whole cluster, kept from one watch of nodes. It answers what agents with
 * `peers: lookup` leave open, for the data path's `Underlay`.
 */
export class LeaseIndex {
  readonly #ranges = new RouteTable();
  readonly #byRange = new Map<string, { readonly node: string; readonly lease: Lease }>();
  readonly #rangeOf = new Map<string, string>();

  /** Takes the node's lease as it is now. */
  update(node: Node): void {
    const { name } = node.metadata;
    this.remove(name);
    const lease = leaseOf(node);
    if (!lease) return;
    const range = formatNetwork(cidr(lease.subnet));
    // Of two nodes with one range the newer wins: the other is a leftover that nobody has deleted yet.
    if (this.#ranges.has(range)) this.remove(this.#byRange.get(range)?.node ?? '');
    this.#ranges.add({ dst: range, dev: name });
    this.#byRange.set(range, { node: name, lease });
    this.#rangeOf.set(name, range);
  }

  /** Forgets a node. */
  remove(node: string): void {
    const range = this.#rangeOf.get(node);
    if (range === undefined) return;
    this.#ranges.remove(range);
    this.#byRange.delete(range);
    this.#rangeOf.delete(node);
  }

  /** The lease that an address of a pod lies in. */
  find(address: string): Lease | undefined {
    const ip = parseIp(address);
    const range = ip && this.#ranges.find(ip);
    return range && this.#byRange.get(range.dst)?.lease;
  }

  /** Far end of the tunnel to an address, for `Underlay.tunnel`. */
  tunnel(address: string): TunnelRoute['tunnel'] | undefined {
    const lease = this.find(address);
    return lease?.vxlan && { vni: lease.vxlan.VNI, remote: lease.publicIp, mac: lease.vxlan.VtepMAC };
  }
}
