import { type Cni, cniPlugin, networkOf, type NetworkConfigList, writeNetworkConfig } from '@slipway/cni';
import { type CriServices, type ImageService, imageService, type RuntimeService, runtimeService } from '@slipway/cri';
import type { CriSubject } from '@slipway/cri/conformance';
import type { Host } from '@slipway/host';
import { type Client, type Implementation, link, type Owner, type Process } from '@slipway/kernel';
import { ociDistribution, type OciDistribution, ociRuntime, type OciRuntime } from '@slipway/oci';
import type { Plugin } from '@slipway/plugin';
import { parseOptions, pluginContext, type StubContext, type StubOptions } from '../stub-context.ts';
import { breachesOf, type Watched } from './breaches.ts';

/** What stands below a container runtime, and has to be given: this package names no implementation. */
export interface CriSurroundings extends Omit<StubOptions, 'options' | 'owner' | 'host'> {
  /** The node's network plugins as one; made anew when the machine boots. */
  readonly cni: (host: Host) => Implementation<Cni>;
  /** The low-level runtime; made anew when the machine boots. */
  readonly oci: (host: Host) => Implementation<OciRuntime>;
  readonly registry: () => Implementation<OciDistribution>;
  /** Left out: a bridge of 10.88.0.0/24 with `host-local`. */
  readonly network?: NetworkConfigList;
  /** The plugin's options, before its schema. */
  readonly options?: unknown;
}

interface CriClients {
  readonly runtime: Client<RuntimeService>;
  readonly image: Client<ImageService>;
}

/** Puts a container runtime on a fresh machine, for `criCases` and `criCommands`. */
export function criSubject<O>(plugin: Plugin<'cri', O>, surroundings: CriSurroundings): StubCriSubject<O> {
  return new StubCriSubject(plugin, surroundings);
}

const bridge = networkOf('bridge', { isDefaultGateway: true, ipam: { type: 'host-local', ranges: [[{ subnet: '10.88.0.0/24' }]] } });

/** One machine with a container runtime that can be restarted, and that can lose power. */
export class StubCriSubject<O = unknown> implements CriSubject, Watched {
  readonly host: Host;
  readonly breaches: readonly string[];
  readonly #plugin: Plugin<'cri', O>;
  readonly #surroundings: CriSurroundings;
  readonly #options: O;
  readonly #world: StubContext;
  readonly #kubelet: Owner;
  readonly #registry: { readonly implementation: Implementation<OciDistribution>; readonly owner: Owner };
  #lower: { readonly cni: Implementation<Cni>; readonly oci: Implementation<OciRuntime> };
  #daemon: Owner;
  #clients: CriClients;

  constructor(plugin: Plugin<'cri', O>, surroundings: CriSurroundings) {
    this.#plugin = plugin;
    this.#surroundings = surroundings;
    this.#options = parseOptions(plugin, surroundings.options);
    const { options: _, ...stub } = surroundings;
    this.#world = pluginContext<unknown>(stub);
    const { kernel, host } = this.#world;
    this.host = host;
    this.breaches = breachesOf(kernel);
    this.#kubelet = kernel.owner('kubelet');
    this.#registry = { implementation: surroundings.registry(), owner: kernel.owner('registry') };
    writeNetworkConfig(host.files, '10-network.conflist', surroundings.network ?? bridge);
    this.#lower = this.#startLower();
    this.#daemon = this.#newDaemon();
    this.#clients = this.#start();
  }

  get runtime(): Client<RuntimeService> {
    return this.#clients.runtime;
  }

  get image(): Client<ImageService> {
    return this.#clients.image;
  }

  settle<T>(process: Process<T>): Promise<T> {
    return this.#world.settle(process);
  }

  readFile(path: string): string {
    return this.host.files.readText(path);
  }

  moveFile(from: string, to: string): void {
    this.host.files.rename(from, to);
  }

  /** The runtime ends and starts anew; containers go on. */
  restart(): void {
    this.#daemon.kill();
    this.#daemon = this.#newDaemon();
    this.#clients = this.#start();
  }

  /** Power goes and comes back, with the disk. */
  reboot(): void {
    this.host.powerOff();
    this.host.powerOn();
    this.#lower = this.#startLower();
    this.#daemon = this.#newDaemon();
    this.#clients = this.#start();
  }

  #newDaemon(): Owner {
    return this.host.owner.child(this.#plugin.name);
  }

  #startLower() {
    return { cni: this.#surroundings.cni(this.host), oci: this.#surroundings.oci(this.host) };
  }

  #start(): CriClients {
    const { api } = this.#surroundings;
    const { host } = this;
    const owner = this.#daemon;
    const below = { from: owner, to: host.owner };
    const services: CriServices = this.#plugin.create({
      ...pluginContext({ options: this.#options, host, owner, ...(api === undefined ? {} : { api }) }),
      cni: link(this.#lower.cni, { service: cniPlugin, ...below }),
      oci: {
        runtime: link(this.#lower.oci, { service: ociRuntime, ...below }),
        registry: link(this.#registry.implementation, { service: ociDistribution, from: owner, to: this.#registry.owner }),
      },
    });
    const above = { from: this.#kubelet, to: owner, latency: this.#plugin.latency };
    return {
      runtime: link(services.runtime, { service: runtimeService, ...above }),
      image: link(services.image, { service: imageService, ...above }),
    };
  }
}
