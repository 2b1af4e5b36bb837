import { findCondition } from '../conditions.ts';
import { ageOf } from '../time.ts';
import type {
  ConfigMap,
  Event,
  Lease,
  Namespace,
  Node,
  NodeAddressType,
  PriorityClass,
  ResourceQuota,
  Secret,
  ServiceAccount,
} from '../types/index.ts';
import { nodeLabels } from '../well-known.ts';
import { type Column, column, none, wide } from './column.ts';
import { age, name } from './shared.ts';

// Source: `pkg/printers/internalversion/printers.go`.

function nodeStatus({ spec, status }: Node): string {
  const ready = findCondition(status?.conditions, 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (spec.unschedulable === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeRoles({ metadata }: Node): string {
  const roles = new Set<string>();
  for (const [label, value] of Object.entries(metadata.labels ?? {})) {
    if (label.startsWith(nodeLabels.role) && label.length > nodeLabels.role.length) roles.add(label.slice(nodeLabels.role.length));
    else if (label === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return roles.size === 0 ? none : [...roles].sort().join(',');
}

function address(type: NodeAddressType): (node: Node) => string {
  return ({ status }) => status?.addresses?.find((entry) => entry.type === type)?.address ?? none;
}

function orUnknown(text: string | undefined): string {
  return text === undefined || text === '' ? '<unknown>' : text;
}

export const nodeColumns: readonly Column<Node>[] = [
  name,
  column('Status', nodeStatus),
  column('Roles', nodeRoles),
  age,
  column('Version', ({ status }) => status?.nodeInfo?.kubeletVersion),
  wide('Internal-IP', address('InternalIP')),
  wide('External-IP', address('ExternalIP')),
  wide('OS-Image', ({ status }) => orUnknown(status?.nodeInfo?.osImage)),
  wide('Kernel-Version', ({ status }) => orUnknown(status?.nodeInfo?.kernelVersion)),
  wide('Container-Runtime', ({ status }) => orUnknown(status?.nodeInfo?.containerRuntimeVersion)),
];

export const namespaceColumns: readonly Column<Namespace>[] = [name, column('Status', ({ status }) => status?.phase), age];

export const configMapColumns: readonly Column<ConfigMap>[] = [
  name,
  column('Data', ({ data, binaryData }) => Object.keys(data ?? {}).length + Object.keys(binaryData ?? {}).length),
  age,
];

export const secretColumns: readonly Column<Secret>[] = [
  name,
  column('Type', ({ type }) => type),
  column('Data', ({ data }) => Object.keys(data ?? {}).length),
  age,
];

export const serviceAccountColumns: readonly Column<ServiceAccount>[] = [name, age];

function firstSeen(event: Event, now: number): string {
  return ageOf(event.firstTimestamp ?? event.eventTime, now);
}

function lastSeen(event: Event, now: number): string {
  if (event.series?.lastObservedTime !== undefined) return ageOf(event.series.lastObservedTime, now);
  return event.lastTimestamp === undefined ? firstSeen(event, now) : ageOf(event.lastTimestamp, now);
}

function eventSource({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component ?? reportingComponent ?? '';
  const host = source?.host ?? reportingInstance ?? '';
  return host === '' ? component : `${component}, ${host}`;
}

export const eventColumns: readonly Column<Event>[] = [
  column('Last Seen', lastSeen),
  column('Type', ({ type }) => type),
  column('Reason', ({ reason }) => reason),
  column('Object', ({ involvedObject: { kind = '', name: object = '' } }) =>
    object === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${object}`,
  ),
  wide('Subobject', ({ involvedObject }) => involvedObject.fieldPath),
  wide('Source', eventSource),
  column('Message', ({ message }) => (message ?? '').trim()),
  wide('First Seen', firstSeen),
  wide('Count', ({ count, series }) => series?.count ?? (count === undefined || count === 0 ? 1 : count)),
  wide('Name', ({ metadata }) => metadata.name),
];

export const leaseColumns: readonly Column<Lease>[] = [name, column('Holder', ({ spec }) => spec.holderIdentity), age];

export const priorityClassColumns: readonly Column<PriorityClass>[] = [
  name,
  column('Value', ({ value }) => value),
  column('Global-Default', ({ globalDefault }) => String(globalDefault ?? false)),
  age,
  column('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy),
];

/** `requests.cpu: 1/2, pods: 3/10`: use and bound of those that are limits, or of those that are not. */
function quotaUse({ status }: ResourceQuota, limits: boolean): string {
  const names = Object.keys(status?.hard ?? {}).filter((resource) => resource.startsWith('limits') === limits);
  return names
    .sort()
    .map((resource) => `${resource}: ${status?.used?.[resource] ?? '0'}/${status?.hard?.[resource] ?? '0'}`)
    .join(', ');
}

export const quotaColumns: readonly Column<ResourceQuota>[] = [
  name,
  column('Request', (quota) => quotaUse(quota, false)),
  column('Limit', (quota) => quotaUse(quota, true)),
  age,
];
