import type { NodePlugins } from './chosen.ts';

/** Enough /24 ranges for 256 nodes; more nodes get the shared address space of RFC 6598. */
const SMALL_CLUSTER_CIDR = '10.244.0.0/16';
const LARGE_CLUSTER_CIDR = '100.64.0.0/10';
const SMALL_CLUSTER = 250;
/** From here on, every node watching every other costs more than the rest of the cluster's start. */
const FEW_NODES = 50;

/** Pod addresses of a cluster of so many nodes. */
export function clusterCidrFor(nodes: number): string {
  return nodes > SMALL_CLUSTER ? LARGE_CLUSTER_CIDR : SMALL_CLUSTER_CIDR;
}

/**
 * The plugins as an administrator would set them up for so many nodes: a network plugin that has to be told the cluster's range is told
 * it, and in a large cluster its nodes look each other up instead of all watching all. What the user set stays.
 */
export function pluginsFor<P extends NodePlugins>(nodes: number, plugins: P): P {
  const { cni } = plugins;
  const options = cni.options as { readonly network?: string; readonly peers?: string };
  if (nodes <= FEW_NODES || options.network !== SMALL_CLUSTER_CIDR || options.peers === undefined) return plugins;
  return { ...plugins, cni: { ...cni, options: { ...options, network: clusterCidrFor(nodes), peers: 'lookup' } } };
}
