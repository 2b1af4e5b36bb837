import {
  type ContainerPort,
  type Endpoint,
  type EndpointPort,
  isPodReady,
  isTerminal,
  type Node,
  nodeLabels,
  type Pod,
  type Service,
  type ServicePort,
} from '@slipway/kube';

// What a Service's pods amount to. Source: `staging/src/k8s.io/endpointslice/{utils,reconciler}.go`.

/** Endpoints that listen on the same ports: they share slices. */
export interface PortGroup {
  readonly ports: readonly EndpointPort[];
  readonly endpoints: readonly Endpoint[];
}

/** What pods amount to, and the nodes that are not known (yet) and whose pods are left out for that. */
export interface Grouping {
  readonly groups: readonly PortGroup[];
  readonly unknownNodes: readonly string[];
}

/** Groups the pods of a Service by the ports that its target ports resolve to on them. In the order of `pods`. */
export function portGroups(service: Service, pods: readonly Pod[], nodeOf: (name: string) => Node | undefined): Grouping {
  const groups = new Map<string, { ports: readonly EndpointPort[]; endpoints: Endpoint[] }>();
  const unknownNodes = new Set<string>();
  for (const pod of pods) {
    const { nodeName } = pod.spec;
    if (!pod.status?.podIP || isTerminal(pod) || !nodeName) continue;
    const node = nodeOf(nodeName);
    if (!node && service.spec.publishNotReadyAddresses !== true) {
      unknownNodes.add(nodeName);
      continue;
    }
    const endpoint = endpointOf(service, pod, pod.status.podIP, node);
    const ports = portsOf(service, pod);
    const key = portsKey(ports);
    const group = groups.get(key);
    if (group) group.endpoints.push(endpoint);
    else groups.set(key, { ports, endpoints: [endpoint] });
  }
  return { groups: [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group), unknownNodes: [...unknownNodes] };
}

export function portsKey(ports: readonly EndpointPort[]): string {
  return ports
    .map(({ name = '', protocol = 'TCP', port = 0 }) => `${name}/${protocol}/${port}`)
    .sort()
    .join(',');
}

function endpointOf(service: Service, pod: Pod, address: string, node: Node | undefined): Endpoint {
  const { nodeName, hostname, subdomain } = pod.spec;
  const publish = service.spec.publishNotReadyAddresses === true;
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const zone = node?.metadata.labels?.[nodeLabels.zone];
  const { namespace = 'default', name, uid = '' } = pod.metadata;
  return {
    addresses: [address],
    conditions: { ready: publish || (serving && !terminating), serving, terminating },
    ...(hostname !== undefined && subdomain === service.metadata.name ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  };
}

function portsOf(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = [];
  for (const port of service.spec.ports ?? []) {
    const number = targetPort(port, pod);
    // A name that no container of the pod has: this port is not served by it.
    if (number === undefined) continue;
    const { appProtocol } = port;
    ports.push({
      name: port.name ?? '',
      protocol: port.protocol ?? 'TCP',
      port: number,
      ...(appProtocol === undefined ? {} : { appProtocol }),
    });
  }
  return ports;
}

function targetPort({ port, targetPort: target, protocol = 'TCP' }: ServicePort, pod: Pod): number | undefined {
  if (target === undefined || target === 0 || target === '') return port;
  if (typeof target === 'number') return target;
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')];
  const named = (candidate: ContainerPort): boolean => candidate.name === target && (candidate.protocol ?? 'TCP') === protocol;
  return containers.flatMap(({ ports = [] }) => ports).find(named)?.containerPort;
}
