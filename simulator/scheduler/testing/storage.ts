import type {
  CSINode,
  CSIStorageCapacity,
  KubeObject,
  PersistentVolume,
  PersistentVolumeClaim,
  PodSpec,
  StorageClass,
  Stored,
  VolumeAttachment,
} from '@slipway/kube';
import { classOf } from '../volumes/binding-facts.ts';
import type { VolumeView } from '../volumes/volume-view.ts';

// Small objects of storage for the tests of this folder.

export const DRIVER = 'disk.example.com';

export function makeClaim(
  name: string,
  parts: Partial<PersistentVolumeClaim['spec']> & { readonly size?: string } = {},
): PersistentVolumeClaim {
  const { size = '1Gi', ...spec } = parts;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, storageClassName: 'late', ...spec },
  };
}

/** The claim as the binder leaves it. */
export function boundClaim(name: string, volumeName: string): PersistentVolumeClaim {
  const claim = makeClaim(name, { volumeName });
  return {
    ...claim,
    metadata: { ...claim.metadata, annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
    status: { phase: 'Bound' },
  };
}

export function makeVolume(
  name: string,
  parts: Partial<PersistentVolume['spec']> & {
    readonly size?: string;
    readonly zone?: string;
    readonly labels?: { readonly [key: string]: string };
    readonly handle?: string;
  } = {},
): PersistentVolume {
  const { size = '1Gi', zone, labels, handle = `handle-${name}`, ...spec } = parts;
  const expression = { key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone ?? ''] } as const;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, ...(labels && { labels }) },
    spec: {
      capacity: { storage: size },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'late',
      csi: { driver: DRIVER, volumeHandle: handle },
      ...(zone !== undefined && { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } } }),
      ...spec,
    },
    status: { phase: spec.claimRef ? 'Bound' : 'Available' },
  };
}

export function makeClass(name: string, parts: Partial<StorageClass> = {}): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: DRIVER,
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Delete',
    ...parts,
  };
}

export function makeCsiNode(name: string, count?: number): CSINode {
  const driver = { name: DRIVER, nodeID: name, topologyKeys: [], ...(count !== undefined && { allocatable: { count } }) };
  return { apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name }, spec: { drivers: [driver] } };
}

export function makeAttachment(name: string, nodeName: string, persistentVolumeName: string): VolumeAttachment {
  const spec = { attacher: DRIVER, nodeName, source: { persistentVolumeName } };
  return { apiVersion: 'storage.k8s.io/v1', kind: 'VolumeAttachment', metadata: { name }, spec, status: { attached: true } };
}

export function makeCapacity(name: string, zone: string, capacity: string, maximumVolumeSize?: string): CSIStorageCapacity {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIStorageCapacity',
    metadata: { name, namespace: 'default' },
    storageClassName: 'late',
    nodeTopology: { matchLabels: { 'topology.kubernetes.io/zone': zone } },
    capacity,
    ...(maximumVolumeSize !== undefined && { maximumVolumeSize }),
  };
}

/** For `makePod`: volumes that use these claims. */
export const using = (...claims: readonly string[]): { readonly spec: Partial<PodSpec> } => ({
  spec: { volumes: claims.map((claimName) => ({ name: `v-${claimName}`, persistentVolumeClaim: { claimName } })) },
});

/** Storage that stands still: a list of objects, walked for each question. */
export function viewOf(objects: readonly KubeObject[]): VolumeView {
  const all = <T extends KubeObject>(kind: string): readonly Stored<T>[] =>
    objects
      .filter((object) => object.kind === kind)
      .map(({ metadata, ...rest }) => ({
        ...rest,
        metadata: { uid: `uid-${metadata.name}`, resourceVersion: '1', ...metadata },
      })) as readonly unknown[] as readonly Stored<T>[];
  const named = <T extends KubeObject>(kind: string, name: string): Stored<T> | undefined =>
    all<T>(kind).find(({ metadata }) => metadata.name === name);
  return {
    claim: (key) => named('PersistentVolumeClaim', key.slice(key.indexOf('/') + 1)),
    volume: (name) => named('PersistentVolume', name),
    candidates: (className) => all<PersistentVolume>('PersistentVolume').filter((volume) => classOf(volume) === className),
    storageClass: (name) => named('StorageClass', name),
    csiDriver: (name) => named('CSIDriver', name),
    csiNode: (name) => named('CSINode', name),
    capacities: (className) =>
      all<CSIStorageCapacity>('CSIStorageCapacity').filter(({ storageClassName }) => storageClassName === className),
    attachments: (nodeName) => all<VolumeAttachment>('VolumeAttachment').filter(({ spec }) => spec.nodeName === nodeName),
  };
}
