import {
  hostPorts,
  hostPortsCollide,
  matchesRequiredNodeAffinity,
  type Node,
  type Pod,
  podRequests,
  resourceAmount,
  systemPriority,
  tolerates,
  untoleratedTaint,
} from '@slipway/kube';

/** A pod that the node does not take: its phase becomes Failed, for good. */
export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

/** What the node looks at when a pod comes. */
export interface AdmissionInput {
  readonly pod: Pod;
  readonly node: Node;
  /** The node's other pods that hold resources: neither rejected nor finished. */
  readonly others: readonly Pod[];
}

/** Static, mirrored, or of the highest priorities: the node does without others for its sake. Source: `pkg/kubelet/types/pod_update.go`. */
export function isCriticalPod(pod: Pod): boolean {
  const annotations = pod.metadata.annotations ?? {};
  const source = annotations['kubernetes.io/config.source'];
  const isStatic = source !== undefined && source !== 'api';
  return isStatic || 'kubernetes.io/config.mirror' in annotations || (pod.spec.priority ?? 0) >= systemPriority;
}

/**
 * What speaks against taking the pod, in the order of the handlers; the first one counts.
 *
 * Source: `pkg/kubelet/kubelet.go` (order of handlers), `pkg/kubelet/lifecycle/predicate.go`, `pkg/kubelet/eviction/eviction_manager.go` Admit.
 */
export function admissionProblems(input: AdmissionInput): readonly Rejection[] {
  return [...pressure(input), ...operatingSystem(input), ...resources(input), ...placement(input)];
}

function pressure({ pod, node }: AdmissionInput): readonly Rejection[] {
  const has = (type: string) =>
    node.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
  const found = ['MemoryPressure', 'DiskPressure', 'PIDPressure'].filter(has);
  if (found.length === 0 || isCriticalPod(pod)) return [];
  if (found.length === 1 && found[0] === 'MemoryPressure') {
    const taint = { key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' } as const;
    if (pod.status?.qosClass !== 'BestEffort' || tolerates(pod, taint)) return [];
  }
  return [{ reason: 'Evicted', message: `The node had condition: [${found.join(' ')}]. ` }];
}

function operatingSystem({ pod, node }: AdmissionInput): readonly Rejection[] {
  const os = node.status?.nodeInfo?.operatingSystem ?? 'linux';
  const wanted = pod.metadata.labels?.['kubernetes.io/os'];
  if (wanted !== undefined && wanted !== (node.metadata.labels?.['kubernetes.io/os'] ?? os)) {
    const message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label";
    return [{ reason: 'PodOSSelectorNodeLabelDoesNotMatch', message }];
  }
  if (pod.spec.os && pod.spec.os.name !== os) {
    return [{ reason: 'PodOSNotSupported', message: "Failed to admit pod as the OS field doesn't match node OS" }];
  }
  return [];
}

function resources({ pod, node, others }: AdmissionInput): readonly Rejection[] {
  const allocatable = node.status?.allocatable ?? {};
  const problems: Rejection[] = [];
  const outOf = (resource: string, requested: number, used: number, capacity: number) =>
    problems.push({
      reason: `OutOf${resource}`,
      message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
    });
  const pods = allocatable.pods === undefined ? undefined : resourceAmount('pods', allocatable.pods);
  if (pods !== undefined && others.length + 1 > pods) outOf('pods', 1, others.length, pods);
  const requests = podRequests(pod);
  const wanted = Object.keys(requests).filter((resource) => (requests[resource] ?? 0) > 0);
  if (wanted.length === 0) return problems;
  const held = others.map((other) => podRequests(other));
  for (const resource of inOrder(wanted)) {
    const text = allocatable[resource];
    // Extended resources that the node has not heard of are a matter of whoever provides them.
    if (text === undefined && !plain.has(resource)) continue;
    const capacity = text === undefined ? 0 : resourceAmount(resource, text);
    const requested = requests[resource] ?? 0;
    const used = held.reduce((sum, each) => sum + (each[resource] ?? 0), 0);
    if (requested > capacity - used) outOf(resource, requested, used, capacity);
  }
  return problems;
}

const plain: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** The plain ones first, as the scheduler's check has them, then the others by name. */
function inOrder(resources: readonly string[]): readonly string[] {
  const others = resources.filter((resource) => !plain.has(resource)).sort();
  return [...[...plain].filter((resource) => resources.includes(resource)), ...others];
}

function placement({ pod, node, others }: AdmissionInput): readonly Rejection[] {
  const problems: Rejection[] = [];
  const failed = (predicate: string, why: string) => problems.push({ reason: predicate, message: `Predicate ${predicate} failed: ${why}` });
  if (!matchesRequiredNodeAffinity(pod, node)) failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
  if (pod.spec.nodeName && pod.spec.nodeName !== node.metadata.name) failed('NodeName', "node(s) didn't match the requested node name");
  const ports = hostPorts(pod);
  if (ports.length > 0 && others.some((other) => hostPorts(other).some((taken) => ports.some((port) => hostPortsCollide(port, taken))))) {
    failed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
  }
  if (untoleratedTaint(node.spec.taints, pod.spec.tolerations, ['NoExecute'])) {
    failed('TaintToleration', "node(s) had taints that the pod didn't tolerate");
  }
  return problems;
}
