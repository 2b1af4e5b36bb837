import {
  type ContainerState,
  type ContainerStatus,
  isSidecar,
  type Pod,
  type PodCondition,
  type PodPhase,
  type PodStatus,
} from '@slipway/kube';
import { isTerminalPhase } from '../decisions/containers.ts';
import { maximumPodTerminationMessageBytes } from '../options.ts';
import { kubeletConditions, notReadyAtEnd, withTransitionTime } from './pod-conditions.ts';

/**
 * A new status with what comes from the one before: transition times, start time. Long termination messages are cut.
 *
 * @param now RFC 3339. Source: `pkg/kubelet/status/status_manager.go` updateStatusInternal
 */
export function finishedStatus(pod: Pod, status: PodStatus, before: PodStatus | undefined, now: string): PodStatus {
  const conditions = status.conditions?.map((condition) =>
    kubeletConditions.has(condition.type) || condition.type === 'DisruptionTarget'
      ? withTransitionTime(condition, before?.conditions, now)
      : condition,
  );
  const finished: { -readonly [K in keyof PodStatus]: PodStatus[K] } = { ...cutMessages(pod, status) };
  if (conditions) finished.conditions = conditions;
  finished.startTime = before?.startTime ?? status.startTime ?? now;
  return finished;
}

/** All containers of a pod share one limit for what they say at their end. */
function cutMessages(pod: Pod, status: PodStatus): PodStatus {
  const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
  const most = Math.floor(
    maximumPodTerminationMessageBytes / Math.max(1, containers.length + initContainers.length + ephemeralContainers.length),
  );
  const tooLong = (state: ContainerState | undefined) => (state?.terminated?.message?.length ?? 0) > most;
  const cutState = (state: ContainerState): ContainerState =>
    state.terminated && tooLong(state)
      ? { terminated: { ...state.terminated, message: state.terminated.message?.slice(0, most) ?? '' } }
      : state;
  const cut = (statuses: readonly ContainerStatus[]) =>
    statuses.some(({ state, lastState }) => tooLong(state) || tooLong(lastState))
      ? statuses.map((each) => ({
          ...each,
          ...(each.state ? { state: cutState(each.state) } : {}),
          ...(each.lastState ? { lastState: cutState(each.lastState) } : {}),
        }))
      : statuses;
  const { initContainerStatuses, containerStatuses } = status;
  const [init, regular] = [initContainerStatuses && cut(initContainerStatuses), containerStatuses && cut(containerStatuses)];
  if (init === initContainerStatuses && regular === containerStatuses) return status;
  return { ...status, ...(init ? { initContainerStatuses: init } : {}), ...(regular ? { containerStatuses: regular } : {}) };
}

/**
 * What is written to the API of a status: conditions of others stay, a terminal phase waits until nothing can run any more, and a pod
 * that has ended is not ready.
 *
 * @param api the status that the API has. Source: `pkg/kubelet/status/status_manager.go` mergePodStatus
 */
export function mergedStatus(pod: Pod, api: PodStatus, status: PodStatus, mayRun: boolean): PodStatus {
  const ending = !isTerminalPhase(api.phase) && isTerminalPhase(status.phase);
  const ours = (status.conditions ?? []).filter(({ type }) => kubeletConditions.has(type));
  const disruption = ending && !mayRun ? status.conditions?.find(({ type }) => type === 'DisruptionTarget') : undefined;
  const others = (api.conditions ?? []).filter(({ type }) => !kubeletConditions.has(type) && !(disruption && type === 'DisruptionTarget'));
  const held = ending && mayRun;
  const { reason, message, ...rest } = status;
  const phase: PodPhase | undefined = held ? api.phase : status.phase;
  const why = held ? { reason: api.reason, message: api.message } : { reason, message };
  const conditions = [...others, ...ours, ...(disruption ? [disruption] : [])];
  return {
    ...rest,
    ...(phase ? { phase } : {}),
    ...(why.reason ? { reason: why.reason } : {}),
    ...(why.message ? { message: why.message } : {}),
    ...(api.resourceClaimStatuses ? { resourceClaimStatuses: api.resourceClaimStatuses } : {}),
    ...(api.nominatedNodeName ? { nominatedNodeName: api.nominatedNodeName } : {}),
    conditions: isTerminalPhase(phase) ? conditions.map((condition) => notReady(condition, pod, phase)) : conditions,
  };
}

function notReady(condition: PodCondition, pod: Pod, phase: PodPhase | undefined): PodCondition {
  const { type, status, lastTransitionTime } = condition;
  if (status !== 'True' || (type !== 'Ready' && type !== 'ContainersReady')) return condition;
  return { ...notReadyAtEnd(pod, type as 'Ready' | 'ContainersReady', phase), ...(lastTransitionTime ? { lastTransitionTime } : {}) };
}

const notLocated: ContainerState = {
  terminated: {
    reason: 'ContainerStatusUnknown',
    message: 'The container could not be located when the pod was terminated',
    exitCode: 137,
  },
};

/**
 * The last status of a pod: every container has ended, one way or another, and so has the pod.
 *
 * Source: `pkg/kubelet/status/status_manager.go` TerminatePod.
 */
export function terminatedStatus(pod: Pod, status: PodStatus): PodStatus {
  const ended = (each: ContainerStatus): ContainerStatus => (each.state?.terminated ? each : { ...each, state: notLocated });
  const { containerStatuses, initContainerStatuses } = status;
  const reached = initContainerStatuses ? lastStarted(initContainerStatuses) : 0;
  return {
    ...status,
    ...(containerStatuses && hasInitialized(pod) ? { containerStatuses: containerStatuses.map(ended) } : {}),
    ...(initContainerStatuses
      ? { initContainerStatuses: initContainerStatuses.map((each, index) => (index <= reached ? ended(each) : each)) }
      : {}),
    phase: isTerminalPhase(status.phase) ? (status.phase ?? 'Failed') : 'Failed',
  };
}

/** Index of the last init container that left a trace; the first one counts in any case. */
function lastStarted(statuses: readonly ContainerStatus[]): number {
  for (let index = statuses.length - 1; index >= 0; index--) {
    const status = statuses[index];
    if (!status?.state?.waiting || status.lastState?.terminated) return index;
  }
  return 0;
}

/** Some trace says that regular containers had their turn. */
function hasInitialized(pod: Pod): boolean {
  const init = pod.spec.initContainers ?? [];
  if (init.length === 0) return true;
  if (pod.status?.containerStatuses?.some(({ lastState, state }) => lastState?.terminated || !state?.waiting)) return true;
  const last = pod.status?.initContainerStatuses?.at(-1);
  const spec = init.at(-1);
  if (!last || !spec) return false;
  if (isSidecar(spec)) return last.state?.running !== undefined && last.started === true;
  return last.state?.terminated?.exitCode === 0 || last.lastState?.terminated?.exitCode === 0;
}
