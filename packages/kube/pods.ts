import { findCondition } from './conditions.ts';
import { compareQuantity, newQuantity, parseQuantity, addQuantity, type QuantityAmount } from './quantity.ts';
import { parseTime } from './time.ts';
import type { Container, ContainerStatus, Pod, PodQOSClass, PodSpec, Protocol, RestartPolicy } from './types/index.ts';

/** Whether the pod's `Ready` condition is True. */
export function isPodReady(pod: Pick<Pod, 'status'>): boolean {
  return findCondition(pod.status?.conditions, 'Ready')?.status === 'True';
}

/** Whether the pod ended for good: Succeeded or Failed. */
export function isTerminal(pod: Pick<Pod, 'status'>): boolean {
  const phase = pod.status?.phase;
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Whether the pod counts for its controller: not ended and not being deleted. Source: `pkg/controller/controller_utils.go`. */
export function isPodActive(pod: Pick<Pod, 'status' | 'metadata'>): boolean {
  return !isTerminal(pod) && pod.metadata.deletionTimestamp === undefined;
}

/** Whether the pod has been ready for at least `minReadySeconds`. @param now microseconds since the epoch */
export function isPodAvailable(pod: Pick<Pod, 'status'>, minReadySeconds: number, now: number): boolean {
  const ready = findCondition(pod.status?.conditions, 'Ready');
  if (ready?.status !== 'True') return false;
  if (minReadySeconds === 0) return true;
  const since = ready.lastTransitionTime === undefined ? undefined : parseTime(ready.lastTransitionTime);
  return since !== undefined && since + minReadySeconds * 1_000_000 <= now;
}

/** Whether the container is an init container that keeps running beside the others. */
export function isSidecar(container: Pick<Container, 'restartPolicy'>): boolean {
  return container.restartPolicy === 'Always';
}

/** Sidecars and regular containers: those that are meant to run together, in this order. */
export function runningContainers(spec: PodSpec): readonly Container[] {
  const sidecars = spec.initContainers?.filter(isSidecar) ?? [];
  return sidecars.length === 0 ? spec.containers : [...sidecars, ...spec.containers];
}

/** The status of a container of any sort by name. */
export function containerStatus(pod: Pick<Pod, 'status'>, name: string): ContainerStatus | undefined {
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = pod.status ?? {};
  const named = (status: ContainerStatus): boolean => status.name === name;
  return containerStatuses?.find(named) ?? initContainerStatuses?.find(named) ?? ephemeralContainerStatuses?.find(named);
}

/**
 * Whether a container that ended is started again: by its own exit rules, then its own policy, then the pod's.
 * Source: `pkg/api/v1/pod/util.go` ContainerShouldRestart.
 */
export function containerShouldRestart(
  container: Pick<Container, 'restartPolicy' | 'restartPolicyRules'>,
  podPolicy: RestartPolicy | undefined,
  exitCode: number,
): boolean {
  // Upstream asks the rules only of a container that states a policy; validation demands one beside rules.
  if (container.restartPolicy !== undefined) {
    for (const { exitCodes } of container.restartPolicyRules ?? []) {
      if (exitCodes === undefined) continue;
      if ((exitCodes.values ?? []).includes(exitCode) === (exitCodes.operator === 'In')) return true;
    }
  }
  const policy = container.restartPolicy ?? podPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}

/** A port of the node that a pod claims. `ip` is `0.0.0.0` for all addresses. */
export interface HostPort {
  readonly ip: string;
  readonly protocol: Protocol;
  readonly port: number;
}

/** Node ports that the pod claims: of regular containers and sidecars. */
export function hostPorts(pod: Pick<Pod, 'spec'>): readonly HostPort[] {
  const claimed: HostPort[] = [];
  for (const { ports } of runningContainers(pod.spec)) {
    for (const { hostIP = '', protocol = 'TCP', hostPort = 0 } of ports ?? []) {
      if (hostPort > 0) claimed.push({ ip: hostIP === '' ? '0.0.0.0' : hostIP, protocol, port: hostPort });
    }
  }
  return claimed;
}

/** Whether two claims collide; `0.0.0.0` collides with every address. */
export function hostPortsCollide(a: HostPort, b: HostPort): boolean {
  return a.port === b.port && a.protocol === b.protocol && (a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0');
}

/** The quality of service that the pod's requests and limits lead to. Source: `pkg/apis/core/v1/helper/qos/qos.go`. */
export function qosClass(pod: Pick<Pod, 'spec'>): PodQOSClass {
  const { resources, containers, initContainers = [] } = pod.spec;
  const podLevel = resources?.requests !== undefined || resources?.limits !== undefined;
  const holders = podLevel ? [{ resources }] : [...containers, ...initContainers];
  const requests = new Map<string, QuantityAmount>();
  const limits = new Map<string, QuantityAmount>();
  let everyLimitSet = true;
  for (const holder of holders) {
    addComputeResources(requests, holder.resources?.requests);
    const set = addComputeResources(limits, holder.resources?.limits);
    if (set < 2) everyLimitSet = false;
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort';
  if (!everyLimitSet || requests.size !== limits.size) return 'Burstable';
  for (const [resource, request] of requests) {
    const limit = limits.get(resource);
    if (limit === undefined || compareQuantity(limit, request) !== 0) return 'Burstable';
  }
  return 'Guaranteed';
}

/** Adds positive CPU and memory amounts; answers how many of the two were there. */
function addComputeResources(sums: Map<string, QuantityAmount>, amounts: Readonly<Record<string, string>> | undefined): number {
  let found = 0;
  for (const resource of ['cpu', 'memory']) {
    const text = amounts?.[resource];
    if (text === undefined) continue;
    const amount = parseQuantity(text);
    if (amount.nano <= 0n) continue;
    found += 1;
    sums.set(resource, addQuantity(sums.get(resource) ?? newQuantity(0, amount.format), amount));
  }
  return found;
}
