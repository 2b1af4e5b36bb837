import type { Kind } from '../kinds.ts';
import { qualifiedResource } from '../kinds.ts';
import { podLimits, podRequests, type ResourceAmounts } from '../pod-resources.ts';
import { isTerminal } from '../pods.ts';
import { addQuantity, canonicalQuantity, formatQuantity, newMilliQuantity, newQuantity, parseQuantity, wholeValue } from '../quantity.ts';
import { parseTime } from '../time.ts';
import type { Container, KubeObject, PersistentVolumeClaim, Pod, ResourceList, Service } from '../types/index.ts';

// What an object takes of a quota, by the names that quotas have for it. Source: `pkg/quota/v1/evaluator/core`.

type Resource = Pick<Kind, 'group' | 'plural'>;

/** Kinds whose number has a short name beside `count/<plural>`. */
const SHORT_NAMES: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
]);

const COMPUTE: ReadonlySet<string> = new Set([
  'pods',
  ...['cpu', 'memory', 'ephemeral-storage'].flatMap((resource) => [resource, `requests.${resource}`, `limits.${resource}`]),
]);

const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';

/** Whether objects of the kind can take of the resource that a quota calls so. */
export function isQuotaNameOf(name: string, kind: Resource): boolean {
  const { plural } = kind;
  if (name === `count/${qualifiedResource(kind)}`) return true;
  if (kind.group !== '') return false;
  if (plural === 'pods') return COMPUTE.has(name) || /^(requests\.)?hugepages-/.test(name) || isExtended(name);
  if (SHORT_NAMES.has(plural) && name === plural) return true;
  if (plural === 'services') return name === 'services.nodeports' || name === 'services.loadbalancers';
  if (plural !== 'persistentvolumeclaims') return false;
  return name === 'requests.storage' || name.endsWith(`${CLASS_SUFFIX}requests.storage`) || name.endsWith(`${CLASS_SUFFIX}${plural}`);
}

/** Devices and the like can be bounded by their requests only. */
function isExtended(name: string): boolean {
  return name.startsWith('requests.') && isExtendedResource(name.slice('requests.'.length));
}

const isExtendedResource = (resource: string): boolean => resource.includes('/') && !resource.includes('kubernetes.io/');

/** @param now microseconds since the Unix epoch: a pod that should be gone by now counts as an object alone */
export function quotaUsage(kind: Resource, object: KubeObject, now: number): ResourceList {
  const usage: Record<string, string> = { [`count/${qualifiedResource(kind)}`]: '1' };
  if (kind.group !== '') return usage;
  if (SHORT_NAMES.has(kind.plural)) usage[kind.plural] = '1';
  if (kind.plural === 'pods') return { ...usage, ...podUsage(object as Pod, now) };
  if (kind.plural === 'services') return { ...usage, ...serviceUsage(object as Service) };
  if (kind.plural === 'persistentvolumeclaims') return { ...usage, ...claimUsage(object as PersistentVolumeClaim) };
  return usage;
}

/** Whether the pod still takes more than its place in the store. Source: `evaluator/core/pods.go`, QuotaV1Pod. */
export function isChargedPod(pod: Pod, now: number): boolean {
  if (isTerminal(pod)) return false;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true;
  return now <= (parseTime(deletionTimestamp) ?? now) + deletionGracePeriodSeconds * 1_000_000;
}

function podUsage(pod: Pod, now: number): ResourceList {
  if (!isChargedPod(pod, now)) return {};
  return computeUsage(written(pod, 'requests', podRequests(pod)), written(pod, 'limits', podLimits(pod)));
}

/** Amounts as the pod writes them: `100M` of memory stay decimal. */
function written({ spec }: Pod, side: 'requests' | 'limits', amounts: ResourceAmounts): ResourceList {
  const all: readonly Pick<Container, 'resources'>[] = [spec, ...spec.containers, ...(spec.initContainers ?? [])];
  const list: Record<string, string> = {};
  for (const [resource, amount] of Object.entries(amounts)) {
    const text = all.map(({ resources }) => resources?.[side]?.[resource]).find((each) => each !== undefined);
    const { format } = parseQuantity(text ?? '0');
    list[resource] = formatQuantity(resource === 'cpu' ? newMilliQuantity(amount, format) : newQuantity(amount, format));
  }
  return list;
}

function computeUsage(requests: ResourceList, limits: ResourceList): ResourceList {
  const usage: Record<string, string> = { pods: '1' };
  for (const [resource, amount] of Object.entries(requests)) {
    if (COMPUTE.has(resource) || resource.startsWith('hugepages-')) usage[resource] = amount;
    if (COMPUTE.has(resource) || resource.startsWith('hugepages-') || isExtendedResource(resource)) usage[`requests.${resource}`] = amount;
  }
  for (const [resource, amount] of Object.entries(limits)) if (COMPUTE.has(resource)) usage[`limits.${resource}`] = amount;
  return usage;
}

function serviceUsage({ spec = {} }: Service): ResourceList {
  const { type, ports = [], allocateLoadBalancerNodePorts = true } = spec;
  if (type === 'NodePort') return { 'services.nodeports': `${ports.length}`, 'services.loadbalancers': '0' };
  if (type !== 'LoadBalancer') return { 'services.nodeports': '0', 'services.loadbalancers': '0' };
  const counted = allocateLoadBalancerNodePorts ? ports : ports.filter(({ nodePort }) => nodePort !== undefined);
  return { 'services.nodeports': `${counted.length}`, 'services.loadbalancers': '1' };
}

function claimUsage({ spec }: PersistentVolumeClaim): ResourceList {
  const request = spec.resources?.requests?.storage;
  const storage = request === undefined ? undefined : wholeUnits(request);
  const ofClass = spec.storageClassName === undefined || spec.storageClassName === '' ? undefined : spec.storageClassName + CLASS_SUFFIX;
  return {
    ...(storage === undefined ? {} : { 'requests.storage': storage }),
    ...(ofClass === undefined ? {} : { [`${ofClass}persistentvolumeclaims`]: '1' }),
    ...(ofClass === undefined || storage === undefined ? {} : { [`${ofClass}requests.storage`]: storage }),
  };
}

function wholeUnits(text: string): string {
  const amount = parseQuantity(text);
  return amount.nano % 1_000_000_000n === 0n ? canonicalQuantity(text) : formatQuantity(newQuantity(wholeValue(amount), amount.format));
}

/** What every container has to name because a quota bounds it, and which do not: `limits.cpu for: main`. Source: Constraints. */
export function unnamedByContainers({ spec }: Pod, names: readonly string[]): readonly string[] {
  // With resources of the whole pod its containers need none.
  if (spec.resources?.requests !== undefined || spec.resources?.limits !== undefined) return [];
  const required = names.filter((name) => /^((requests|limits)\.)?(cpu|memory)$/.test(name)).sort();
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  return required.flatMap((name) => {
    const without = containers.filter(({ resources }) => !(name in computeUsage(resources?.requests ?? {}, resources?.limits ?? {})));
    const who = [...new Set(without.map((container) => container.name))].sort();
    return who.length === 0 ? [] : [`${name} for: ${who.join(',')}`];
  });
}

/** Sum, resource by resource. */
export function addUsage(left: ResourceList, right: ResourceList): ResourceList {
  const sum: Record<string, string> = { ...left };
  for (const [name, amount] of Object.entries(right)) {
    const before = sum[name];
    sum[name] = before === undefined ? amount : formatQuantity(addQuantity(parseQuantity(before), parseQuantity(amount)));
  }
  return sum;
}
