import type { Image, RuntimeHandler } from '@slipway/cri';
import {
  bytes,
  type ConditionStatus,
  type ContainerImage,
  formatResourceAmount,
  isEqual,
  type Node,
  type NodeAddress,
  type NodeCondition,
  type NodeStatus,
  nodeLabels,
  quantityValue,
  type ResourceList,
  type Taint,
  taintKeys,
} from '@slipway/kube';
import type { Pressure } from '../eviction/signals.ts';
import type { KubeletOptions } from '../options.ts';

/** Facts of the machine and its runtime that a node reports. */
export interface NodeFacts {
  readonly name: string;
  readonly options: KubeletOptions;
  /** Addresses without prefix, the main one first. */
  readonly ips: readonly string[];
  readonly runtimeName: string;
  readonly runtimeVersion: string;
  readonly runtimeHandlers: readonly RuntimeHandler[] | undefined;
  readonly supplementalGroupsPolicy: boolean;
  readonly images: readonly Image[];
  /** New after each boot. */
  readonly bootId: string;
  /** Why the node cannot run pods; empty when it can. */
  readonly problems: readonly string[];
  /** What the machine runs short of. Left out: nothing. */
  readonly pressures?: ReadonlySet<Pressure>;
  /** Volumes that must not be detached; undefined while that is not known. */
  readonly volumesInUse: readonly string[] | undefined;
}

const defaultKubeletVersion = 'v1.36.2';
const maximumImages = 50;

/** The machine that is assumed where the options say nothing. */
const defaultCapacity: ResourceList = { cpu: '4', memory: '16Gi', 'ephemeral-storage': '100Gi' };

/** What the machine has. */
export function capacityOf({ capacity, maxPods = 110 }: KubeletOptions): ResourceList {
  return { ...defaultCapacity, pods: String(maxPods), ...capacity };
}

/** What pods may use: what the machine has, less what would make the kubelet evict. Source: `node_container_manager_linux.go`. */
export function allocatableOf(options: KubeletOptions): ResourceList {
  if (options.allocatable) return { ...capacityOf(options), ...options.allocatable };
  const capacity = capacityOf(options);
  const memory = bytes(capacity.memory ?? '0');
  const storage = quantityValue(capacity['ephemeral-storage'] ?? '0');
  return {
    ...capacity,
    memory: formatResourceAmount('memory', Math.max(0, memory - 100 * 1024 * 1024)),
    'ephemeral-storage': formatResourceAmount('ephemeral-storage', storage - Math.floor(storage / 10)),
  };
}

/** The object with which a kubelet registers. Source: `kubelet_node_status.go` initialNode. */
export function initialNode(facts: NodeFacts, now: string): Node {
  const { name, options } = facts;
  const uninitialized: readonly Taint[] = options.externalCloudProvider
    ? [{ key: taintKeys.cloudUninitialized, value: 'true', effect: 'NoSchedule' }]
    : [];
  const taints = [...(options.taints ?? []), ...uninitialized];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: defaultLabels(name, options),
      annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true', ...options.annotations },
    },
    spec: {
      ...(options.podCIDR ? { podCIDR: options.podCIDR, podCIDRs: [options.podCIDR] } : {}),
      ...(options.providerID ? { providerID: options.providerID } : {}),
      ...(taints.length > 0 ? { taints } : {}),
    },
    status: nodeStatus(facts, undefined, now),
  };
}

/** Labels that every node carries, and those that the administrator gives. */
export function defaultLabels(name: string, { labels }: KubeletOptions): { readonly [key: string]: string } {
  return {
    [nodeLabels.arch]: 'amd64',
    [nodeLabels.hostname]: name,
    [nodeLabels.os]: 'linux',
    'beta.kubernetes.io/arch': 'amd64',
    'beta.kubernetes.io/os': 'linux',
    ...labels,
  };
}

/**
 * The status that the node now has, in the order of upstream's setters. Fields that others write stay.
 *
 * @param before what the API has; its transition times hold on while a condition's status stays
 * @param now RFC 3339. Source: `pkg/kubelet/nodestatus/setters.go`
 */
export function nodeStatus(facts: NodeFacts, before: NodeStatus | undefined, now: string): NodeStatus {
  const { options, name, runtimeHandlers } = facts;
  const status: NodeStatus = {
    ...before,
    addresses: addresses(facts),
    // Extended resources are their providers' to write.
    capacity: { ...before?.capacity, ...capacityOf(options) },
    allocatable: { ...before?.allocatable, ...allocatableOf(options) },
    nodeInfo: {
      machineID: idOf(name, 'machine'),
      systemUUID: idOf(name, 'system'),
      bootID: facts.bootId,
      kernelVersion: '6.12.0-slipway',
      osImage: 'Slipway simulated host',
      containerRuntimeVersion: `${facts.runtimeName}://${facts.runtimeVersion}`,
      kubeletVersion: options.kubeletVersion ?? defaultKubeletVersion,
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    images: imageList(facts.images),
    ...(runtimeHandlers && runtimeHandlers.length > 0 ? { runtimeHandlers } : {}),
    features: { supplementalGroupsPolicy: facts.supplementalGroupsPolicy },
    conditions: conditions(facts, before, now),
  };
  // What an earlier kubelet reported holds until this one knows better.
  if (!facts.volumesInUse) return status;
  const { volumesInUse: _, ...others } = status;
  return facts.volumesInUse.length > 0 ? { ...others, volumesInUse: facts.volumesInUse } : others;
}

/** Whether anything but the time of the heartbeat is new. */
export function nodeStatusHasChanged(before: NodeStatus | undefined, after: NodeStatus): boolean {
  if (!before) return true;
  const quiet = (list: readonly NodeCondition[] | undefined) => list?.map(({ lastHeartbeatTime: _, ...rest }) => rest);
  if (!isEqual(quiet(before.conditions), quiet(after.conditions))) return true;
  return !isEqual({ ...before, conditions: [] }, { ...after, conditions: [] });
}

function addresses({ ips, name }: NodeFacts): readonly NodeAddress[] {
  return [...ips.map((address) => ({ type: 'InternalIP', address }) as const), { type: 'Hostname', address: name }];
}

/** The largest ones; of each at most five names. Source: `nodestatus/setters.go` Images. */
function imageList(images: readonly Image[]): readonly ContainerImage[] {
  const names = ({ repoDigests, repoTags }: Image) => [...repoDigests, ...repoTags].slice(0, 5);
  return [...images]
    .sort((a, b) => b.size - a.size || (a.id < b.id ? -1 : 1))
    .slice(0, maximumImages)
    .map((image) => ({ names: names(image), sizeBytes: image.size }));
}

function conditions({ problems, pressures }: NodeFacts, before: NodeStatus | undefined, now: string): readonly NodeCondition[] {
  const ready = problems.length === 0;
  const fresh: readonly NodeCondition[] = [
    pressures?.has('MemoryPressure')
      ? condition('MemoryPressure', 'True', 'KubeletHasInsufficientMemory', 'kubelet has insufficient memory available', now)
      : condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available', now),
    pressures?.has('DiskPressure')
      ? condition('DiskPressure', 'True', 'KubeletHasDiskPressure', 'kubelet has disk pressure', now)
      : condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure', now),
    condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available', now),
    ready
      ? condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status', now)
      : condition('Ready', 'False', 'KubeletNotReady', aggregate(problems), now),
  ];
  const others = (before?.conditions ?? []).filter(({ type }) => !fresh.some((each) => each.type === type));
  const kept = fresh.map((each) => {
    const old = before?.conditions?.find(({ type }) => type === each.type);
    return old?.status === each.status && old.lastTransitionTime ? { ...each, lastTransitionTime: old.lastTransitionTime } : each;
  });
  return [...others, ...kept];
}

function condition(type: string, status: ConditionStatus, reason: string, message: string, now: string): NodeCondition {
  return { type, status, lastHeartbeatTime: now, lastTransitionTime: now, reason, message };
}

/** Several errors as Go's aggregate prints them. */
function aggregate(problems: readonly string[]): string {
  return problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`;
}

/** An id that follows from the name alone (FNV-1a, 32 bits, repeated), so that a machine keeps it for life. */
function idOf(name: string, what: string): string {
  let id = '';
  for (let part = 0; part < 4; part++) {
    let hash = 0x811c9dc5;
    for (const letter of `${part}/${what}/${name}`) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
    id += (hash >>> 0).toString(16).padStart(8, '0');
  }
  return id;
}
