import type { ContainerStatus, Namespace, Pod, Service, Stored } from '@slipway/kube';
import type {
  HttpMatch,
  HTTPRouteGroup,
  IdentityReference,
  TCPRoute,
  TrafficSplit,
  TrafficSplitMatch,
  TrafficTarget,
  TrafficTargetRule,
} from '../types/index.ts';

// The objects that the cases are made of, in SMI's newest versions.

const CREATED = '2026-01-01T00:00:00Z';

export const namespace = (name: string): Stored<Namespace> => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, uid: `uid-${name}`, resourceVersion: '1', creationTimestamp: CREATED, labels: { 'kubernetes.io/metadata.name': name } },
});

export const service = (home: string, name: string, ...ports: readonly number[]): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: home },
  spec: { selector: { app: name }, ports: ports.map((port) => ({ name: `port-${port}`, port, protocol: 'TCP', targetPort: port })) },
});

export const split = (
  home: string,
  name: string,
  root: string,
  weights: Readonly<Record<string, number>>,
  groups: readonly string[] = [],
): TrafficSplit => {
  const matches = groups.map((group): TrafficSplitMatch => ({ kind: 'HTTPRouteGroup', name: group }));
  return {
    apiVersion: 'split.smi-spec.io/v1alpha4',
    kind: 'TrafficSplit',
    metadata: { name, namespace: home },
    spec: {
      service: root,
      backends: Object.entries(weights).map(([backend, weight]) => ({ service: backend, weight })),
      ...(matches.length === 0 ? {} : { matches }),
    },
  };
};

export const routeGroup = (home: string, name: string, ...matches: readonly HttpMatch[]): HTTPRouteGroup => ({
  apiVersion: 'specs.smi-spec.io/v1alpha4',
  kind: 'HTTPRouteGroup',
  metadata: { name, namespace: home },
  spec: { matches },
});

export const tcpRoute = (home: string, name: string, ...ports: readonly number[]): TCPRoute => ({
  apiVersion: 'specs.smi-spec.io/v1alpha4',
  kind: 'TCPRoute',
  metadata: { name, namespace: home },
  spec: { matches: { ports } },
});

export const account = (home: string, name: string): IdentityReference => ({ kind: 'ServiceAccount', name, namespace: home });

export const rule = (kind: TrafficTargetRule['kind'], name: string, ...matches: readonly string[]): TrafficTargetRule => ({
  kind,
  name,
  ...(matches.length === 0 ? {} : { matches }),
});

export const target = (
  home: string,
  name: string,
  destination: IdentityReference,
  sources: readonly IdentityReference[],
  rules: readonly TrafficTargetRule[],
): TrafficTarget => ({
  apiVersion: 'access.smi-spec.io/v1alpha3',
  kind: 'TrafficTarget',
  metadata: { name, namespace: home },
  spec: { destination, sources, rules },
});

/** A pod as its author writes it, defaults filled in. */
export function pod(home: string, name: string, serviceAccount: string | undefined, metadata: Partial<Pod['metadata']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name,
      namespace: home,
      labels: { app: name, ...metadata.labels },
      annotations: { note: 'kept', ...metadata.annotations },
    },
    spec: {
      initContainers: [{ name: 'prepare', image: 'busybox:1.36', command: ['true'] }],
      containers: [
        { name: 'main', image: 'nginx:1.27', ports: [{ containerPort: 8080, protocol: 'TCP' }], env: [{ name: 'MODE', value: 'plain' }] },
        { name: 'helper', image: 'busybox:1.36' },
      ],
      volumes: [{ name: 'scratch', emptyDir: {} }],
      nodeSelector: { disk: 'ssd' },
      ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
    },
  };
}

/** The pod as it is stored while all of it runs and is ready. */
export function running(sent: Pod, uid: string): Stored<Pod> {
  const status = (name: string, lasts: boolean): ContainerStatus => ({
    name,
    ready: true,
    started: lasts,
    restartCount: 0,
    image: '',
    imageID: '',
    state: lasts ? { running: { startedAt: CREATED } } : { terminated: { exitCode: 0, reason: 'Completed', finishedAt: CREATED } },
  });
  const { initContainers = [], containers } = sent.spec;
  return {
    ...sent,
    metadata: { ...sent.metadata, uid, resourceVersion: '1', creationTimestamp: CREATED },
    spec: { ...sent.spec, nodeName: 'node-1' },
    status: {
      phase: 'Running',
      podIP: '10.244.0.7',
      conditions: [{ type: 'Ready', status: 'True' }],
      initContainerStatuses: initContainers.map(({ name, restartPolicy }) => status(name, restartPolicy === 'Always')),
      containerStatuses: containers.map(({ name }) => status(name, true)),
    },
  };
}
