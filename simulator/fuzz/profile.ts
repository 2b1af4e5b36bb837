import { type Micros, seconds, type TraceRecord } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';
import { meshMethods, routeMethods, withPolls } from './known-methods.ts';
import { type ClusterDocument, type PluginDocument, type ScenarioDocument, USUAL_NODES } from '../scenario/schema.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { NodeNames } from '../scenario/node-names.ts';
import { lastTime } from './swarm/steps.ts';
import type { FuzzWorld } from './trial.ts';

/** What a story does when nothing goes wrong: what can go wrong in it, and when. */
export interface Profile {
  /** Contract methods that are called, as faults name them: `csi.Controller/CreateVolume`. */
  readonly methods: readonly string[];
  /** How often each of them is called. */
  readonly calls: ReadonlyMap<string, number>;
  /** Who writes to the API server, and how: each pair once. */
  readonly writes: readonly ApiWrite[];
  /** Who watches it: `kubelet` stands for those of all nodes. */
  readonly watchers: readonly string[];
  /** Moments at which something happened, ascending; a sample. */
  readonly moments: readonly Micros[];
  /** When the story was over: nothing but heartbeats since. */
  readonly quiet: Micros;
  readonly nodes: readonly string[];
  /** What users made, that somebody looks after: `deployment/shop/web`. */
  readonly workloads: readonly Workload[];
  /**
   * Interfaces whose plugin is the user's and asks neither a cloud nor the API for anything: what it knows is in its memory, which stands
   * for its disk as well. It crashes without losing that.
   */
  readonly remembering: ReadonlySet<string>;
  /** Interfaces whose plugin is the user's: it is named by a path. */
  readonly own: ReadonlySet<string>;
  /** Claims by reference. */
  readonly claims: readonly string[];
  readonly services: readonly KubeObject[];
}

/** A part that writes, as faults name it, and one of its ways: `replicaset-controller`, `api.Create`. */
export interface ApiWrite {
  readonly from: string;
  readonly on: string;
  /** How often. */
  readonly count: number;
}

export interface Workload {
  /** `deployment/web`. */
  readonly reference: string;
  readonly object: KubeObject;
  readonly scalable: boolean;
  readonly replicas: number;
}

const MOMENTS = 256;
/** What is written without end, as long as there are nodes. */
const PERIODIC = /\b(nodes|leases)$/;
const API_WRITES = /^api\.Server\/(Create|Update|UpdateStatus|Patch|Delete|Bind|Evict|Finalize)$/;

/** Gathers a profile from a world while it runs. */
export class Profiler {
  readonly #methods = new Map<string, number>();
  readonly #writes = new Map<string, ApiWrite>();
  readonly #watchers = new Set<string>();
  readonly #callers = new Set<string>();
  #moments: Micros[] = [];
  #stride = 1;
  #seen = 0;
  #quiet: Micros = 0;

  constructor({ cluster: { kernel } }: FuzzWorld) {
    kernel.events.on('trace', (record) => this.#note(record));
  }

  #note({ kind, name, actor, at }: TraceRecord): void {
    if (kind !== 'call' && kind !== 'write') return;
    if (kind === 'call') this.#callers.add(actor);
    if (kind === 'write') {
      if (!PERIODIC.test(name)) this.#quiet = at;
      return;
    }
    this.#seen += 1;
    if (this.#seen % this.#stride === 0) this.#moment(at);
    if (name.startsWith('api.')) {
      // People are not disturbed: it is their wishes that the story is about.
      if (actor === 'kubectl' || actor === 'installer') return;
      if (API_WRITES.test(name)) this.#noteWrite(headOf(actor), `api.${name.slice(name.indexOf('/') + 1)}`);
      if (name.endsWith('/Watch')) this.#watchers.add(headOf(actor));
      return;
    }
    this.#methods.set(name, (this.#methods.get(name) ?? 0) + 1);
  }

  #noteWrite(from: string, on: string): void {
    const key = `${from} ${on}`;
    this.#writes.set(key, { from, on, count: (this.#writes.get(key)?.count ?? 0) + 1 });
  }

  /** Those of the user's that called nobody. */
  #remembering(own: ReadonlySet<string>): ReadonlySet<string> {
    const calls = (kind: string): boolean => [...this.#callers].some((actor) => actor.startsWith(`${kind}/`));
    return new Set([...own].filter((kind) => !calls(kind)));
  }

  /** Keeps a sample that is spread over the whole run. */
  #moment(at: Micros): void {
    if (this.#moments.at(-1) === at) return;
    this.#moments.push(at);
    if (this.#moments.length < 2 * MOMENTS) return;
    this.#moments = this.#moments.filter((_moment, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  profile({ cluster, steps }: Scenario): Profile {
    const own = ownOf(cluster.plugins ?? {});
    return {
      ...partsOf(
        cluster,
        steps.flatMap((step) => step.objects.map(({ object }) => object)),
      ),
      methods: withPolls([...this.#methods.keys()]).toSorted(),
      calls: this.#methods,
      writes: [...this.#writes.values()].toSorted((a, b) => (a.from === b.from ? (a.on < b.on ? -1 : 1) : a.from < b.from ? -1 : 1)),
      watchers: [...this.#watchers].toSorted(),
      moments: this.#moments.filter((moment) => moment <= this.#quiet),
      quiet: this.#quiet,
      own,
      remembering: this.#remembering(own),
    };
  }
}

/** `kubelet` of `kubelet/node-1`: faults that name it so are about all of them. */
const headOf = (actor: string): string => actor.split('/')[0] ?? actor;

/** What follows from a step is mostly over so soon. */
const AFTERWARDS: Micros = seconds(20);

/** The profile of a story that is like another, which shows what there is to go wrong: less what cannot be called in it. */
export function profileOf(document: ScenarioDocument, like: Profile): Profile {
  const { cluster = {}, steps = [] } = document.spec;
  const objects = steps.flatMap(({ apply = [] }) => [apply].flat().filter((part) => typeof part !== 'string')) as unknown as KubeObject[];
  const text = JSON.stringify(steps);
  const cpi = nameOf(cluster.plugins?.cpi);
  const hasMesh = nameOf(cluster.plugins?.smi) === 'linkerd';
  const isCalled = (method: string): boolean => {
    if (/Snapshot/.test(method)) return /"VolumeSnapshot"/.test(text);
    if (/Expand/.test(method)) return /grow/.test(text);
    if (method.startsWith('csi.')) return /PersistentVolumeClaim|volumeClaimTemplate/.test(text);
    if (method.startsWith('cpi.LoadBalancer/')) return cpi !== 'none' && /"LoadBalancer"/.test(text);
    // Where the network has no routes of its own.
    if (method.startsWith('cpi.Routes/')) return (cpi === undefined || cpi === 'aws') && nameOf(cluster.plugins?.cni) === 'bridge';
    return cpi !== 'none' || !method.startsWith('cpi.');
  };
  const quiet = lastTime(steps) + AFTERWARDS;
  return {
    ...like,
    ...partsOf(cluster, objects),
    quiet,
    moments: like.moments.filter((moment) => moment <= quiet),
    methods: [...new Set([...like.methods, ...routeMethods, ...(hasMesh ? meshMethods : [])])].filter(isCalled),
  };
}

const nameOf = (plugin: PluginDocument | undefined): string | undefined => (typeof plugin === 'object' ? plugin.use : plugin);

/** What a story is about: machines, and what people made. */
export function partsOf(
  cluster: ClusterDocument,
  objects: readonly KubeObject[],
): Pick<Profile, 'nodes' | 'workloads' | 'claims' | 'services'> {
  const names = new NodeNames();
  return {
    nodes: (cluster.nodes ?? USUAL_NODES).flatMap((document) => names.of(document)),
    workloads: objects.flatMap((object) => workloadOf(object) ?? []),
    claims: objects.filter(({ kind }) => kind === 'PersistentVolumeClaim').map((object) => referenceOf(object)),
    services: objects.filter(({ kind }) => kind === 'Service'),
  };
}

const SCALABLE: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController']);
const WORKLOADS: ReadonlySet<string> = new Set([...SCALABLE, 'DaemonSet', 'Job']);

function workloadOf(object: KubeObject): Workload | undefined {
  if (!WORKLOADS.has(object.kind)) return undefined;
  const { replicas = 1 } = (object as { readonly spec?: { readonly replicas?: number } }).spec ?? {};
  return { reference: referenceOf(object), object, scalable: SCALABLE.has(object.kind), replicas };
}

export function referenceOf({ kind, metadata: { namespace, name } }: KubeObject): string {
  const word = kind.toLowerCase();
  return namespace === undefined || namespace === 'default' ? `${word}/${name}` : `${word}/${namespace}/${name}`;
}

/** Interfaces whose plugin is named by a path. */
function ownOf(plugins: NonNullable<Scenario['cluster']['plugins']>): ReadonlySet<string> {
  const own = Object.entries(plugins).filter(([, given]) => [given].flat().some((one) => isOwn(typeof one === 'string' ? one : one?.use)));
  return new Set(own.map(([kind]) => kind));
}

/** Built-in names have no dots and slashes. */
const isOwn = (name: string | undefined): boolean => name !== undefined && /[./]/.test(name);
