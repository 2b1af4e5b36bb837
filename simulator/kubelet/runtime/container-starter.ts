import type { ApiClient } from '@slipway/client';
import type { ContainerConfig, Mount, PodSandboxConfig, RuntimeService } from '@slipway/cri';
import type { Host } from '@slipway/host';
import { type Client, type Kernel, messageOf, type Process } from '@slipway/kernel';
import { bytes, type Container, type Node, type Pod, type Secret } from '@slipway/kube';
import { findContainer } from '../decisions/containers.ts';
import { latest, type ObservedPod } from '../decisions/observed-pod.ts';
import { isExpectedFailure } from '../failure.ts';
import type { ImageManager, ReadyImage } from '../images/image-manager.ts';
import type { KubeletEvents } from '../kubelet-events.ts';
import type { StartError } from '../status/container-status.ts';
import type { VolumeManager } from '../volumes/volume-manager.ts';
import { containerConfig } from './container-config.ts';
import type { ContainerKiller } from './container-killer.ts';
import { environment, environmentReferences } from './environment.ts';
import { ConfigError } from './field-values.ts';
import type { LifecycleHooks } from './lifecycle-hooks.ts';
import type { PodObjects } from './pod-objects.ts';
import { containerDirectory, podLogsDirectory } from './pod-paths.ts';

/** A container that could not be started: a waiting reason and what to say of it. */
export class ContainerStartError extends Error implements StartError {
  readonly code = 'ContainerStartError';
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** Where a container is started. */
export interface StartContext {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly sandboxId: string;
  readonly sandboxConfig: PodSandboxConfig;
  readonly podIPs: readonly string[];
  readonly objects: PodObjects;
  readonly pullSecrets: readonly Secret[];
}

/** What a container starter is made from. */
export interface ContainerStarterOptions {
  readonly kernel: Kernel;
  readonly api: ApiClient;
  readonly runtime: Client<RuntimeService>;
  readonly host: Host;
  readonly events: KubeletEvents;
  readonly images: ImageManager;
  readonly volumes: VolumeManager;
  readonly hooks: LifecycleHooks;
  readonly killer: ContainerKiller;
  readonly node: () => Node | undefined;
  readonly hostIPs: () => readonly string[];
}

/**
 * Starts one container: image, configuration, create, start, postStart hook.
 *
 * Source: `pkg/kubelet/kuberuntime/kuberuntime_container.go` startContainer.
 */
export class ContainerStarter {
  readonly #options: ContainerStarterOptions;

  constructor(options: ContainerStarterOptions) {
    this.#options = options;
  }

  /** @throws ContainerStartError */
  *start(container: Container, context: StartContext): Process {
    const { runtime, events, images } = this.#options;
    const { pod, observed, sandboxId, sandboxConfig, pullSecrets } = context;
    const failed = (reason: string, message: string, said = `Error: ${message}`): ContainerStartError => {
      events.container(pod, container.name, 'Warning', 'Failed', said);
      return new ContainerStartError(reason, message);
    };
    const ready = yield* attempt(images.ensure(pod, container, pullSecrets, sandboxConfig), (error) => {
      const reason = codeIn(error);
      return failed(reason, messageOf(error), `Error: ${reason}`);
    });
    const restartCount = this.#nextRestartCount(pod, container, observed);
    const config = yield* attempt(this.#configure(container, context, restartCount, ready), (error) =>
      failed('CreateContainerConfigError', messageOf(error)),
    );
    const { containerId } = yield* attempt(runtime.createContainer({ podSandboxId: sandboxId, config, sandboxConfig }), (error) =>
      failed('CreateContainerError', messageOf(error)),
    );
    events.container(pod, container.name, 'Normal', 'Created', 'Container created');
    yield* attempt(runtime.startContainer({ containerId }), (error) => failed('RunContainerError', messageOf(error)));
    events.container(pod, container.name, 'Normal', 'Started', 'Container started');
    yield* this.#postStart(container, context, containerId);
  }

  /** One more than the last instance; when the runtime has forgotten all of them, the log files still tell. */
  #nextRestartCount(pod: Pod, container: Container, observed: ObservedPod): number {
    const last = latest(observed, container.name);
    if (last) return last.restartCount + 1;
    const { files } = this.#options.host;
    const directory = `${podLogsDirectory(pod)}/${container.name}`;
    if (!files.exists(directory)) return 0;
    const numbers = files.list(directory).flatMap((name) => /^(\d+)\.log/.exec(name)?.[1] ?? []);
    return numbers.length === 0 ? 0 : Math.max(...numbers.map(Number)) + 1;
  }

  *#configure(container: Container, context: StartContext, restartCount: number, ready: ReadyImage): Process<ContainerConfig> {
    const { host, volumes } = this.#options;
    const { pod, observed, objects, podIPs } = context;
    const references = environmentReferences(container);
    const node = this.#options.node();
    const variables = environment(container, {
      pod,
      podIPs,
      hostIPs: this.#options.hostIPs(),
      node,
      configMaps: yield* objects.configMaps(references.configMaps),
      secrets: yield* objects.secrets(references.secrets),
      services: yield* objects.serviceVariables(),
    });
    const mounts = volumes.mounts(pod, container, variables, podIPs);
    const devices = volumes.devices(pod, container);
    host.files.makeDirectory(`${podLogsDirectory(pod)}/${container.name}`, { recursive: true });
    return containerConfig({
      pod,
      container,
      restartCount,
      imageRef: ready.imageRef,
      imageUser: { uid: ready.image?.uid?.value, username: ready.image?.username },
      variables,
      mounts: [...mounts, ...this.#terminationMessage(pod, container, restartCount)],
      devices,
      nodeMemoryBytes: bytes(node?.status?.capacity?.memory ?? '16Gi'),
      targetId: targetOf(pod, container, observed),
    });
  }

  /** A file of its own for each instance, in which it may say why it ended. */
  #terminationMessage(pod: Pod, container: Container, restartCount: number): readonly Mount[] {
    const containerPath = container.terminationMessagePath ?? '/dev/termination-log';
    if (containerPath === '') return [];
    const hostPath = `${containerDirectory(pod.metadata.uid ?? '', container.name)}/${restartCount.toString(16).padStart(8, '0')}`;
    this.#options.host.files.write(hostPath, '', { parents: true });
    return [{ containerPath, hostPath }];
  }

  *#postStart(container: Container, { pod, observed, podIPs }: StartContext, containerId: string): Process {
    const { events, hooks, killer } = this.#options;
    const handler = container.lifecycle?.postStart;
    if (!handler) return;
    try {
      yield* hooks.run(handler, pod, container, containerId, podIPs[0]);
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      // What it said may hold secrets, so the event does not repeat it.
      events.container(pod, container.name, 'Warning', 'FailedPostStartHook', 'PostStartHook failed');
      const victim = { id: containerId, name: container.name, message: 'FailedPostStartHook', reason: 'FailedPostStartHook' } as const;
      try {
        yield* killer.kill(pod, victim, observed);
      } catch (killError) {
        if (!isExpectedFailure(killError)) throw killError;
      }
      throw new ContainerStartError('PostStartHookError', messageOf(error));
    }
  }
}

/** Runs a step; a failure in the course of things becomes the reason why the container is not started. */
function* attempt<T>(step: Process<T>, failure: (error: unknown) => ContainerStartError): Process<T> {
  try {
    return yield* step;
  } catch (error) {
    if (!isExpectedFailure(error)) throw error;
    throw failure(error);
  }
}

const codeIn = (error: unknown): string => (error as { readonly code: string }).code;

function targetOf(pod: Pod, container: Container, observed: ObservedPod): string | undefined {
  if (findContainer(pod, container.name)?.kind !== 'ephemeral') return undefined;
  const name = pod.spec.ephemeralContainers?.find((each) => each.name === container.name)?.targetContainerName;
  if (!name) return undefined;
  const target = latest(observed, name);
  if (!target) throw new ConfigError(`unable to find target container ${name}`);
  return target.id;
}
