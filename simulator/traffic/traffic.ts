import type { ApiClient } from '@slipway/client';
import type { CloudNetwork } from '@slipway/cloud';
import {
  type Host,
  HostError,
  type HostProcess,
  isLoopback,
  type NetworkNamespace,
  type NetworkRequest,
  parseIp,
  type Reply,
  transportOf,
} from '@slipway/host';
import { type Client, type Kernel, type Owner, type Process, sleep } from '@slipway/kernel';
import type { Pod, Stored } from '@slipway/kube';
import type { Mesh } from '@slipway/smi';
import { ClusterView } from './cluster-view.ts';
import { Delivery } from './delivery.ts';
import { type Answer, Dns } from './dns.ts';
import { NAME_QUERY } from './latency.ts';
import { MeshProxies } from './mesh.ts';
import { Network, type Partition, type TunnelDirectory } from './network.ts';
import { Outside, SOMEBODY_OUTSIDE } from './outside.ts';
import { ask, type TrafficRequest } from './request.ts';
import { ServiceProxy } from './service-proxy.ts';
import { clientError, Dropped, type Outcome, type Sender, Trip } from './trip.ts';

/** What traffic is made of. */
export interface TrafficOptions {
  readonly kernel: Kernel;
  /** Whose the caches are: every kube-proxy and name server of the cluster as one. */
  readonly owner: Owner;
  readonly api: ApiClient;
  /** Left out: no balancers, cloud names or cloud routes. */
  readonly cloud?: CloudNetwork;
  /** Left out: nobody asks a mesh. */
  readonly mesh?: Client<Mesh>;
  /** For networks that look tunnels up; told of every node. */
  readonly tunnels?: TunnelDirectory;
  /** Left out: nothing is ever cut off. */
  readonly partition?: Partition;
  /** `cluster.local` if left out. */
  readonly clusterDomain?: string;
  /** What kubelets write into resolv.conf. Left out: 10.96.0.10. */
  readonly clusterDNS?: readonly string[];
}

/**
 * How requests travel in one world: DNS, Service, network, mesh. Programs and kubelets use it without knowing, through their hosts;
 * commands and scenarios ask with `request`.
 */
export class Traffic {
  readonly #kernel: Kernel;
  readonly #view: ClusterView;
  readonly #network: Network;
  readonly #dns: Dns;
  readonly #delivery: Delivery;

  constructor({ kernel, owner, api, cloud, mesh, tunnels, partition, clusterDomain, clusterDNS }: TrafficOptions) {
    this.#kernel = kernel;
    const view = new ClusterView(api, owner);
    this.#view = view;
    if (tunnels) {
      view.nodes.onChange((_event, old, now) => {
        if (now) tunnels.update(now);
        else if (old) tunnels.remove(old.metadata.name);
      });
    }
    const network = new Network({ cloud, tunnels, partition });
    this.#network = network;
    this.#dns = new Dns({ kernel, view, cloud, domain: clusterDomain ?? 'cluster.local', servers: clusterDNS ?? ['10.96.0.10'] });
    this.#delivery = new Delivery({
      kernel,
      view,
      network,
      proxy: new ServiceProxy(kernel, view),
      outside: new Outside(kernel, cloud, network),
      mesh: mesh && new MeshProxies(mesh, owner),
    });
  }

  /** Puts a machine on the network, and its programs and kubelet behind it. */
  attach(host: Host): void {
    this.#network.add(host);
    const { network } = host;
    network.remote = (request) => this.#ofHost(host, request);
    network.names = (name, from, client) => this.#names(host, name, from, client);
    // The way of a kubelet's probes stays short: nothing stands between a machine and a pod on it.
    network.diverts = (request, from, to) => {
      if (from !== to) return from !== network.root || request.client !== undefined;
      return from === network.root && !from.sockets.some((socket) => listensFor(socket, request)) && !loops(request.ip);
    };
  }

  /** Takes a machine off the network for good. Power loss needs none of this. */
  detach(host: Host): void {
    this.#network.remove(host);
    host.network.remote = undefined;
    host.network.names = undefined;
    host.network.diverts = undefined;
  }

  /** Starts watching before the first request asks for it. */
  start(): void {
    this.#view.start();
  }

  /** Asks a server, and tells what became of it. Never throws for what happens on the way. */
  *request(request: TrafficRequest): Process<Outcome> {
    yield* this.#view.ready();
    return yield* ask(request, {
      kernel: this.#kernel,
      sender: (from) => this.#senderOf(from),
      resolve: (name, sender) => this.#lookup(name, sender),
      carry: (trip) => this.#carry(trip),
    });
  }

  /** A request of a program or kubelet to somewhere that is not its own namespace. */
  *#ofHost(host: Host, request: NetworkRequest): Process<Reply> {
    yield* this.#view.ready();
    const namespace = request.from ?? host.network.root;
    const pod = this.#podOf(namespace, request.client);
    const ip = namespace.ips[0] ?? '';
    const name = pod ? `pod ${pod.metadata.namespace}/${pod.metadata.name}` : `node ${host.name}`;
    const trip = new Trip({ name, place: { host, namespace }, ...(pod ? { pod } : {}), ip }, request);
    try {
      return yield* this.#carry(trip);
    } catch (error) {
      if (!(error instanceof Dropped)) throw error;
      if (error.reply) return error.reply;
      throw yield* clientError(error, request);
    }
  }

  *#names(host: Host, name: string, namespace: NetworkNamespace, client: HostProcess | undefined): Process<readonly string[]> {
    yield* this.#view.ready();
    const pod = this.#podOf(namespace, client);
    const { addresses } = yield* this.#lookup(name, { name, place: { host, namespace }, ...(pod ? { pod } : {}), ip: '' });
    return addresses;
  }

  *#lookup(name: string, { place, pod }: Sender): Process<Answer> {
    const answer = this.#dns.resolve(name, this.#dns.resolverOf(pod), place?.host.name ?? 'outside');
    yield* sleep(answer.queries * NAME_QUERY);
    const isNode = place !== undefined && pod === undefined;
    return isNode && answer.why === 'no such host' ? { ...answer, why: "no such host: a node does not ask the cluster's DNS" } : answer;
  }

  /** Carries a request and records what became of it: one decision, whatever happens. */
  *#carry(trip: Trip): Process<Reply> {
    let end = 'given up';
    try {
      const reply = yield* this.#delivery.carry(trip);
      end = 'delivered';
      return reply;
    } catch (error) {
      if (error instanceof Dropped) end = `dropped, ${error.message}`;
      else if (error instanceof HostError) end = error.code;
      throw error;
    } finally {
      const { ip, port, protocol } = trip.request;
      const way = trip.steps.map(({ stage, where, what }) => `${stage} ${where} ${what}`).join('; ');
      this.#kernel.record('decision', 'traffic', 'traffic/request', trip.sender.name, [`${protocol} ${ip}:${port}`, end, way], trip.steps);
    }
  }

  /** The pod that a process or namespace belongs to; undefined for the machine's own. */
  #podOf(namespace: NetworkNamespace, client: HostProcess | undefined): Stored<Pod> | undefined {
    const key = client && podKeyOf(client);
    const named = key === undefined ? undefined : this.#view.pods.get(key);
    if (named || namespace === namespace.network.root) return named;
    for (const ip of namespace.ips) {
      const pod = this.#view.podAt(ip);
      if (pod) return pod;
    }
    return undefined;
  }

  /** @returns why there is none, where there is none */
  #senderOf(from: TrafficRequest['from']): Sender | string {
    if ('outside' in from) return { name: 'outside', ip: from.outside === true ? SOMEBODY_OUTSIDE : from.outside };
    const pod = 'pod' in from ? this.#view.pods.get(from.pod) : undefined;
    if ('pod' in from && !pod) return `there is no pod ${from.pod}`;
    const node = 'node' in from ? from.node : pod?.spec.nodeName;
    const host = node === undefined ? undefined : this.#network.host(node);
    if (!host) return node === undefined ? 'the pod has no node yet' : `there is no node ${node}`;
    if (!host.on) return `${host.name} has no power`;
    const { root } = host.network;
    if (!pod) return { name: `node ${host.name}`, place: { host, namespace: root }, ip: root.ips[0] ?? '' };
    const ip = pod.status?.podIP ?? '';
    const namespace = pod.spec.hostNetwork === true ? root : host.network.resolve(ip);
    const name = `pod ${pod.metadata.namespace}/${pod.metadata.name}`;
    return namespace ? { name, place: { host, namespace }, pod, ip } : `${name} has no network yet`;
  }
}

const listensFor = (socket: NetworkNamespace['sockets'][number], { port, protocol }: NetworkRequest): boolean =>
  socket.port === port && socket.protocol === transportOf(protocol);

function loops(ip: string): boolean {
  const address = parseIp(ip);
  return address !== undefined && isLoopback(address);
}

/** Annotations with the pod of a container, as containerd and CRI-O set them (pkg/cri/annotations; pkg/annotations). */
const POD_ANNOTATIONS = [
  ['io.kubernetes.cri.sandbox-namespace', 'io.kubernetes.cri.sandbox-name'],
  ['io.kubernetes.cri-o.Namespace', 'io.kubernetes.cri-o.SandboxName'],
  ['io.kubernetes.pod.namespace', 'io.kubernetes.pod.name'],
] as const;

function podKeyOf({ spec: { annotations = {} } }: HostProcess): string | undefined {
  for (const [namespaceKey, nameKey] of POD_ANNOTATIONS) {
    const [namespace, name] = [annotations[namespaceKey], annotations[nameKey]];
    if (namespace !== undefined && name !== undefined) return `${namespace}/${name}`;
  }
  return undefined;
}
