import { imageService, runtimeService } from '@slipway/cri';
import { type Disk, Host, type ProgramResolver } from '@slipway/host';
import { Kernel, type KernelOptions, link, type Owner, type Process, seconds } from '@slipway/kernel';
import type { Container, Event, Pod, PodSpec, Stored } from '@slipway/kube';
import type { ApiClient } from '@slipway/client';
import { ApiServer, connect } from '../../apiserver/index.ts';
import { type Kubelet, type KubeletOptions, startKubelet } from '../index.ts';
import { FakeRuntime } from './fake-runtime.ts';

/** No process ever runs on these machines. */
const programs: ProgramResolver = {
  resolve: () => {
    throw new Error('the fake runtime starts no processes');
  },
};

/** One node with a kubelet, a fake runtime and a real API server. */
export class KubeletWorld {
  readonly kernel: Kernel;
  readonly server: ApiServer;
  readonly api: ApiClient;
  readonly host: Host;
  readonly runtime: FakeRuntime;
  readonly user: Owner;
  /** Network file systems by server name. */
  readonly fileServers = new Map<string, Disk>();
  kubelet: Kubelet;
  kubeletOwner: Owner;
  readonly #options: KubeletOptions;

  constructor(options: KubeletOptions = {}, kernelOptions: KernelOptions = {}) {
    this.kernel = new Kernel(kernelOptions);
    this.#options = options;
    const owner = this.kernel.owner('apiserver');
    this.server = new ApiServer({ kernel: this.kernel, owner, options: { withoutAdmission: ['ServiceAccount'], freeze: true } });
    this.user = this.kernel.owner('user');
    this.api = connect(this.server, this.user, { latency: {} });
    const { kernel, fileServers } = this;
    this.host = new Host({ name: 'node-1', kernel, programs, addresses: ['192.168.0.1/24'], fileServers });
    this.runtime = new FakeRuntime(this.kernel);
    this.kubeletOwner = this.host.owner.child('kubelet/node-1');
    this.kubelet = this.#start();
  }

  /** Ends the kubelet and starts another one on the same machine. */
  restartKubelet(): void {
    this.kubeletOwner.kill();
    this.kubeletOwner = this.host.owner.child('kubelet/node-1');
    this.kubelet = this.#start();
  }

  #start(): Kubelet {
    const { kernel, host, runtime: fake, kubeletOwner: owner } = this;
    const runtime = link(fake.runtime, { service: runtimeService, from: owner, to: host.owner });
    const image = link(fake.image, { service: imageService, from: owner, to: host.owner });
    const api = connect(this.server, owner, { latency: {} });
    return startKubelet({ kernel, owner, node: 'node-1', api, runtime, image, host, changed: fake.changed, options: this.#options });
  }

  /** Lets virtual time pass. */
  run(secondsMore: number): void {
    this.kernel.run({ until: this.kernel.now + seconds(secondsMore) });
  }

  complete<T>(process: Process<T>): T {
    return this.kernel.complete(this.user, 'step', process);
  }

  /** Makes a pod that is bound to the node. */
  create(name: string, spec: Partial<PodSpec> = {}): Stored<Pod> {
    const containers: readonly Container[] = spec.containers ?? [{ name: 'app', image: 'app:1' }];
    const pod: Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: { nodeName: 'node-1', ...spec, containers },
    };
    return this.complete(this.api.pods.create(pod));
  }

  pod(name: string): Stored<Pod> | undefined {
    return this.complete(this.api.pods.list({ namespace: 'default' })).items.find(({ metadata }) => metadata.name === name);
  }

  delete(name: string, gracePeriodSeconds?: number): void {
    this.complete(
      this.api.pods.delete({ namespace: 'default', name, ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }) }),
    );
  }

  events(): readonly Event[] {
    return this.complete(this.api.events.list({})).items;
  }

  /** `Reason: message` of all events about an object. */
  eventsOf(name: string): readonly string[] {
    return this.events()
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }
}
