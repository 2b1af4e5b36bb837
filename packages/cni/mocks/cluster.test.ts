import type { ControllerContext, ControllerDefinition, Watch } from '@slipway/client';
import { Host } from '@slipway/host';
import { Kernel, link, messageOf, type Process } from '@slipway/kernel';
import type { Node, Stored } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import type { Journey } from '../data-path.ts';
import { HostDataPath } from '../host-data-path.ts';
import { NetworkRuntime } from '../runtime/index.ts';
import { cniPlugin } from '../service.ts';
import { bridge, flannel, LeaseIndex } from './index.ts';

type NetworkPlugin = Parameters<typeof bridge.create>[0];
interface Machine {
  readonly host: Host;
  readonly cni: NetworkRuntime;
  agent: ControllerDefinition;
}

/** Three machines with one network plugin, agents included, and a stand-in for the API server that holds the nodes. */
class Cluster {
  readonly kernel = new Kernel();
  readonly nodes = new Map<string, Stored<Node>>();
  readonly machines = new Map<string, Machine>();
  readonly leases = new LeaseIndex();
  readonly cut = new Set<string>();
  readonly #driver = this.kernel.owner('driver');
  readonly #queued: [ControllerDefinition, string][] = [];
  #patches = 0;
  #busy = false;

  constructor(plugin: typeof bridge | typeof flannel, options: object = {}) {
    for (let number = 1; number <= 3; number += 1) {
      const name = `node-${number}`;
      const host = new Host({
        name,
        kernel: this.kernel,
        programs: {
          resolve: () => ({
            name: 'none',
            *run() {
              return 0;
            },
          }),
        },
        addresses: [`192.168.0.1${number}/24`],
        gateway: '192.168.0.1',
      });
      const parsed = plugin.options?.safeParse(options);
      if (!parsed?.success) throw new Error('options');
      const context = { options: parsed.data, node: name, host } as NetworkPlugin;
      const create = plugin.create as (context: NetworkPlugin) => ReturnType<typeof bridge.create>;
      const agent = plugin.agent as (context: NetworkPlugin) => ControllerDefinition;
      const client = link(create(context), { service: cniPlugin, from: this.kernel.owner(`${name}/runtime`), to: host.owner });
      this.machines.set(name, { host, cni: new NetworkRuntime({ files: host.files, find: () => client }), agent: agent(context) });
    }
  }

  /** The agents start, then the nodes get their pod networks. */
  up(): this {
    for (const { agent } of this.machines.values()) this.start(agent);
    for (const name of this.machines.keys()) this.put(name, { spec: { podCIDR: `10.244.${name.slice(-1)}.0/24` } });
    return this;
  }

  start(agent: ControllerDefinition): void {
    const started = agent.start?.(this.#context(agent));
    if (started) this.settle(started);
    this.#drain();
  }

  put(name: string, change: { readonly spec?: Node['spec']; readonly annotations?: Readonly<Record<string, string>> }): void {
    const old = this.nodes.get(name);
    const metadata = {
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: '',
      ...old?.metadata,
      annotations: { ...old?.metadata.annotations, ...change.annotations },
    };
    const node = { apiVersion: 'v1', kind: 'Node', metadata, spec: { ...old?.spec, ...change.spec } } as unknown as Stored<Node>;
    this.nodes.set(name, node);
    this.leases.update(node);
    this.#changed(node, old);
  }

  delete(name: string): void {
    const old = this.nodes.get(name);
    if (!old) throw new Error(name);
    this.nodes.delete(name);
    this.leases.remove(name);
    this.#changed(old, undefined, 'DELETED');
  }

  /** As a restarted daemon does: looks at everything. */
  restart(name: string): void {
    const { agent } = this.machine(name);
    this.start(agent);
    for (const node of this.nodes.values()) this.#tell(agent, node, undefined, 'ADDED');
    this.#drain();
  }

  machine(name: string): Machine {
    const machine = this.machines.get(name);
    if (!machine) throw new Error(name);
    return machine;
  }

  /** Starts a pod and returns its address. */
  pod(node: string, id: string): string {
    const { host, cni } = this.machine(node);
    const netns = host.network.create(`/var/run/netns/${id}`).path;
    const { ips } = this.settle(cni.attach({ containerId: id, netns, ifname: 'eth0' }));
    return ips?.[0]?.address.split('/')[0] ?? '';
  }

  send(node: string, from: string, destination: string, sizeBytes?: number): Journey {
    const { host } = this.machine(node);
    const path = new HostDataPath({
      host: (address) =>
        [...this.machines.values()].find((other) => !this.cut.has(other.host.name) && other.host.network.root.has(address))?.host,
      tunnel: (address) => this.leases.tunnel(address),
    });
    const namespace = host.network.get(from === '' ? '' : `/var/run/netns/${from}`);
    if (!namespace) throw new Error(from);
    return path.send({ from: namespace, destination, ...(sizeBytes === undefined ? {} : { sizeBytes }) });
  }

  settle<T>(process: Process<T>): T {
    this.#busy = true;
    try {
      return this.kernel.complete(this.#driver, 'test', process);
    } finally {
      this.#busy = false;
    }
  }

  #changed(node: Stored<Node>, old: Stored<Node> | undefined, event: 'MODIFIED' | 'DELETED' = 'MODIFIED'): void {
    for (const { agent } of this.machines.values()) this.#tell(agent, node, old, old ? event : 'ADDED');
    if (!this.#busy) this.#drain();
  }

  /** What a watch with the agent's own selection and keys would queue. */
  #tell(agent: ControllerDefinition, node: Stored<Node>, old: Stored<Node> | undefined, event: 'ADDED' | 'MODIFIED' | 'DELETED'): void {
    for (const each of agent.watches as readonly Watch<Node>[]) {
      if (!selects(each, node.metadata.name)) continue;
      for (const key of each.keys?.(node, { event, old, context: this.#context(agent) }) ?? []) this.#queued.push([agent, key]);
    }
  }

  #drain(): void {
    for (let next = this.#queued.shift(); next; next = this.#queued.shift()) {
      this.settle(next[0].reconcile(next[1], this.#context(next[0])) as Process<unknown>);
    }
  }

  #context(agent: ControllerDefinition): ControllerContext {
    const { nodes } = this;
    const put = this.put.bind(this);
    const informer = (_plural: string, options: Watch<Node> | undefined) => ({
      get: (key: string) => (selects(options, key) ? nodes.get(key) : undefined),
      list: () => [...nodes.values()].filter(({ metadata }) => selects(options, metadata.name)),
    });
    const spend = (): void => {
      this.#patches += 1;
      if (this.#patches > 100) throw new Error('the agent writes for ever');
    };
    const api = {
      nodes: {
        *patch({ name, patch }: { name: string; patch: { metadata?: { annotations?: Record<string, string> } } }): Process {
          spend();
          if (patch.metadata?.annotations) put(name, { annotations: patch.metadata.annotations });
        },
      },
    };
    const queue = { add: (key: string) => this.#queued.push([agent, key]) };
    return {
      api,
      queue,
      informers: { get: informer },
      timestamp: () => '2026-01-01T00:00:00Z',
      log: () => undefined,
    } as unknown as ControllerContext;
  }
}

function selects(watch: Pick<Watch<Node>, 'fieldSelector'> | undefined, name: string): boolean {
  return watch?.fieldSelector === undefined || watch.fieldSelector === `metadata.name=${name}`;
}

const reached = ({ verdict }: Journey): string => (verdict.delivered ? verdict.namespace.path : verdict.reason);
const ways = ({ hops }: Journey): readonly string[] => hops.map(({ node, device, action }) => `${node} ${action} ${device}`.trim());

describe('a cluster with flannel', () => {
  it('pods on every node have addresses of their node, and reach each other both ways', () => {
    for (const options of [{ backend: 'vxlan' }, { backend: 'host-gw' }, { backend: 'vxlan', peers: 'lookup' }]) {
      const cluster = new Cluster(flannel, options).up();
      const pods = ['node-1', 'node-2', 'node-3'].flatMap((node) =>
        [1, 2].map((at) => ({ node, id: `${node}-pod-${at}`, ip: cluster.pod(node, `${node}-pod-${at}`) })),
      );
      expect(new Set(pods.map(({ ip }) => ip)).size).toBe(6);
      for (const { node, ip } of pods) expect(ip.startsWith(`10.244.${node.slice(-1)}.`)).toBe(true);
      for (const from of pods) {
        for (const to of pods) {
          const journey = cluster.send(from.node, from.id, to.ip);
          expect(reached(journey)).toBe(`/var/run/netns/${to.id}`);
          expect(journey.source).toBe(from.ip);
        }
      }
    }
  });

  it('vxlan: the way leads through bridge and tunnel; hosts reach pods too', () => {
    const cluster = new Cluster(flannel).up();
    cluster.pod('node-1', 'a');
    const there = cluster.pod('node-2', 'b');
    const journey = cluster.send('node-1', 'a', there);
    expect(ways(journey)).toEqual([
      'node-1 send eth0',
      'node-1 encapsulate flannel.1',
      'node-2 decapsulate flannel.1',
      'node-2 bridge cni0',
      'node-2 deliver',
    ]);
    expect(reached(cluster.send('node-3', '', there))).toBe('/var/run/netns/b');
    expect(reached(cluster.send('node-1', 'a', '192.168.0.13'))).toBe('');
  });

  it('mtu: 1450 over vxlan, 1500 over host-gw; larger packets do not pass', () => {
    const vxlan = new Cluster(flannel).up();
    vxlan.pod('node-1', 'a');
    expect(reached(vxlan.send('node-1', 'a', vxlan.pod('node-2', 'b'), 1451))).toBe('message too long');
    const gw = new Cluster(flannel, { backend: 'host-gw' }).up();
    gw.pod('node-1', 'a');
    expect(reached(gw.send('node-1', 'a', gw.pod('node-2', 'b'), 1451))).toBe('/var/run/netns/b');
  });

  it('the node says what flannel writes', () => {
    const cluster = new Cluster(flannel).up();
    const { annotations } = cluster.nodes.get('node-2')?.metadata ?? {};
    const mac = cluster.machine('node-2').host.network.root.interfaces.get('flannel.1')?.mac;
    expect(annotations).toEqual({
      'flannel.alpha.coreos.com/backend-data': `{"VNI":1,"VtepMAC":"${mac}"}`,
      'flannel.alpha.coreos.com/backend-type': 'vxlan',
      'flannel.alpha.coreos.com/kube-subnet-manager': 'true',
      'flannel.alpha.coreos.com/public-ip': '192.168.0.12',
    });
    expect(cluster.machine('node-2').host.files.readText('/run/flannel/subnet.env')).toBe(
      'FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.2.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n',
    );
  });

  it('before the lease: the network is configured, and ADD fails in the words of the real plugin', () => {
    const cluster = new Cluster(flannel);
    const { agent, cni } = cluster.machine('node-1');
    expect(cni.network()).toBeUndefined();
    cluster.start(agent);
    expect(cni.network()?.name).toBe('cbr0');
    let message = '';
    try {
      cluster.pod('node-1', 'a');
    } catch (error) {
      message = messageOf(error);
    }
    expect(message).toBe(
      'plugin type="flannel" failed (add): failed to load flannel \'subnet.env\' file: open /run/flannel/subnet.env: no such file or directory. Check the flannel pod log for this node.',
    );
  });

  it('status: 50 until there is a lease', () => {
    const cluster = new Cluster(flannel);
    const { agent, cni } = cluster.machine('node-1');
    cluster.start(agent);
    expect(() => cluster.settle(cni.status())).toThrow(expect.objectContaining({ code: 50 }) as Error);
    cluster.put('node-1', { spec: { podCIDR: '10.244.1.0/24' } });
    cluster.settle(cni.status());
  });

  it('a deleted node takes its route along; a partition makes it unreachable', () => {
    const cluster = new Cluster(flannel).up();
    cluster.pod('node-1', 'a');
    const there = cluster.pod('node-2', 'b');
    cluster.cut.add('node-2');
    expect(reached(cluster.send('node-1', 'a', there))).toBe('host unreachable');
    cluster.cut.clear();
    cluster.delete('node-2');
    expect(cluster.machine('node-1').host.network.root.routes.map(({ dst }) => dst)).not.toContain('10.244.2.0/24');
    expect(reached(cluster.send('node-1', 'a', there))).toBe('left the cluster');
  });

  it('power loss: pods, tunnel and subnet.env are gone; the agent brings the node back under the same hardware address', () => {
    const cluster = new Cluster(flannel).up();
    const { host } = cluster.machine('node-2');
    const mac = host.network.root.interfaces.get('flannel.1')?.mac;
    cluster.pod('node-1', 'a');
    const there = cluster.pod('node-2', 'b');
    host.powerOff();
    expect(reached(cluster.send('node-1', 'a', there))).toBe('host unreachable');
    host.powerOn();
    expect(host.files.exists('/run/flannel/subnet.env')).toBe(false);
    cluster.restart('node-2');
    expect(host.network.root.interfaces.get('flannel.1')?.mac).toBe(mac);
    expect(host.network.root.routes.map(({ dst }) => dst).sort()).toEqual([
      '0.0.0.0/0',
      '10.244.1.0/24',
      '10.244.3.0/24',
      '192.168.0.0/24',
    ]);
    // Reservations are on the disk: nobody gets the address of a pod that the runtime has not cleaned up yet.
    expect(host.files.list('/var/lib/cni/networks/cbr0')).toContain(there);
  });

  it('an agent that is restarted while pods run changes nothing', () => {
    for (const peers of ['watch', 'lookup']) {
      const cluster = new Cluster(flannel, { peers }).up();
      cluster.pod('node-1', 'a');
      const there = cluster.pod('node-2', 'b');
      const { root } = cluster.machine('node-1').host.network;
      const before = root.routes.map(({ dst }) => dst).sort();
      cluster.restart('node-1');
      expect(root.routes.map(({ dst }) => dst).sort()).toEqual(before);
      expect(reached(cluster.send('node-1', 'a', there))).toBe('/var/run/netns/b');
    }
  });

  it('a pod network outside the configured one gets no lease', () => {
    const cluster = new Cluster(flannel, { network: '10.99.0.0/16' }).up();
    expect(cluster.nodes.get('node-1')?.metadata.annotations).toEqual({});
  });
});

describe('a cluster with bridge', () => {
  it('the configuration appears with the pod network; pods of one node reach each other, other nodes are out of reach', () => {
    const cluster = new Cluster(bridge);
    cluster.start(cluster.machine('node-1').agent);
    expect(cluster.machine('node-1').cni.network()).toBeUndefined();
    cluster.up();
    const here = cluster.pod('node-1', 'a');
    const neighbour = cluster.pod('node-1', 'b');
    const elsewhere = cluster.pod('node-2', 'c');
    expect([here, neighbour, elsewhere]).toEqual(['10.244.1.2', '10.244.1.3', '10.244.2.2']);
    expect(ways(cluster.send('node-1', 'a', neighbour))).toEqual(['node-1 send eth0', 'node-1 deliver']);
    expect(reached(cluster.send('node-1', '', here))).toBe('/var/run/netns/a');
    // The default route leads to the router, which knows nothing of pods.
    expect(reached(cluster.send('node-1', 'a', elsewhere))).toBe('left the cluster');
    cluster.machine('node-1').host.network.root.removeRoute('0.0.0.0/0');
    expect(reached(cluster.send('node-1', 'a', elsewhere))).toBe('no route');
    cluster.machine('node-1').host.network.root.addRoute({ dst: '10.244.2.0/24', gw: '192.168.0.12', dev: 'eth0' });
    expect(reached(cluster.send('node-1', 'a', elsewhere))).toBe('/var/run/netns/c');
  });

  it('a host port leads into the pod until the pod is gone', () => {
    const cluster = new Cluster(bridge, { subnet: '10.77.0.0/24' }).up();
    const { host, cni } = cluster.machine('node-1');
    const namespace = host.network.create('/var/run/netns/web');
    const pod = {
      containerId: 'web',
      netns: namespace.path,
      ifname: 'eth0',
      capabilityArgs: { portMappings: [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' as const }] },
    };
    namespace.listen({ protocol: 'tcp', port: 80, handler: () => ({ data: 'hello' }) });
    cluster.settle(cni.attach(pod));
    const ask = () => cluster.settle(host.network.request({ ip: '192.168.0.11', port: 8080, protocol: 'tcp' }));
    expect(ask()).toEqual({ data: 'hello' });
    cluster.settle(cni.check(pod));
    cluster.settle(cni.detach(pod));
    expect(ask).toThrow(/connection refused/);
  });
});
