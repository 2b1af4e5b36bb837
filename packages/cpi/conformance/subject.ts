import { type ConformanceCase, codeOf, must, type Process, type Random, sleep } from '@slipway/kernel';
import type { LoadBalancerStatus, Node, Service, Stored } from '@slipway/kube';
import { retryAfterOf } from '../errors.ts';
import type { Route } from '../messages.ts';
import type { CpiClients } from '../plugin.ts';

/** A provider that is to be judged, in a cloud of its own. */
export interface CpiSubject {
  /** Over links without delay or faults; interfaces that the provider lacks are left out. */
  readonly cpi: CpiClients;
  /** At least two nodes as kubelets register them, without a provider id; their machines run. */
  readonly nodes: readonly Stored<Node>[];
  /** A node with an id in the provider's form whose machine does not exist. */
  readonly unknown: Stored<Node>;
  /** A range that is free for routes. */
  readonly podCidr: string;
  /** For the cases that try random orders. */
  readonly random: Random;
  /** Runs the process in the world to its end. */
  settle<T>(process: Process<T>): Promise<T>;
}

type Outcome = { readonly skipped: string } | void;
const CLUSTER = 'kubernetes';
/** How often a RetryError is obeyed before it counts as a failure. */
const PATIENCE = 20;

/** A subject with the few moves that the cases are made of. */
export class Bench {
  readonly subject: CpiSubject;
  #services = 0;

  constructor(subject: CpiSubject) {
    this.subject = subject;
  }

  /** A Service as the API server stores it, with ports of its own. */
  service(spec: Partial<Service['spec']> = {}): Stored<Service> {
    this.#services += 1;
    const at = this.#services;
    // Providers cut names short: the uids differ in front.
    const uid = `${String(at).padStart(8, '0')}-0000-4000-8000-000000000000`;
    return {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: `web-${at}`, namespace: 'default', uid, resourceVersion: String(at), creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { type: 'LoadBalancer', sessionAffinity: 'None', ports: [{ port: 80, nodePort: 30_000 + at, protocol: 'TCP' }], ...spec },
    };
  }

  /** The nodes with the ids that the provider gives them. */
  async nodes(): Promise<readonly Stored<Node>[]> {
    const { instancesV2 } = this.subject.cpi;
    if (!instancesV2) return this.subject.nodes;
    const nodes: Stored<Node>[] = [];
    for (const node of this.subject.nodes) {
      const { metadata } = await this.settle(instancesV2.instanceMetadata({ node }));
      nodes.push({ ...node, spec: { ...node.spec, providerID: metadata?.providerId ?? '' } });
    }
    return nodes;
  }

  async ensure(service: Stored<Service>, nodes: readonly Stored<Node>[]): Promise<LoadBalancerStatus> {
    const { loadBalancer } = this.subject.cpi;
    must(loadBalancer !== undefined, 'the provider has balancers');
    for (let tries = 0; ; tries += 1) {
      try {
        const { status } = await this.settle(loadBalancer.ensureLoadBalancer({ clusterName: CLUSTER, service, nodes }));
        must(status !== undefined, 'EnsureLoadBalancer returns a status');
        return status;
      } catch (error) {
        if (codeOf(error) !== 'RetryError') throw error;
        const retryAfter = retryAfterOf(error);
        must(retryAfter !== undefined && retryAfter > 0, 'a RetryError says how long to wait');
        must(tries < PATIENCE, 'a RetryError does not come for ever');
        await this.settle(sleep(retryAfter));
      }
    }
  }

  async update(service: Stored<Service>, nodes: readonly Stored<Node>[]): Promise<void> {
    await this.settle(this.#balancers.updateLoadBalancer({ clusterName: CLUSTER, service, nodes }));
  }

  async remove(service: Stored<Service>): Promise<void> {
    await this.settle(this.#balancers.ensureLoadBalancerDeleted({ clusterName: CLUSTER, service }));
  }

  async exists(service: Stored<Service>): Promise<boolean> {
    return (await this.settle(this.#balancers.getLoadBalancer({ clusterName: CLUSTER, service }))).exists;
  }

  async name(service: Stored<Service>): Promise<string> {
    return (await this.settle(this.#balancers.getLoadBalancerName({ clusterName: CLUSTER, service }))).name;
  }

  async routes(): Promise<readonly Route[]> {
    return (await this.settle(this.#routes.listRoutes({ clusterName: CLUSTER }))).routes;
  }

  async addRoute(node: Stored<Node>, destinationCidr: string): Promise<void> {
    const route = { name: '', targetNode: node.metadata.name, destinationCidr };
    await this.settle(this.#routes.createRoute({ clusterName: CLUSTER, nameHint: node.metadata.uid, route }));
  }

  async removeRoute(route: Route): Promise<void> {
    await this.settle(this.#routes.deleteRoute({ clusterName: CLUSTER, route }));
  }

  settle<T>(process: Process<T>): Promise<T> {
    return this.subject.settle(process);
  }

  get #balancers(): NonNullable<CpiClients['loadBalancer']> {
    const { loadBalancer } = this.subject.cpi;
    must(loadBalancer !== undefined, 'the provider has balancers');
    return loadBalancer;
  }

  get #routes(): NonNullable<CpiClients['routes']> {
    const { routes } = this.subject.cpi;
    must(routes !== undefined, 'the provider has routes');
    return routes;
  }
}

/** One case. It is skipped where the provider lacks the interface that it is about. */
export function cpiCase(
  id: string,
  needs: keyof CpiClients,
  title: string,
  source: string,
  run: (bench: Bench) => Promise<Outcome>,
): ConformanceCase<CpiSubject> {
  return {
    id: `cpi.${id}`,
    title,
    source: `cloud-provider v0.36.2: ${source}`,
    async run(connect) {
      const subject = await connect();
      if (!subject.cpi[needs]) return { skipped: `the provider has no ${needs}` };
      return run(new Bench(subject));
    },
  };
}

/** The first two nodes. */
export function twoOf<T>(nodes: readonly T[]): readonly [T, T] {
  const [first, second] = nodes;
  must(first !== undefined && second !== undefined, 'the subject has two nodes');
  return [first, second];
}
