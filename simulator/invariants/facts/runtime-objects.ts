import type {
  ContainerConfig,
  ContainerStatus,
  ContainerStatusResponse,
  CreateContainerRequest,
  CreateContainerResponse,
  LinuxContainerResources,
  PodSandboxMetadata,
  PodSandboxStatusResponse,
  RunPodSandboxRequest,
  RunPodSandboxResponse,
} from '@slipway/cri';
import type { Micros, Owner, TraceRecord } from '@slipway/kernel';
import type { CommittedWrite } from '../../apiserver/index.ts';
import type { Check, Exchange, Watched } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

/** Label by which kubelets know what belongs to a pod. Source: kubernetes, `pkg/kubelet/types/labels.go`. */
const POD_UID = 'io.kubernetes.pod.uid';

/** One instance of a container. */
export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly sandbox: ObservedSandbox;
  /** As the pod's spec names it. Undefined when nobody said. */
  readonly image: string | undefined;
  readonly resources: LinuxContainerResources | undefined;
  /** The runtime said that it runs, or that its start succeeded. */
  started: boolean;
  /** Somebody asked to stop it, or its sandbox. */
  stopAsked: boolean;
  /** A stop of it, or of its sandbox, succeeded. */
  stopped: boolean;
  /** Undefined while the runtime has not said that it ended. */
  exitCode: number | undefined;
}

/** One sandbox that a runtime has made and not yet removed. */
export interface ObservedSandbox {
  readonly id: string;
  readonly node: string;
  readonly pod: ObservedPod;
  /** The power-up of the machine that it was made in; undefined for a machine that nobody knows. */
  readonly power: Owner | undefined;
  /** Trace event of the call that asked for it; 0 for one that nobody was told of, and that a status showed. */
  readonly asked: number;
  /** Until it is stopped, or the runtime says that it is not ready. */
  ready: boolean;
  /** By name, in the order of creation. */
  readonly containers: Map<string, ObservedContainer[]>;
}

/** What runtimes have, and had, of one pod. */
export interface ObservedPod {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly sandboxes: Set<ObservedSandbox>;
  /** Calls of CreateContainer by container name. */
  readonly creations: Map<string, number>;
  /** The instance that was started last, by container name. */
  readonly lastStarted: Map<string, ObservedContainer>;
  /** When its object left the store. */
  goneAt: Micros | undefined;
}

/**
 * Sandboxes and containers by what kubelets asked runtimes for and what they answered. It holds no more than the calls say: what a
 * runtime did without an answer is not in it.
 */
export class RuntimeObjects implements Check {
  readonly resources = ['pods'];
  readonly called: NonNullable<Check['called']>;
  readonly answered: NonNullable<Check['answered']>;
  readonly #world: Watched;
  readonly #pods = new Map<string, ObservedPod>();
  /** By node, then id: a runtime's ids are its own. */
  readonly #sandboxes = new Map<string, Map<string, ObservedSandbox>>();
  /** By `node/id`. */
  readonly #containers = new Map<string, ObservedContainer>();
  /** Calls of PullImage that are not answered, by node. They have no deadline, and end with the machine's power. */
  readonly #pulls = new Map<string, { readonly power: Owner | undefined; readonly count: number }>();

  constructor(world: Watched) {
    this.#world = world;
    this.called = {
      'cri.ImageService/PullImage': (call) => this.#pull(call, 1),
      'cri.RuntimeService/CreateContainer': (call) => this.#creating(call),
      'cri.RuntimeService/StopContainer': (call) => this.#stopping(call),
      'cri.RuntimeService/RemoveContainer': (call) => this.#stopping(call),
      'cri.RuntimeService/StopPodSandbox': (call) => this.#stoppingSandbox(call),
      'cri.RuntimeService/RemovePodSandbox': (call) => this.#stoppingSandbox(call),
    };
    this.answered = {
      'cri.ImageService/PullImage': ({ call }) => this.#pull(call, -1),
      'cri.RuntimeService/RunPodSandbox': (exchange) => this.#ran(exchange),
      'cri.RuntimeService/CreateContainer': (exchange) => this.#created(exchange),
      'cri.RuntimeService/StartContainer': (exchange) => this.#started(exchange),
      'cri.RuntimeService/StopContainer': (exchange) => this.#stopped(exchange),
      'cri.RuntimeService/RemoveContainer': (exchange) => this.#removed(exchange),
      'cri.RuntimeService/StopPodSandbox': (exchange) => this.#stoppedSandbox(exchange),
      'cri.RuntimeService/RemovePodSandbox': (exchange) => this.#removedSandbox(exchange),
      'cri.RuntimeService/ContainerStatus': (exchange) => this.#sawContainer(exchange),
      'cri.RuntimeService/PodSandboxStatus': (exchange) => this.#sawSandbox(exchange),
    };
  }

  write({ type, object: { metadata } }: CommittedWrite): void {
    if (type !== 'DELETED') return;
    const pod = this.#pods.get(metadata.uid);
    if (!pod) return;
    pod.goneAt = this.#world.kernel.now;
    this.#forget(pod);
  }

  pod(uid: string): ObservedPod | undefined {
    return this.#pods.get(uid);
  }

  /** The container that a request names: `{ containerId }`. */
  container(call: TraceRecord): ObservedContainer | undefined {
    return this.#containers.get(`${nodeOf(call.actor)}/${(call.full as { readonly containerId: string }).containerId}`);
  }

  /** Sandboxes that a node's runtime has by all that its answers say, by id. */
  sandboxesOf(node: string): ReadonlyMap<string, ObservedSandbox> {
    return this.#sandboxes.get(node) ?? NONE;
  }

  /** Whether a kubelet waits for an image. It may do so for ever, and those of its pods that wait with it cannot be cleared away. */
  isPulling(node: string): boolean {
    const pulls = this.#pulls.get(node);
    return pulls !== undefined && pulls.count > 0 && pulls.power === this.#powerOf(node);
  }

  /** Whether the machine has had power ever since the sandbox was made: without, nothing of it runs. */
  hasPower({ node, power }: ObservedSandbox): boolean {
    return power === undefined || this.#powerOf(node) === power;
  }

  #pull(call: TraceRecord, change: 1 | -1): void {
    const node = nodeOf(call.actor);
    const power = this.#powerOf(node);
    const before = this.#pulls.get(node);
    this.#pulls.set(node, { power, count: Math.max(0, (before && before.power === power ? before.count : 0) + change) });
  }

  #powerOf(node: string): Owner | undefined {
    const host = this.#world.nodes.get(node)?.host;
    return host?.on ? host.owner : undefined;
  }

  #sandbox(call: TraceRecord): ObservedSandbox | undefined {
    return this.sandboxesOf(nodeOf(call.actor)).get((call.full as { readonly podSandboxId: string }).podSandboxId);
  }

  #podOf({ uid, namespace, name }: { readonly uid: string; readonly namespace: string; readonly name: string }): ObservedPod {
    let pod = this.#pods.get(uid);
    if (!pod) {
      pod = { uid, namespace, name, sandboxes: new Set(), creations: new Map(), lastStarted: new Map(), goneAt: undefined };
      this.#pods.set(uid, pod);
    }
    return pod;
  }

  #forget(pod: ObservedPod): void {
    if (pod.goneAt !== undefined && pod.sandboxes.size === 0) this.#pods.delete(pod.uid);
  }

  #ran({ call, answer, ok }: Exchange): void {
    if (!ok) return;
    this.#addSandbox(
      nodeOf(call.actor),
      (answer.full as RunPodSandboxResponse).podSandboxId,
      (call.full as RunPodSandboxRequest).config.metadata,
      call.seq,
    );
  }

  #addSandbox(node: string, id: string, metadata: PodSandboxMetadata, asked = 0): ObservedSandbox {
    const pod = this.#podOf(metadata);
    const sandbox = { id, node, pod, power: this.#powerOf(node), asked, ready: true, containers: new Map() };
    pod.sandboxes.add(sandbox);
    const sandboxes = this.#sandboxes.get(node);
    if (sandboxes) sandboxes.set(id, sandbox);
    else this.#sandboxes.set(node, new Map([[id, sandbox]]));
    return sandbox;
  }

  #creating(call: TraceRecord): void {
    const { sandboxConfig, config } = call.full as CreateContainerRequest;
    const { creations } = this.#podOf(sandboxConfig.metadata);
    creations.set(config.metadata.name, (creations.get(config.metadata.name) ?? 0) + 1);
  }

  #created({ call, answer, ok }: Exchange): void {
    const sandbox = ok ? this.#sandbox(call) : undefined;
    if (!sandbox) return;
    this.#addContainer(sandbox, (answer.full as CreateContainerResponse).containerId, (call.full as CreateContainerRequest).config);
  }

  /** One whose making nobody answered, since the answer was lost. A status does not say its sandbox: it is the pod's newest. */
  #foundContainer(node: string, { id, labels, metadata, image }: ContainerStatus): ObservedContainer | undefined {
    const pod = this.#pods.get(labels[POD_UID] ?? '');
    const sandbox = pod && [...pod.sandboxes].findLast((each) => each.node === node);
    return sandbox && this.#addContainer(sandbox, id, { metadata, image });
  }

  #addContainer(
    sandbox: ObservedSandbox,
    id: string,
    { metadata: { name }, image, linux }: Pick<ContainerConfig, 'metadata' | 'image' | 'linux'>,
  ): ObservedContainer {
    const container: ObservedContainer = {
      id,
      name,
      sandbox,
      image: image.userSpecifiedImage,
      resources: linux?.resources,
      started: false,
      stopAsked: false,
      stopped: false,
      exitCode: undefined,
    };
    const instances = sandbox.containers.get(name);
    if (instances) instances.push(container);
    else sandbox.containers.set(name, [container]);
    this.#containers.set(`${sandbox.node}/${id}`, container);
    return container;
  }

  #started({ call, ok }: Exchange): void {
    const container = ok ? this.container(call) : undefined;
    if (container) this.#markStarted(container);
  }

  #markStarted(container: ObservedContainer): void {
    if (container.started) return;
    container.started = true;
    container.sandbox.pod.lastStarted.set(container.name, container);
  }

  #stopping(call: TraceRecord): void {
    const container = this.container(call);
    if (container) container.stopAsked = true;
  }

  #stopped({ call, ok }: Exchange): void {
    const container = ok ? this.container(call) : undefined;
    if (container) container.stopped = true;
  }

  #removed({ call, ok }: Exchange): void {
    const container = ok ? this.container(call) : undefined;
    if (!container) return;
    container.stopped = true;
    this.#containers.delete(`${container.sandbox.node}/${container.id}`);
  }

  #stoppingSandbox(call: TraceRecord): void {
    for (const container of containersOf(this.#sandbox(call))) container.stopAsked = true;
  }

  #stoppedSandbox({ call, ok }: Exchange): void {
    const sandbox = ok ? this.#sandbox(call) : undefined;
    if (!sandbox) return;
    sandbox.ready = false;
    for (const container of containersOf(sandbox)) container.stopped = true;
  }

  #removedSandbox(exchange: Exchange): void {
    const sandbox = exchange.ok ? this.#sandbox(exchange.call) : undefined;
    if (!sandbox) return;
    this.#stoppedSandbox(exchange);
    this.#sandboxes.get(sandbox.node)?.delete(sandbox.id);
    for (const { id } of containersOf(sandbox)) this.#containers.delete(`${sandbox.node}/${id}`);
    sandbox.pod.sandboxes.delete(sandbox);
    this.#forget(sandbox.pod);
  }

  #sawContainer({ call, answer, ok }: Exchange): void {
    if (!ok) return;
    const { status } = answer.full as ContainerStatusResponse;
    const container = this.container(call) ?? this.#foundContainer(nodeOf(call.actor), status);
    if (!container) return;
    if (status.state === 'CONTAINER_RUNNING') this.#markStarted(container);
    if (status.state === 'CONTAINER_EXITED') container.exitCode = status.exitCode;
  }

  #sawSandbox({ call, answer, ok }: Exchange): void {
    if (!ok) return;
    const { id, metadata, state } = (answer.full as PodSandboxStatusResponse).status;
    // One whose making nobody answered, since the answer was lost, is known from here on.
    const sandbox = this.#sandbox(call) ?? this.#addSandbox(nodeOf(call.actor), id, metadata);
    if (state === 'SANDBOX_NOTREADY') sandbox.ready = false;
  }
}

const NONE: ReadonlyMap<string, ObservedSandbox> = new Map();

/** All instances of all containers of a sandbox. */
export function* containersOf(sandbox: ObservedSandbox | undefined): Generator<ObservedContainer> {
  if (sandbox) for (const instances of sandbox.containers.values()) yield* instances;
}

/** It may be running, by all that was said of it. */
export const mayRun = ({ started, stopped, exitCode }: ObservedContainer): boolean => started && !stopped && exitCode === undefined;
