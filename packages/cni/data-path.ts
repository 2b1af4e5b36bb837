// How a packet travels, beside CNI: the standard says how a container is attached, and nothing of what happens then. This contract is
// Slipway's own; mocks leave interfaces and routes on hosts, and a data path walks them.

import type { NetworkNamespace, Route } from '@slipway/host';

/** One packet, or the first of a connection. */
export interface Packet {
  /** Where it starts. */
  readonly from: NetworkNamespace;
  /** Left out: the address of the interface that it leaves through. */
  readonly source?: string;
  readonly destination: string;
  /** With headers, in bytes. Left out: small enough for any interface. */
  readonly sizeBytes?: number;
}

/** One step of the way. */
export interface Hop {
  /** The host that it is on. */
  readonly node: string;
  /** Path of the namespace; empty for the host's own. */
  readonly netns: string;
  /** Interface that it goes through; empty where it is delivered. */
  readonly device: string;
  readonly action: 'send' | 'bridge' | 'encapsulate' | 'decapsulate' | 'deliver';
  /** Next address on the way. */
  readonly to: string;
}

/** Why a packet got no further. */
export type DropReason =
  | 'no route'
  | 'interface down'
  | 'host unreachable'
  | 'message too long'
  | 'time to live exceeded'
  | 'left the cluster';

/** How it ended. */
export type Verdict =
  | { readonly delivered: true; readonly namespace: NetworkNamespace }
  | { readonly delivered: false; readonly reason: DropReason; readonly node: string };

/** The way of one packet. */
export interface Journey {
  /** Address that the receiver sees. */
  readonly source: string;
  readonly hops: readonly Hop[];
  readonly verdict: Verdict;
}

/** What carries packets between namespaces. One way only: an answer is a packet of its own. */
export interface DataPath {
  send(packet: Packet): Journey;
}

/**
 * A route into a tunnel, with the tunnel's far end. Linux knows the far end from tables of their own (neighbours, forwarding database);
 * a simulated host has none of these, so it stands beside the route.
 */
export interface TunnelRoute extends Route {
  readonly tunnel: {
    readonly vni: number;
    /** Address of the far host. */
    readonly remote: string;
    /** Hardware address of the far end. */
    readonly mac: string;
  };
}
