import { type ContainerStatus, isSidecar, type Pod } from '@slipway/kube';
import type { ProbeResult } from '../decisions/compute-pod-actions.ts';

/** What the probes know that decides `started` and `ready`. */
export interface ReadinessFindings {
  /** Result of the startup probe of this container id. */
  startup(containerId: string): ProbeResult | undefined;
  /** Result of the readiness probe of this container id. */
  readiness(containerId: string): ProbeResult | undefined;
  /** Unix time in microseconds; containers that started before were there before this kubelet was. */
  readonly restartedBefore: number;
}

/** Statuses with `started` and `ready`, and the containers whose readiness probe should run at once. */
export interface Readiness {
  readonly statuses: readonly ContainerStatus[];
  readonly probeNow: readonly string[];
}

const bare = (containerID: string | undefined): string => containerID?.slice(containerID.indexOf('://') + 3) ?? '';

/**
 * Fills in `started` and `ready`.
 *
 * @param startedAt Unix time in microseconds at which a container started, by id; 0 when it does not run
 * @param init the statuses are those of init containers: a regular one is ready once it has succeeded
 *
 * Source: `pkg/kubelet/prober/prober_manager.go` UpdatePodStatus.
 */
export function withReadiness(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  findings: ReadinessFindings,
  startedAt: (containerId: string) => number,
  init: boolean,
): Readiness {
  const specs = (init ? pod.spec.initContainers : pod.spec.containers) ?? [];
  const probeNow: string[] = [];
  const filled = statuses.map((status) => {
    const spec = specs.find(({ name }) => name === status.name);
    if (!spec) return status;
    const id = bare(status.containerID);
    const started = isStarted(status, id, spec.startupProbe !== undefined, findings);
    if (init && !isSidecar(spec)) return { ...status, started, ready: status.state?.terminated?.exitCode === 0 };
    if (!started) return { ...status, started, ready: false };
    const readiness = findings.readiness(id);
    if (readiness === 'success' || !spec.readinessProbe) return { ...status, started, ready: true };
    probeNow.push(status.name);
    // After a restart of the kubelet nothing becomes unready only because no probe has been made yet.
    const wasThere = startedAt(id) > 0 && startedAt(id) < findings.restartedBefore;
    const podWasReady = pod.status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
    return { ...status, started, ready: wasThere && readiness === undefined && podWasReady };
  });
  return { statuses: filled, probeNow };
}

function isStarted(status: ContainerStatus, id: string, hasProbe: boolean, findings: ReadinessFindings): boolean {
  if (!status.state?.running) return false;
  const startup = findings.startup(id);
  if (startup !== undefined) return startup === 'success';
  return !hasProbe || status.started === true;
}
