import type { ApiClient } from '@slipway/client';
import type { PodSandboxConfig, RuntimeService } from '@slipway/cri';
import { type Client, type Kernel, messageOf, type Process } from '@slipway/kernel';
import { type Container, isSidecar, type Pod } from '@slipway/kube';
import type { BackOff } from '../decisions/back-off.ts';
import { hasActions, type PodActions, type ProbeFindings } from '../decisions/compute-pod-actions.ts';
import { isHostNetwork } from '../decisions/containers.ts';
import type { ObservedPod } from '../decisions/observed-pod.ts';
import { restartPause } from '../decisions/restart-back-off.ts';
import { isExpectedFailure, rpcText } from '../failure.ts';
import type { KubeletEvents } from '../kubelet-events.ts';
import type { KubeletDecisions } from '../plugin.ts';
import type { ContainerKiller } from './container-killer.ts';
import { ContainerStartError, type ContainerStarter, type StartContext } from './container-starter.ts';
import type { ClusterDns } from './dns-config.ts';
import { PodObjects, unlessMissing } from './pod-objects.ts';
import { podSandboxConfig } from './pod-sandbox-config.ts';
import type { StartErrors } from './start-errors.ts';

/** One thing that a sync could not do. */
export interface SyncFailure {
  readonly reason: string;
  readonly message: string;
  /** Unix time in microseconds before which another try is pointless. */
  readonly retryAt?: number | undefined;
}

/** How a sync went. */
export interface PodSyncResult {
  /** Something was done, so the pod is worth another look at once. */
  readonly acted: boolean;
  readonly failures: readonly SyncFailure[];
}

/** What a runtime manager is made from. */
export interface RuntimeManagerOptions {
  readonly kernel: Kernel;
  readonly api: ApiClient;
  readonly runtime: Client<RuntimeService>;
  readonly events: KubeletEvents;
  readonly starter: ContainerStarter;
  readonly killer: ContainerKiller;
  readonly backOff: BackOff;
  readonly startErrors: StartErrors;
  readonly probes: ProbeFindings;
  /** What one sync of a pod does. */
  readonly computePodActions: KubeletDecisions['computePodActions'];
  readonly dns: ClusterDns;
  /** Called when a new sandbox is ready, before images are pulled. */
  readonly onSandboxReady: (pod: Pod) => void;
  /** The pod is to end; a sandbox that fails meanwhile is nobody's loss. */
  readonly isTerminating: (uid: string) => boolean;
}

/**
 * Brings a pod in the runtime to what it shall be.
 *
 * Source: `pkg/kubelet/kuberuntime/kuberuntime_manager.go` SyncPod.
 */
export class RuntimeManager {
  readonly #options: RuntimeManagerOptions;

  constructor(options: RuntimeManagerOptions) {
    this.#options = options;
  }

  *syncPod(pod: Pod, observed: ObservedPod): Process<PodSyncResult> {
    const actions = this.#options.computePodActions(pod, observed, this.#options.probes);
    if (!hasActions(actions)) return { acted: false, failures: [] };
    const failures: SyncFailure[] = [];
    if (actions.createSandbox && actions.sandboxId !== '') {
      this.#options.events.pod(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.');
    }
    if (!(yield* this.#killWhatMustGo(pod, observed, actions, failures))) return { acted: true, failures };
    if (!actions.createSandbox && actions.killPod) return { acted: true, failures };
    yield* this.#pruneInitContainers(pod, observed);
    const sandbox = yield* this.#sandbox(pod, observed, actions, failures);
    if (sandbox) yield* this.#startContainers(pod, observed, actions, sandbox, failures);
    return { acted: true, failures };
  }

  /** @returns false when something is left that must not be */
  *#killWhatMustGo(pod: Pod, observed: ObservedPod, actions: PodActions, failures: SyncFailure[]): Process<boolean> {
    const { killer } = this.#options;
    if (actions.killPod) {
      failures.push(...(yield* killer.killPod(pod, observed, undefined)));
      if (failures.length > 0) return false;
      // With a new sandbox, init containers run anew.
      if (actions.createSandbox) yield* this.#removeInitContainers(pod, observed, 0);
      return true;
    }
    for (const { id, name, message, reason } of actions.containersToKill) {
      try {
        yield* killer.kill(pod, { id, name, message, reason }, observed);
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
        failures.push({ reason: 'KillContainerError', message: messageOf(error) });
        return false;
      }
    }
    return true;
  }

  /** Keeps the newest ended instance of each init container. */
  #pruneInitContainers(pod: Pod, observed: ObservedPod): Process {
    return this.#removeInitContainers(pod, observed, 1);
  }

  *#removeInitContainers(pod: Pod, observed: ObservedPod, keep: number): Process {
    for (const { name } of pod.spec.initContainers ?? []) {
      const instances = observed.containers.filter(
        (container) => container.name === name && (keep === 0 || container.state === 'exited' || container.state === 'unknown'),
      );
      for (const { id } of instances.slice(keep)) {
        try {
          yield* this.#options.runtime.removeContainer({ containerId: id });
        } catch (error) {
          // The garbage collector comes by again.
          if (!isExpectedFailure(error)) throw error;
        }
      }
    }
  }

  /** The sandbox to start containers in, with its addresses; undefined when there is none. */
  *#sandbox(pod: Pod, observed: ObservedPod, actions: PodActions, failures: SyncFailure[]): Process<Sandbox | undefined> {
    const { runtime, events, dns, isTerminating, onSandboxReady } = this.#options;
    let config: PodSandboxConfig;
    try {
      config = podSandboxConfig(pod, actions.attempt, dns);
      if (!actions.createSandbox) return { id: actions.sandboxId, config, ips: observed.ips };
      const runtimeHandler = yield* this.#runtimeHandler(pod);
      const { podSandboxId: id } = yield* runtime.runPodSandbox({ config, ...(runtimeHandler === '' ? {} : { runtimeHandler }) });
      const { status } = yield* runtime.podSandboxStatus({ podSandboxId: id });
      const own = status.network?.ip ? [status.network.ip, ...(status.network.additionalIps ?? []).map(({ ip }) => ip)] : [];
      onSandboxReady(pod);
      return { id, config, ips: isHostNetwork(pod) ? observed.ips : own };
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      if (isTerminating(pod.metadata.uid ?? '')) return undefined;
      events.pod(pod, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${rpcText(error)}`);
      failures.push({ reason: 'CreatePodSandboxError', message: messageOf(error) });
      return undefined;
    }
  }

  /** The handler that the pod's RuntimeClass names. */
  *#runtimeHandler(pod: Pod): Process<string> {
    const name = pod.spec.runtimeClassName;
    if (!name) return '';
    const runtimeClass = yield* unlessMissing(this.#options.api.runtimeclasses.get({ name }));
    if (!runtimeClass)
      throw new ContainerStartError('CreatePodSandboxError', `failed to get sandbox runtime: RuntimeClass.node.k8s.io "${name}" not found`);
    return runtimeClass.handler;
  }

  *#startContainers(pod: Pod, observed: ObservedPod, actions: PodActions, sandbox: Sandbox, failures: SyncFailure[]): Process {
    const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
    const wanted = actions.ephemeralContainersToStart.length + actions.initContainersToStart.length + actions.containersToStart.length;
    if (wanted === 0) return;
    const objects = new PodObjects(this.#options.api, pod);
    const context: StartContext = {
      pod,
      observed,
      sandboxId: sandbox.id,
      sandboxConfig: sandbox.config,
      podIPs: sandbox.ips,
      objects,
      pullSecrets: yield* objects.pullSecrets(this.#options.events),
    };
    for (const container of pick(ephemeralContainers, actions.ephemeralContainersToStart)) yield* this.#start(container, context, failures);
    for (const container of pick(initContainers, actions.initContainersToStart)) {
      const started = yield* this.#start(container, context, failures);
      // What comes after an init container needs it; a sidecar is tried again beside the others.
      if (!started && !isSidecar(container)) return;
    }
    for (const container of pick(containers, actions.containersToStart)) yield* this.#start(container, context, failures);
  }

  *#start(container: Container, context: StartContext, failures: SyncFailure[]): Process<boolean> {
    const { kernel, events, starter, backOff, startErrors } = this.#options;
    const { pod, observed } = context;
    const uid = pod.metadata.uid ?? '';
    const fail = (reason: string, message: string, retryAt?: number): false => {
      startErrors.set(uid, container.name, { reason, message });
      failures.push({ reason, message, retryAt });
      return false;
    };
    const pause = restartPause(pod, container, observed, backOff, kernel.unixMicros);
    if (pause) {
      events.container(pod, container.name, 'Warning', 'BackOff', pause.event);
      return fail('CrashLoopBackOff', pause.message, pause.endsAt);
    }
    try {
      yield* starter.start(container, context);
    } catch (error) {
      if (!(error instanceof ContainerStartError)) throw error;
      return fail(error.reason, error.message);
    }
    startErrors.clear(uid, container.name);
    return true;
  }
}

interface Sandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly ips: readonly string[];
}

function pick<T>(list: readonly T[], indices: readonly number[]): readonly T[] {
  return indices.map((index) => list[index]).filter((item): item is T => item !== undefined);
}
