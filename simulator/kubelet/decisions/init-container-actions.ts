import { type Container, isSidecar, type Pod } from '@slipway/kube';
import { killUnknown, type ContainerToKill, type KillReason, type ProbeFindings } from './compute-pod-actions.ts';
import { containerHash } from './container-hash.ts';

import { latest, type ObservedContainer, type ObservedPod } from './observed-pod.ts';
import { shouldStart } from './should-restart.ts';

/** What one sync does about init containers and sidecars. */
export interface InitContainerActions {
  /** Regular containers may run. */
  readonly initialized: boolean;
  /** Initialisation has failed for good. */
  readonly killPod: boolean;
  /** Indices into `spec.initContainers`, in the order of the spec. */
  readonly start: readonly number[];
  readonly kill: readonly ContainerToKill[];
}

/** What is found of one init container, and what it means for the next one. */
type Finding =
  /** This one is to be (re)started, after the kill if there is one. */
  | { readonly is: 'start'; readonly kill?: ContainerToKill }
  /** This one still works on it. */
  | { readonly is: 'waiting' }
  /** This one is through, or a sidecar that has started; a sidecar may have to be restarted all the same. */
  | { readonly is: 'done'; readonly restart?: ContainerToKill }
  | { readonly is: 'failed' };

/**
 * Looks at init containers from the last to the first, since those in front may have been removed from the runtime long ago; the last
 * one that left a trace says how far the pod has come. Those in front of it only matter when they are sidecars.
 *
 * Source: `pkg/kubelet/kuberuntime/kuberuntime_container.go` computeInitContainerActions.
 */
export function initContainerActions(pod: Pod, observed: ObservedPod, probes: ProbeFindings): InitContainerActions {
  const list = pod.spec.initContainers ?? [];
  if (list.length === 0) return { initialized: true, killPod: false, start: [], kill: [] };
  // A regular container in the newest sandbox means that all init containers ran once. An exited one says nothing, nor does one that was
  // left over in an earlier sandbox by a power loss. Source: HasAnyActiveRegularContainerStarted.
  const newest = observed.sandboxes[0]?.id;
  let initialized = pod.spec.containers.some(({ name }) => {
    const container = latest(observed, name);
    return container?.sandboxId === newest && (container?.state === 'running' || container?.state === 'created');
  });
  let passed = initialized;
  const start: number[] = [];
  const kill: ContainerToKill[] = [];
  for (let index = list.length - 1; index >= 0; index--) {
    const container = list[index] as Container;
    const last = latest(observed, container.name);
    if (!last) {
      if (passed && isSidecar(container)) start.push(index);
      continue;
    }
    // Once initialised, only sidecars are kept going.
    if (passed && !isSidecar(container)) continue;
    const finding = isSidecar(container) ? sidecar(container, last, probes) : regular(container, last, pod, observed);
    switch (finding.is) {
      case 'failed':
        return { initialized: false, killPod: true, start: [], kill };
      case 'start':
        if (finding.kill) kill.push(finding.kill);
        start.push(index);
        break;
      case 'done':
        if (index === list.length - 1) initialized = true;
        else if (!passed) start.push(index + 1);
        if (finding.restart) {
          kill.push(finding.restart);
          start.push(index);
        }
        break;
      case 'waiting':
        break;
    }
    passed = true;
  }
  if (!passed) start.push(0);
  return { initialized, killPod: false, start: start.reverse(), kill };
}

function regular(container: Container, last: ObservedContainer, pod: Pod, observed: ObservedPod): Finding {
  switch (last.state) {
    case 'running':
      return { is: 'waiting' };
    case 'created':
      // Making and starting are one step, so the start must have failed.
      return { is: 'start' };
    case 'exited':
      if (last.exitCode === 0) return { is: 'done' };
      return shouldStart(container, pod, observed) ? { is: 'start' } : { is: 'failed' };
    case 'unknown': {
      // There is no exit code, so the exit-code rules are not asked.
      const again = (container.restartPolicy ?? pod.spec.restartPolicy) !== 'Never';
      return again ? { is: 'start', kill: killUnknown(last, 'Init container') } : { is: 'failed' };
    }
  }
}

function sidecar(container: Container, last: ObservedContainer, probes: ProbeFindings): Finding {
  if (last.state === 'unknown') return { is: 'start', kill: killUnknown(last, 'Init container') };
  if (last.state !== 'running') return { is: 'start' };
  const killed = (what: string, reason: KillReason): ContainerToKill => ({
    id: last.id,
    name: container.name,
    message: `Init container ${container.name} ${what}`,
    reason,
  });
  if (container.startupProbe) {
    const startup = probes.startup(last.id);
    if (startup === 'failure') return { is: 'start', kill: killed('failed startup probe', 'StartupProbe') };
    if (startup !== 'success') return { is: 'waiting' };
  }
  if (last.hash !== containerHash(container)) return { is: 'done', restart: killed('definition changed', '') };
  if (container.livenessProbe && probes.liveness(last.id) === 'failure') {
    return { is: 'done', restart: killed('failed liveness probe', 'LivenessProbe') };
  }
  return { is: 'done' };
}
