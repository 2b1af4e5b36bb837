import {
  type Container,
  type ContainerStatus,
  type CreateContainerRequest,
  CriError,
  type Image,
  type ImageService,
  type PodSandbox,
  type PodSandboxStatus,
  type RunPodSandboxRequest,
  type RuntimeService,
} from '@slipway/cri';
import { Cell, type Implementation, type Kernel, type Micros, type Process, seconds, sleep } from '@slipway/kernel';

/** What a container of an image does. */
export interface FakeProgram {
  /** Ends by itself after this time; left out: runs on. */
  readonly runsFor?: Micros;
  readonly exitCode?: number;
  /** Does not react to the stop signal. */
  readonly stubborn?: boolean;
  /** Exit code of a command that is run in it. */
  readonly exec?: (cmd: readonly string[]) => number;
}

interface FakeContainer {
  status: ContainerStatus;
  item: Container;
}

interface FakeSandbox {
  status: PodSandboxStatus;
  item: PodSandbox;
}

/** The smallest runtime that a kubelet can work with. It writes down the calls that change something. */
export class FakeRuntime {
  readonly changed = new Cell(0);
  /** `RunPodSandbox web/0`, `StartContainer app/1` … */
  readonly calls: string[] = [];
  readonly programs = new Map<string, FakeProgram>();
  readonly images = new Set<string>();
  /** Errors that the next sandboxes meet, one each. */
  readonly sandboxFailures: string[] = [];
  /** Errors that the next stops of sandboxes meet once all is stopped, one each: what comes after, such as the network, fails. */
  readonly stopFailures: string[] = [];
  /** Errors that the next questions for a container's status meet, one each. */
  readonly statusFailures: string[] = [];
  /** Errors that pulls of an image meet. */
  readonly pullFailures = new Map<string, string>();
  networkReady = true;
  readonly #kernel: Kernel;
  readonly #sandboxes = new Map<string, FakeSandbox>();
  readonly #containers = new Map<string, FakeContainer>();
  #ids = 0;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Ends a container from outside. */
  exit(name: string, exitCode: number): void {
    for (const container of this.#containers.values()) {
      if (container.status.metadata.name === name && container.status.state === 'CONTAINER_RUNNING') this.#end(container, exitCode);
    }
  }

  /** A sandbox dies, with all that runs in it. */
  loseSandboxes(): void {
    for (const container of this.#containers.values()) if (container.status.state === 'CONTAINER_RUNNING') this.#end(container, 137);
    for (const sandbox of this.#sandboxes.values()) this.#setSandbox(sandbox, 'SANDBOX_NOTREADY');
  }

  /** The machine lost its power, and with it everything that ran. */
  forgetEverything(): void {
    this.#sandboxes.clear();
    this.#containers.clear();
    this.#bump();
  }

  /** What the newest container of a pod mounts. */
  mountsOf(pod: string): ContainerStatus['mounts'] {
    const ofPod = [...this.#containers.values()].filter(({ status }) => status.labels['io.kubernetes.pod.name'] === pod);
    return ofPod.at(-1)?.status.mounts ?? [];
  }

  get counts(): { readonly sandboxes: number; readonly containers: number } {
    return { sandboxes: this.#sandboxes.size, containers: this.#containers.size };
  }

  readonly image: Implementation<ImageService> = {
    listImages: () => ({ images: [...this.images].map(imageOf) }),
    imageStatus: ({ image }) => (this.images.has(image.image) ? { image: imageOf(image.image) } : {}),
    pullImage: ({ image }) => {
      this.calls.push(`PullImage ${image.image}`);
      const failure = this.pullFailures.get(image.image);
      if (failure !== undefined) throw new CriError('NOT_FOUND', failure);
      this.images.add(image.image);
      return { imageRef: imageOf(image.image).id };
    },
    removeImage: ({ image }) => {
      for (const name of this.images) if (imageOf(name).id === image.image) this.images.delete(name);
      return {};
    },
    imageFsInfo: () => ({ imageFilesystems: [] }),
  };

  get runtime(): Implementation<RuntimeService> {
    const fake = this;
    const served: Partial<Implementation<RuntimeService>> = {
      version: () => ({ version: '0.1.0', runtimeName: 'fake', runtimeVersion: '1.0', runtimeApiVersion: 'v1' }),
      status: () => ({
        status: {
          conditions: [
            { type: 'RuntimeReady', status: true },
            fake.networkReady
              ? { type: 'NetworkReady', status: true }
              : { type: 'NetworkReady', status: false, reason: 'NetworkPluginNotReady', message: 'cni plugin not initialized' },
          ],
        },
      }),
      runPodSandbox: (request) => fake.#runPodSandbox(request),
      stopPodSandbox: ({ podSandboxId }) => {
        const sandbox = fake.#sandboxes.get(podSandboxId);
        if (!sandbox) return {};
        fake.calls.push(`StopPodSandbox ${sandbox.status.metadata.name}/${sandbox.status.metadata.attempt}`);
        for (const container of fake.#containers.values()) {
          if (container.item.podSandboxId === podSandboxId && container.status.state === 'CONTAINER_RUNNING') fake.#end(container, 137);
        }
        fake.#setSandbox(sandbox, 'SANDBOX_NOTREADY');
        const failure = fake.stopFailures.shift();
        if (failure !== undefined) throw new CriError('UNKNOWN', failure);
        return {};
      },
      removePodSandbox: ({ podSandboxId }) => {
        const sandbox = fake.#sandboxes.get(podSandboxId);
        if (sandbox) fake.calls.push(`RemovePodSandbox ${sandbox.status.metadata.name}/${sandbox.status.metadata.attempt}`);
        fake.#sandboxes.delete(podSandboxId);
        fake.#bump();
        return {};
      },
      podSandboxStatus: ({ podSandboxId }) => ({ status: found(fake.#sandboxes.get(podSandboxId), podSandboxId).status }),
      listPodSandbox: ({ filter }) => ({
        items: [...fake.#sandboxes.values()].map(({ item }) => item).filter(selects(filter?.labelSelector)),
      }),
      createContainer: (request) => fake.#createContainer(request),
      startContainer: ({ containerId }) => {
        fake.#start(found(fake.#containers.get(containerId), containerId));
        return {};
      },
      stopContainer: ({ containerId, timeout = 0 }) => fake.#stop(containerId, timeout),
      removeContainer: ({ containerId }) => {
        const container = fake.#containers.get(containerId);
        if (container) fake.calls.push(`RemoveContainer ${nameOf(container)}`);
        fake.#containers.delete(containerId);
        fake.#bump();
        return {};
      },
      listContainers: ({ filter }) => ({
        containers: [...fake.#containers.values()].map(({ item }) => item).filter(selects(filter?.labelSelector)),
      }),
      containerStatus: ({ containerId }) => {
        const failure = fake.statusFailures.shift();
        if (failure !== undefined) throw new CriError('UNKNOWN', failure);
        return { status: found(fake.#containers.get(containerId), containerId).status };
      },
      execSync: ({ containerId, cmd }) => {
        const container = found(fake.#containers.get(containerId), containerId);
        fake.calls.push(`ExecSync ${nameOf(container)} ${cmd.join(' ')}`);
        const exitCode = fake.#programOf(container).exec?.(cmd) ?? 0;
        return { exitCode, stdout: new Uint8Array(), stderr: new Uint8Array() };
      },
    };
    return served as Implementation<RuntimeService>;
  }

  get #nanos(): bigint {
    return BigInt(this.#kernel.unixMicros) * 1000n;
  }

  #bump(): void {
    this.changed.set(this.changed.value + 1);
  }

  #runPodSandbox({ config }: RunPodSandboxRequest) {
    const { metadata } = config;
    this.calls.push(`RunPodSandbox ${metadata.name}/${metadata.attempt}`);
    const failure = this.sandboxFailures.shift();
    if (failure !== undefined) throw new CriError('UNKNOWN', failure);
    const id = `sandbox-${++this.#ids}`;
    const shared = { id, metadata, createdAt: this.#nanos, labels: config.labels ?? {}, annotations: config.annotations ?? {} };
    const network = config.linux?.securityContext?.namespaceOptions?.network === 'NODE' ? 'NODE' : 'POD';
    this.#sandboxes.set(id, {
      item: { ...shared, state: 'SANDBOX_READY' },
      status: {
        ...shared,
        state: 'SANDBOX_READY',
        network: { ip: network === 'NODE' ? '' : `10.244.0.${this.#ids}` },
        linux: { namespaces: { options: { network } } },
      },
    });
    this.#bump();
    return { podSandboxId: id };
  }

  #setSandbox(sandbox: FakeSandbox, state: PodSandbox['state']): void {
    sandbox.item = { ...sandbox.item, state };
    sandbox.status = { ...sandbox.status, state };
    this.#bump();
  }

  #createContainer({ config, podSandboxId }: CreateContainerRequest) {
    const id = `container-${++this.#ids}`;
    const shared = {
      id,
      metadata: config.metadata,
      image: config.image,
      imageRef: config.image.image,
      state: 'CONTAINER_CREATED',
      createdAt: this.#nanos,
      labels: config.labels ?? {},
      annotations: config.annotations ?? {},
    } as const;
    const container: FakeContainer = {
      item: { ...shared, podSandboxId },
      status: { ...shared, startedAt: 0n, finishedAt: 0n, exitCode: 0, mounts: config.mounts ?? [] },
    };
    this.calls.push(`CreateContainer ${nameOf(container)}`);
    this.#containers.set(id, container);
    this.#bump();
    return { containerId: id };
  }

  #start(container: FakeContainer): void {
    this.calls.push(`StartContainer ${nameOf(container)}`);
    this.#set(container, { state: 'CONTAINER_RUNNING', startedAt: this.#nanos });
    const { runsFor, exitCode = 0 } = this.#programOf(container);
    if (runsFor !== undefined) this.#kernel.after(runsFor, () => this.#end(container, exitCode));
  }

  *#stop(id: string, timeout: number): Process<Record<never, never>> {
    const container = this.#containers.get(id);
    if (container?.status.state !== 'CONTAINER_RUNNING') return {};
    this.calls.push(`StopContainer ${nameOf(container)} ${timeout}s`);
    if (this.#programOf(container).stubborn) yield* sleep(seconds(timeout));
    this.#end(container, this.#programOf(container).stubborn ? 137 : 143);
    return {};
  }

  #end(container: FakeContainer, exitCode: number): void {
    if (container.status.state !== 'CONTAINER_RUNNING') return;
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    this.#set(container, { state: 'CONTAINER_EXITED', finishedAt: this.#nanos, exitCode, reason });
  }

  #set(container: FakeContainer, change: Partial<ContainerStatus>): void {
    container.status = { ...container.status, ...change };
    container.item = { ...container.item, state: container.status.state };
    this.#bump();
  }

  #programOf({ status }: FakeContainer): FakeProgram {
    return this.programs.get(status.image.userSpecifiedImage ?? '') ?? {};
  }
}

const imageOf = (name: string): Image => ({ id: `sha256:${name}`, repoTags: [name], repoDigests: [], size: 1_000_000 });
const nameOf = ({ status }: FakeContainer): string => `${status.metadata.name}/${status.metadata.attempt ?? 0}`;

function found<T>(object: T | undefined, id: string): T {
  if (object === undefined) throw new CriError('NOT_FOUND', `${id} not found`);
  return object;
}

function selects(selector: Readonly<Record<string, string>> | undefined) {
  return ({ labels }: { readonly labels: Readonly<Record<string, string>> }): boolean =>
    Object.entries(selector ?? {}).every(([key, value]) => labels[key] === value);
}
