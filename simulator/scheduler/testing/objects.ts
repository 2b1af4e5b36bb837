import type { Node, Pod, PodSpec } from '@slipway/kube';

// Small objects for the tests of this folder.

export interface NodeParts {
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly spec?: Node['spec'];
  readonly images?: NonNullable<Node['status']>['images'];
  readonly resources?: { readonly [name: string]: string };
}

export function makeNode(name: string, parts: NodeParts = {}): Node {
  const { cpu = '4', memory = '8Gi', pods = '110', labels = {}, spec = {}, images, resources = {} } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec,
    status: { allocatable: { cpu, memory, pods, ...resources }, ...(images && { images }) },
  };
}

export interface PodParts {
  readonly cpu?: string;
  readonly memory?: string;
  readonly requests?: { readonly [name: string]: string };
  readonly priority?: number;
  readonly labels?: { readonly [key: string]: string };
  readonly namespace?: string;
  readonly hostPort?: number;
  readonly spec?: Partial<PodSpec>;
}

export function makePod(name: string, parts: PodParts = {}): Pod {
  const { cpu, memory, requests, priority, labels = {}, namespace = 'default', hostPort, spec = {} } = parts;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: `uid-${namespace}-${name}`, labels },
    spec: {
      containers: [
        {
          name: 'main',
          image: 'app:1',
          resources: { requests: { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }), ...requests } },
          ...(hostPort !== undefined && { ports: [{ containerPort: 80, hostPort }] }),
        },
      ],
      ...(priority !== undefined && { priority }),
      ...spec,
    },
  };
}

/** The pod as bound to a node. */
export const onNode = (pod: Pod, nodeName: string): Pod => ({ ...pod, spec: { ...pod.spec, nodeName } });
