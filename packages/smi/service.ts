import { seconds, service } from '@slipway/kernel';
import type { ObjectMeta, Pod } from '@slipway/kube';
import type { Mesh } from './contract.ts';
import type { ServicePortRef } from './messages.ts';
import { rules } from './rules.ts';

const nameOf = ({ name, generateName }: ObjectMeta): string => name || `${generateName ?? ''}*`;
const keyOfPod = ({ metadata }: Pod): string => `${metadata.namespace ?? 'default'}/${nameOf(metadata)}`;
const keyOfService = ({ namespace, service: name }: ServicePortRef): string => `${namespace}/${name}`;
const shown = ({ service: name, port }: ServicePortRef): string => `${name}:${port}`;

/**
 * The link's half of the contract. An admission webhook is given 10 s, the default of its `timeoutSeconds`. No list of codes: SMI has no
 * call and so no errors, and what a method throws is the implementation's own.
 */
export const mesh = service<Mesh>(
  'smi.Mesh',
  { interface: 'smi', deadline: seconds(10) },
  {
    inject: {
      guard: { rules: rules.inject },
      summary({ pod }, response) {
        if (!response) return [nameOf(pod.metadata)];
        return [
          nameOf(pod.metadata),
          response.pod ? response.pod.spec.containers.length + (response.pod.spec.initContainers?.length ?? 0) : 0,
        ];
      },
      subject: ({ pod, namespace }) => `${namespace.metadata.name}/${nameOf(pod.metadata)}`,
      source: 'Kubernetes, "Dynamic Admission Control"',
    },
    identity: {
      guard: { rules: rules.identity },
      summary: (_request, response) => (response ? [response.identity?.name ?? ''] : []),
      subject: ({ pod }) => keyOfPod(pod),
      source: 'Traffic Access Control: TrafficTarget',
    },
    route: {
      guard: { rules: rules.route },
      summary: ({ to }, response) => (response ? [shown(to), shown(response.to), response.split ?? ''] : [shown(to)]),
      subject: ({ to }) => keyOfService(to),
      source: 'Traffic Split: Specification',
    },
    authorise: {
      guard: { rules: rules.authorise },
      summary({ source, port }, response) {
        const asked = [source?.name ?? '', port];
        return response ? [...asked, response.allowed, response.target ?? ''] : asked;
      },
      subject: ({ destination }) => keyOfPod(destination),
      source: 'Traffic Access Control: Specification',
    },
    observe: {
      guard: { rules: rules.observe },
      summary: ({ to, success, latency }) => [shown(to), success, latency],
      subject: ({ destination, to }) => (destination ? keyOfPod(destination) : keyOfService(to)),
      source: 'Traffic Metrics: TrafficMetrics',
    },
    metrics: {
      guard: { rules: rules.metrics },
      summary: ({ resource, edges }, response) => [resource.kind ?? '', edges === true, ...(response ? [response.items.length] : [])],
      subject: ({ resource }) =>
        resource.name ? (resource.namespace ? `${resource.namespace}/${resource.name}` : resource.name) : undefined,
      optional: true,
      source: 'Traffic Metrics: TrafficMetrics',
    },
  },
);
