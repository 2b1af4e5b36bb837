import {
  type EndpointSlice,
  findCondition,
  isPodReady,
  isTerminal,
  matchesLabelMap,
  type Pod,
  type Service,
  type Stored,
} from '@slipway/kube';
import { minutes } from '@slipway/kernel';
import type { ClusterState, Lack } from './state.ts';

/** A cloud takes its time, and its provider tries again after at most five minutes. */
const BALANCER = minutes(8);
const REFUSED = /invalid|unsupported|not supported|quota|limit|exhausted/i;

/** Services whose slices do not list exactly the ready pods of their selector. */
export function* lackingServices(state: ClusterState, met: () => void): Generator<Lack> {
  const slices = new Map<string, Stored<EndpointSlice>[]>();
  for (const slice of state.all<EndpointSlice>('endpointslices')) {
    const { namespace, labels } = slice.metadata;
    if (labels?.['endpointslice.kubernetes.io/managed-by'] !== 'endpointslice-controller.k8s.io') continue;
    const key = `${namespace}/${labels['kubernetes.io/service-name'] ?? ''}`;
    slices.set(key, [...(slices.get(key) ?? []), slice]);
  }
  for (const service of state.all<Service>('services')) {
    const { selector, type } = service.spec;
    const { namespace, name, deletionTimestamp, creationTimestamp } = service.metadata;
    if (!selector || Object.keys(selector).length === 0 || type === 'ExternalName' || deletionTimestamp !== undefined) continue;
    if (!state.isPast(creationTimestamp)) continue;
    met();
    const listed = new Map<string, ReadonlySet<string>>();
    for (const { endpoints } of slices.get(`${namespace}/${name}`) ?? [])
      for (const { targetRef, conditions, addresses } of endpoints ?? [])
        if (conditions?.ready !== false)
          listed.set(targetRef?.uid ?? '', new Set([...(listed.get(targetRef?.uid ?? '') ?? []), ...addresses]));
    for (const pod of state.podsIn(namespace)) {
      const addresses = listed.get(pod.metadata.uid);
      listed.delete(pod.metadata.uid);
      const wants = difference(pod, addresses, service, state);
      if (wants !== undefined) yield { object: service, wants };
    }
    const missing = balancerOf(service, state);
    if (missing !== undefined) yield { object: service, wants: missing, since: creationTimestamp };
    for (const addresses of listed.values())
      yield { object: service, wants: `lists ${[...addresses].join(' and ')} of a pod that is not there` };
  }
}

function difference(
  pod: Stored<Pod>,
  listed: ReadonlySet<string> | undefined,
  { spec: { selector = {}, publishNotReadyAddresses } }: Stored<Service>,
  state: ClusterState,
): string | undefined {
  const { labels, name, deletionTimestamp } = pod.metadata;
  const address = pod.status?.podIP ?? '';
  const ready = findCondition(pod.status?.conditions, 'Ready');
  // What changed a moment ago is on its way.
  if (!state.isPast(ready?.lastTransitionTime) || (deletionTimestamp !== undefined && !state.isPast(deletionTimestamp))) return undefined;
  if (publishNotReadyAddresses) return undefined;
  const isWanted =
    matchesLabelMap(selector, labels) && !isTerminal(pod) && deletionTimestamp === undefined && isPodReady(pod) && address !== '';
  if (isWanted && !listed) return `does not list Pod ${name}, which is ready`;
  if (isWanted && listed && !listed.has(address)) return `lists ${[...listed].join(' and ')} for Pod ${name}, whose address is ${address}`;
  if (!isWanted && listed) return `lists Pod ${name}, which is not ready, gone, or none of its own`;
  return undefined;
}

/** A balancer that its provider was asked for. What the provider refuses for good is not waited for. */
function balancerOf(service: Stored<Service>, state: ClusterState): string | undefined {
  const { spec, status, metadata } = service;
  const isAsked = (metadata.finalizers ?? []).includes('service.kubernetes.io/load-balancer-cleanup');
  if (spec.type !== 'LoadBalancer' || !isAsked || (status?.loadBalancer?.ingress ?? []).length > 0) return undefined;
  if (!state.isPast(metadata.creationTimestamp, BALANCER) || REFUSED.test(state.lastEventOf(service)?.message ?? '')) return undefined;
  return 'waits for its balancer';
}
