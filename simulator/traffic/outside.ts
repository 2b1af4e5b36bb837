import type { Balanced, CloudNetwork } from '@slipway/cloud';
import { cidr, contains, type Host, parseIp } from '@slipway/host';
import type { Kernel } from '@slipway/kernel';
import type { Network } from './network.ts';
import type { Trip } from './trip.ts';

/** Documentation range (RFC 5737): the address of somebody outside who names none. */
export const SOMEBODY_OUTSIDE = '203.0.113.10';

/** The way in from outside the cluster: the cloud's balancers. */
export class Outside {
  readonly #kernel: Kernel;
  readonly #cloud: CloudNetwork | undefined;
  readonly #network: Network;

  constructor(kernel: Kernel, cloud: CloudNetwork | undefined, network: Network) {
    this.#kernel = kernel;
    this.#cloud = cloud;
    this.#network = network;
  }

  balancer(ip: string, port: number, protocol: 'TCP' | 'UDP'): Balanced | undefined {
    return this.#cloud?.balance(ip, port, protocol);
  }

  /** Passes a connection through a balancer and returns the machine that it goes to. */
  through(trip: Trip, { balancer, targets, sourceRanges, targetPort }: Balanced, client: string): Host {
    const address = parseIp(client);
    const allowed = sourceRanges.length === 0 || (address && sourceRanges.some((range) => contains(cidr(range), address)));
    if (!allowed) trip.drop('load-balancer', balancer, `${client} is in none of the source ranges ${sourceRanges.join(', ')}`, 'ETIMEDOUT');
    if (targets.length === 0) trip.drop('load-balancer', balancer, 'no target is in service', 'ECONNRESET');
    const sorted = targets.toSorted();
    const target = sorted.length === 1 ? (sorted[0] as string) : this.#kernel.random(`load-balancer/${balancer}`).pick(sorted);
    trip.note('load-balancer', balancer, `${target}:${targetPort}`);
    const host = this.#network.host(target);
    if (!host) return trip.drop('load-balancer', balancer, `target ${target} is gone`, 'ETIMEDOUT');
    this.#network.enter(trip, host);
    return host;
  }
}
