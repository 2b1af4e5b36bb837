import type { LinuxContainerResources } from '@slipway/cri';
import { bytes, type Container, cpuMillis, isSidecar, type Pod, qosClass, systemNodeCriticalPriority } from '@slipway/kube';

// Source: `pkg/kubelet/cm/helpers_linux.go`, `pkg/kubelet/kuberuntime/kuberuntime_container_linux.go`, `pkg/kubelet/qos/policy.go`.

const minimumShares = 2;
const maximumShares = 262_144;
const quotaPeriodMicros = 100_000;
const minimumQuotaMicros = 1_000;

/** CFS weight of a CPU request. */
export function cpuShares(millis: number): number {
  return Math.min(maximumShares, Math.max(minimumShares, Math.floor((millis * 1024) / 1000)));
}

/** CFS quota of a CPU limit, in microseconds per 100 ms; 0 for none. */
export function cpuQuota(millis: number): number {
  return millis === 0 ? 0 : Math.max(minimumQuotaMicros, Math.floor((millis * quotaPeriodMicros) / 1000));
}

/** How early the container is killed when the node is out of memory: from -997 (last) to 1000 (first). */
export function oomScoreAdjust(pod: Pod, container: Container, nodeMemoryBytes: number): number {
  if ((pod.spec.priority ?? 0) >= systemNodeCriticalPriority) return -997;
  switch (pod.status?.qosClass ?? qosClass(pod)) {
    case 'Guaranteed':
      return -997;
    case 'BestEffort':
      return 1000;
    case 'Burstable':
      break;
  }
  const request = ({ resources }: Container) => bytes(resources?.requests?.memory ?? '0');
  const score = (memory: number) => 1000 - Math.floor((1000 * memory) / nodeMemoryBytes);
  let adjust = score(request(container));
  // A sidecar is not to be killed before the containers that it serves.
  if (isSidecar(container)) adjust = Math.min(adjust, score(Math.min(...pod.spec.containers.map(request))));
  // A guaranteed container can reach a score of 10, so a burstable one starts above that, and below those that ask for nothing.
  if (adjust < 3) return 3;
  return adjust === 1000 ? 999 : adjust;
}

/** What the runtime is to enforce. */
export function containerResources(pod: Pod, container: Container, nodeMemoryBytes: number): LinuxContainerResources {
  const { requests, limits } = container.resources ?? {};
  const limitMillis = cpuMillis(limits?.cpu ?? pod.spec.resources?.limits?.cpu ?? '0');
  const requestMillis = requests?.cpu === undefined ? limitMillis : cpuMillis(requests.cpu);
  const memoryLimit = bytes(limits?.memory ?? pod.spec.resources?.limits?.memory ?? '0');
  const quota = cpuQuota(limitMillis);
  return {
    cpuPeriod: quotaPeriodMicros,
    ...(quota > 0 ? { cpuQuota: quota } : {}),
    cpuShares: cpuShares(requestMillis),
    ...(memoryLimit > 0 ? { memoryLimitInBytes: memoryLimit } : {}),
    oomScoreAdj: oomScoreAdjust(pod, container, nodeMemoryBytes),
  };
}
