import type { ApiClient } from '@slipway/client';
import type { Machine } from '@slipway/cloud';
import {
  type Breach,
  type Client,
  type Implementation,
  Kernel,
  type KernelOptions,
  messageOf,
  type Owner,
  type Process,
  type TraceRecord,
} from '@slipway/kernel';
import { type CustomResourceDefinition, type Node, nodeLabels, resourceAmount, type ResourceList, type Taint } from '@slipway/kube';
import { bridge, LeaseIndex } from '@slipway/cni/mocks';
import type { OciDistribution } from '@slipway/oci';
import { OciRegistry, type OciRegistryOptions } from '@slipway/oci/mocks';
import { type ImageProgram, programs } from '@slipway/programs';
import type { Mesh } from '@slipway/smi';
import { ApiServer, connect } from '../apiserver/index.ts';
import { FaultBoard } from '../faults/index.ts';
import { type Invariant, Invariants, type Onlooker } from '../invariants/index.ts';
import { TraceRecorder } from '../trace/index.ts';
import { clusterCidrFor, pluginsFor } from './cluster-size.ts';
import { Traffic } from '../traffic/index.ts';
import type { ClusterPlugins, NodePlugins } from './chosen.ts';
import { assembleProvider, Cloud } from './cloud-assembly.ts';
import { ControlPlane } from './control-plane.ts';
import { WorldDataCentre } from './data-centre.ts';
import { install } from './install.ts';
import type { Leak, LeakSource } from './leaks.ts';
import { assembleMesh } from './mesh-assembly.ts';
import { ClusterNode } from './node-assembly.ts';
import { type Part, PluginPart } from './part.ts';
import { ReplacedParts } from './replaced-parts.ts';
import { type RestartRequest, Restarts } from './restarts.ts';
import { assembleSnapshots } from './snapshot-assembly.ts';
import { installDrivers, StorageDriver } from './storage-assembly.ts';

/** A machine to make. Quantities as Kubernetes writes them. */
export interface NodeTemplate {
  readonly name: string;
  readonly capacity?: ResourceList;
  /** Left out: capacity less what the kubelet holds back. */
  readonly allocatable?: ResourceList;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly taints?: readonly Taint[];
  /** Left out: the world's. */
  readonly plugins?: NodePlugins;
  /** Kind of machine in the cloud: `m5.xlarge`. Left out: the cloud's default. */
  readonly instanceType?: string;
  /** False: nobody registers the machine or runs pods on it, as conformance cases want it. */
  readonly kubelet?: boolean;
}

export interface WorldOptions extends Pick<KernelOptions, 'seed' | 'explore' | 'elide' | 'footprints' | 'callPlaces'> {
  readonly nodes: readonly NodeTemplate[];
  readonly plugins: ClusterPlugins;
  /** Programs beside the built-in ones; they go first. */
  readonly programs?: readonly ImageProgram[];
  readonly registry?: OciRegistryOptions;
  /** `keep`: the whole stream stays in memory; `onLine` is given each event and its hashed line. */
  readonly trace?: { readonly keep?: boolean; readonly detailed?: boolean; readonly onLine?: (record: TraceRecord, line: string) => void };
  /** How long the prefix of each node's range of pod addresses is. Left out: 24. */
  readonly nodeCIDRMaskSize?: number | undefined;
  /** Who looks at the world beside the invariants. */
  readonly onlookers?: readonly Onlooker[];
  /** Ids of invariants that are switched off; `true` for all of them. */
  readonly withoutInvariants?: readonly string[] | true;
  /** Invariants of one's own, beside those of the list. */
  readonly withInvariants?: readonly Invariant[];
  /** Tells what plugins take from the real world: a breach of a row like any other. */
  readonly leaks?: LeakSource;
}

/** Something that the user asked for and that has no effect here, met while running. */
export interface WorldWarning {
  readonly object: string;
  readonly message: string;
}

/** A plugin that failed outside of any call: its agent, say. */
export interface PluginCrash {
  readonly plugin: string;
  readonly node: string;
  readonly message: string;
  /** Virtual microseconds. */
  readonly at: number;
}

/** What a node has when nobody says anything: design.md, "what apply assumes". */
export const DEFAULT_CAPACITY: ResourceList = { cpu: '4', memory: '16Gi', pods: '110', 'ephemeral-storage': '100Gi' };
/** A whole cluster: its kernel, control plane and nodes. A value: two worlds in one process never touch. */
export class World {
  readonly kernel: Kernel;
  readonly server: ApiServer;
  readonly recorder: TraceRecorder;
  readonly invariants: Invariants;
  readonly controlPlane: ControlPlane;
  readonly nodes = new Map<string, ClusterNode>();
  /** What goes wrong on purpose. */
  readonly faults: FaultBoard;
  /** Parts of the control plane and plugins of the whole cluster: `kube-scheduler`, `cpi`, `csi/ebs`. Those of a node are the node's. */
  readonly parts: ReadonlyMap<string, Part>;
  readonly cloud: Cloud;
  readonly drivers: readonly StorageDriver[];
  /** Kinds that plugins serve once somebody uses them. */
  readonly definitions: readonly CustomResourceDefinition[];
  readonly traffic: Traffic;
  readonly mesh: Client<Mesh>;
  /** Whoever stands outside: the person with kubectl. */
  readonly user: Owner;
  readonly api: ApiClient;
  readonly breaches: Breach[] = [];
  readonly warnings: WorldWarning[] = [];
  readonly crashes: PluginCrash[] = [];
  readonly #plugins: ClusterPlugins;
  readonly dataCentre: WorldDataCentre;
  readonly #registry: PluginPart<Implementation<OciDistribution>>;
  readonly #restarts: Restarts;
  readonly #replaced: ReplacedParts;
  readonly #programs;
  #addresses = 1;

  constructor(options: WorldOptions) {
    const { seed, explore, elide, footprints, callPlaces } = options;
    // Plugins are made before the invariants are.
    const early: Leak[] = [];
    let onLeak = (leak: Leak): void => void early.push(leak);
    options.leaks?.listen((leak) => onLeak(leak));
    const kernel = new Kernel({
      ...(seed === undefined ? {} : { seed }),
      ...(explore === undefined ? {} : { explore }),
      ...(elide === undefined ? {} : { elide }),
      ...(footprints === undefined ? {} : { footprints }),
      ...(callPlaces === undefined ? {} : { callPlaces }),
    });
    this.kernel = kernel;
    this.#restarts = new Restarts({ kernel, nodes: this.nodes, parts: () => this.parts, count: (kind) => this.faults.count(kind) });
    this.faults = new FaultBoard(kernel, (callee, revival) => this.#restarts.crash(callee, revival), {
      crashCaller: (caller, revival) => this.#restarts.crashCaller(caller, revival),
      machine: (name) => this.nodes.get(name),
      server: () => this.server,
    });
    this.recorder = new TraceRecorder(kernel, options.trace);
    kernel.events.on('breach', (breach) => this.breaches.push(breach));
    this.server = new ApiServer({ kernel, owner: kernel.owner('kube-apiserver') });
    this.#registry = new PluginPart<Implementation<OciDistribution>>({
      name: 'registry',
      newOwner: () => kernel.owner('registry'),
      create: () => new OciRegistry(options.registry),
      // Its images are on disks.
      keepsState: () => true,
    });
    this.#programs = programs(options.programs ?? []);
    this.server.observe(({ resource, object }) => {
      if (resource !== 'nodes') return;
      const changed = this.nodes.get(object.metadata.name)?.objectChanged;
      changed?.set(changed.value + 1);
    });
    const size = options.nodes.length;
    this.#plugins = pluginsFor(size, options.plugins);
    const place = { kernel, connect: (from: Owner) => connect(this.server, from) };
    this.dataCentre = new WorldDataCentre({
      launch: ({ name, zone, instanceType }) => {
        this.addNode({ name, instanceType, labels: { [nodeLabels.zone]: zone } });
        return this.dataCentre.machines.get(name) as Machine;
      },
      remove: (name) => this.removeNode(name),
      powerOff: (name) => this.nodes.get(name)?.powerOff(),
      powerOn: (name) => this.nodes.get(name)?.powerOn(),
    });
    const { csi, cpi, smi, cni } = this.#plugins;
    this.cloud = new Cloud(this.#plugins.cloud, place, this.dataCentre);
    this.#replaced = new ReplacedParts(this.#plugins.controlPlane, place);
    this.controlPlane = new ControlPlane(kernel, this.server, {
      clusterCidr: clusterCidrFor(size),
      nodeCIDRMaskSize: options.nodeCIDRMaskSize,
      // A network that connects the containers of one node leaves the way between nodes to the cloud's routers.
      configureCloudRoutes: cni.plugin.agent === undefined || cni.plugin.name === bridge.name,
      provider: (manager) => assembleProvider(cpi, manager, place, this.cloud),
      replaced: this.#replaced,
    });
    this.definitions = [...csi, smi].flatMap(({ plugin }) => plugin.definitions ?? []);
    this.drivers = csi.map((driver) => new StorageDriver(driver, place, this.cloud));
    for (const driver of this.drivers) driver.startSidecars();
    assembleSnapshots(kernel, this.server, place.connect, this.drivers);
    const proxy = kernel.owner('kube-proxy');
    const mesh = assembleMesh(smi, { server: this.server, traffic: proxy, apiServer: kernel.owner('admission') }, place);
    this.mesh = mesh.client;
    const { provider } = this.controlPlane;
    this.parts = new Map<string, Part>([
      ...this.controlPlane.parts,
      ['cloud', this.cloud.part],
      ['cpi', provider.part],
      ['smi', mesh.part],
      ['registry', this.#registry],
      ...this.drivers.map((driver) => [`csi/${driver.plugin.name}`, driver.part] as const),
    ]);
    const network = provider.network ?? this.cloud.network;
    this.traffic = new Traffic({
      kernel,
      owner: proxy,
      api: connect(this.server, proxy),
      clusterDomain: 'cluster.local',
      partition: this.faults.cutsOff,
      ...(network ? { cloud: network } : {}),
      ...((cni.options as { readonly peers?: string }).peers === 'lookup' ? { tunnels: new LeaseIndex() } : {}),
      ...(mesh.absent ? {} : { mesh: mesh.client }),
    });
    this.#install(options);
    this.user = kernel.owner('kubectl');
    this.api = connect(this.server, this.user);
    this.invariants = new Invariants({
      kernel,
      server: this.server,
      nodes: this.nodes,
      scheduler: () => this.controlPlane.scheduler,
      off: options.withoutInvariants ?? [],
      own: options.withInvariants ?? [],
      beside: options.onlookers ?? [],
    });
    onLeak = ({ invariant, message }) => this.invariants.report(invariant, message);
    for (const leak of early) onLeak(leak);
    for (const template of options.nodes) this.addNode(template);
  }

  /** Makes a machine and switches it on; its kubelet registers it. */
  addNode(template: NodeTemplate): ClusterNode {
    this.#addresses += 1;
    const address = `172.18.${this.#addresses >> 8}.${this.#addresses & 255}`;
    const { kernel, server } = this;
    const node = new ClusterNode(
      template.name,
      address,
      template.kubelet === false ? undefined : kubeletOptions(template, !this.controlPlane.provider.absent),
      template.plugins ?? this.#plugins,
      {
        kernel,
        programs: this.#programs,
        registry: this.#registry,
        csi: this.#plugins.csi,
        cloud: this.cloud,
        fileServers: this.dataCentre.fileServers,
        poweredOff: () => this.faults.count('power'),
        connect: (from) => connect(server, from),
        kubeletParts: (owner, host) => this.#replaced.kubelet(owner, host),
        warn: (name, message) => this.warnings.push({ object: `Node ${name}`, message }),
        pluginCrashed: (plugin, name, error) => {
          this.crashes.push({ plugin, node: name, message: messageOf(error), at: kernel.now });
          kernel.record('fault', `${plugin}/${name}`, `${plugin}/crash`, undefined, [messageOf(error)]);
        },
      },
    );
    this.nodes.set(template.name, node);
    const zone = template.labels?.[nodeLabels.zone];
    this.dataCentre.machines.set(template.name, {
      name: template.name,
      host: node.host,
      address,
      ...(zone === undefined ? {} : { zone }),
      ...(template.instanceType === undefined ? {} : { instanceType: template.instanceType }),
    });
    this.traffic.attach(node.host);
    return node;
  }

  /** Takes a machine away for good: its power goes, and the cloud knows it no more. The Node object is the cluster's business. */
  removeNode(name: string): void {
    const node = this.nodes.get(name);
    if (!node) return;
    node.powerOff();
    this.traffic.detach(node.host);
    this.nodes.delete(name);
    this.dataCentre.machines.delete(name);
  }

  /** Puts right whatever is wrong on purpose: every fault heals, every machine has power. */
  calm(): void {
    this.faults.healAll();
    for (const node of this.nodes.values()) if (!node.host.on) node.powerOn();
  }

  /** Ends a part and starts it anew after a while. @throws Error for a part that there is not */
  restart(what: RestartRequest): Process {
    return this.#restarts.restart(what);
  }

  /** What the plugins bring comes first of all, as an administrator installs them before anything else. */
  #install({ plugins: { smi } }: WorldOptions): void {
    const installer = this.kernel.owner('installer');
    const api = connect(this.server, installer);
    const { drivers } = this;
    const replaced = this.#replaced;
    installer.spawn('install', installAll());
    function* installAll(): Process {
      for (const object of [...(smi.plugin.manifests ?? []), ...replaced.manifests]) yield* install(api, object);
      yield* installDrivers(drivers, installer, api);
    }
  }

  /** Sixteen hexadecimal digits that stand for everything that has happened so far. */
  get fingerprint(): string {
    return this.recorder.fingerprint();
  }
}

function kubeletOptions({ capacity, allocatable, labels, annotations, taints }: NodeTemplate, externalCloudProvider: boolean) {
  const disk = capacity?.['ephemeral-storage'];
  return {
    externalCloudProvider,
    capacity: { ...DEFAULT_CAPACITY, ...capacity },
    // Images are collected where somebody says how large the disk is; the usual one never fills.
    ...(disk === undefined ? {} : { imageFilesystemBytes: resourceAmount('ephemeral-storage', disk) }),
    ...(allocatable === undefined ? {} : { allocatable: { ...capacity, ...allocatable } }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(taints === undefined ? {} : { taints }),
    clusterDNS: ['10.96.0.10'],
  };
}

/** The machine that a Node object asks for: it keeps the capacity and the allocatable that the object gives. */
export function templateOf({ metadata, spec, status }: Node): NodeTemplate {
  const allocatable = status?.allocatable ?? status?.capacity;
  return {
    name: metadata.name,
    ...(status?.capacity || status?.allocatable ? { capacity: { ...status.allocatable, ...status.capacity } } : {}),
    ...(allocatable === undefined ? {} : { allocatable }),
    ...(metadata.labels === undefined ? {} : { labels: metadata.labels }),
    ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
    ...(spec?.taints === undefined ? {} : { taints: spec.taints }),
  };
}
