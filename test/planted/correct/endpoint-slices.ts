import { type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf, type Process } from '@slipway/kernel';
import { controllerReference, type EndpointSlice, isPodReady, type Pod, type Service, type Stored } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';

type Endpoint = EndpointSlice['endpoints'][number];

/** A controller of EndpointSlices as a visitor writes it: one slice for each Service, with an endpoint for each pod that it selects. */
export class EndpointSlices {
  get definition(): ControllerDefinition {
    return defineController({
      name: 'endpointslice-controller',
      watches: [
        watch('services', { indexers: { namespace: ({ metadata }) => [metadata.namespace ?? ''] } }),
        watch('pods', {
          indexers: { namespace: ({ metadata }) => [metadata.namespace ?? ''] },
          keys: (pod, { context, event }) => this.servicesOf(pod, context, event),
        }),
        watch('endpointslices', {
          keys: ({ metadata }) => [`${metadata.namespace}/${metadata.labels?.['kubernetes.io/service-name'] ?? ''}`],
        }),
      ],
      reconcile: (key, context) => this.reconcile(key, context),
    });
  }

  /** Services that a change of the pod concerns. */
  servicesOf({ metadata }: Stored<Pod>, { informers }: ControllerContext, _event: 'ADDED' | 'MODIFIED' | 'DELETED'): readonly string[] {
    return informers
      .get('services')
      .byIndex('namespace', metadata.namespace ?? '')
      .map(({ metadata: { namespace, name } }) => `${namespace}/${name}`);
  }

  endpointsOf({ spec, metadata }: Stored<Service>, { informers }: ControllerContext): readonly Endpoint[] {
    const wanted = Object.entries(spec.selector ?? {});
    return informers
      .get('pods')
      .byIndex('namespace', metadata.namespace ?? '')
      .filter((pod) => wanted.every(([label, value]) => pod.metadata.labels?.[label] === value))
      .filter(({ status }) => status?.podIP !== undefined && status.phase !== 'Succeeded' && status.phase !== 'Failed')
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .map((pod) => endpointOf(pod));
  }

  *reconcile(key: string, context: ControllerContext): Process {
    const { api, informers } = context;
    const service = informers.get('services').get(key);
    if (!service?.spec.selector || service.metadata.deletionTimestamp !== undefined) return;
    const { namespace = 'default', name } = service.metadata;
    const endpoints = [...this.endpointsOf(service, context)];
    const there = informers.get('endpointslices').get(`${namespace}/${name}-own`);
    if (there?.metadata.ownerReferences?.[0]?.uid === service.metadata.uid && JSON.stringify(there.endpoints) === JSON.stringify(endpoints))
      return;
    const slice: EndpointSlice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${name}-own`,
        namespace,
        labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' },
        ownerReferences: [controllerReference(service)],
      },
      addressType: 'IPv4',
      endpoints,
      ports: (service.spec.ports ?? []).map(({ name: portName = '', port, protocol = 'TCP' }) => ({ name: portName, port, protocol })),
    };
    try {
      if (there) yield* api.endpointslices.update({ ...there, ...slice, metadata: { ...there.metadata, ...slice.metadata } });
      else yield* api.endpointslices.create(slice);
    } catch (error) {
      // The cache is behind: it will show, and then this is looked at again.
      if (codeOf(error) !== 'AlreadyExists' && codeOf(error) !== 'Conflict') throw error;
    }
  }
}

function endpointOf(pod: Stored<Pod>): Endpoint {
  const { name, namespace = 'default', uid, deletionTimestamp } = pod.metadata;
  const serving = isPodReady(pod);
  return {
    addresses: [pod.status?.podIP ?? ''],
    conditions: { ready: serving && deletionTimestamp === undefined, serving, terminating: deletionTimestamp !== undefined },
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
  };
}

export default definePlugin({ interface: 'controller', name: 'endpointslice-controller', create: () => new EndpointSlices().definition });
