import type { ApiClient } from '@slipway/client';
import type { CriServices } from '@slipway/cri';
import { type Disk, Host, type ProgramResolver } from '@slipway/host';
import { Cell, type Implementation, type Kernel, type Link, type Owner } from '@slipway/kernel';
import type { OciDistribution, OciRuntime } from '@slipway/oci';
import type { Plugin } from '@slipway/plugin';
import type { KubeletOptions, KubeletParts } from '../kubelet/index.ts';
import { createServices } from './check-plugin.ts';
import type { Chosen, NodePlugins } from './chosen.ts';
import type { Cloud } from './cloud-assembly.ts';
import { NodeParts } from './node-parts.ts';
import type { Part, PluginPart } from './part.ts';
import { pluginContext } from './plugin-context.ts';

/** What a node finds in its world. */
export interface NodeSurroundings {
  readonly kernel: Kernel;
  readonly programs: ProgramResolver;
  readonly registry: PluginPart<Implementation<OciDistribution>>;
  /** Storage drivers of the cluster: each has a part on every node. */
  readonly csi: readonly Chosen<Plugin<'csi'>>[];
  readonly cloud: Cloud;
  /** Network file systems, by server name. */
  readonly fileServers: ReadonlyMap<string, Disk>;
  /** Told when a machine loses power. */
  poweredOff(): void;
  /** A client of the API server for this owner. */
  connect(from: Owner): ApiClient;
  /** What the node's kubelet decides otherwise than the built-in one. */
  kubeletParts(owner: Owner, host: Host): KubeletParts;
  /** Told of what is not simulated, and of plugins that misbehave outside a call. */
  warn(node: string, message: string): void;
  pluginCrashed(plugin: string, node: string, error: unknown): void;
}

/** A machine of the cluster, and what runs on it while its power is on. */
export class ClusterNode {
  readonly name: string;
  readonly host: Host;
  /** Set with each write of the node's object. */
  readonly objectChanged = new Cell(0);
  readonly #plugins: NodePlugins;
  readonly #surroundings: NodeSurroundings;
  readonly #kubelet: KubeletOptions | undefined;
  #parts: NodeParts;

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
    this.#parts = this.#start();
  }

  /** The links of this node by the interface and service that they carry: `cri.RuntimeService`. For faults. */
  get links(): ReadonlyMap<string, Link> {
    return this.#parts.links;
  }

  /** What the node's runtime holds, for invariants. */
  get cri(): CriServices {
    return this.#parts.cri;
  }

  /** What runs since the last power-up: `oci`, `cni`, `cri`, `kubelet`, `csi/ebs`. */
  get parts(): ReadonlyMap<string, Part> {
    return this.#parts.parts;
  }

  /** The low-level runtime of this node's plugin, for another machine: what conformance cases put under test. */
  ociRuntimeFor(host: Host): Implementation<OciRuntime> {
    const { oci } = this.#plugins;
    return createServices(oci.plugin, pluginContext(oci, host.owner, { ...this.#surroundings, host })).runtime;
  }

  powerOff(): void {
    if (this.host.on) this.#surroundings.poweredOff();
    this.host.powerOff();
  }

  /** Brings the machine up: runtime, network and kubelet start anew from what is on its disk. */
  powerOn(): void {
    if (this.host.on) return;
    this.host.powerOn();
    this.#parts = this.#start();
  }

  #start(): NodeParts {
    const { host, objectChanged } = this;
    return new NodeParts({ host, objectChanged, plugins: this.#plugins, kubelet: this.#kubelet, surroundings: this.#surroundings });
  }
}
