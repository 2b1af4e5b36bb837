import { type ApiClient, type ControllerDefinition, runController, SharedInformers } from '@slipway/client';
import { every, Kernel, type KernelOptions, type Micros, type Owner, type Process, seconds, sleep } from '@slipway/kernel';
import type { Deployment, Event, KubeObject, Node, Pod, PodSpec, Taint } from '@slipway/kube';
import { ApiServer, connect } from '../../apiserver/index.ts';
import { type FakeKubeletOptions, fakeKubelet } from './fake-kubelet.ts';

export interface ControllerWorldOptions {
  readonly controllers: readonly ControllerDefinition[];
  /** Names of nodes that are there from the start, ready. Left out: `n1`, `n2`, `n3`. */
  readonly nodes?: readonly string[];
  /** False: nobody runs pods. */
  readonly kubelet?: FakeKubeletOptions | false;
  readonly kernel?: KernelOptions;
  /** How far the controllers' caches lag behind. */
  readonly lag?: Micros;
  /** The same for pods alone. */
  readonly podLag?: Micros;
}

/** An API server, the controllers under test and a fake kubelet. */
export class ControllerWorld {
  readonly kernel: Kernel;
  readonly server: ApiServer;
  readonly owner: Owner;
  readonly api: ApiClient;
  /** Owner of the controllers. */
  manager: Owner;
  readonly #lag: Micros;
  readonly #podLag: Micros;

  constructor({ controllers, nodes = ['n1', 'n2', 'n3'], kubelet = {}, kernel, lag = 0, podLag = lag }: ControllerWorldOptions) {
    this.kernel = new Kernel(kernel);
    this.server = new ApiServer({
      kernel: this.kernel,
      owner: this.kernel.owner('apiserver'),
      options: { freeze: true, withoutAdmission: ['ServiceAccount', 'TaintNodesByCondition'] },
    });
    this.owner = this.kernel.owner('test');
    this.api = connect(this.server, this.owner);
    for (const name of nodes) this.run(this.api.nodes.create(node(name)));
    this.#lag = lag;
    this.#podLag = podLag;
    this.manager = this.#startManager(controllers);
    if (kubelet !== false) {
      const owner = this.kernel.owner('kubelets');
      runController(fakeKubelet(kubelet), { api: connect(this.server, owner), owner });
    }
    this.pass(seconds(0.05));
  }

  /** A crash of kube-controller-manager, and a new one with new definitions: what they remembered is lost. */
  restartManager(controllers: readonly ControllerDefinition[]): void {
    this.manager.kill();
    this.manager = this.#startManager(controllers);
  }

  #startManager(controllers: readonly ControllerDefinition[]): Owner {
    const manager = this.kernel.owner('kube-controller-manager');
    const informers = new SharedInformers({ api: connect(this.server, manager), owner: manager, lag: this.#lag });
    informers.get('pods', { lag: this.#podLag });
    for (const definition of controllers) {
      const owner = manager.child(definition.name);
      runController(definition, { api: connect(this.server, owner), owner, informers });
    }
    return manager;
  }

  run<T>(process: Process<T>): T {
    return this.kernel.complete(this.owner, 'step', process);
  }

  pass(duration: Micros): void {
    this.run(sleep(duration));
  }

  /** What is stored, without a request. */
  stored<T extends KubeObject>(plural: string): readonly T[] {
    return [...this.server.objects(plural)] as unknown as readonly T[];
  }

  /** Runs until it holds and returns how long that took. @throws Error when it does not hold within `limit`. */
  until(holds: () => boolean, limit: Micros = seconds(120), step: Micros = seconds(0.1)): Micros {
    const start = this.kernel.now;
    while (!holds()) {
      if (this.kernel.now - start >= limit) throw new Error(`does not hold after ${limit / 1e6} s`);
      this.pass(step);
    }
    return this.kernel.now - start;
  }

  list<T extends KubeObject = KubeObject>(plural: string, labels?: string): readonly T[] {
    return this.run(this.api.resource<T>(plural).list(labels === undefined ? {} : { labelSelector: labels })).items;
  }

  pods(labels?: string): readonly Pod[] {
    return this.list<Pod>('pods', labels);
  }

  /** `Reason message`, in order of their first sight. */
  events(about?: string): readonly string[] {
    return this.list<Event>('events')
      .filter(({ involvedObject }) => about === undefined || involvedObject.kind === about)
      .map(({ metadata, reason, message, firstTimestamp }) => ({
        at: `${firstTimestamp}${metadata.name.split('.').at(-1)}`,
        line: `${reason} ${message}`,
      }))
      .sort((a, b) => (a.at < b.at ? -1 : 1))
      .map(({ line }) => line);
  }

  /** Lets the nodes renew their leases and say that they are ready, as kubelets do, until they are in `silent`. */
  beatHearts(names: readonly string[], silent: ReadonlySet<string>): void {
    for (const name of names) this.owner.spawn(`heart of ${name}`, this.#beat(name, silent));
  }

  *#beat(name: string, silent: ReadonlySet<string>): Process {
    const beat = every(seconds(10));
    for (;;) {
      if (!silent.has(name)) yield* this.api.renewLease({ name, holderIdentity: name });
      yield* beat.next();
    }
  }
}

export function node(
  name: string,
  more: { readonly labels?: Node['metadata']['labels']; readonly taints?: readonly Taint[]; readonly ready?: boolean } = {},
): Node {
  const { labels = {}, taints, ready = true } = more;
  const at = '2026-01-01T00:00:00Z';
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: taints ? { taints } : {},
    status: {
      conditions: [
        { type: 'Ready', status: ready ? 'True' : 'False', reason: 'KubeletReady', lastHeartbeatTime: at, lastTransitionTime: at },
      ],
    },
  };
}

export function template(app: string, image = 'nginx:1', spec: Partial<PodSpec> = {}) {
  return { metadata: { labels: { app } }, spec: { containers: [{ name: 'main', image }], ...spec } };
}

export function deployment(name: string, spec: Partial<Deployment['spec']> = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: { selector: { matchLabels: { app: name } }, template: template(name), ...spec },
  };
}
