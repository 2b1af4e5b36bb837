import { type ControllerDefinition, runController, SharedInformers } from '@slipway/client';
import type { CpiClients } from '@slipway/cpi';
import type { Kernel, Owner } from '@slipway/kernel';
import { type ApiServer, connect } from '../apiserver/index.ts';
import { cloudControllers, controllers } from '../controllers/index.ts';
import { createScheduler, type Scheduler } from '../scheduler/index.ts';
import type { Provider } from './cloud-assembly.ts';
import { Daemon, type Part } from './part.ts';
import type { ReplacedParts } from './replaced-parts.ts';

export interface ControlPlaneOptions {
  /** All pod addresses: the nodes' ranges are taken from it. */
  readonly clusterCidr: string;
  /** How long the prefix of a node's range is. Left out: 24. */
  readonly nodeCIDRMaskSize: number | undefined;
  /** Makes the cloud provider for its caller, the cloud-controller-manager. For one that is absent nobody runs the cloud's controllers. */
  provider(manager: Owner): Provider;
  /** Whether the cloud's routers carry pod addresses. False where the network plugin does that itself. */
  readonly configureCloudRoutes: boolean;
  readonly replaced: ReplacedParts;
}

/** The API server, scheduler and controllers, each with an owner of its own. The controllers of one manager share their caches. */
export class ControlPlane {
  readonly provider: Provider;
  readonly parts: ReadonlyMap<string, Part>;
  readonly #kernel: Kernel;
  readonly #server: ApiServer;
  readonly #options: ControlPlaneOptions;
  #scheduler: Scheduler | undefined;

  /** Starts them. */
  constructor(kernel: Kernel, server: ApiServer, options: ControlPlaneOptions) {
    this.#kernel = kernel;
    this.#server = server;
    this.#options = options;
    const scheduler = this.#daemon('kube-scheduler', (owner) => this.#runScheduler(owner));
    const builtIn = new Set<string>();
    const manager = this.#daemon('kube-controller-manager', (owner) => {
      for (const name of this.#run(owner, controllers(options))) builtIn.add(name);
    });
    const cloudOwner = kernel.owner('cloud-controller-manager');
    this.provider = options.provider(cloudOwner);
    let isFirst = true;
    const cloudManager = new Daemon(
      'cloud-controller-manager',
      () => (isFirst ? cloudOwner : kernel.owner('cloud-controller-manager')),
      (owner) => {
        isFirst = false;
        this.#runCloudControllers(owner, builtIn);
      },
    );
    for (const { owner, definition } of options.replaced.added(builtIn, (name) => kernel.owner(name))) this.#runOne(definition, owner);
    const parts: Part[] = [new ServerPart(kernel, server), scheduler, manager, cloudManager];
    this.parts = new Map(parts.map((part) => [part.name, part]));
  }

  get scheduler(): Scheduler {
    return this.#scheduler as Scheduler;
  }

  /** The cloud provider, as the cloud-controller-manager reaches it. */
  get cpi(): CpiClients {
    return this.provider.clients;
  }

  #daemon(name: string, run: (owner: Owner) => void): Daemon {
    return new Daemon(name, () => this.#kernel.owner(name), run);
  }

  #runScheduler(owner: Owner): void {
    const parts = this.#options.replaced.scheduler(owner);
    this.#scheduler = createScheduler({ api: connect(this.#server, owner), owner, kernel: this.#kernel, ...parts });
  }

  #runCloudControllers(owner: Owner, names: Set<string>): void {
    const { clients: cpi, absent } = this.provider;
    this.provider.callFrom(owner);
    if (absent) return;
    for (const name of this.#run(owner, cloudControllers({ cpi, clusterName: 'kubernetes', ...this.#options }))) names.add(name);
  }

  /** Runs what a manager consists of. Returns the names of its controllers. */
  #run(manager: Owner, builtIn: readonly ControllerDefinition[]): readonly string[] {
    const informers = new SharedInformers({ api: connect(this.#server, manager), owner: manager });
    for (const definition of this.#options.replaced.controllers(builtIn, manager)) {
      const own = manager.child(definition.name);
      runController(definition, { api: connect(this.#server, own), owner: own, informers });
    }
    return builtIn.map(({ name }) => name);
  }

  #runOne(definition: ControllerDefinition, owner: Owner): void {
    runController(definition, { api: connect(this.#server, owner), owner });
  }
}

/** The API server: its store is etcd's and outlives it; watches and what was kept for them do not. */
class ServerPart implements Part {
  readonly name = 'kube-apiserver';
  readonly #kernel: Kernel;
  readonly #server: ApiServer;

  constructor(kernel: Kernel, server: ApiServer) {
    this.#kernel = kernel;
    this.#server = server;
  }

  get owner(): Owner {
    return this.#server.owner;
  }

  end(): void {
    this.owner.kill();
  }

  start(): void {
    const before = this.owner;
    this.#server.comeUpAs(this.#kernel.owner(this.name));
    for (const link of [...this.#kernel.links]) if (link.to === before) link.serve(this.#server, this.owner);
  }
}
