import type { ContainerStatus, Pod, PodCondition, PodPhase, PodStatus } from '@slipway/kube';
import { isHostNetwork, isTerminalPhase } from '../decisions/containers.ts';
import { activeSandbox, type ObservedPod } from '../decisions/observed-pod.ts';
import { podSandboxChanged } from '../decisions/pod-sandbox-changed.ts';
import type { KubeletDecisions } from '../plugin.ts';
import { containerStatuses, type StartError } from './container-status.ts';
import {
  containersReadyCondition,
  disruptionCondition,
  initializedCondition,
  kubeletConditions,
  readyCondition,
  readyToStartContainersCondition,
  scheduledCondition,
} from './pod-conditions.ts';
import { podPhase as builtInPhase } from './pod-phase.ts';
import { type ReadinessFindings, withReadiness } from './readiness.ts';

/** All that a pod's status is made of. */
export interface PodStatusInput {
  /** Left out: the built-in decision. */
  readonly podPhase?: KubeletDecisions['podPhase'];
  readonly pod: Pod;
  readonly observed: ObservedPod;
  /** What the kubelet last held to be the status; left out: what the API says. */
  readonly previous: PodStatus | undefined;
  /** The pod ends: no container is started again. */
  readonly terminal: boolean;
  readonly findings: ReadinessFindings;
  readonly startError: (container: string) => StartError | undefined;
  readonly runtimeName: string;
  /** Addresses of the node, the main one first. */
  readonly hostIPs: readonly string[];
  /** Another part of the kubelet ends the pod: its phase is Failed. */
  readonly evicted?:
    | {
        readonly reason: string;
        readonly message: string;
        /** Whether a condition tells controllers that it was no fault of the pod's. */
        readonly disruption?: boolean;
      }
    | undefined;
}

type Draft = { -readonly [K in keyof PodStatus]: PodStatus[K] };

/** The status, and the containers whose readiness probe should run at once. */
export interface PodStatusResult {
  readonly status: PodStatus;
  readonly probeNow: readonly string[];
}

/**
 * The status that the pod now has. Transition times and the start time are left to `finishedStatus`.
 *
 * Source: `pkg/kubelet/kubelet_pods.go` generateAPIPodStatus.
 */
export function podStatus(input: PodStatusInput): PodStatusResult {
  const { pod, observed, terminal, findings, podPhase = builtInPhase } = input;
  const old = input.previous ?? pod.status ?? {};
  const startedAt = (id: string) => observed.containers.find((container) => container.id === id)?.startedAt ?? 0;
  const shared = { pod, observed, runtimeName: input.runtimeName, startError: input.startError };
  const ofSpec = (list: Pod['spec']['containers'], previous: readonly ContainerStatus[] | undefined, init: boolean) =>
    list.length === 0 ? [] : containerStatuses({ ...shared, containers: list, previous, init });
  // Whether a container had started is remembered across a restart of the kubelet.
  const remembered = (statuses: readonly ContainerStatus[], previous: readonly ContainerStatus[] | undefined) =>
    statuses.map((status) => {
      const before = previous?.find(({ name, containerID }) => name === status.name && containerID === status.containerID);
      return status.state?.running && before?.started !== undefined ? { ...status, started: before.started } : status;
    });
  const init = withReadiness(
    pod,
    remembered(ofSpec(pod.spec.initContainers ?? [], old.initContainerStatuses, true), old.initContainerStatuses),
    findings,
    startedAt,
    true,
  );
  const regular = withReadiness(
    pod,
    remembered(ofSpec(pod.spec.containers, old.containerStatuses, false), old.containerStatuses),
    findings,
    startedAt,
    false,
  );
  const ephemeral = ofSpec(pod.spec.ephemeralContainers ?? [], old.ephemeralContainerStatuses, false);

  const computed = podPhase({
    pod,
    status: { initContainerStatuses: init.statuses, containerStatuses: regular.statuses },
    terminal,
    initialized: anyActiveRegularStarted(pod, observed),
  });
  const phase = lastingPhase(input.evicted ? 'Failed' : computed, old.phase, pod.status?.phase);
  const kept = phase === old.phase ? { reason: old.reason ?? pod.status?.reason, message: old.message ?? pod.status?.message } : {};
  const { reason, message } = input.evicted ?? kept;
  const conditions = podConditions(input, phase, init.statuses, regular.statuses, old);
  const ips = podIPs(input);
  // Set one by one: every sync of every pod comes here, and spreads of what may be absent take many times as long.
  const status: Draft = {};
  if (pod.metadata.generation !== undefined) status.observedGeneration = pod.metadata.generation;
  status.phase = phase;
  status.conditions = conditions;
  if (message) status.message = message;
  if (reason) status.reason = reason;
  if (input.hostIPs[0] !== undefined) {
    status.hostIP = input.hostIPs[0];
    status.hostIPs = input.hostIPs.map((ip) => ({ ip }));
  }
  if (ips[0] !== undefined) {
    status.podIP = ips[0];
    status.podIPs = ips.map((ip) => ({ ip }));
  }
  if (init.statuses.length > 0) status.initContainerStatuses = init.statuses;
  status.containerStatuses = regular.statuses;
  if (ephemeral.length > 0) status.ephemeralContainerStatuses = ephemeral;
  if (pod.status?.qosClass) status.qosClass = pod.status.qosClass;
  if (old.startTime) status.startTime = old.startTime;
  return { status, probeNow: [...init.probeNow, ...regular.probeNow] };
}

/** A terminal phase stays as it is, whether the kubelet or the API was first to know of it: an evicted pod has failed, however well its containers end. */
function lastingPhase(computed: PodPhase, held: PodPhase | undefined, api: PodPhase | undefined): PodPhase {
  if (api !== undefined && isTerminalPhase(api)) return api;
  if (held !== undefined && isTerminalPhase(held)) return held;
  return computed;
}

/** A regular container runs or has run in the present sandbox. */
function anyActiveRegularStarted(pod: Pod, observed: ObservedPod): boolean {
  const sandbox = activeSandbox(observed);
  return (
    sandbox !== undefined &&
    observed.containers.some(
      ({ sandboxId, state, name }) =>
        sandboxId === sandbox.id &&
        (state === 'running' || state === 'exited') &&
        pod.spec.containers.some((container) => container.name === name),
    )
  );
}

function podConditions(
  { pod, observed, evicted }: PodStatusInput,
  phase: PodPhase,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  old: PodStatus,
): readonly PodCondition[] {
  const disruption = evicted?.disruption
    ? disruptionCondition(pod, evicted.message)
    : old.conditions?.find(({ type }) => type === 'DisruptionTarget');
  const others = (pod.status?.conditions ?? []).filter(
    ({ type }) => !kubeletConditions.has(type) && !(disruption && type === 'DisruptionTarget'),
  );
  const conditions: PodCondition[] = disruption ? [...others, disruption] : [...others];
  const input = { pod, initStatuses, statuses, phase };
  conditions.push(readyToStartContainersCondition(pod, !podSandboxChanged(pod, observed).changed));
  conditions.push(initializedCondition(input));
  conditions.push(readyCondition(input, conditions));
  conditions.push(containersReadyCondition(input));
  conditions.push(scheduledCondition(pod));
  return conditions;
}

function podIPs({ pod, observed, hostIPs, previous }: PodStatusInput): readonly string[] {
  if (observed.ips.length > 0) return observed.ips;
  const known = (previous ?? pod.status)?.podIPs?.map(({ ip }) => ip) ?? [];
  if (isHostNetwork(pod)) return known.length > 0 ? known : hostIPs;
  // What has ended keeps the address that it had, also after a restart of the kubelet, which no longer remembers it.
  return isTerminalPhase(pod.status?.phase) ? known : [];
}
