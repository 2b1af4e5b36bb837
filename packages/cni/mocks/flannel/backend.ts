import { cidr, formatIp, formatNetwork, type Host, type Route } from '@slipway/host';
import type { TunnelRoute } from '../../data-path.ts';

/** How packets travel between hosts. */
export type BackendType = 'vxlan' | 'host-gw';

/** What a host tells the others about its part of the network. Source: flannel-io/flannel pkg/lease. */
export interface Lease {
  /** Its pods, CIDR. */
  readonly subnet: string;
  /** Address that the others reach it at. */
  readonly publicIp: string;
  readonly backendType: string;
  /** vxlan: network identifier and hardware address of the tunnel's end. */
  readonly vxlan?: { readonly VNI: number; readonly VtepMAC: string };
}

/** Bytes that VXLAN over IPv4 adds. Source: pkg/backend/vxlan/vxlan_network.go encapOverhead. */
const VXLAN_OVERHEAD = 50;

/** The tunnel's interface. */
export const vxlanDevice = (vni: number): string => `flannel.${vni}`;

/** The MTU that the backend leaves for pods. */
export function podMtu(backend: BackendType, hostMtu: number): number {
  return backend === 'vxlan' ? hostMtu - VXLAN_OVERHEAD : hostMtu;
}

/**
 * Makes the tunnel's end on this host, with one address of the host's subnet (the network's own, as a /32, so that no route follows).
 * Returns its hardware address.
 *
 * @param mac the one that the node's annotations remember, so that a reboot does not change it. Source: pkg/backend/vxlan/vxlan.go.
 */
export function ensureVxlan(host: Host, vni: number, subnet: string, mtu: number, mac: string | undefined): string {
  const { root } = host.network;
  const name = vxlanDevice(vni);
  const link = root.interfaces.get(name) ?? root.addInterface({ name, kind: 'vxlan', mtu, ...(mac === undefined ? {} : { mac }) });
  const own = `${formatIp(cidr(subnet).network)}/${subnet.includes(':') ? 128 : 32}`;
  if (!link.addresses.includes(own)) {
    for (const other of link.addresses) root.removeAddress(name, other);
    root.addAddress(name, own);
  }
  return link.mac;
}

/**
 * The route to another host's pods; undefined when its lease is of another backend, which flannel ignores. vxlan: over the tunnel, whose
 * far end Linux knows from its ARP and forwarding tables; a simulated host has none, so it stands beside the route. Source:
 * pkg/backend/vxlan/vxlan_network.go handleSubnetEvents, pkg/backend/hostgw/hostgw.go.
 */
export function routeTo(lease: Lease, backend: BackendType, device: string): Route | TunnelRoute | undefined {
  if (lease.backendType !== backend) return undefined;
  const dst = formatNetwork(cidr(lease.subnet));
  if (backend === 'host-gw') return { dst, gw: lease.publicIp, dev: device };
  if (!lease.vxlan) return undefined;
  return {
    dst,
    gw: formatIp(cidr(lease.subnet).network),
    dev: device,
    tunnel: { vni: lease.vxlan.VNI, remote: lease.publicIp, mac: lease.vxlan.VtepMAC },
  };
}
