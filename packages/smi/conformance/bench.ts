import { codeOf, type ConformanceCase, must } from '@slipway/kernel';
import type { KubeObject, Pod, Stored } from '@slipway/kube';
import type { AuthoriseResponse, HttpAttributes, Identity, RouteResponse } from '../messages.ts';
import type { TrafficMetrics } from '../types/index.ts';
import { namespace, pod, running } from './objects.ts';
import { type MeshCapability, type MeshSubject, wellKnownOptIn } from './subject.ts';

/** The case does not apply; thrown, so that a helper can end it. */
export class Skip extends Error {}

/** One case. `source` has sections of SMI 0.6.0 and ids of Slipway's invariants. */
export function meshCase(id: string, title: string, source: string, run: (bench: Bench) => Promise<void>): ConformanceCase<MeshSubject> {
  return {
    id: `smi.${id}`,
    title,
    source,
    async run(connect) {
      try {
        await run(new Bench(await connect()));
        return undefined;
      } catch (error) {
        if (error instanceof Skip) return { skipped: error.message };
        throw error;
      }
    },
  };
}

/** A request as HTTP has it. */
export const http = (path: string, method = 'GET', headers: HttpAttributes['headers'] = {}): HttpAttributes => ({ method, path, headers });

/** How a request is made beside who makes it. */
export interface Call {
  readonly port?: number;
  readonly http?: HttpAttributes;
}

/** A subject with the few moves that the cases are made of. */
export class Bench {
  readonly subject: MeshSubject;
  #pods = 0;

  constructor(subject: MeshSubject) {
    this.subject = subject;
  }

  /** What brings a pod into this mesh. */
  get optIn(): Partial<Pod['metadata']> {
    return this.subject.optIn ?? wellKnownOptIn;
  }

  /** Makes objects; a kind that is not served here ends the case. */
  async put(...objects: readonly KubeObject[]): Promise<void> {
    for (const object of objects) {
      try {
        await this.subject.put(object);
      } catch (error) {
        const code = codeOf(error);
        if (code !== 'NotFound' && code !== 'MethodNotAllowed') throw error;
        throw new Skip(`${object.kind} is not served here`);
      }
    }
  }

  async inject(sent: Pod): Promise<Pod> {
    const { metadata } = sent;
    const response = await this.subject.settle(
      this.subject.mesh.inject({ pod: sent, namespace: namespace(metadata.namespace ?? 'default') }),
    );
    return response.pod ?? sent;
  }

  /** A pod of the mesh, running. */
  async meshed(home: string, serviceAccount: string, metadata: Partial<Pod['metadata']> = {}): Promise<Stored<Pod>> {
    this.#pods += 1;
    const labels = { ...this.optIn.labels, ...metadata.labels };
    const annotations = { ...this.optIn.annotations, ...metadata.annotations };
    const sent = pod(home, `pod-${this.#pods}`, serviceAccount, { ...metadata, labels, annotations });
    return running(await this.inject(sent), `pod-uid-${this.#pods}`);
  }

  /** A pod that nobody put into the mesh, running. */
  outsider(home: string, serviceAccount = 'outsider'): Stored<Pod> {
    this.#pods += 1;
    return running(pod(home, `pod-${this.#pods}`, serviceAccount), `pod-uid-${this.#pods}`);
  }

  async identity(of: Stored<Pod>): Promise<Identity | undefined> {
    return (await this.subject.settle(this.subject.mesh.identity({ pod: of }))).identity;
  }

  route(from: Stored<Pod> | undefined, home: string, root: string, { port = 80, ...call }: Call = {}): Promise<RouteResponse> {
    const to = { namespace: home, service: root, port };
    return this.subject.settle(this.subject.mesh.route({ ...(from ? { from } : {}), to, protocol: 'TCP', ...call }));
  }

  /** How often each Service was chosen. */
  async tally(from: Stored<Pod>, home: string, root: string, times: number, call?: Call): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (let time = 0; time < times; time += 1) {
      const { to } = await this.route(from, home, root, call);
      counts.set(to.service, (counts.get(to.service) ?? 0) + 1);
    }
    return counts;
  }

  /** Asks at the receiver, with the identity that the mesh gives the sender. */
  async authorise(
    source: Stored<Pod> | undefined,
    destination: Stored<Pod>,
    { port = 8080, ...call }: Call = {},
  ): Promise<AuthoriseResponse> {
    const identity = source && (await this.identity(source));
    const { mesh, settle } = this.subject;
    return settle(mesh.authorise({ ...(identity ? { source: identity } : {}), destination, port, protocol: 'TCP', ...call }));
  }

  async allows(source: Stored<Pod> | undefined, destination: Stored<Pod>, call?: Call): Promise<boolean> {
    return (await this.authorise(source, destination, call)).allowed;
  }

  async metrics(kind: string, home: string, name?: string, edges = false): Promise<readonly TrafficMetrics[]> {
    const resource =
      kind === 'Namespace' ? { kind, name: name ?? home } : { kind, namespace: home, ...(name === undefined ? {} : { name }) };
    try {
      return (await this.subject.settle(this.subject.mesh.metrics({ resource, ...(edges ? { edges } : {}) }))).items;
    } catch (error) {
      if (codeOf(error) === 'UNIMPLEMENTED' && this.subject.can?.metrics !== true) throw new Skip('the mesh keeps no metrics');
      throw error;
    }
  }

  /** Ends the case where the mesh cannot do this; `attempt` finds out where nobody says. */
  async needs(capability: MeshCapability, attempt: () => Promise<boolean>): Promise<void> {
    const said = this.subject.can?.[capability];
    if (said === true) return;
    if (said === false) throw new Skip(`this mesh does without: ${capability}`);
    if (!(await attempt())) throw new Skip(`this mesh, as it is set up, seems to do without: ${capability}`);
  }

  /** Pods get an identity. */
  needsIdentity(): Promise<void> {
    return this.needs('identity', async () => (await this.identity(await this.meshed('default', 'probe'))) !== undefined);
  }

  /** What nothing allows is denied. */
  async needsAccess(): Promise<void> {
    await this.needs(
      'access',
      async () => !(await this.allows(await this.meshed('default', 'probe'), await this.meshed('default', 'probed'))),
    );
  }

  /** Splits are followed at all. */
  async needsSplit(): Promise<void> {
    await this.needs('split', async () => (await this.identity(await this.meshed('default', 'probe'))) !== undefined);
  }
}

/**
 * Whether a count may be what a weight is due. `exact`: round robin may lag behind by one for each other Service, and run ahead by less
 * than one. At random: five standard deviations, which a right mesh exceeds once in two million times.
 */
export function mustBeShare(
  count: number,
  times: number,
  weight: number,
  total: number,
  others: number,
  balance: MeshSubject['balance'],
): void {
  const due = (times * weight) / total;
  const slack = balance === 'exact' ? Math.max(1, others) : 1 + 5 * Math.sqrt((due * (total - weight)) / total);
  must(
    Math.abs(count - due) <= slack,
    `${count} of ${times} requests is the share of weight ${weight} of ${total} (${due}, give or take ${slack})`,
  );
}
