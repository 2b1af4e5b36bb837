import { type Client, Kernel, type KernelOptions, link, type Owner, type Process, sleep, type Fault } from '@slipway/kernel';
import { cniPlugin, type Cni, type NetworkConfigList, writeNetworkConfig } from '@slipway/cni';
import { referencePlugins } from '@slipway/cni/mocks';
import { Host } from '@slipway/host';
import { ociDistribution, ociRuntime } from '@slipway/oci';
import { OciRegistry, type OciRegistryOptions, Runc } from '@slipway/oci/mocks';
import type { Plugin } from '@slipway/plugin';
import type { ImageService, RuntimeService } from '../contract.ts';
import type { CriSubject } from '../conformance.ts';
import type { CriServices } from '../plugin.ts';
import { imageService, runtimeService } from '../service.ts';
import { testPrograms } from './busybox.ts';

const bridgeNetwork: NetworkConfigList = {
  cniVersion: '1.1.0',
  name: 'pods',
  plugins: [{ type: 'bridge', isDefaultGateway: true, ipam: { type: 'host-local', ranges: [[{ subnet: '10.88.0.0/24' }]] } }],
};

/** How a node for tests differs from the usual one. */
export interface NodeOptions {
  readonly kernel?: KernelOptions;
  readonly registry?: OciRegistryOptions;
  /** Left out: a bridge. `null`: the node has no network configuration. */
  readonly network?: NetworkConfigList | null;
  /** Options of the plugin. */
  readonly with?: Readonly<Record<string, unknown>>;
  readonly cniFaults?: readonly Fault[];
  /** Left out: none. */
  readonly cniLatency?: string;
}

/** One node with runc, a bridge network, a registry and a container runtime: what tests of runtimes need. */
export class TestNode implements CriSubject {
  readonly kernel: Kernel;
  readonly host: Host;
  readonly registry: OciRegistry;
  readonly #plugin: Plugin<'cri'>;
  readonly #options: NodeOptions;
  readonly #caller: Owner;
  readonly #cloud: Owner;
  #runtime: Client<RuntimeService>;
  #image: Client<ImageService>;
  #services: CriServices;
  #daemon: Owner;
  #lower: { readonly runtime: Runc; readonly cni: Client<Cni> };

  constructor(plugin: Plugin<'cri'>, options: NodeOptions = {}) {
    this.#plugin = plugin;
    this.#options = options;
    this.kernel = new Kernel({ seed: plugin.name, ...options.kernel });
    this.kernel.events.on('breach', (breach) => {
      // Cases send wrong requests on purpose; an answer must never be wrong.
      if (breach.side === 'plugin') throw new Error(`${breach.rule}: ${breach.message}`);
    });
    this.host = new Host({ name: 'node-1', kernel: this.kernel, programs: testPrograms, addresses: ['10.0.0.11/24'] });
    this.#caller = this.kernel.owner('kubelet/node-1');
    this.#cloud = this.kernel.owner('registry');
    this.registry = new OciRegistry(options.registry ?? {});
    if (options.network !== null) writeNetworkConfig(this.host.files, '10-bridge.conflist', options.network ?? bridgeNetwork);
    this.#lower = this.#startLower();
    const started = this.#start();
    this.#runtime = started.runtime;
    this.#image = started.image;
    this.#services = started.services;
    this.#daemon = started.daemon;
  }

  get runtime(): Client<RuntimeService> {
    return this.#runtime;
  }

  get image(): Client<ImageService> {
    return this.#image;
  }

  get services(): CriServices {
    return this.#services;
  }

  async settle<T>(process: Process<T>): Promise<T> {
    return this.run(process);
  }

  /** As `settle`, at once: nothing in here is a promise. */
  run<T>(process: Process<T>): T {
    return this.kernel.complete(this.#caller, 'case', process);
  }

  readFile(path: string): string {
    return this.host.files.readText(path);
  }

  moveFile(from: string, to: string): void {
    this.host.files.rename(from, to);
  }

  /** Files below a folder; none when it is not there. */
  list(folder: string): readonly string[] {
    return this.host.files.exists(folder) ? this.host.files.list(folder) : [];
  }

  restart(): void {
    this.#daemon.kill();
    this.#replace();
  }

  reboot(): void {
    this.host.powerOff();
    this.host.powerOn();
    this.#lower = this.#startLower();
    this.#replace();
  }

  #replace(): void {
    const { runtime, image, services, daemon } = this.#start();
    this.#runtime = runtime;
    this.#image = image;
    this.#services = services;
    this.#daemon = daemon;
  }

  #startLower() {
    const { host } = this;
    const { cniFaults: faults, cniLatency = 0 } = this.#options;
    const cni = link(referencePlugins(host), {
      service: cniPlugin,
      from: host.owner,
      to: host.owner,
      faults,
      latency: { '*': cniLatency },
    });
    return { runtime: new Runc(host), cni };
  }

  #start() {
    const { host, kernel } = this;
    const plugin = this.#plugin;
    const daemon = host.owner.child(plugin.name);
    const oci = {
      runtime: link(this.#lower.runtime, { service: ociRuntime, from: daemon, to: host.owner, latency: { '*': '2ms' } }),
      registry: link(this.registry, { service: ociDistribution, from: daemon, to: this.#cloud }),
    };
    const parsed = plugin.options?.safeParse(this.#options.with ?? {});
    if (parsed && !parsed.success) throw new Error(parsed.error.issues.map(({ message }) => message).join());
    const services = plugin.create({
      options: parsed?.data ?? {},
      node: host.name,
      host,
      // No runtime talks to the API server.
      api: {} as Parameters<Plugin<'cri'>['create']>[0]['api'],
      ids: kernel.ids,
      random: kernel.random(`${plugin.name}/${host.name}`),
      now: () => kernel.now,
      sleep,
      log: () => undefined,
      promised: () => {
        throw new Error('no promises here');
      },
      cni: this.#lower.cni,
      oci,
    });
    const to = { from: this.#caller, to: daemon, latency: plugin.latency };
    return {
      daemon,
      services,
      runtime: link(services.runtime, { service: runtimeService, ...to }),
      image: link(services.image, { service: imageService, ...to }),
    };
  }
}
