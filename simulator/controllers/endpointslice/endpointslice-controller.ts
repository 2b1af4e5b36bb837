import { type ControllerContext, type ControllerDefinition, defineController, type ReconcileResult, watch } from '@slipway/client';
import { codeOf, type Micros, milliseconds, type Process, seconds } from '@slipway/kernel';
import {
  controllerReference,
  type EndpointPort,
  type EndpointSlice,
  isEqual,
  isPodReady,
  keyOf,
  matchesLabelMap,
  type Pod,
  type Service,
  splitKey,
  type Stored,
  workloadLabels,
} from '@slipway/kube';
import { portGroups, portsKey } from './endpoints.ts';
import { pack } from './packing.ts';
import { SliceTracker } from './slice-tracker.ts';

/** How long to wait for a cache that is behind. */
const CACHE_PAUSE: Micros = milliseconds(5);
/** First back-off of upstream's queue. */
const UNKNOWN_NODE_PAUSE: Micros = seconds(1);
const MANAGER = 'endpointslice-controller.k8s.io';

/** Keeps the endpoints of Services with a selector in slices. Source: `pkg/controller/endpointslice`, `staging/src/k8s.io/endpointslice`. */
export function endpointSliceController(): ControllerDefinition {
  const tracker = new SliceTracker();

  return defineController({
    name: 'endpointslice-controller',
    workers: 5,
    maxRetries: 15,
    watches: [
      watch('services', { indexers: { namespace: ({ metadata }) => [metadata.namespace ?? ''] } }),
      watch('pods', {
        indexers: { namespace: ({ metadata }) => [metadata.namespace ?? ''] },
        keys: (pod, { event, old, context }) => servicesOf(pod, old, event, context),
      }),
      watch('endpointslices', {
        indexers: { service: (slice) => [serviceKey(slice)] },
        keys: (slice, { event }) => (event === 'DELETED' ? [serviceKey(slice)] : []),
      }),
      watch('nodes', { keys: () => [] }),
    ],
    *reconcile(key, context) {
      const { informers } = context;
      const service = informers.get('services').get(key);
      const slices = [...informers.get('endpointslices').byIndex('service', key)].sort(byName);
      if (!service || service.metadata.deletionTimestamp !== undefined) {
        tracker.forget(key);
        return undefined;
      }
      const { selector, type } = service.spec;
      if (tracker.isBehind(key, slices)) return { requeueAfter: CACHE_PAUSE };
      const changed = (slice: Stored<EndpointSlice>): void => tracker.wrote(key, slice, false);
      const made = (slice: Stored<EndpointSlice> | undefined): void => {
        if (slice) tracker.wrote(key, slice, true);
      };
      // Without a selector somebody else writes the slices; an external name has none.
      if (!selector || type === 'ExternalName') return undefined;
      const pods = informers
        .get('pods')
        .byIndex('namespace', service.metadata.namespace ?? '')
        .filter((pod) => matchesLabelMap(selector, pod.metadata.labels));
      const { groups, unknownNodes } = portGroups(service, [...pods].sort(byName), (name) => informers.get('nodes').get(name));
      if (groups.length === 0) {
        yield* keepPlaceholder(service, slices, context, { made, changed });
        return retryFor(unknownNodes);
      }
      const wanted = new Set(groups.map(({ ports }) => portsKey(ports)));
      // Slices of ports that nobody has any more are taken over before new ones are made.
      const spare = slices.filter((slice) => !wanted.has(portsKey(slice.ports ?? [])));
      for (const { ports, endpoints } of groups) {
        const own = slices.filter((slice) => portsKey(slice.ports ?? []) === portsKey(ports));
        const { update, create, remove } = pack(
          endpoints,
          own.map((slice) => ({ slice, endpoints: slice.endpoints })),
        );
        for (const { slice, endpoints: next } of update) changed(yield* write({ ...slice.slice, endpoints: next, ports }, context));
        for (const next of create) {
          const taken = spare.shift();
          if (taken) changed(yield* write({ ...taken, endpoints: next, ports }, context));
          else made(yield* make(service, ports, next, context));
        }
        for (const { slice } of remove) yield* drop(slice, context);
      }
      for (const slice of spare) yield* drop(slice, context);
      return retryFor(unknownNodes);
    },
  });
}

/** Pods on nodes that are not known wait for them; upstream comes back after an error, here it is just a while. */
const retryFor = (unknownNodes: readonly string[]): ReconcileResult | undefined =>
  unknownNodes.length > 0 ? { requeueAfter: UNKNOWN_NODE_PAUSE } : undefined;

const byName = (a: Stored<Pod | EndpointSlice>, b: Stored<Pod | EndpointSlice>): number => (a.metadata.name < b.metadata.name ? -1 : 1);

/** Key of the Service that a slice of ours belongs to; empty for other people's. */
function serviceKey({ metadata }: EndpointSlice): string {
  if (metadata.labels?.[workloadLabels.endpointSliceManagedBy] !== MANAGER) return '';
  return `${metadata.namespace}/${metadata.labels[workloadLabels.serviceName] ?? ''}`;
}

/** Services whose endpoints a change of the pod can change: most status writes change none. */
function servicesOf(pod: Stored<Pod>, old: Stored<Pod> | undefined, event: string, { informers }: ControllerContext): string[] {
  if (event === 'MODIFIED' && old && !endpointChanged(old, pod)) return [];
  const services = informers.get('services').byIndex('namespace', pod.metadata.namespace ?? '');
  return services.filter(({ spec }) => selects(spec, pod) || (old && selects(spec, old))).map(keyOf);
}

const selects = ({ selector }: Service['spec'], pod: Pod): boolean =>
  selector !== undefined && matchesLabelMap(selector, pod.metadata.labels);

function endpointChanged(old: Stored<Pod>, pod: Stored<Pod>): boolean {
  return (
    old.status?.podIP !== pod.status?.podIP ||
    isPodReady(old) !== isPodReady(pod) ||
    old.status?.phase !== pod.status?.phase ||
    old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp ||
    old.spec.nodeName !== pod.spec.nodeName ||
    !isEqual(old.metadata.labels, pod.metadata.labels)
  );
}

/** What the controller remembers of its writes until the cache shows them. */
interface Notes {
  /** Undefined where nothing could be made. */
  made(slice: Stored<EndpointSlice> | undefined): void;
  changed(slice: Stored<EndpointSlice>): void;
}

/** A Service without endpoints keeps one empty slice, which says that somebody looked. */
function* keepPlaceholder(
  service: Stored<Service>,
  slices: readonly Stored<EndpointSlice>[],
  context: ControllerContext,
  { made, changed }: Notes,
): Process {
  const [first, ...others] = slices;
  if (!first) made(yield* make(service, [], [], context));
  else if (first.endpoints.length > 0 || (first.ports ?? []).length > 0)
    changed(yield* write({ ...first, endpoints: [], ports: [] }, context));
  for (const slice of others) yield* drop(slice, context);
}

function* make(
  service: Stored<Service>,
  ports: readonly EndpointPort[],
  endpoints: EndpointSlice['endpoints'],
  { api, events }: ControllerContext,
): Process<Stored<EndpointSlice> | undefined> {
  const { name, namespace = 'default', labels } = service.metadata;
  const headless = service.spec.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {};
  try {
    return yield* api.endpointslices.create({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: '',
        generateName: `${name}-`,
        namespace,
        labels: { ...labels, ...headless, [workloadLabels.serviceName]: name, [workloadLabels.endpointSliceManagedBy]: MANAGER },
        ownerReferences: [controllerReference(service)],
      },
      addressType: 'IPv4',
      ports,
      endpoints,
    });
  } catch (error) {
    if (codeOf(error) === 'NotFound') return undefined;
    events.warning(
      service,
      'FailedToUpdateEndpointSlices',
      `Error updating Endpoint Slices for Service ${keyOf(service)}: ${(error as Error).message}`,
    );
    throw error;
  }
}

function* write(slice: Stored<EndpointSlice>, { api }: ControllerContext): Process<Stored<EndpointSlice>> {
  return yield* api.endpointslices.update(slice);
}

function* drop(slice: Stored<EndpointSlice>, { api }: ControllerContext): Process {
  const { namespace, name } = splitKey(keyOf(slice));
  try {
    yield* api.endpointslices.delete({ namespace, name });
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}
