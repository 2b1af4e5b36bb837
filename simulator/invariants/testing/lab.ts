import type { ApiClient } from '@slipway/client';
import { CallError, Kernel, type Process } from '@slipway/kernel';
import type { KubeObject, Node, Pod, PodSpec, Stored } from '@slipway/kube';
import { ApiServer, type ApiServerOptions, type CommittedWrite, connect } from '../../apiserver/index.ts';
import { Invariants, invariants, type Onlooker, type Violation, type WatchedNode } from '../index.ts';

/** For tests: an API server with the invariants on, and calls of parts that are not there. */
export class Lab {
  readonly kernel = new Kernel();
  readonly server: ApiServer;
  readonly nodes = new Map<string, WatchedNode>();
  readonly #invariants: Invariants;
  readonly #observers: ((write: CommittedWrite) => void)[] = [];
  readonly #clients = new Map<string, ApiClient>();

  /**
   * @param only ids of the rows to check; none: all.
   * @param make another server than the real one.
   * @param beside who else looks on.
   */
  constructor(
    only: readonly string[] = [],
    make: typeof ApiServer = ApiServer,
    options: ApiServerOptions = {},
    beside: readonly Onlooker[] = [],
  ) {
    this.server = new make({
      kernel: this.kernel,
      owner: this.kernel.owner('kube-apiserver'),
      options: { withoutAdmission: ['ServiceAccount'], ...options },
    });
    const { server } = this;
    const observe = server.observe.bind(server);
    server.observe = (listener) => {
      this.#observers.push(listener);
      return observe(listener);
    };
    const rows = only.length === 0 ? invariants : invariants.filter(({ id }) => only.includes(id));
    if (rows.length < only.length) throw new RangeError(`not all of ${only.join(', ')} are rows`);
    this.#invariants = new Invariants({ kernel: this.kernel, server: this.server, nodes: this.nodes, off: [], beside }, rows);
  }

  get violations(): readonly Violation[] {
    return this.#invariants.violations;
  }

  /** Ids of the broken rows, one for each violation. */
  get broken(): readonly string[] {
    return this.violations.map(({ id }) => id);
  }

  atRest(): void {
    this.#invariants.atRest();
  }

  afterCalm(): void {
    this.#invariants.afterCalm();
  }

  /** How often a row had something to say. */
  met(id: string): number {
    return this.#invariants.preconditions.get(id) ?? 0;
  }

  /** The API as this actor's client. */
  as(actor: string): ApiClient {
    let api = this.#clients.get(actor);
    if (!api) {
      api = connect(this.server, this.kernel.owner(actor), { latency: {} });
      this.#clients.set(actor, api);
    }
    return api;
  }

  run<T>(process: Process<T>): T {
    return this.kernel.complete(this.kernel.owner('test'), 'test', process);
  }

  /** Lets virtual time pass. */
  pass(micros: number): void {
    this.kernel.run({ until: this.kernel.now + micros });
  }

  node(name: string, allocatable: Record<string, string> = { cpu: '4', memory: '8Gi', pods: '10' }): Stored<Node> {
    const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name }, spec: {}, status: { allocatable, capacity: allocatable } };
    return this.run(this.as(`kubelet/${name}`).nodes.create(node));
  }

  pod(name: string, spec: Partial<PodSpec> = {}, metadata: Partial<KubeObject['metadata']> = {}): Stored<Pod> {
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', ...metadata },
      spec: { containers: [{ name: 'main', image: 'nginx' }], ...spec },
    };
    return this.run(this.as('kubectl').pods.create(pod));
  }

  bind(name: string, nodeName: string): Stored<Pod> {
    return this.run(this.as('kube-scheduler').pods.bind({ namespace: 'default', name, nodeName }));
  }

  /** A status as the pod's kubelet writes it. */
  status(pod: Stored<Pod>, status: Pod['status']): Stored<Pod> {
    const { name } = pod.metadata;
    const node = this.server.peek('pods', 'default', name) as Stored<Pod>;
    const patch = { status };
    return this.run(this.as(`kubelet/${node.spec.nodeName}`).pods.patch({ namespace: 'default', name, subresource: 'status', patch }));
  }

  /** A write that the real store would not do, as a broken one would tell of it. */
  write(write: Omit<CommittedWrite, 'revision'> & { readonly revision?: number }, cause = 0): void {
    const revision = write.revision ?? Number(write.object.metadata.resourceVersion);
    this.kernel.record('write', 'kube-apiserver', 'api/update', undefined, [], write.object, cause);
    for (const observer of this.#observers) observer({ ...write, revision });
  }

  /** A call and its answer, as a link records them. */
  call(name: string, from: string, to: string, request: object, answer: object = {}): void {
    const seq = this.kernel.record('call', from, name, undefined, [], request, 0);
    const failed = answer instanceof Error;
    this.kernel.record('answer', to, name, undefined, [failed ? (answer as CallError).code : 'OK'], answer, seq);
  }

  /** A call of a node's kubelet to its runtime. */
  cri(node: string, method: string, request: object, answer: object = {}): void {
    this.call(`cri.RuntimeService/${method}`, `kubelet/${node}`, `containerd/${node}`, request, answer);
  }

  /** A call of a node's runtime to its network plugin. */
  cni(node: string, method: string, request: object, answer: object = {}): void {
    this.call(`cni.Plugin/${method}`, `containerd/${node}`, `my-network/${node}`, request, answer);
  }

  /** A sandbox that a node's kubelet makes for a pod. */
  sandbox(node: string, pod: Stored<Pod>, id = `sandbox-of-${pod.metadata.name}`): string {
    this.cri(node, 'RunPodSandbox', { config: { metadata: metadataOf(pod) } }, { podSandboxId: id });
    return id;
  }

  /** Makes and starts a container as a kubelet does, and says how it goes on: an exit code, or undefined for "runs". */
  start(
    node: string,
    pod: Stored<Pod>,
    podSandboxId: string,
    name: string,
    options: { readonly exitCode?: number; readonly image?: string } = {},
  ): string {
    const { exitCode, image = 'nginx' } = options;
    const attempt = (this.#attempts.get(`${pod.metadata.uid}/${name}`) ?? -1) + 1;
    this.#attempts.set(`${pod.metadata.uid}/${name}`, attempt);
    const containerId = `${podSandboxId}-${name}-${attempt}`;
    const config = { metadata: { name, attempt }, image: { image, userSpecifiedImage: image } };
    this.cri(node, 'CreateContainer', { podSandboxId, config, sandboxConfig: { metadata: metadataOf(pod) } }, { containerId });
    this.cri(node, 'StartContainer', { containerId });
    if (exitCode !== undefined) this.exit(node, containerId, exitCode);
    return containerId;
  }

  /** The runtime tells that a container has ended. */
  exit(node: string, containerId: string, exitCode: number): void {
    this.cri(node, 'ContainerStatus', { containerId }, { status: { id: containerId, state: 'CONTAINER_EXITED', exitCode, labels: {} } });
  }

  readonly #attempts = new Map<string, number>();
}

export const metadataOf = ({ metadata }: Stored<Pod>) => ({
  name: metadata.name,
  namespace: metadata.namespace ?? '',
  uid: metadata.uid,
  attempt: 0,
});

/** The error of a failed call. */
export const failure = (code: string, message = 'no'): Error => new CallError(code, message);
