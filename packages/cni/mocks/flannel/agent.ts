import { type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { cidr, contains, formatCidr, formatNetwork, type Host, nextIp, type Ip, type Interface } from '@slipway/host';
import type { Process } from '@slipway/kernel';
import type { Node, Stored } from '@slipway/kube';
import type { NetworkConfigList } from '../../network-config.ts';
import { writeNetworkConfig } from '../../runtime/index.ts';
import { type BackendType, ensureVxlan, type Lease, podMtu, routeTo, vxlanDevice } from './backend.ts';
import { SUBNET_FILE, writeSubnetFile } from './subnet-file.ts';

const PREFIX = 'flannel.alpha.coreos.com';

/** What flannel writes on nodes. Source: flannel-io/flannel pkg/subnet/kube/annotations.go. */
export const FLANNEL_ANNOTATIONS = {
  kubeManaged: `${PREFIX}/kube-subnet-manager`,
  backendData: `${PREFIX}/backend-data`,
  backendType: `${PREFIX}/backend-type`,
  publicIp: `${PREFIX}/public-ip`,
  publicIpOverwrite: `${PREFIX}/public-ip-overwrite`,
} as const;

/** Settings of the agent; net-conf.json in life. */
export interface FlannelAgentOptions {
  /** All pods of the cluster, CIDR; each node's podCIDR must lie inside. */
  readonly network: string;
  readonly backend: BackendType;
  readonly vni: number;
  /**
   * `watch`: a route for each other node, from a watch of all nodes. `lookup`: one route for all, and the way to a node is looked up
   * when a packet needs it (as flannel before 0.8 answered the kernel's misses), which keeps clusters of thousands of nodes small.
   */
  readonly peers: 'watch' | 'lookup';
  /** What is written for the runtime. */
  readonly conflist: NetworkConfigList;
}

/**
 * flanneld with the kube subnet manager, on one node: leases the node's podCIDR, tells the plugin (`subnet.env`) and the other nodes
 * (annotations), and keeps routes to them. Source: flannel-io/flannel pkg/subnet/kube/kube.go, pkg/backend.
 */
export function flannelAgent(node: string, host: Host, options: FlannelAgentOptions): ControllerDefinition {
  const { backend, vni, peers } = options;
  const selection = peers === 'lookup' ? { fieldSelector: `metadata.name=${node}` } : {};
  /** Pod networks that this agent has routes to, by node. */
  const routed = new Map<string, string>();
  let leased = false;

  function* lease(own: Stored<Node>, { api, queue, informers, timestamp, log }: ControllerContext): Process {
    const subnet = subnetOf(own);
    if (subnet === undefined) return log(`node "${node}" pod cidr not assigned`, node);
    if (!contains(cidr(options.network), cidr(subnet).network)) {
      return log(
        `subnet "${options.network}" specified in the flannel net config doesn't contain "${subnet}" PodCIDR of the "${node}" node`,
        node,
      );
    }
    const wire = wireOf(host);
    const publicIp = own.metadata.annotations?.[FLANNEL_ANNOTATIONS.publicIpOverwrite] ?? wire?.ip ?? internalIp(own);
    if (publicIp === undefined) return log(`failed to find an address of node "${node}" that others reach it at`, node);
    const mtu = wire?.mtu ?? 1500;
    const data =
      backend === 'vxlan'
        ? { VNI: vni, VtepMAC: ensureVxlan(host, vni, subnet, podMtu(backend, mtu), leaseOf(own)?.vxlan?.VtepMAC) }
        : null;
    const wanted: Readonly<Record<string, string>> = {
      [FLANNEL_ANNOTATIONS.backendData]: JSON.stringify(data),
      [FLANNEL_ANNOTATIONS.backendType]: backend,
      [FLANNEL_ANNOTATIONS.publicIp]: publicIp,
      [FLANNEL_ANNOTATIONS.kubeManaged]: 'true',
    };
    const { annotations = {} } = own.metadata;
    if (Object.entries(wanted).some(([key, value]) => annotations[key] !== value)) {
      yield* api.nodes.patch({ name: node, patch: { metadata: { annotations: wanted } } });
    }
    const network = formatNetwork(cidr(options.network));
    const first = formatCidr({ ...cidr(subnet), ip: nextIp(cidr(subnet).network) as Ip });
    writeSubnetFile(host.files, SUBNET_FILE, { network, subnet: first, mtu: podMtu(backend, mtu), ipMasq: true });
    if (!leased) {
      leased = true;
      const device = backend === 'vxlan' ? vxlanDevice(vni) : wire?.name;
      if (peers === 'lookup' && device !== undefined) {
        // It is there already when the agent alone was restarted.
        host.network.root.removeRoute(network);
        host.network.root.addRoute({ dst: network, dev: device });
      }
      // Routes need the tunnel's end, so other nodes' leases have waited for this one.
      for (const name of informers
        .get('nodes', selection)
        .list()
        .map(({ metadata }) => metadata.name)
        .sort())
        if (name !== node) queue.add(name);
    }
    if (own.status?.conditions?.find(({ type }) => type === 'NetworkUnavailable')?.reason !== 'FlannelIsUp') {
      const at = timestamp();
      const up = { type: 'NetworkUnavailable', status: 'False', reason: 'FlannelIsUp', message: 'Flannel is running on this node' };
      const conditions = [{ ...up, lastHeartbeatTime: at, lastTransitionTime: at }];
      yield* api.nodes.patch({ name: node, subresource: 'status', type: 'strategic', patch: { status: { conditions } } });
    }
  }

  function follow(name: string, other: Stored<Node> | undefined): void {
    if (!leased) return;
    const { root } = host.network;
    const device = backend === 'vxlan' ? vxlanDevice(vni) : wireOf(host)?.name;
    const theirs = other && leaseOf(other);
    const route = theirs && device !== undefined ? routeTo(theirs, backend, device) : undefined;
    const before = routed.get(name);
    if (before !== undefined) root.removeRoute(before);
    routed.delete(name);
    if (!route) return;
    root.removeRoute(route.dst);
    root.addRoute(route);
    routed.set(name, route.dst);
  }

  return defineController({
    name: 'flannel',
    watches: [
      watch('nodes', {
        ...selection,
        keys: (object, { event, old }) => (event === 'MODIFIED' && old && sameLease(old, object) ? [] : [object.metadata.name]),
      }),
    ],
    start() {
      // The machine may have been off: its routes, devices and `/run` went with the power.
      routed.clear();
      leased = false;
      writeNetworkConfig(host.files, '10-flannel.conflist', options.conflist);
    },
    *reconcile(key, context) {
      const there = context.informers.get('nodes', selection).get(key);
      if (key !== node) follow(key, there);
      else if (there) yield* lease(there, context);
    },
  });
}

/** What a node says of its part of the network; undefined while it is not managed by flannel. Source: kube.go nodeToLease. */
export function leaseOf(node: Node): Lease | undefined {
  const { annotations = {} } = node.metadata;
  const subnet = subnetOf(node);
  const publicIp = annotations[FLANNEL_ANNOTATIONS.publicIp];
  if (annotations[FLANNEL_ANNOTATIONS.kubeManaged] !== 'true' || subnet === undefined || publicIp === undefined) return undefined;
  const data = vtepOf(annotations[FLANNEL_ANNOTATIONS.backendData]);
  return { subnet, publicIp, backendType: annotations[FLANNEL_ANNOTATIONS.backendType] ?? '', ...(data ? { vxlan: data } : {}) };
}

function vtepOf(text: string | undefined): Lease['vxlan'] {
  try {
    const data = JSON.parse(text ?? 'null') as Partial<NonNullable<Lease['vxlan']>> | null;
    return typeof data?.VNI === 'number' && typeof data.VtepMAC === 'string' ? { VNI: data.VNI, VtepMAC: data.VtepMAC } : undefined;
  } catch {
    return undefined;
  }
}

function subnetOf({ spec }: Node): string | undefined {
  return spec.podCIDRs?.find((range) => !range.includes(':')) ?? spec.podCIDR;
}

/** Everything that this agent reads of a node: most changes of a node are about something else. */
function sameLease(old: Stored<Node>, now: Stored<Node>): boolean {
  if (subnetOf(old) !== subnetOf(now)) return false;
  const [before, after] = [old.metadata.annotations, now.metadata.annotations];
  return before === after || Object.values(FLANNEL_ANNOTATIONS).every((key) => before?.[key] === after?.[key]);
}

function internalIp({ status }: Node): string | undefined {
  return status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
}

/** The interface that leads to the other hosts, and its address. Source: flannel-io/flannel pkg/ipmatch: that of the default route. */
function wireOf(host: Host): { readonly name: string; readonly mtu: number; readonly ip: string } | undefined {
  const links: readonly Interface[] = [...host.network.root.interfaces.values()];
  const link = links.find(({ kind, addresses }) => kind === 'physical' && addresses.length > 0);
  const ip = link?.addresses[0]?.split('/')[0];
  return link && ip !== undefined ? { name: link.name, mtu: link.mtu, ip } : undefined;
}
