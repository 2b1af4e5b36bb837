import { type Container, type ContainerStatus, isSidecar, type Pod, type PodPhase, type PodStatus } from '@slipway/kube';

import { restartsAfterExit } from '../decisions/should-restart.ts';

/** What counts beside the container statuses. */
export interface PhaseInput {
  readonly pod: Pod;
  readonly status: Pick<PodStatus, 'initContainerStatuses' | 'containerStatuses'>;
  /** The pod ends: no container is started again, whatever its policy. */
  readonly terminal: boolean;
  /** A regular container has run in the present sandbox. */
  readonly initialized: boolean;
}

interface Counts {
  readonly unknown: number;
  readonly running: number;
  readonly waiting: number;
  readonly stopped: number;
  readonly stoppedForGood: number;
  readonly succeeded: number;
}

type Standing = keyof Counts;

/**
 * The phase that the container statuses amount to. Terminal phases that were reported before are not looked at here.
 *
 * Source: `pkg/kubelet/kubelet_pods.go` getPhase.
 */
export function podPhase({ pod, status, terminal, initialized }: PhaseInput): PodPhase {
  const init = pod.spec.initContainers ?? [];
  const regularInit = init.filter((container) => !isSidecar(container)).map((container) => initStanding(container, pod, status));
  if (regularInit.includes('failed')) return 'Failed';
  const sidecars = init.filter(isSidecar).map((container) => find(status.initContainerStatuses, container));
  const counts = count([
    ...sidecars.flatMap(sidecarStanding),
    ...pod.spec.containers.flatMap((container) => standing(container, pod, status)),
  ]);
  const sidecarsPending = sidecars.some(isSidecarPending);
  if (regularInit.includes('pending') || (sidecarsPending && !initialized) || counts.waiting > 0) return 'Pending';
  if (counts.unknown > 0) return 'Pending';
  if (counts.running > 0) return 'Running';
  if (counts.stopped === 0) return 'Pending';
  // Some stopped container may be started again.
  if (!terminal && counts.stopped !== counts.stoppedForGood) return 'Running';
  return counts.stopped === counts.succeeded ? 'Succeeded' : 'Failed';
}

function find(statuses: readonly ContainerStatus[] | undefined, { name }: Container): ContainerStatus | undefined {
  return statuses?.find((status) => status.name === name);
}

/** The end of a container that has stopped, also when it waits to be started again. */
function lastEnd({ state, lastState }: ContainerStatus) {
  return state?.terminated ?? (state?.waiting ? lastState?.terminated : undefined);
}

function initStanding(container: Container, pod: Pod, status: PhaseInput['status']): 'pending' | 'failed' | 'fine' {
  const found = find(status.initContainerStatuses, container);
  const end = found && lastEnd(found);
  if (!end) return 'pending';
  return end.exitCode !== 0 && !restartsAfterExit(container, pod, end.exitCode) ? 'failed' : 'fine';
}

/** A sidecar that has ended counts for nothing. */
function sidecarStanding(found: ContainerStatus | undefined): Standing[] {
  if (!found) return ['unknown'];
  if (found.state?.running) return ['running'];
  if (lastEnd(found)) return [];
  return [found.state?.waiting ? 'waiting' : 'unknown'];
}

function isSidecarPending(found: ContainerStatus | undefined): boolean {
  if (!found) return false;
  return found.state?.running ? found.started !== true : !lastEnd(found);
}

function standing(container: Container, pod: Pod, status: PhaseInput['status']): Standing[] {
  const found = find(status.containerStatuses, container);
  if (!found) return ['unknown'];
  if (found.state?.running) return ['running'];
  const end = lastEnd(found);
  if (!end) return [found.state?.waiting ? 'waiting' : 'unknown'];
  const forGood: Standing[] = restartsAfterExit(container, pod, end.exitCode) ? [] : ['stoppedForGood'];
  // What waits to be started again has not succeeded, however it ended.
  const succeeded: Standing[] = found.state?.terminated && end.exitCode === 0 ? ['succeeded'] : [];
  return ['stopped', ...forGood, ...succeeded];
}

function count(standings: readonly Standing[]): Counts {
  const counts = { unknown: 0, running: 0, waiting: 0, stopped: 0, stoppedForGood: 0, succeeded: 0 };
  for (const each of standings) counts[each]++;
  return counts;
}
