import type { Container, Pod } from '@slipway/kube';
import { containerHash } from './container-hash.ts';
import { initContainerActions } from './init-container-actions.ts';
import { latest, type ObservedContainer, type ObservedPod } from './observed-pod.ts';
import { podSandboxChanged } from './pod-sandbox-changed.ts';
import { shouldStart } from './should-restart.ts';

/** What a probe has found of one container. */
export type ProbeResult = 'success' | 'failure' | 'unknown';

/** Findings of the probes by container id; undefined when that container has not been looked at. */
export interface ProbeFindings {
  liveness(containerId: string): ProbeResult | undefined;
  startup(containerId: string): ProbeResult | undefined;
}

/** Why a container is killed; it decides which grace period counts. */
export type KillReason = 'StartupProbe' | 'LivenessProbe' | 'FailedPostStartHook' | 'Unknown' | '';

/** One container to be killed. */
export interface ContainerToKill {
  readonly id: string;
  readonly name: string;
  readonly message: string;
  readonly reason: KillReason;
}

/** What one sync of a pod shall do, in the order of the fields. */
export interface PodActions {
  /** Stop all containers and the sandboxes. */
  readonly killPod: boolean;
  readonly containersToKill: readonly ContainerToKill[];
  readonly createSandbox: boolean;
  /** The sandbox to start containers in, or the one that is replaced; empty when there is none. */
  readonly sandboxId: string;
  readonly attempt: number;
  /** Indices into the pod's lists. */
  readonly ephemeralContainersToStart: readonly number[];
  readonly initContainersToStart: readonly number[];
  readonly containersToStart: readonly number[];
}

/** True when there is anything to be done. */
export function hasActions(actions: PodActions): boolean {
  return (
    actions.killPod ||
    actions.createSandbox ||
    actions.containersToKill.length > 0 ||
    actions.ephemeralContainersToStart.length > 0 ||
    actions.initContainersToStart.length > 0 ||
    actions.containersToStart.length > 0
  );
}

const indices = (list: readonly unknown[]): number[] => list.map((_, index) => index);

/**
 * Compares what a pod shall be with what the runtime has of it.
 *
 * Source: `pkg/kubelet/kuberuntime/kuberuntime_manager.go` computePodActions.
 */
export function computePodActions(pod: Pod, observed: ObservedPod, probes: ProbeFindings): PodActions {
  const { changed, attempt, sandboxId } = podSandboxChanged(pod, observed);
  const nothing: PodActions = {
    killPod: changed,
    createSandbox: changed,
    sandboxId,
    attempt,
    containersToKill: [],
    ephemeralContainersToStart: [],
    initContainersToStart: [],
    containersToStart: [],
  };
  if (changed) return withNewSandbox(pod, observed, nothing);

  const ephemeral = pod.spec.ephemeralContainers ?? [];
  // Ephemeral containers are never started a second time.
  const ephemeralContainersToStart = indices(ephemeral).filter((index) => !latest(observed, ephemeral[index]?.name ?? ''));
  const init = initContainerActions(pod, observed, probes);
  const base = { ...nothing, ephemeralContainersToStart, initContainersToStart: init.start, containersToKill: init.kill };
  if (init.killPod) return { ...base, killPod: true, initContainersToStart: [] };
  if (!init.initialized) return base;

  const regular = regularContainerActions(pod, observed, probes);
  const containersToKill = [...init.kill, ...regular.kill];
  if (regular.kept === 0 && regular.start.length === 0) {
    // Sidecars must not keep a pod alive whose work is done.
    return { ...base, killPod: true, containersToKill, initContainersToStart: [] };
  }
  return { ...base, containersToKill, containersToStart: regular.start };
}

/** With a new sandbox everything starts from the beginning. */
function withNewSandbox(pod: Pod, observed: ObservedPod, actions: PodActions): PodActions {
  const neverAgain = pod.spec.restartPolicy === 'Never';
  // Without any container the first tries never got as far as to run something, so trying on is right.
  if (neverAgain && actions.attempt !== 0 && observed.containers.length > 0) return { ...actions, createSandbox: false };
  const start = indices(pod.spec.containers).filter((index) => {
    const container = pod.spec.containers[index] as Container;
    const last = latest(observed, container.name);
    const succeeded = last?.state === 'exited' && last.exitCode === 0;
    return !(succeeded && (container.restartPolicy ?? pod.spec.restartPolicy) === 'OnFailure');
  });
  const everCreated = pod.spec.containers.some((container) => latest(observed, container.name) !== undefined);
  if (start.length === 0 && everCreated) return { ...actions, createSandbox: false };
  if ((pod.spec.initContainers ?? []).length > 0) return { ...actions, initContainersToStart: [0] };
  return { ...actions, containersToStart: start };
}

interface RegularActions {
  readonly kept: number;
  readonly start: readonly number[];
  readonly kill: readonly ContainerToKill[];
}

function regularContainerActions(pod: Pod, observed: ObservedPod, probes: ProbeFindings): RegularActions {
  const start: number[] = [];
  const kill: ContainerToKill[] = [];
  let kept = 0;
  for (const [index, container] of pod.spec.containers.entries()) {
    const last = latest(observed, container.name);
    if (last?.state !== 'running') {
      if (!shouldStart(container, pod, observed)) continue;
      start.push(index);
      // It may run after all: never have two instances of one container.
      if (last?.state === 'unknown') kill.push(killUnknown(last, 'Container'));
      continue;
    }
    const fault = faultOf(container, last, probes);
    if (!fault) {
      kept++;
      continue;
    }
    // A probe says nothing of an exit code, so the exit-code rules are not asked.
    const restart = fault.always || (container.restartPolicy ?? pod.spec.restartPolicy) !== 'Never';
    if (restart) start.push(index);
    const message = restart ? `${fault.message}, will be restarted` : fault.message;
    kill.push({ id: last.id, name: container.name, message, reason: fault.reason });
  }
  return { kept, start, kill };
}

function faultOf(container: Container, last: ObservedContainer, probes: ProbeFindings) {
  const fault = (what: string, reason: KillReason, always: boolean) => ({ message: `Container ${container.name} ${what}`, reason, always });
  // A changed container is restarted whatever its policy.
  if (last.hash !== containerHash(container)) return fault('definition changed', '', true);
  if (probes.liveness(last.id) === 'failure') return fault('failed liveness probe', 'LivenessProbe', false);
  if (probes.startup(last.id) === 'failure') return fault('failed startup probe', 'StartupProbe', false);
  return undefined;
}

/** For a container of which nobody knows whether it runs. */
export function killUnknown(last: ObservedContainer, what: 'Container' | 'Init container'): ContainerToKill {
  return { id: last.id, name: last.name, message: `${what} is in "${last.state}" state, try killing it before restart`, reason: 'Unknown' };
}
