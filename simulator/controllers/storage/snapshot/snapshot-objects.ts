import type { JsonValue, KubeObject, Stored } from '@slipway/kube';

// The objects of `snapshot.storage.k8s.io/v1`: custom resources, which a cluster has once somebody has installed their definitions.
// Source: kubernetes-csi/external-snapshotter client/apis/volumesnapshot/v1/types.go, pkg/utils/util.go.

export const SNAPSHOT_GROUP = 'snapshot.storage.k8s.io';
export const SNAPSHOTS = `volumesnapshots.${SNAPSHOT_GROUP}`;
export const SNAPSHOT_CONTENTS = `volumesnapshotcontents.${SNAPSHOT_GROUP}`;
export const SNAPSHOT_CLASSES = `volumesnapshotclasses.${SNAPSHOT_GROUP}`;

const PREFIX = 'snapshot.storage.kubernetes.io';

export const snapshotFinalizers = {
  /** On a claim that a snapshot is being taken of. */
  claim: `${PREFIX}/pvc-as-source-protection`,
  /** On a snapshot that a volume may be being made from. */
  source: `${PREFIX}/volumesnapshot-as-source-protection`,
  /** On a snapshot that has a content. */
  bound: `${PREFIX}/volumesnapshot-bound-protection`,
  content: `${PREFIX}/volumesnapshotcontent-bound-protection`,
} as const;

export const snapshotAnnotations = {
  /** On a content while the driver may be at work: it is not forgotten before the driver has answered. */
  beingCreated: `${PREFIX}/volumesnapshot-being-created`,
  /** On a content whose snapshot goes: what it stands for may go too. */
  beingDeleted: `${PREFIX}/volumesnapshot-being-deleted`,
  defaultClass: `${PREFIX}/is-default-class`,
  deletionSecretName: `${PREFIX}/deletion-secret-name`,
  deletionSecretNamespace: `${PREFIX}/deletion-secret-namespace`,
} as const;

export type DeletionPolicy = 'Delete' | 'Retain';

export interface SnapshotError {
  readonly time?: string;
  readonly message?: string;
}

/** What a user asks for: a copy of a claim's volume, or the use of a content that is there. */
export interface VolumeSnapshot extends KubeObject {
  readonly spec: {
    readonly source: { readonly persistentVolumeClaimName?: string; readonly volumeSnapshotContentName?: string };
    readonly volumeSnapshotClassName?: string;
  };
  readonly status?: {
    readonly boundVolumeSnapshotContentName?: string;
    readonly creationTime?: string;
    readonly readyToUse?: boolean;
    readonly restoreSize?: string;
    readonly error?: SnapshotError;
  };
}

/** What there is at a driver. */
export interface VolumeSnapshotContent extends KubeObject {
  readonly spec: {
    readonly volumeSnapshotRef: {
      readonly apiVersion?: string;
      readonly kind?: string;
      readonly name: string;
      readonly namespace: string;
      readonly uid?: string;
    };
    readonly deletionPolicy: DeletionPolicy;
    readonly driver: string;
    readonly volumeSnapshotClassName?: string;
    readonly source: { readonly volumeHandle?: string; readonly snapshotHandle?: string };
    readonly sourceVolumeMode?: string;
  };
  readonly status?: {
    readonly snapshotHandle?: string;
    /** Nanoseconds since the epoch, as near as a number comes. */
    readonly creationTime?: number;
    /** Bytes. */
    readonly restoreSize?: number;
    readonly readyToUse?: boolean;
    readonly error?: SnapshotError;
  };
}

export interface VolumeSnapshotClass extends KubeObject {
  readonly driver: string;
  readonly deletionPolicy: DeletionPolicy;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** The content of a snapshot that is taken anew. */
export const contentNameFor = ({ metadata }: Stored<VolumeSnapshot>): string => `snapcontent-${metadata.uid}`;

export const hasFinalizer = ({ metadata }: KubeObject, finalizer: string): boolean => metadata.finalizers?.includes(finalizer) ?? false;

export const isBeingDeleted = ({ metadata }: KubeObject): boolean => metadata.deletionTimestamp !== undefined;

/** Whether a content is there for this very snapshot, and not for one that had the name before. */
export function standsFor({ spec }: VolumeSnapshotContent, { metadata }: Stored<VolumeSnapshot>): boolean {
  const { name, namespace, uid } = spec.volumeSnapshotRef;
  return name === metadata.name && namespace === metadata.namespace && (uid === metadata.uid || (uid ?? '') === '');
}

/** For a patch of `metadata`. */
export const withAnnotation = (name: string, value: string | null): { readonly metadata: JsonValue } => ({
  metadata: { annotations: { [name]: value } },
});

const SECRET = 'csi.storage.k8s.io/snapshotter-secret-';

/** The secret that a class names for its driver; parts of the snapshot's name may be in it. */
export function secretOf(
  { parameters = {} }: VolumeSnapshotClass,
  contentName: string,
  snapshot: { readonly name: string; readonly namespace: string },
): { readonly name: string; readonly namespace: string } | undefined {
  const [name, namespace] = [parameters[`${SECRET}name`], parameters[`${SECRET}namespace`]];
  if (name === undefined || namespace === undefined) return undefined;
  const filled = (text: string): string =>
    text
      .replaceAll('${volumesnapshotcontent.name}', contentName)
      .replaceAll('${volumesnapshot.namespace}', snapshot.namespace)
      .replaceAll('${volumesnapshot.name}', snapshot.name);
  return { name: filled(name), namespace: filled(namespace) };
}
