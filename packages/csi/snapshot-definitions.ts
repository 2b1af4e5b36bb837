import type { CustomResourceDefinition, JsonValue } from '@slipway/kube';

// Definitions of the kinds of snapshots, which are no part of Kubernetes: who wants them installs them, with the snapshot-controller.
// Source: kubernetes-csi/external-snapshotter client/config/crd/.

const GROUP = 'snapshot.storage.k8s.io';

type Schema = { readonly [key: string]: JsonValue };
type Column = readonly [name: string, type: string, jsonPath: string];

const text: Schema = { type: 'string' };
const deletionPolicy: Schema = { type: 'string', enum: ['Delete', 'Retain'] };
const problem: Schema = { type: 'object', properties: { time: { type: 'string', format: 'date-time' }, message: text } };

/** Exactly one of them. */
const oneOf = (...names: readonly string[]): Schema => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, text])),
  oneOf: names.map((name) => ({ required: [name] })),
});

interface Definition {
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly columns: readonly Column[];
  readonly properties: Schema;
  readonly required: readonly string[];
  readonly hasStatus: boolean;
}

function define({ kind, shortNames, namespaced, columns, properties, required, hasStatus }: Definition): CustomResourceDefinition {
  const singular = kind.toLowerCase();
  const plural = singular.endsWith('s') ? `${singular}es` : `${singular}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: namespaced ? 'Namespaced' : 'Cluster',
      names: { kind, plural, singular, listKind: `${kind}List`, shortNames },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', required: [...required], properties } },
          ...(hasStatus ? { subresources: { status: {} } } : {}),
          additionalPrinterColumns: columns.map(([name, type, jsonPath]) => ({ name, type, jsonPath })),
        },
      ],
    },
  };
}

/** VolumeSnapshotClass, VolumeSnapshot and VolumeSnapshotContent. */
export const snapshotDefinitions: readonly CustomResourceDefinition[] = [
  define({
    kind: 'VolumeSnapshotClass',
    shortNames: ['vsclass', 'vsclasses'],
    namespaced: false,
    columns: [
      ['Driver', 'string', '.driver'],
      ['DeletionPolicy', 'string', '.deletionPolicy'],
      ['Age', 'date', '.metadata.creationTimestamp'],
    ],
    properties: { driver: text, deletionPolicy, parameters: { type: 'object', additionalProperties: text } },
    required: ['driver', 'deletionPolicy'],
    hasStatus: false,
  }),
  define({
    kind: 'VolumeSnapshot',
    shortNames: ['vs'],
    namespaced: true,
    columns: [
      ['ReadyToUse', 'boolean', '.status.readyToUse'],
      ['SourcePVC', 'string', '.spec.source.persistentVolumeClaimName'],
      ['SourceSnapshotContent', 'string', '.spec.source.volumeSnapshotContentName'],
      ['RestoreSize', 'string', '.status.restoreSize'],
      ['SnapshotClass', 'string', '.spec.volumeSnapshotClassName'],
      ['SnapshotContent', 'string', '.status.boundVolumeSnapshotContentName'],
      ['CreationTime', 'date', '.status.creationTime'],
      ['Age', 'date', '.metadata.creationTimestamp'],
    ],
    properties: {
      spec: {
        type: 'object',
        required: ['source'],
        properties: {
          source: oneOf('persistentVolumeClaimName', 'volumeSnapshotContentName'),
          volumeSnapshotClassName: text,
        },
      },
      status: {
        type: 'object',
        properties: {
          boundVolumeSnapshotContentName: text,
          creationTime: { type: 'string', format: 'date-time' },
          readyToUse: { type: 'boolean' },
          restoreSize: { 'x-kubernetes-int-or-string': true },
          error: problem,
          volumeGroupSnapshotName: text,
        },
      },
    },
    required: ['spec'],
    hasStatus: true,
  }),
  define({
    kind: 'VolumeSnapshotContent',
    shortNames: ['vsc', 'vscs'],
    namespaced: false,
    columns: [
      ['ReadyToUse', 'boolean', '.status.readyToUse'],
      ['RestoreSize', 'integer', '.status.restoreSize'],
      ['DeletionPolicy', 'string', '.spec.deletionPolicy'],
      ['Driver', 'string', '.spec.driver'],
      ['VolumeSnapshotClass', 'string', '.spec.volumeSnapshotClassName'],
      ['VolumeSnapshot', 'string', '.spec.volumeSnapshotRef.name'],
      ['VolumeSnapshotNamespace', 'string', '.spec.volumeSnapshotRef.namespace'],
      ['Age', 'date', '.metadata.creationTimestamp'],
    ],
    properties: {
      spec: {
        type: 'object',
        required: ['deletionPolicy', 'driver', 'source', 'volumeSnapshotRef'],
        properties: {
          deletionPolicy,
          driver: text,
          source: oneOf('volumeHandle', 'snapshotHandle'),
          sourceVolumeMode: text,
          volumeSnapshotClassName: text,
          volumeSnapshotRef: {
            type: 'object',
            properties: Object.fromEntries(
              ['apiVersion', 'fieldPath', 'kind', 'name', 'namespace', 'resourceVersion', 'uid'].map((name) => [name, text]),
            ),
          },
        },
      },
      status: {
        type: 'object',
        properties: {
          snapshotHandle: text,
          creationTime: { type: 'integer', format: 'int64' },
          restoreSize: { type: 'integer', format: 'int64', minimum: 0 },
          readyToUse: { type: 'boolean' },
          error: problem,
          volumeGroupSnapshotHandle: text,
        },
      },
    },
    required: ['spec'],
    hasStatus: true,
  }),
];
