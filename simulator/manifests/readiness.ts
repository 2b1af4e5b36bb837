import {
  controllerOf,
  type DaemonSet,
  type Deployment,
  findCondition,
  type Job,
  type KubeObject,
  type Pod,
  type ReplicaSet,
  type StatefulSet,
} from '@slipway/kube';

/** Why something is not ready, for people. */
export interface NotReady {
  readonly reason: string;
  readonly message: string;
}

/** Plurals of what counts as a workload. */
export const WORKLOADS: ReadonlySet<string> = new Set(['deployments', 'replicasets', 'daemonsets', 'statefulsets', 'jobs', 'pods']);

/** Whether somebody asked for this object, rather than another workload having made it. */
export function isOwnWorkload(object: KubeObject): boolean {
  return controllerOf(object) === undefined;
}

/**
 * Undefined for a workload that is as its spec wants it. As `kubectl rollout status` and `kubectl wait` judge; a Job is ready when it is
 * complete, a Pod when it is Ready or has Succeeded.
 */
export function notReady(resource: string, object: KubeObject): NotReady | undefined {
  switch (resource) {
    case 'deployments':
      return deployment(object as Deployment);
    case 'replicasets':
      return counted(object, (object as ReplicaSet).spec.replicas ?? 1, (object as ReplicaSet).status?.availableReplicas);
    case 'daemonsets':
      return daemonSet(object as DaemonSet);
    case 'statefulsets':
      return counted(object, (object as StatefulSet).spec.replicas ?? 1, (object as StatefulSet).status?.readyReplicas);
    case 'jobs':
      return job(object as Job);
    case 'pods':
      return pod(object as Pod);
    default:
      return undefined;
  }
}

function isObserved(object: KubeObject & { readonly status?: { readonly observedGeneration?: number } }): boolean {
  return (object.status?.observedGeneration ?? 0) >= (object.metadata.generation ?? 0);
}

const NOT_OBSERVED: NotReady = { reason: 'NotObserved', message: 'its controller has not looked at it yet' };

function deployment(object: Deployment): NotReady | undefined {
  if (!isObserved(object)) return NOT_OBSERVED;
  const { spec, status = {} } = object;
  const wanted = spec.replicas ?? 1;
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status;
  const progressing = findCondition(status.conditions, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return { reason: progressing.reason, message: progressing.message ?? '' };
  if (updatedReplicas < wanted && !spec.paused)
    return { reason: 'Progressing', message: `${updatedReplicas} out of ${wanted} new replicas have been updated` };
  if (replicas > updatedReplicas && !spec.paused)
    return { reason: 'Progressing', message: `${replicas - updatedReplicas} old replicas are pending termination` };
  if (availableReplicas >= wanted) return undefined;
  const available = findCondition(status.conditions, 'Available');
  return { reason: available?.reason ?? 'Progressing', message: `${availableReplicas} of ${wanted} updated replicas are available` };
}

function counted(
  object: KubeObject & { readonly status?: { readonly observedGeneration?: number } },
  wanted: number,
  has = 0,
): NotReady | undefined {
  if (!isObserved(object)) return NOT_OBSERVED;
  return has >= wanted ? undefined : { reason: 'Progressing', message: `${has} of ${wanted} replicas are ready` };
}

function daemonSet(object: DaemonSet): NotReady | undefined {
  if (!isObserved(object)) return NOT_OBSERVED;
  const { desiredNumberScheduled: wanted = 0, updatedNumberScheduled: updated = 0, numberAvailable: available = 0 } = object.status ?? {};
  if (updated < wanted) return { reason: 'Progressing', message: `${updated} out of ${wanted} new pods have been updated` };
  return available >= wanted ? undefined : { reason: 'Progressing', message: `${available} of ${wanted} updated pods are available` };
}

function job({ spec, status }: Job): NotReady | undefined {
  const failed = findCondition(status?.conditions, 'Failed');
  if (failed?.status === 'True') return { reason: failed.reason ?? 'Failed', message: failed.message ?? '' };
  if (spec.suspend || findCondition(status?.conditions, 'Complete')?.status === 'True') return undefined;
  const { succeeded = 0, active = 0 } = status ?? {};
  return { reason: 'Running', message: `${succeeded} of ${spec.completions ?? 1} completions, ${active} active` };
}

function pod({ metadata, status }: Pod): NotReady | undefined {
  if (status?.phase === 'Succeeded') return undefined;
  if (metadata.deletionTimestamp !== undefined) return { reason: 'Terminating', message: 'it is being deleted' };
  if (status?.phase === 'Failed') return { reason: status.reason ?? 'Failed', message: status.message ?? 'a container failed for good' };
  if (findCondition(status?.conditions, 'Ready')?.status === 'True') return undefined;
  const scheduled = findCondition(status?.conditions, 'PodScheduled');
  if (scheduled?.status !== 'True')
    return { reason: scheduled?.reason ?? 'Pending', message: scheduled?.message ?? 'it has not been scheduled yet' };
  for (const { name, state, lastState, ready } of [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]) {
    if (state?.waiting?.reason !== undefined) {
      const last = lastState?.terminated;
      const exit = last ? ` (last exit code ${last.exitCode}${last.reason === undefined ? '' : `, ${last.reason}`})` : '';
      return { reason: state.waiting.reason, message: `container ${name}: ${state.waiting.message ?? state.waiting.reason}${exit}` };
    }
    if (state?.terminated && state.terminated.exitCode !== 0) {
      return { reason: state.terminated.reason ?? 'Error', message: `container ${name} ended with exit code ${state.terminated.exitCode}` };
    }
    if (state?.running && !ready) return { reason: 'ContainersNotReady', message: `container ${name} is running and not ready` };
  }
  return { reason: 'ContainersNotReady', message: 'its containers are not ready' };
}
