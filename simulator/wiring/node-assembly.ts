import { type ApiClient, runController } from '@slipway/client';
import { cniPlugin, type Cni } from '@slipway/cni';
import { type CriServices, imageService, runtimeService } from '@slipway/cri';
import { csiIdentity, csiNode } from '@slipway/csi';
import { type Disk, Host, type ProgramResolver } from '@slipway/host';
import { type Implementation, type Kernel, Link, type Owner } from '@slipway/kernel';
import { ociDistribution, type OciDistribution, type OciRuntime, ociRuntime } from '@slipway/oci';
import type { Plugin, PluginContext } from '@slipway/plugin';
import { type CsiDriverRegistry, type KubeletOptions, startKubelet } from '../kubelet/index.ts';
import { nodeDriverRegistrar } from '../sidecars/index.ts';
import { createAgent, createServices } from './check-plugin.ts';
import type { Chosen, NodePlugins } from './chosen.ts';
import type { Cloud } from './cloud-assembly.ts';
import { networkConfigWriter } from './default-network-config.ts';
import { pluginContext } from './plugin-context.ts';

/** What a node finds in its world. */
export interface NodeSurroundings {
  readonly kernel: Kernel;
  readonly programs: ProgramResolver;
  readonly registry: { readonly implementation: Implementation<OciDistribution>; readonly owner: Owner };
  /** Storage drivers of the cluster: each has a part on every node. */
  readonly csi: readonly Chosen<Plugin<'csi'>>[];
  readonly cloud: Cloud;
  /** Network file systems, by server name. */
  readonly fileServers: ReadonlyMap<string, Disk>;
  /** A client of the API server for this owner. */
  connect(from: Owner): ApiClient;
  /** Told of what is not simulated, and of plugins that misbehave outside a call. */
  warn(node: string, message: string): void;
  pluginCrashed(plugin: string, node: string, error: unknown): void;
}

/** A machine of the cluster, and what runs on it while its power is on. */
export class ClusterNode {
  readonly name: string;
  readonly host: Host;
  readonly #plugins: NodePlugins;
  readonly #surroundings: NodeSurroundings;
  readonly #kubelet: KubeletOptions | undefined;
  #links: ReadonlyMap<string, Link> = new Map();
  #cri: CriServices | undefined;

  /** @param kubelet left undefined: a machine with runtime and network and nobody who uses them, as conformance cases want it. */
  constructor(name: string, address: string, kubelet: KubeletOptions | undefined, plugins: NodePlugins, surroundings: NodeSurroundings) {
    this.name = name;
    this.#plugins = plugins;
    this.#surroundings = surroundings;
    this.#kubelet = kubelet;
    this.host = new Host({
      name,
      kernel: surroundings.kernel,
      programs: surroundings.programs,
      addresses: [`${address}/16`],
      gateway: '172.18.0.1',
      fileServers: surroundings.fileServers,
      warn: (message) => surroundings.warn(name, message),
    });
    this.#start();
  }

  /** The links of this node by the interface and service that they carry: `cri.RuntimeService`. For faults. */
  get links(): ReadonlyMap<string, Link> {
    return this.#links;
  }

  /** What the node's runtime holds, for invariants. */
  get cri(): CriServices | undefined {
    return this.#cri;
  }

  /** The low-level runtime of this node's plugin, for another machine: what conformance cases put under test. */
  ociRuntimeFor(host: Host): Implementation<OciRuntime> {
    const { oci } = this.#plugins;
    return createServices(oci.plugin, { ...this.#context(oci, host.owner), host, node: host.name }).runtime;
  }

  powerOff(): void {
    this.host.powerOff();
  }

  /** Brings the machine up: runtime, network and kubelet start anew from what is on its disk. */
  powerOn(): void {
    if (this.host.on) return;
    this.host.powerOn();
    this.#start();
  }

  #start(): void {
    const { name, host } = this;
    const { connect, registry } = this.#surroundings;
    const { oci, cni, cri } = this.#plugins;
    const owner = (plugin: string): Owner =>
      host.owner.child(`${plugin}/${name}`, { onCrash: (error) => this.#surroundings.pluginCrashed(plugin, name, error) });
    const ociOwner = owner(oci.plugin.name);
    const cniOwner = owner(cni.plugin.name);
    const criOwner = owner(cri.plugin.name);
    const kubeletOwner = host.owner.child(`kubelet/${name}`);

    const ociServices = createServices(oci.plugin, this.#context(oci, ociOwner));
    const ociLink = new Link(ociServices.runtime, { service: ociRuntime, from: criOwner, to: ociOwner, latency: oci.plugin.latency });
    const registryLink = new Link(registry.implementation, {
      service: ociDistribution,
      from: criOwner,
      to: registry.owner,
      latency: REGISTRY_LATENCY,
      onDeath: 'silent',
    });
    const cniServices: Implementation<Cni> = createServices(cni.plugin, this.#context(cni, cniOwner));
    const cniLink = new Link(cniServices, { service: cniPlugin, from: criOwner, to: cniOwner, latency: cni.plugin.latency });
    const criServices = createServices(cri.plugin, {
      ...this.#context(cri, criOwner),
      cni: cniLink.client(),
      oci: { runtime: ociLink.client(), registry: registryLink.client() },
    });
    const runtimeLink = new Link(criServices.runtime, {
      service: runtimeService,
      from: kubeletOwner,
      to: criOwner,
      latency: cri.plugin.latency,
    });
    const imageLink = new Link(criServices.image, { service: imageService, from: kubeletOwner, to: criOwner, latency: cri.plugin.latency });
    this.#cri = criServices;
    const links = new Map<string, Link>([
      ['oci.Runtime', ociLink as unknown as Link],
      ['oci.Distribution', registryLink as unknown as Link],
      ['cni.Plugin', cniLink as unknown as Link],
      ['cri.RuntimeService', runtimeLink as unknown as Link],
      ['cri.ImageService', imageLink as unknown as Link],
    ]);
    this.#links = links;

    for (const { plugin, options } of [oci, cni, cri]) this.#startAgent(plugin, options, owner);
    const kubelet =
      this.#kubelet &&
      startKubelet({
        kernel: this.#surroundings.kernel,
        owner: kubeletOwner,
        node: name,
        api: connect(kubeletOwner),
        runtime: runtimeLink.client(),
        image: imageLink.client(),
        host,
        ...(criServices.changed ? { changed: criServices.changed } : {}),
        options: this.#kubelet,
      });
    for (const driver of this.#surroundings.csi) this.#startDriver(driver, kubeletOwner, kubelet?.csiDrivers, owner, links);
  }

  /** The driver's node services, in one pod with their registrar; without node services the driver has no part here. */
  #startDriver(
    chosen: Chosen<Plugin<'csi'>>,
    kubeletOwner: Owner,
    kubelet: CsiDriverRegistry | undefined,
    ownerOf: (name: string) => Owner,
    links: Map<string, Link>,
  ): void {
    const { plugin } = chosen;
    const { connect, cloud } = this.#surroundings;
    const owner = ownerOf(plugin.name);
    const services = createServices(plugin, { ...this.#context(chosen, owner), cloud: cloud.client(owner) });
    if (!services.node) return;
    const registrar = owner.child(`node-driver-registrar/${plugin.name}/${this.name}`);
    const identityLink = new Link(services.identity, { service: csiIdentity, from: registrar, to: owner, latency: plugin.latency });
    const nodeLink = new Link(services.node, { service: csiNode, from: kubeletOwner, to: owner, latency: plugin.latency });
    links.set(`csi.Identity/${plugin.name}`, identityLink as unknown as Link);
    links.set(`csi.Node/${plugin.name}`, nodeLink as unknown as Link);
    if (!kubelet) return;
    const definition = nodeDriverRegistrar({ node: this.name, identity: identityLink.client(), csiNode: nodeLink.client(), kubelet });
    runController(definition, { api: connect(registrar), owner: registrar, host: this.name });
  }

  /** A plugin's agent is a controller of its own; a network without one is configured for it. */
  #startAgent(plugin: NodePlugins[keyof NodePlugins]['plugin'], options: unknown, ownerOf: (name: string) => Owner): void {
    const agentOf = plugin.agent as ((context: PluginContext) => ReturnType<typeof networkConfigWriter>) | undefined;
    if (!agentOf && plugin.interface !== 'cni') return;
    const owner = ownerOf(agentOf ? `${plugin.name}-agent` : `${plugin.name}-config`);
    const definition = agentOf
      ? createAgent(plugin, () => agentOf.call(plugin, this.#context({ plugin, options }, owner)))
      : networkConfigWriter(plugin, options as object, this.name, this.host);
    runController(definition, { api: this.#surroundings.connect(owner), owner, host: this.name });
  }

  #context<O>(chosen: Chosen<{ readonly interface: string; readonly name: string }>, owner: Owner): PluginContext<O> {
    return pluginContext(chosen, owner, { ...this.#surroundings, host: this.host });
  }
}

/** A registry in the same region: a round trip for each manifest or layer. */
const REGISTRY_LATENCY = { '*': '10ms..30ms' };
