import { type Container, newMilliQuantity, type Node, parseQuantity, type Pod, type ResourceFieldSelector } from '@slipway/kube';
import { findContainer } from '../decisions/containers.ts';

/** Something that a container's configuration refers to cannot be had: the container waits with `CreateContainerConfigError`. */
export class ConfigError extends Error {
  readonly code = 'CreateContainerConfigError';
}

/** What fields of a pod are read from. */
export interface FieldSources {
  readonly pod: Pod;
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
}

/** Value of a downward API field. Source: `kubelet_pods.go` podFieldSelectorRuntimeValue, `pkg/fieldpath/fieldpath.go`. */
export function fieldValue(path: string, { pod, podIPs, hostIPs }: FieldSources): string {
  switch (path) {
    case 'metadata.name':
      return pod.metadata.name;
    case 'metadata.namespace':
      return pod.metadata.namespace ?? 'default';
    case 'metadata.uid':
      return pod.metadata.uid ?? '';
    case 'metadata.labels':
      return asLines(pod.metadata.labels);
    case 'metadata.annotations':
      return asLines(pod.metadata.annotations);
    case 'spec.nodeName':
      return pod.spec.nodeName ?? '';
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? 'default';
    case 'status.hostIP':
      return hostIPs[0] ?? '';
    case 'status.hostIPs':
      return hostIPs.join(',');
    case 'status.podIP':
      return podIPs[0] ?? '';
    case 'status.podIPs':
      return podIPs.join(',');
  }
  const [, map, key] = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(path) ?? [];
  if (map === 'labels' || map === 'annotations') return pod.metadata[map]?.[key ?? ''] ?? '';
  throw new ConfigError(`unsupported fieldPath: ${path}`);
}

/** A map as a file: one `key="value"` a line, sorted. */
function asLines(map: { readonly [key: string]: string } | undefined): string {
  return Object.keys(map ?? {})
    .sort()
    .map((key) => `${key}=${JSON.stringify(map?.[key])}`)
    .join('\n');
}

/**
 * Value of a container's request or limit, divided and rounded up. A limit that is not set is the node's allocatable.
 *
 * Source: `pkg/api/v1/resource/helpers.go` ExtractContainerResourceValue, `kubelet_resources.go` defaultPodLimitsForDownwardAPI.
 */
export function resourceValue(selector: ResourceFieldSelector, pod: Pod, container: Container, node: Node | undefined): string {
  const holder = selector.containerName ? findContainer(pod, selector.containerName)?.container : container;
  if (!holder) throw new ConfigError(`container ${selector.containerName} not found`);
  const [side, resource] = splitResource(selector.resource);
  const own = holder.resources?.[side]?.[resource];
  const text = own ?? (side === 'limits' ? node?.status?.allocatable?.[resource] : undefined) ?? '0';
  const divisor = parseQuantity(!selector.divisor || selector.divisor === '0' ? '1' : selector.divisor);
  const amount = parseQuantity(text);
  // Sizes and millicores are asked for in whole divisors.
  const whole = (amount.nano + divisor.nano - 1n) / divisor.nano;
  return resource === 'cpu' && divisor.nano < newMilliQuantity(1, 'DecimalSI').nano ? String(amount.nano / divisor.nano) : String(whole);
}

function splitResource(path: string): readonly ['limits' | 'requests', string] {
  const dot = path.indexOf('.');
  const side = path.slice(0, dot);
  if (side !== 'limits' && side !== 'requests') throw new ConfigError(`unsupported container resource : ${path}`);
  return [side, path.slice(dot + 1)];
}
