import type { ControllerContext } from '@slipway/client';
import type { VolumeContentSource } from '@slipway/csi';
import { codeOf, messageOf, type Process } from '@slipway/kernel';
import { bytes, type GenericObject, type PersistentVolumeClaim, type StorageClass, type Stored } from '@slipway/kube';
import type { DriverInfo } from '../driver-info.ts';
import { NotOurs, ProvisionFailure } from './provision-failure.ts';

// What a new volume is filled from. Source: external-provisioner `pkg/controller/controller.go`, getPVCSource, getSnapshotSource.

const SNAPSHOT_GROUP = 'snapshot.storage.k8s.io';
/** On a claim that is being copied: it stays until the copy is there. */
export const CLONE_FINALIZER = 'provisioner.storage.kubernetes.io/cloning-protection';

interface DataSource {
  readonly kind: string;
  readonly name: string;
  readonly group: string;
}

/** The object that a claim is to be filled from; undefined for an empty volume. */
export function dataSourceOf({ spec }: PersistentVolumeClaim): DataSource | undefined {
  const source = spec.dataSource ?? spec.dataSourceRef;
  return source && { kind: source.kind, name: source.name, group: source.apiGroup ?? '' };
}

/** Index of claims: keys of the claims that they copy. */
export function cloneSourceOf(claim: PersistentVolumeClaim): readonly string[] {
  const source = dataSourceOf(claim);
  return source?.kind === 'PersistentVolumeClaim' ? [`${claim.metadata.namespace}/${source.name}`] : [];
}

/**
 * The source as the driver knows it.
 *
 * @throws ProvisionFailure, NotOurs (a populator of its own will fill the volume), ApiError
 */
export function* contentSource(
  claim: Stored<PersistentVolumeClaim>,
  storageClass: StorageClass,
  info: DriverInfo,
  context: ControllerContext,
): Process<VolumeContentSource | undefined> {
  const source = dataSourceOf(claim);
  if (!source) return undefined;
  if (source.kind === 'PersistentVolumeClaim') {
    require(info, 'CLONE_VOLUME', 'clone operations');
    return yield* about(source, cloneSource(claim, source, storageClass, context));
  }
  if (source.kind === 'VolumeSnapshot') {
    if (source.group !== SNAPSHOT_GROUP)
      throw new ProvisionFailure(
        `the PVC source does not belong to the right APIGroup. Expected ${SNAPSHOT_GROUP}, Got ${source.group}`,
        'finished',
      );
    require(info, 'CREATE_DELETE_SNAPSHOT', 'snapshot restore');
    return yield* about(source, snapshotSource(claim, source, storageClass, context));
  }
  context.events.normal(claim, 'Provisioning', 'Assuming an external populator will provision the volume');
  throw new NotOurs(`data source (${source.kind}) is not handled by the provisioner, assuming an external populator will provision it`);
}

function require(info: DriverInfo, capability: 'CLONE_VOLUME' | 'CREATE_DELETE_SNAPSHOT', what: string): void {
  if (info.controller.has(capability)) return;
  throw new ProvisionFailure(`CSI driver does not support ${what}: controller ${capability} capability is not reported`, 'finished');
}

function* about<T>({ kind, name }: DataSource, work: Process<T>): Process<T> {
  try {
    return yield* work;
  } catch (error) {
    if (codeOf(error) === 'UNKNOWN') throw error;
    throw new ProvisionFailure(`error getting handle for DataSource Type ${kind} by Name ${name}: ${messageOf(error)}`, 'no-change');
  }
}

const refuse = (message: string): ProvisionFailure => new ProvisionFailure(message, 'no-change');
const sizeOf = ({ spec }: PersistentVolumeClaim): number => bytes(spec.resources?.requests?.['storage'] ?? '0');

function* cloneSource(
  claim: Stored<PersistentVolumeClaim>,
  { name }: DataSource,
  storageClass: StorageClass,
  { api, informers }: ControllerContext,
): Process<VolumeContentSource> {
  const { namespace = '' } = claim.metadata;
  const source = informers.get('persistentvolumeclaims').get(`${namespace}/${name}`);
  if (!source)
    throw refuse(
      `error getting PVC ${name} (namespace ${JSON.stringify(namespace)}) from api server: persistentvolumeclaim ${JSON.stringify(name)} not found`,
    );
  if (source.status?.phase !== 'Bound')
    throw refuse(`the PVC DataSource ${name} must have a status of Bound.  Got ${source.status?.phase ?? ''}`);
  if (source.metadata.deletionTimestamp !== undefined) throw refuse(`the PVC DataSource ${name} is currently being deleted`);
  if (sizeOf(claim) < sizeOf(source))
    throw refuse(
      `error, new PVC request must be greater than or equal in size to the specified PVC data source, requested ${sizeOf(claim)} but source is ${sizeOf(source)}`,
    );
  if ((source.spec.volumeName ?? '') === '') throw refuse(`volume name is empty in source PVC ${name}`);
  const volume = yield* api.persistentvolumes.get({ name: source.spec.volumeName ?? '' });
  const { csi, claimRef, volumeMode = 'Filesystem' } = volume.spec;
  if (!csi || csi.driver !== storageClass.provisioner || claimRef?.uid !== source.metadata.uid || volume.status?.phase !== 'Bound')
    throw refuse('claim in dataSource not bound or invalid');
  const wanted = claim.spec.volumeMode ?? 'Filesystem';
  if (wanted !== volumeMode)
    throw refuse(
      `the source PVC and destination PVCs must have the same volume mode for cloning.  Source is ${volumeMode}, but new PVC requested ${wanted}`,
    );
  const held = source.metadata.finalizers ?? [];
  if (!held.includes(CLONE_FINALIZER))
    yield* api.persistentvolumeclaims.update({ ...source, metadata: { ...source.metadata, finalizers: [...held, CLONE_FINALIZER] } });
  return { volume: { volumeId: csi.volumeHandle } };
}

/** Fields of the snapshot objects that count here. They are custom resources: without their definitions the server knows none. */
interface Snapshot extends GenericObject {
  readonly status: { readonly boundVolumeSnapshotContentName?: string; readonly readyToUse?: boolean; readonly restoreSize?: string };
}
interface SnapshotContent extends GenericObject {
  readonly spec: { readonly driver: string; readonly volumeSnapshotRef: { readonly uid?: string } };
  readonly status: { readonly snapshotHandle?: string };
}

function* snapshotSource(
  claim: Stored<PersistentVolumeClaim>,
  { name }: DataSource,
  storageClass: StorageClass,
  { api }: ControllerContext,
): Process<VolumeContentSource> {
  const { namespace = '' } = claim.metadata;
  const snapshot = yield* named(
    api.resource<Snapshot>(`volumesnapshots.${SNAPSHOT_GROUP}`).get({ namespace, name }),
    (why) => `error getting snapshot ${name} from api server: ${why}`,
  );
  if (snapshot.metadata.deletionTimestamp !== undefined) throw refuse(`snapshot ${name} is being deleted`);
  const contentName = snapshot.status?.boundVolumeSnapshotContentName;
  if (contentName === undefined) throw refuse(`snapshot ${name} not bound`);
  const content = yield* named(
    api.resource<SnapshotContent>(`volumesnapshotcontents.${SNAPSHOT_GROUP}`).get({ name: contentName }),
    () => `error getting snapshotcontent ${contentName} for snapshot ${name}`,
  );
  if (content.spec.volumeSnapshotRef.uid !== snapshot.metadata.uid)
    throw refuse(`snapshotcontent ${contentName} for snapshot ${name} is bound to a different snapshot`);
  if (content.spec.driver !== storageClass.provisioner)
    throw refuse(
      `snapshotcontent ${contentName} for snapshot ${name} is not handled by CSI driver of StorageClass ${storageClass.metadata.name}`,
    );
  if (snapshot.status.readyToUse !== true) throw refuse(`snapshot ${name} is not Ready`);
  const handle = content.status?.snapshotHandle;
  if (handle === undefined) throw refuse(`snapshot handle ${name} is not available`);
  const restored = bytes(snapshot.status.restoreSize ?? '0');
  if (sizeOf(claim) < restored)
    throw refuse(`requested volume size ${sizeOf(claim)} is less than the size ${restored} for the source snapshot ${name}`);
  return { snapshot: { snapshotId: handle } };
}

function* named<T>(call: Process<T>, message: (why: string) => string): Process<T> {
  try {
    return yield* call;
  } catch (error) {
    if (codeOf(error) === 'UNKNOWN') throw error;
    throw refuse(message(messageOf(error)));
  }
}
