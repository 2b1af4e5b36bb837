import type { Micros, TraceRecord } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';
import { USUAL_NODES } from '../scenario/schema.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { NodeNames } from '../scenario/node-names.ts';
import type { FuzzWorld } from './trial.ts';

/** What a story does when nothing goes wrong: what can go wrong in it, and when. */
export interface Profile {
  /** Contract methods that are called, as faults name them: `csi.Controller/CreateVolume`. */
  readonly methods: readonly string[];
  /** Who writes to the API server, as traces name them. */
  readonly writers: readonly string[];
  /** Who watches it. */
  readonly watchers: readonly string[];
  /** Moments at which something happened, ascending; a sample. */
  readonly moments: readonly Micros[];
  /** When the story was over: nothing but heartbeats since. */
  readonly quiet: Micros;
  readonly nodes: readonly string[];
  /** What users made, that somebody looks after: `deployment/shop/web`. */
  readonly workloads: readonly Workload[];
  /** Claims by reference. */
  readonly claims: readonly string[];
}

export interface Workload {
  /** `deployment/web`. */
  readonly reference: string;
  readonly object: KubeObject;
  readonly scalable: boolean;
  readonly replicas: number;
}

const MOMENTS = 256;
const API_WRITES = /^api\.Server\/(Create|Update|UpdateStatus|Patch|Delete|Bind|Evict|Finalize)$/;

/** Gathers a profile from a world while it runs. */
export class Profiler {
  readonly #methods = new Map<string, number>();
  readonly #writers = new Set<string>();
  readonly #watchers = new Set<string>();
  #moments: Micros[] = [];
  #stride = 1;
  #seen = 0;
  #quiet: Micros = 0;

  constructor({ cluster: { kernel } }: FuzzWorld) {
    kernel.events.on('trace', (record) => this.#note(record));
  }

  #note({ kind, name, actor, at }: TraceRecord): void {
    if (kind !== 'call' && kind !== 'write') return;
    this.#quiet = at;
    if (kind !== 'call') return;
    this.#seen += 1;
    if (this.#seen % this.#stride === 0) this.#moment(at);
    if (name.startsWith('api.')) {
      // People are not disturbed: it is their wishes that the story is about.
      if (actor === 'kubectl' || actor === 'installer') return;
      if (API_WRITES.test(name)) this.#writers.add(actor);
      if (name.endsWith('/Watch')) this.#watchers.add(actor);
      return;
    }
    this.#methods.set(name, (this.#methods.get(name) ?? 0) + 1);
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
    const names = new NodeNames();
    const objects = steps.flatMap((step) => step.objects.map(({ object }) => object));
    return {
      methods: [...this.#methods.keys()].toSorted(),
      writers: [...this.#writers].toSorted(),
      watchers: [...this.#watchers].toSorted(),
      moments: this.#moments,
      quiet: this.#quiet,
      nodes: (cluster.nodes ?? USUAL_NODES).flatMap((document) => names.of(document)),
      workloads: objects.flatMap((object) => workloadOf(object) ?? []),
      claims: objects.filter(({ kind }) => kind === 'PersistentVolumeClaim').map((object) => referenceOf(object)),
    };
  }
}

const SCALABLE: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController']);
const WORKLOADS: ReadonlySet<string> = new Set([...SCALABLE, 'DaemonSet', 'Job']);

function workloadOf(object: KubeObject): Workload | undefined {
  if (!WORKLOADS.has(object.kind)) return undefined;
  const { replicas = 1 } = (object as { readonly spec?: { readonly replicas?: number } }).spec ?? {};
  return { reference: referenceOf(object), object, scalable: SCALABLE.has(object.kind), replicas };
}

function referenceOf({ kind, metadata: { namespace, name } }: KubeObject): string {
  const word = kind.toLowerCase();
  return namespace === undefined || namespace === 'default' ? `${word}/${name}` : `${word}/${namespace}/${name}`;
}
