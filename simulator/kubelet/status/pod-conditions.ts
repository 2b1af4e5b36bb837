import {
  type ConditionStatus,
  type Container,
  type ContainerStatus,
  isSidecar,
  type Pod,
  type PodCondition,
  type PodConditionType,
  type PodPhase,
} from '@slipway/kube';
import { isTerminalPhase } from '../decisions/containers.ts';

/** Conditions that the kubelet owns; all others are left as they are. Source: `pkg/kubelet/types/pod_status.go`. */
export const kubeletConditions: ReadonlySet<string> = new Set([
  'PodScheduled',
  'Ready',
  'Initialized',
  'ContainersReady',
  'PodReadyToStartContainers',
]);

/** What the conditions are made of. */
export interface ConditionInput {
  readonly pod: Pod;
  /** With `ready` and `started` filled in. */
  readonly initStatuses: readonly ContainerStatus[];
  readonly statuses: readonly ContainerStatus[];
  readonly phase: PodPhase;
}

/** Names as Go prints a list of texts. */
const listed = (names: readonly string[]): string => `[${names.join(' ')}]`;

function condition(pod: Pod, type: PodConditionType, status: ConditionStatus, reason?: string, message?: string): PodCondition {
  return {
    type,
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    status,
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
  };
}

/** What is amiss, as one message; empty when nothing is. */
function complaints(unknown: readonly string[], other: readonly string[], what: string): string {
  const parts: string[] = [];
  if (unknown.length > 0) parts.push(`containers with unknown status: ${listed(unknown)}`);
  if (other.length > 0) parts.push(`containers with ${what} status: ${listed(other)}`);
  return parts.join(', ');
}

/** Sorts containers by what is known of them. */
function sortOut(
  containers: readonly Container[],
  statuses: readonly ContainerStatus[],
  fine: (container: Container, status: ContainerStatus) => boolean,
) {
  const unknown: string[] = [];
  const amiss: string[] = [];
  for (const container of containers) {
    const status = statuses.find(({ name }) => name === container.name);
    if (!status) unknown.push(container.name);
    else if (!fine(container, status)) amiss.push(container.name);
  }
  return { unknown, amiss };
}

/** True when a sandbox with its network is there. */
export function readyToStartContainersCondition(pod: Pod, sandboxReady: boolean): PodCondition {
  return condition(pod, 'PodReadyToStartContainers', sandboxReady ? 'True' : 'False');
}

/** Source: `pkg/kubelet/status/generate.go` GeneratePodInitializedCondition. */
export function initializedCondition({ pod, initStatuses, statuses, phase }: ConditionInput): PodCondition {
  const init = pod.spec.initContainers ?? [];
  if (init.length > 0 && initStatuses.length === 0 && statuses.length === 0) {
    return condition(pod, 'Initialized', 'False', 'UnknownContainerStatuses');
  }
  const { unknown, amiss } = sortOut(init, initStatuses, (container, status) =>
    isSidecar(container) ? status.started === true : status.ready,
  );
  if (phase === 'Succeeded' && unknown.length === 0) return condition(pod, 'Initialized', 'True', 'PodCompleted');
  // Sidecars that are being restarted do not undo an initialisation.
  if (statuses.some(({ state }) => state?.running || state?.terminated)) return condition(pod, 'Initialized', 'True');
  const message = complaints(unknown, amiss, 'incomplete');
  return message === ''
    ? condition(pod, 'Initialized', 'True')
    : condition(pod, 'Initialized', 'False', 'ContainersNotInitialized', message);
}

/** Source: `pkg/kubelet/status/generate.go` GenerateContainersReadyCondition. */
export function containersReadyCondition(input: ConditionInput): PodCondition {
  const { pod, initStatuses, statuses, phase } = input;
  if (initStatuses.length === 0 && statuses.length === 0) return condition(pod, 'ContainersReady', 'False', 'UnknownContainerStatuses');
  const containers = [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers];
  const { unknown, amiss } = sortOut(containers, [...initStatuses, ...statuses], (_, status) => status.ready);
  if (phase === 'Failed' || (phase === 'Succeeded' && unknown.length === 0)) return notReadyAtEnd(pod, 'ContainersReady', phase);
  const message = complaints(unknown, amiss, 'unready');
  return message === ''
    ? condition(pod, 'ContainersReady', 'True')
    : condition(pod, 'ContainersReady', 'False', 'ContainersNotReady', message);
}

/** The condition of a pod that has ended. */
export function notReadyAtEnd(pod: Pod, type: 'Ready' | 'ContainersReady', phase: PodPhase | undefined): PodCondition {
  return condition(pod, type, 'False', isTerminalPhase(phase) ? (phase === 'Failed' ? 'PodFailed' : 'PodCompleted') : undefined);
}

/**
 * Containers are ready and so is every readiness gate.
 *
 * @param conditions all conditions of the pod, for the gates. Source: `pkg/kubelet/status/generate.go` GeneratePodReadyCondition
 */
export function readyCondition(input: ConditionInput, conditions: readonly PodCondition[]): PodCondition {
  const { pod } = input;
  const containers = containersReadyCondition(input);
  if (containers.status !== 'True') return { ...containers, type: 'Ready' };
  const messages: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const gate = conditions.find(({ type }) => type === conditionType);
    if (!gate) messages.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (gate.status !== 'True') messages.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`);
  }
  return messages.length === 0
    ? condition(pod, 'Ready', 'True')
    : condition(pod, 'Ready', 'False', 'ReadinessGatesNotReady', messages.join(', '));
}

/** The kubelet only has pods that were bound. */
export function scheduledCondition(pod: Pod): PodCondition {
  return condition(pod, 'PodScheduled', 'True');
}

/** The node does without the pod for its own sake. Source: `pkg/kubelet/eviction/eviction_manager.go` synchronize. */
export function disruptionCondition(pod: Pod, message: string): PodCondition {
  return condition(pod, 'DisruptionTarget', 'True', 'TerminationByKubelet', message);
}

/** The condition, with the time at which its status last changed. */
export function withTransitionTime(next: PodCondition, before: readonly PodCondition[] | undefined, now: string): PodCondition {
  const old = before?.find(({ type }) => type === next.type);
  return { ...next, lastTransitionTime: old?.status === next.status ? (old.lastTransitionTime ?? now) : now };
}
