import { type CloudApi, cloudApi, type CloudServices, type DataCentre } from '@slipway/cloud';
import { TestDataCentre } from '@slipway/cloud/testing';
import {
  type CsiController,
  csiController,
  type CsiGroupController,
  csiGroupController,
  type CsiIdentity,
  csiIdentity,
  type CsiNode,
  csiNode,
  type CsiServices,
  type CsiSnapshotMetadata,
  csiSnapshotMetadata,
} from '@slipway/csi';
import type { CsiSubject, CsiSubjectNode } from '@slipway/csi/conformance';
import type { Host } from '@slipway/host';
import { type Client, type Implementation, Kernel, link, type Owner, type Process, type Random, type Service } from '@slipway/kernel';
import type { Plugin } from '@slipway/plugin';
import { parseOptions, pluginContext, type StubOptions } from '../stub-context.ts';
import { breachesOf, type Watched } from './breaches.ts';
import { type Restarts, Standing } from './restart.ts';

/** What stands around a storage driver, and how its volumes are asked for. */
export interface CsiSurroundings
  extends Pick<StubOptions, 'api' | 'kernel'>,
    Pick<CsiSubject, 'parameters' | 'mutableParameters' | 'volumeCapability' | 'capacityBytes'> {
  /** The cloud over the two machines, since this package names none. Left out: every call of the cloud fails. */
  readonly cloud?: (surroundings: {
    readonly dataCentre: DataCentre;
    readonly ids: Kernel['ids'];
    readonly now: () => number;
  }) => CloudServices;
  /** Where both machines stand. Left out: `us-east-1a`. */
  readonly zone?: string;
  /** The plugin's options, before its schema. */
  readonly options?: unknown;
  /** How it comes up again after a crash. Left out: made anew. */
  readonly restarts?: Restarts;
}

/** Puts a storage driver on two fresh machines, behind links with the plugin's own latency, for `csiCases` and `csiCommands`. */
export function csiSubject<O>(plugin: Plugin<'csi', O>, surroundings: CsiSurroundings = {}): StubCsiSubject<O> {
  return new StubCsiSubject(plugin, surroundings);
}

/** A storage driver: its controller services once, its node services on each of two machines that can lose power. */
export class StubCsiSubject<O = unknown> implements CsiSubject, Watched {
  readonly kernel: Kernel;
  readonly dataCentre: TestDataCentre;
  readonly breaches: readonly string[];
  readonly random: Random;
  readonly identity: Client<CsiIdentity>;
  readonly controller?: Client<CsiController>;
  readonly groupController?: Client<CsiGroupController>;
  readonly snapshotMetadata?: Client<CsiSnapshotMetadata>;
  readonly nodes: readonly CsiSubjectNode[];
  readonly parameters?: Readonly<Record<string, string>>;
  readonly mutableParameters?: Readonly<Record<string, string>>;
  readonly volumeCapability?: NonNullable<CsiSubject['volumeCapability']>;
  readonly capacityBytes?: number;
  readonly #plugin: Plugin<'csi', O>;
  readonly #options: O;
  readonly #api: CsiSurroundings['api'];
  readonly #caller: Owner;
  readonly #standing: Standing;
  readonly #starts: (() => void)[] = [];
  readonly keepsMemory: boolean;
  readonly #cloud: { readonly implementation: Implementation<CloudApi>; readonly owner: Owner };

  constructor(plugin: Plugin<'csi', O>, surroundings: CsiSurroundings) {
    const { kernel = {}, zone = 'us-east-1a', parameters, mutableParameters, volumeCapability, capacityBytes, api, cloud } = surroundings;
    this.#plugin = plugin;
    this.#options = parseOptions(plugin, surroundings.options);
    this.#api = api;
    this.kernel = new Kernel(kernel);
    this.breaches = breachesOf(this.kernel);
    this.random = this.kernel.random('cases');
    this.#caller = this.kernel.owner('kubernetes');
    this.dataCentre = new TestDataCentre(this.kernel, [
      { name: 'node-1', zone },
      { name: 'node-2', zone },
    ]);
    const now = (): number => this.kernel.now;
    this.#cloud = {
      implementation: cloud?.({ dataCentre: this.dataCentre, ids: this.kernel.ids, now }) ?? refusingCloud(),
      owner: this.kernel.owner('cloud'),
    };
    if (parameters) this.parameters = parameters;
    if (mutableParameters) this.mutableParameters = mutableParameters;
    if (volumeCapability) this.volumeCapability = volumeCapability;
    if (capacityBytes !== undefined) this.capacityBytes = capacityBytes;

    this.keepsMemory = surroundings.restarts === 'kept';
    this.#standing = new Standing(() => this.kernel.owner(`csi/${plugin.name}`));
    const { identity, controller, groupController, snapshotMetadata } = this.#create(() => this.#standing.owner);
    const { latency } = plugin;
    const wire = <S>(implementation: Implementation<S>, service: Service<S>): Client<S> =>
      this.#standing.keep(link(implementation, { service, from: this.#caller, to: this.#standing.owner, latency }), implementation);
    this.identity = wire(identity, csiIdentity);
    if (controller) this.controller = wire(controller, csiController);
    if (groupController) this.groupController = wire(groupController, csiGroupController);
    if (snapshotMetadata) this.snapshotMetadata = wire(snapshotMetadata, csiSnapshotMetadata);
    this.nodes = [...this.dataCentre.machines.values()].map(({ name, host }) => this.#makeNode(name, host));
  }

  /** The driver ends where it stands, everywhere, and is there again at once. Machines and what is mounted on them stay. */
  restart(): void {
    this.#standing.restart(this.keepsMemory ? undefined : () => this.#remake());
    for (const start of this.#starts) start();
  }

  /** In the order in which the links were made. */
  #remake(): readonly Implementation<never>[] {
    const { identity, controller, groupController, snapshotMetadata } = this.#create(() => this.#standing.owner);
    return [identity, controller, groupController, snapshotMetadata].flatMap((made) => (made ? [made as Implementation<never>] : []));
  }

  settle<T>(process: Process<T>): Promise<T> {
    return this.kernel.completeAsync(this.#caller, 'test', process);
  }

  #makeNode(name: string, host: Host): CsiSubjectNode {
    const standing = new Standing(() => host.owner.child(`csi/${this.#plugin.name}`));
    const clients = this.#start(standing, host);
    const remake = (): readonly Implementation<never>[] => {
      const { node, identity } = this.#create(() => standing.owner, host);
      return [identity, node].flatMap((made) => (made ? [made as Implementation<never>] : []));
    };
    this.#starts.push(() => standing.restart(this.keepsMemory ? undefined : remake));
    return {
      name,
      host,
      ...clients,
      powerCycle: async () => {
        host.powerOff();
        host.powerOn();
        standing.restart(remake);
      },
    };
  }

  /** The driver's services on a machine, behind links that outlive them. */
  #start(standing: Standing, host: Host): { readonly node: Client<CsiNode> | undefined; readonly identity: Client<CsiIdentity> } {
    const { node, identity } = this.#create(() => standing.owner, host);
    const above = { from: this.#caller, to: standing.owner, latency: this.#plugin.latency };
    return {
      identity: standing.keep(link(identity, { service: csiIdentity, ...above }), identity),
      node: node && standing.keep(link(node, { service: csiNode, ...above }), node),
    };
  }

  #create(owner: () => Owner, host?: Host): CsiServices {
    const cloud = link<CloudApi>(this.#cloud.implementation, { service: cloudApi, from: owner(), to: this.#cloud.owner });
    const api = this.#api === undefined ? {} : { api: this.#api };
    const [first] = this.dataCentre.machines.values();
    // The stub always has a machine; what runs once for the cluster is not to see it.
    const {
      host: machine,
      node,
      ...context
    } = pluginContext({ options: this.#options, host: host ?? (first?.host as Host), owner, ...api });
    return this.#plugin.create(host ? { ...context, host: machine, node, cloud } : { ...context, cloud });
  }
}

/** Every method says that there is no cloud. */
function refusingCloud(): Implementation<CloudApi> {
  const refusals = Object.keys(cloudApi.methods).map((method) => [
    method,
    () => {
      throw new Error(`no cloud for ${method}: give csiSubject a \`cloud\``);
    },
  ]);
  return Object.fromEntries(refusals) as Implementation<CloudApi>;
}
