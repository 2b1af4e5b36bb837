import { runController } from '@slipway/client';
import { type Cni, cniPlugin } from '@slipway/cni';
import { type CriServices, imageService, runtimeService } from '@slipway/cri';
import { csiIdentity, csiNode, type CsiServices } from '@slipway/csi';
import type { Host } from '@slipway/host';
import { type Change, type Implementation, Link, type Owner } from '@slipway/kernel';
import { ociDistribution, ociRuntime, type OciServices } from '@slipway/oci';
import type { Plugin, PluginContext } from '@slipway/plugin';
import { type Kubelet, type KubeletOptions, startKubelet } from '../kubelet/index.ts';
import { nodeDriverRegistrar } from '../sidecars/index.ts';
import { createAgent, createServices } from './check-plugin.ts';
import type { Chosen, NodePlugins } from './chosen.ts';
import { networkConfigWriter } from './default-network-config.ts';
import type { NodeSurroundings } from './node-assembly.ts';
import { Daemon, type Part, PluginPart } from './part.ts';
import { pluginContext } from './plugin-context.ts';

interface NodePartsOptions {
  readonly host: Host;
  readonly plugins: NodePlugins;
  readonly kubelet: KubeletOptions | undefined;
  /** Changes with each write of the node's object. */
  readonly objectChanged: Change;
  readonly surroundings: NodeSurroundings;
}

/** A storage driver on this node. */
interface NodeDriver {
  readonly part: PluginPart<CsiServices>;
  readonly identity: Link;
  readonly node: Link;
  registrar: Owner | undefined;
}

/** A registry in the same region: a round trip for each manifest or layer. */
const REGISTRY_LATENCY = { '*': '10ms..30ms' };

/** What runs on a machine from one power-up to the next power loss. Each part ends and starts by itself. */
export class NodeParts {
  /** `oci`, `cni`, `cri`, `kubelet`, and `csi/ebs` for each storage driver. */
  readonly parts = new Map<string, Part>();
  /** By the interface and service that they carry: `cri.RuntimeService`. */
  readonly links = new Map<string, Link>();
  readonly #options: NodePartsOptions;
  readonly #machine: Owner;
  readonly #cri: PluginPart<CriServices>;
  readonly #drivers: NodeDriver[] = [];
  #kubelet: Kubelet | undefined;

  constructor(options: NodePartsOptions) {
    this.#options = options;
    this.#machine = options.host.owner;
    const { plugins, kubelet, surroundings } = options;
    const { oci, cni, cri } = plugins;
    const ociPart = this.#plugin<OciServices>('oci', oci, (part) => createServices(oci.plugin, this.#context(oci, part)));
    const cniPart = this.#plugin<Implementation<Cni>>('cni', cni, (part) => createServices(cni.plugin, this.#context(cni, part)));
    this.#cri = this.#plugin('cri', cri, (part): CriServices => {
      const { owner: from } = part;
      // Made once; after a restart they carry the calls of the runtime that was made anew.
      const ociLink = this.#link('oci.Runtime', from, () =>
        ociPart.link(({ runtime }) => runtime, { service: ociRuntime, from, latency: oci.plugin.latency }),
      );
      const registryLink = this.#link('oci.Distribution', from, () =>
        surroundings.registry.link((services) => services, {
          service: ociDistribution,
          from,
          latency: REGISTRY_LATENCY,
          onDeath: 'silent',
        }),
      );
      const cniLink = this.#link('cni.Plugin', from, () =>
        cniPart.link((services) => services, { service: cniPlugin, from, latency: cni.plugin.latency }),
      );
      return createServices(cri.plugin, {
        ...this.#context(cri, part),
        cni: cniLink.client(),
        oci: { runtime: ociLink.client(), registry: registryLink.client() },
      });
    });
    this.parts.set('oci', ociPart).set('cni', cniPart).set('cri', this.#cri);
    if (kubelet)
      this.parts.set(
        'kubelet',
        new Daemon(
          `kubelet/${this.#node}`,
          () => this.#kubeletOwner(),
          (owner) => this.#run(owner, kubelet),
        ),
      );
    else this.#runtimeLinks(this.#kubeletOwner());
    for (const driver of surroundings.csi) this.#addDriver(driver);
  }

  /** What the node's runtime holds. */
  get cri(): CriServices {
    return this.#cri.services;
  }

  get #node(): string {
    return this.#options.host.name;
  }

  #kubeletOwner(): Owner {
    return this.#machine.child(`kubelet/${this.#node}`);
  }

  #run(owner: Owner, options: KubeletOptions): void {
    const { runtime, image } = this.#runtimeLinks(owner);
    const { surroundings, host } = this.#options;
    const changed = this.#cri.cell((services) => services.changed);
    this.#kubelet = startKubelet({
      kernel: surroundings.kernel,
      owner,
      node: this.#node,
      api: surroundings.connect(owner),
      runtime: runtime.client(),
      image: image.client(),
      host,
      ...(changed ? { changed } : {}),
      objectChanged: this.#options.objectChanged,
      options,
      parts: surroundings.kubeletParts(owner, host),
    });
    // A new kubelet knows no driver: what is in its plugin directory makes itself known again.
    for (const driver of this.#drivers) {
      driver.node.callFrom(owner);
      this.#startRegistrar(driver);
    }
  }

  #runtimeLinks(from: Owner) {
    const { latency } = this.#options.plugins.cri.plugin;
    const runtime = this.#link('cri.RuntimeService', from, () =>
      this.#cri.link((services) => services.runtime, { service: runtimeService, from, latency }),
    );
    const image = this.#link('cri.ImageService', from, () =>
      this.#cri.link((services) => services.image, { service: imageService, from, latency }),
    );
    return { runtime, image };
  }

  /** The driver's node services, in one pod with their registrar; without node services the driver has no part here. */
  #addDriver(chosen: Chosen<Plugin<'csi'>>): void {
    const { plugin } = chosen;
    const { cloud } = this.#options.surroundings;
    let driver: NodeDriver | undefined;
    const part = new PluginPart<CsiServices>({
      name: `csi/${plugin.name}/${this.#node}`,
      newOwner: () => this.#ownerOf(plugin.name),
      create: (own) => createServices(plugin, { ...this.#context(chosen, own), cloud: cloud.client(own.owner) }),
      beside: () => driver && this.#startRegistrar(driver),
    });
    if (!part.services.node) return;
    const { latency } = plugin;
    const kubelet = this.parts.get('kubelet')?.owner ?? this.#kubeletOwner();
    const identity = part.link((services) => services.identity, { service: csiIdentity, from: part.owner, latency });
    const node = part.link((services) => services.node as object, { service: csiNode, from: kubelet, latency });
    this.links.set(`csi.Identity/${plugin.name}`, identity as unknown as Link);
    this.links.set(`csi.Node/${plugin.name}`, node as unknown as Link);
    driver = { part, identity: identity as unknown as Link, node: node as unknown as Link, registrar: undefined };
    this.#drivers.push(driver);
    this.parts.set(`csi/${plugin.name}`, part);
    this.#startRegistrar(driver);
  }

  #startRegistrar(driver: NodeDriver): void {
    if (!this.#kubelet) return;
    driver.registrar?.kill();
    const { part, identity, node } = driver;
    const name = part.name.slice('csi/'.length);
    const owner = part.owner.child(`node-driver-registrar/${name}`);
    driver.registrar = owner;
    identity.callFrom(owner);
    const definition = nodeDriverRegistrar({
      node: this.#node,
      identity: (identity as unknown as Link<never>).client() as never,
      csiNode: (node as unknown as Link<never>).client() as never,
      kubelet: this.#kubelet.csiDrivers,
    });
    runController(definition, { api: this.#options.surroundings.connect(owner), owner, host: this.#node });
  }

  #plugin<S>(name: string, chosen: NodePlugins['oci' | 'cni' | 'cri'], create: (part: PluginPart<S>) => S): PluginPart<S> {
    return new PluginPart<S>({
      name: `${name}/${this.#node}`,
      newOwner: () => this.#ownerOf(chosen.plugin.name),
      create,
      beside: (part) => this.#startAgent(chosen, part),
    });
  }

  /** A plugin's agent is a controller of its own; a network without one is configured for it. */
  #startAgent({ plugin, options }: NodePlugins['oci' | 'cni' | 'cri'], part: Pick<PluginPart<unknown>, 'standBeside'>): void {
    const agentOf = plugin.agent as ((context: PluginContext) => ReturnType<typeof networkConfigWriter>) | undefined;
    if (!agentOf && plugin.interface !== 'cni') return;
    const owner = this.#ownerOf(agentOf ? `${plugin.name}-agent` : `${plugin.name}-config`);
    part.standBeside(owner);
    const { host, surroundings } = this.#options;
    const definition = agentOf
      ? createAgent(plugin, () => agentOf.call(plugin, this.#context({ plugin, options }, { owner })))
      : networkConfigWriter(plugin, options as object, this.#node, host);
    runController(definition, { api: surroundings.connect(owner), owner, host: this.#node });
  }

  /** The link of this name, with this caller. */
  #link<T>(name: string, from: Owner, make: () => Link<T>): Link<T> {
    const known = this.links.get(name) as unknown as Link<T> | undefined;
    if (known) {
      known.callFrom(from);
      return known;
    }
    const made = make();
    this.links.set(name, made as unknown as Link);
    return made;
  }

  #ownerOf(plugin: string): Owner {
    return this.#machine.child(`${plugin}/${this.#node}`, {
      onCrash: (error) => this.#options.surroundings.pluginCrashed(plugin, this.#node, error),
    });
  }

  #context<O>(chosen: Chosen<{ readonly interface: string; readonly name: string }>, whose: { readonly owner: Owner }): PluginContext<O> {
    const { surroundings, host } = this.#options;
    return pluginContext(chosen, () => whose.owner, { ...surroundings, host });
  }
}
