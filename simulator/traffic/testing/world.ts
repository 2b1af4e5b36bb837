import { type ControllerDefinition, type ApiClient, runController } from '@slipway/client';
import type { Balanced, CloudNetwork } from '@slipway/cloud';
import { type Cni, cniPlugin, NetworkRuntime } from '@slipway/cni';
import { Host, type HostProcess, type ProgramContext } from '@slipway/host';
import {
  type Client,
  type Implementation,
  Kernel,
  type KernelOptions,
  link,
  type Owner,
  type Process,
  seconds,
  sleep,
  type TraceRecord,
} from '@slipway/kernel';
import type { Endpoint, EndpointConditions, Pod, Service, ServiceSpec } from '@slipway/kube';
import type { Plugin, PluginContext } from '@slipway/plugin';
import { defineProgram, programs } from '@slipway/programs';
import { mesh as meshService, type Mesh } from '@slipway/smi';
import { ApiServer, connect } from '../../apiserver/index.ts';
import { type Outcome, Traffic, type TrafficRequest, type TunnelDirectory } from '../index.ts';

/** Answers with its name; `/slow` takes ten seconds, `/who` tells who asks, and every other path is fine. */
const server = defineProgram({
  name: 'server',
  images: ['test/server'],
  *run(context: ProgramContext) {
    context.listen('tcp', 8080, (request) => answer(context, request.http?.path ?? '', request.sourceIp));
    for (;;) yield* context.sleep(seconds(1000));
  },
});

function answer(context: ProgramContext, path: string, source = '') {
  const reply = (body: string) => ({ http: { status: 200, body } });
  if (path === '/who') return reply(source);
  if (path !== '/slow') return reply(context.hostname);
  return (function* () {
    yield* sleep(seconds(10));
    return reply('late');
  })();
}

/** A network plugin, with an agent that makes it work on each node. */
export interface NetworkUnderTest {
  readonly plugin: Plugin<'cni'>;
  readonly options?: object;
  /** For one that looks tunnels up. */
  readonly tunnels?: () => TunnelDirectory;
}

export interface TrafficWorldOptions {
  readonly network: NetworkUnderTest;
  readonly nodes?: number;
  /** Zone of each node in turn. */
  readonly zones?: readonly string[];
  readonly mesh?: Implementation<Mesh>;
  readonly kernel?: KernelOptions;
  /** False: bridge without routes in the cloud. */
  readonly routes?: boolean;
}

/** A pod to start. */
export interface PodOptions {
  readonly node?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Partial<Pod['spec']>;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Must end by itself. */
  readonly oneShot?: boolean;
}

/** Machines with a real network plugin, an API server, and Services whose endpoints the test itself says. */
export class TrafficWorld {
  readonly kernel: Kernel;
  readonly server: ApiServer;
  readonly owner: Owner;
  readonly api: ApiClient;
  readonly traffic: Traffic;
  readonly hosts = new Map<string, Host>();
  readonly balancers = new Map<string, Balanced>();
  readonly names = new Map<string, readonly string[]>();
  readonly cut = new Set<string>();
  readonly decisions: TraceRecord[] = [];
  readonly lines: string[] = [];
  readonly processes = new Map<string, HostProcess>();
  readonly ips = new Map<string, string>();
  readonly #runtimes = new Map<string, NetworkRuntime>();
  readonly #routes: boolean;

  constructor({ network, nodes = 3, zones = [], mesh, kernel, routes = true }: TrafficWorldOptions) {
    this.kernel = new Kernel(kernel);
    this.#routes = routes;
    this.kernel.events.on('trace', (record) => {
      if (record.name === 'traffic/request') this.decisions.push(record);
    });
    this.server = new ApiServer({
      kernel: this.kernel,
      owner: this.kernel.owner('apiserver'),
      options: { withoutAdmission: ['ServiceAccount'] },
    });
    this.owner = this.kernel.owner('test');
    this.api = connect(this.server, this.owner, { latency: {} });
    const proxy = this.kernel.owner('kube-proxy');
    this.traffic = new Traffic({
      kernel: this.kernel,
      owner: proxy,
      api: connect(this.server, proxy, { latency: {} }),
      cloud: this.#cloud(),
      partition: (one, other) => this.cut.has(one) !== this.cut.has(other),
      ...(network.tunnels ? { tunnels: network.tunnels() } : {}),
      ...(mesh ? { mesh: this.#mesh(mesh, proxy) } : {}),
    });
    for (let number = 1; number <= nodes; number += 1) this.#addNode(number, network, zones[(number - 1) % zones.length]);
    this.pass(2);
  }

  run<T>(process: Process<T>): T {
    return this.kernel.complete(this.owner, 'step', process);
  }

  pass(secondsMore: number): void {
    this.run(sleep(seconds(secondsMore)));
  }

  host(name: string): Host {
    const host = this.hosts.get(name);
    if (!host) throw new Error(`no host ${name}`);
    return host;
  }

  /** Starts a container in a network of its own, and makes the pod object that says so. Returns its address. */
  pod(name: string, options: PodOptions = {}): string {
    const { node = 'node-1', namespace = 'default', labels = {}, spec = {}, image = 'test/server', command, env, oneShot } = options;
    const host = this.host(node);
    const own = spec.hostNetwork !== true;
    const netns = own ? host.network.create(`/var/run/netns/${namespace}-${name}`) : host.network.root;
    const runtime = this.#runtimes.get(node);
    const attached =
      own && runtime ? this.run(runtime.attach({ containerId: `${namespace}-${name}`, netns: netns.path, ifname: 'eth0' })) : undefined;
    const ip = attached?.ips?.[0]?.address.split('/')[0] ?? host.addresses[0]?.split('/')[0] ?? '';
    const container = { name: 'main', image };
    const pod = this.run(
      this.api.pods.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, labels },
        spec: { containers: [container], nodeName: node, ...spec },
      }),
    );
    this.run(this.api.pods.updateStatus({ ...pod, status: { phase: 'Running', podIP: ip, podIPs: [{ ip }] } }));
    const process = host.processes.start({
      name: `${namespace}/${name}`,
      argv: command ?? [],
      ...(env ? { env } : {}),
      ...(oneShot === undefined ? {} : { oneShot }),
      hostname: name,
      image,
      netns,
      annotations: { 'io.kubernetes.cri.sandbox-namespace': namespace, 'io.kubernetes.cri.sandbox-name': name },
      stdout: (line) => this.lines.push(line),
    });
    this.processes.set(name, process);
    this.ips.set(name, ip);
    this.pass(0.01);
    return ip;
  }

  /** A Service `web` unless named otherwise, port 80 to 8080. */
  service(name = 'web', spec: Partial<ServiceSpec> = {}, namespace = 'default'): Service {
    const service = this.run(
      this.api.services.create({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name, namespace },
        spec: { ports: [{ port: 80, targetPort: 8080 }], ...spec },
      }),
    );
    this.pass(0.01);
    return service;
  }

  /** Says who is behind a Service: pods by name, with conditions where they are not simply ready. */
  endpoints(
    service: string,
    pods: Readonly<Record<string, EndpointConditions & Partial<Endpoint>>>,
    port = 8080,
    namespace = 'default',
  ): void {
    const endpoints = Object.entries(pods).map(([name, { ready = true, serving = ready, terminating = false, ...more }]): Endpoint => {
      const process = this.processes.get(name);
      if (!process) throw new Error(`no pod ${name}`);
      return {
        addresses: [this.ips.get(name) ?? ''],
        conditions: { ready, serving, terminating },
        nodeName: process.host.name,
        targetRef: { kind: 'Pod', name, namespace },
        ...more,
      };
    });
    const metadata = { name: `${service}-1`, namespace, labels: { 'kubernetes.io/service-name': service } };
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata,
      addressType: 'IPv4',
      endpoints,
      ports: [{ name: '', port, protocol: 'TCP' }],
    } as const;
    const there = this.run(this.api.endpointslices.list({ namespace })).items.find((each) => each.metadata.name === metadata.name);
    if (there) this.run(this.api.endpointslices.update({ ...there, endpoints }));
    else this.run(this.api.endpointslices.create(slice));
    this.pass(0.01);
  }

  ask(from: TrafficRequest['from'] | string, to: string, more: Partial<TrafficRequest> = {}): Outcome {
    const sender = typeof from === 'string' ? { pod: from.includes('/') ? from : `default/${from}` } : from;
    return this.run(this.traffic.request({ from: sender, to, timeout: seconds(1), ...more }));
  }

  /** The body of the answer, or where the request was dropped and why. */
  say(from: TrafficRequest['from'] | string, to: string, more: Partial<TrafficRequest> = {}): string {
    const { delivered, reply, dropped } = this.ask(from, to, more);
    return delivered ? (reply?.http?.body ?? 'connected') : `${dropped?.stage} ${dropped?.where}: ${dropped?.why}`;
  }

  exec(pod: string, ...argv: readonly string[]) {
    const process = this.processes.get(pod);
    if (!process) throw new Error(`no pod ${pod}`);
    return this.run(process.host.processes.exec(process, argv));
  }

  #addNode(number: number, network: NetworkUnderTest, zone: string | undefined): void {
    const name = `node-${number}`;
    const address = `172.18.0.${number + 1}`;
    const host = new Host({ name, kernel: this.kernel, programs: programs([server]), addresses: [`${address}/16`], gateway: '172.18.0.1' });
    this.hosts.set(name, host);
    this.traffic.attach(host);
    const { plugin } = network;
    const parsed = plugin.options?.safeParse(network.options ?? {});
    if (!parsed?.success || !plugin.agent) throw new Error('a network with options and an agent');
    const context = { options: parsed.data, node: name, host } as PluginContext;
    const create = plugin.create as (given: PluginContext) => Implementation<Cni>;
    const agent = plugin.agent as (given: PluginContext) => ControllerDefinition;
    const client = link(create(context), { service: cniPlugin, from: this.owner, to: host.owner });
    this.#runtimes.set(name, new NetworkRuntime({ files: host.files, find: () => client }));
    const agentOwner = host.owner.child(`agent/${name}`);
    runController(agent(context), { api: connect(this.server, agentOwner, { latency: {} }), owner: agentOwner, host: name });
    this.run(
      this.api.nodes.create({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name, labels: zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone } },
        spec: { podCIDR: `10.244.${number}.0/24`, podCIDRs: [`10.244.${number}.0/24`] },
        status: { addresses: [{ type: 'InternalIP', address }] },
      }),
    );
  }

  #cloud(): CloudNetwork {
    return {
      resolve: (name) => this.names.get(name) ?? [],
      balance: (address, port, protocol) => this.balancers.get(`${address}:${port}/${protocol}`),
      routed: (address) => {
        const number = /^10\.244\.(\d+)\./.exec(address)?.[1];
        return this.#routes && number !== undefined ? `node-${number}` : undefined;
      },
    };
  }

  #mesh(mesh: Implementation<Mesh>, proxy: Owner): Client<Mesh> {
    return link(mesh, { service: meshService, from: proxy, to: this.kernel.owner('mesh') });
  }
}
