import type { ControllerContext } from '@slipway/client';
import type { CsiController } from '@slipway/csi';
import { type Client, codeOf, messageOf, type Process } from '@slipway/kernel';
import { finalizers, type PersistentVolume, type SecretReference, type Stored } from '@slipway/kube';
import { storageAnnotations } from '../../controllers/storage/annotations.ts';
import { classOf } from '../../controllers/storage/claims.ts';
import { callDriver, isAnswer } from '../driver-error.ts';
import { readSecret } from '../secrets.ts';
import { CALL_LIMIT } from './make-volume.ts';
import { secretReference } from './secret-references.ts';

// The end of a volume. Source: sig-storage-lib-external-provisioner `controller/controller.go`, syncVolume; external-provisioner
// `pkg/controller/controller.go`, Delete.

type Volume = Stored<PersistentVolume>;

/** Why a volume is not deleted yet. */
class NotNow extends Error {
  readonly code = 'NOT_NOW';
}

export function isOurs({ spec, metadata }: PersistentVolume, driver: string): boolean {
  const provisioner = metadata.annotations?.[storageAnnotations.provisionedBy];
  return spec.csi !== undefined && (provisioner ?? spec.csi.driver) === driver;
}

/** The finalizer keeps the object until the driver has deleted the volume; on volumes that are to stay it has no place. */
export function wantedFinalizers({ metadata, spec, status }: PersistentVolume): readonly string[] | undefined {
  const held = metadata.finalizers ?? [];
  const has = held.includes(finalizers.provisioner);
  if ((spec.persistentVolumeReclaimPolicy ?? 'Retain') !== 'Delete')
    return has ? held.filter((each) => each !== finalizers.provisioner) : undefined;
  const add = !has && metadata.deletionTimestamp === undefined && status?.phase === 'Bound';
  return add ? [...held, finalizers.provisioner] : undefined;
}

export function shouldDelete({ metadata, spec, status }: PersistentVolume): boolean {
  // Deleted by the side-car before: only the server has yet to take the object away.
  if (metadata.deletionTimestamp !== undefined && !metadata.finalizers?.includes(finalizers.provisioner)) return false;
  return status?.phase === 'Released' && spec.persistentVolumeReclaimPolicy === 'Delete';
}

/**
 * Has the driver delete the volume, then takes its object away. Safe to repeat from any point.
 *
 * @throws DriverError, ApiError, NotNow
 */
export function* deleteVolume(volume: Volume, controller: Client<CsiController>, context: ControllerContext): Process {
  const { api, events } = context;
  const { name } = volume.metadata;
  try {
    const secrets = yield* deletionSecrets(volume, context);
    refuseAttached(volume, context);
    const request = { volumeId: volume.spec.csi?.volumeHandle ?? '', ...(secrets === undefined ? {} : { secrets }) };
    yield* callDriver(controller.deleteVolume(request), CALL_LIMIT);
  } catch (error) {
    if (isAnswer(error)) events.warning(volume, 'VolumeFailedDelete', messageOf(error));
    throw error;
  }
  try {
    yield* api.persistentvolumes.delete({ name, preconditions: { uid: volume.metadata.uid } });
    const newest = yield* api.persistentvolumes.get({ name });
    const held = newest.metadata.finalizers ?? [];
    if (newest.metadata.uid !== volume.metadata.uid || !held.includes(finalizers.provisioner)) return;
    const rest = held.filter((each) => each !== finalizers.provisioner);
    yield* api.persistentvolumes.update({ ...newest, metadata: { ...newest.metadata, finalizers: rest } });
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}

/** A volume that some node may use is not the driver's to delete. */
function refuseAttached({ metadata: { name } }: Volume, { informers }: ControllerContext): void {
  const [attachment] = informers.get('volumeattachments').byIndex('volume', name);
  if (attachment) throw new NotNow(`persistentvolume ${name} is still attached to node ${attachment.spec.nodeName}`);
}

function* deletionSecrets(volume: Volume, context: ControllerContext): Process<Readonly<Record<string, string>> | undefined> {
  const reference = deletionSecret(volume, context);
  try {
    return yield* readSecret(context.api, reference);
  } catch (error) {
    // The driver may do without, and a secret that is gone must not keep the volume.
    if (codeOf(error) === 'UNKNOWN') throw error;
    context.log(`no secret for the deletion: ${messageOf(error)}`, volume.metadata.name);
    return undefined;
  }
}

function deletionSecret(volume: Volume, { informers }: ControllerContext): SecretReference | undefined {
  const { annotations = {}, name: volumeName } = volume.metadata;
  const name = annotations[storageAnnotations.deletionSecretName];
  const namespace = annotations[storageAnnotations.deletionSecretNamespace];
  if (name !== undefined && namespace !== undefined) return name === '' || namespace === '' ? undefined : { name, namespace };
  const storageClass = informers.get('storageclasses').get(classOf(volume));
  const { claimRef } = volume.spec;
  if (!storageClass || !claimRef) return undefined;
  const metadata = { name: claimRef.name ?? '', namespace: claimRef.namespace ?? '' };
  return secretReference('Provisioner', storageClass.parameters ?? {}, volumeName, { metadata });
}
