import { parseIp } from '@slipway/host';
import type { Node, NodeAddress } from '@slipway/kube';

/** Set by a kubelet that was started with `--node-ip`. */
const PROVIDED_NODE_IP = 'alpha.kubernetes.io/provided-node-ip';

/**
 * The addresses that a node gets: the cloud's, with the kubelet's host name where the cloud has none; an address that the kubelet was
 * told to use comes first and is the only one of its type. Source: cloud-provider `controllers/node/node_controller.go`,
 * updateNodeAddress, and `node/helpers/address.go`.
 *
 * @throws Error when the cloud does not know the address that the kubelet was told to use
 */
export function addressesFor(node: Node, cloud: readonly NodeAddress[]): readonly NodeAddress[] {
  const known = cloud.some(({ type }) => type === 'Hostname')
    ? cloud
    : [...cloud, ...(node.status?.addresses ?? []).filter(({ type }) => type === 'Hostname')];
  return preferProvidedIp(node, known);
}

/** @throws Error as `addressesFor` */
export function preferProvidedIp(node: Node, addresses: readonly NodeAddress[]): readonly NodeAddress[] {
  const provided = node.metadata.annotations?.[PROVIDED_NODE_IP];
  if (provided === undefined) return addresses;
  const enforced: NodeAddress[] = [];
  for (const text of provided.split(',')) {
    const wanted = parseIp(text.trim());
    if (!wanted) throw new Error(`failed to parse node IP "${provided}": could not parse "${text.trim()}" as IP`);
    const matches = addresses.filter(({ address }) => {
      const ip = parseIp(address);
      return ip?.family === wanted.family && ip.value === wanted.value;
    });
    if (matches.length === 0) throw new Error(`failed to get node address from cloud provider that matches ip: ${text.trim()}`);
    enforced.push(...matches);
  }
  const types = new Set(enforced.map(({ type }) => type));
  return [...enforced, ...addresses.filter(({ type }) => !types.has(type))];
}

/** Whether a write is due. As upstream, of several addresses of one type the old list's last one counts. */
export function addressesDiffer(old: readonly NodeAddress[], wanted: readonly NodeAddress[]): boolean {
  if (old.length !== wanted.length) return true;
  const byType = new Map(old.map(({ type, address }) => [type, address]));
  return wanted.some(({ type, address }) => byType.get(type) !== address);
}
