import type { CloudNetwork } from '@slipway/cloud';
import { HostDataPath, type Journey, type TunnelRoute } from '@slipway/cni';
import type { Host, NetworkNamespace } from '@slipway/host';
import type { Node } from '@slipway/kube';
import type { Trip } from './trip.ts';

/** Where tunnels end, for networks that look it up packet by packet: flannel's leases. */
export interface TunnelDirectory {
  update(node: Node): void;
  remove(node: string): void;
  tunnel(address: string): TunnelRoute['tunnel'] | undefined;
}

/** Whether two places cannot reach each other. Names of nodes, or `outside`. */
export type Partition = (one: string, other: string) => boolean;

export interface NetworkOptions {
  readonly cloud: CloudNetwork | undefined;
  readonly tunnels: TunnelDirectory | undefined;
  readonly partition: Partition | undefined;
}

/** Where a packet came out. */
export interface Arrival {
  readonly host: Host;
  readonly namespace: NetworkNamespace;
  /** The sender's address as it is seen there. */
  readonly source: string;
}

/** Carries packets over what the hosts' network plugins have built, between machines that have power and are not cut off. */
export class Network {
  readonly #path: HostDataPath;
  readonly #hosts = new Map<string, Host>();
  readonly #partition: Partition | undefined;
  /** What stopped the packet that is on its way now. */
  #obstacle = '';

  constructor({ cloud, tunnels, partition }: NetworkOptions) {
    this.#partition = partition;
    this.#path = new HostDataPath({
      host: (address) => this.#seen(this.#hosts.get(address)),
      routed: (address) => {
        const name = cloud?.routed(address);
        return name === undefined ? undefined : this.#seen(this.#byName.get(name));
      },
      tunnel: (address) => tunnels?.tunnel(address),
      cut: (from, to) => this.#cut(from.name, to),
    });
  }

  readonly #byName = new Map<string, Host>();

  add(host: Host): void {
    this.#byName.set(host.name, host);
    for (const address of host.addresses) this.#hosts.set(address.replace(/\/.*/, ''), host);
  }

  remove(host: Host): void {
    if (this.#byName.get(host.name) === host) this.#byName.delete(host.name);
    for (const address of host.addresses) {
      const ip = address.replace(/\/.*/, '');
      if (this.#hosts.get(ip) === host) this.#hosts.delete(ip);
    }
  }

  /** The machine with this address. */
  hostAt(ip: string): Host | undefined {
    return this.#hosts.get(ip);
  }

  host(name: string): Host | undefined {
    return this.#byName.get(name);
  }

  /**
   * Sends towards an address; a packet that gets lost drops the trip, with the data path's own reason.
   *
   * @param source the address that it comes from. Left out: the one that the sender's routes choose.
   */
  send(trip: Trip, from: NetworkNamespace, destination: string, source?: string): Arrival {
    this.#obstacle = '';
    const journey = this.#path.send({ from, destination, ...(source === undefined ? {} : { source }) });
    const { verdict } = journey;
    const { host } = from.network;
    if (!verdict.delivered) {
      const { reason, node } = verdict;
      const why = `${reason}: ${destination}${this.#obstacle}`;
      trip.note('network', host.name, wayOf(journey));
      // Only what its own machine finds out is told to the client; what routers say back is lost with the way.
      if (reason === 'no route' && node === host.name) trip.drop('network', node, why, 'ENETUNREACH');
      const missing = reason === 'host unreachable' && node === host.name && this.#obstacle === '';
      return trip.drop('network', node, why, missing ? 'EHOSTUNREACH' : 'ETIMEDOUT');
    }
    const { namespace } = verdict;
    trip.note('network', host.name, wayOf(journey));
    return { host: namespace.network.host, namespace, source: journey.source };
  }

  /** Whether an answer finds its way; drops the trip if not. */
  sendBack(trip: Trip, from: NetworkNamespace, destination: string): void {
    this.#obstacle = '';
    const { verdict } = this.#path.send({ from, destination });
    if (!verdict.delivered)
      trip.drop('network', verdict.node, `the answer is lost, ${verdict.reason}: ${destination}${this.#obstacle}`, 'ETIMEDOUT');
  }

  /** Drops the trip unless a machine can be reached from outside. */
  enter(trip: Trip, host: Host): void {
    this.#obstacle = '';
    if (!host.on) this.#seen(host);
    else if (!this.#cut('outside', host)) return;
    trip.drop('network', 'outside', `host unreachable: ${host.name}${this.#obstacle}`, 'ETIMEDOUT');
  }

  #seen(host: Host | undefined): Host | undefined {
    if (host && !host.on) this.#obstacle = ` (${host.name} has no power)`;
    return host;
  }

  #cut(from: string, { name }: Host): boolean {
    if (!this.#partition?.(from, name)) return false;
    this.#obstacle = ` (${name} is cut off from ${from})`;
    return true;
  }
}

/** `eth0, flannel.1, node-2 flannel.1, cni0`: the interfaces on the way. */
function wayOf({ hops, verdict }: Journey): string {
  let node = hops[0]?.node;
  const ways: string[] = [];
  for (const hop of hops) {
    if (hop.action === 'deliver') continue;
    ways.push(hop.node === node ? hop.device : `${hop.node} ${hop.device}`);
    node = hop.node;
  }
  const way = ways.join(', ') || 'lo';
  return verdict.delivered ? way : `${way} and no further`;
}
