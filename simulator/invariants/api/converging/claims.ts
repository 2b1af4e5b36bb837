import { minutes } from '@slipway/kernel';
import type { PersistentVolume, PersistentVolumeClaim, StorageClass, Stored, VolumeAttachment } from '@slipway/kube';
import type { ClusterState, Lack } from './state.ts';

/** A provisioner that was refused comes back within so long. */
const RETRY = minutes(5);
/** A driver's answers that are not the claim's fault. */
const PASSING = /code = (Aborted|Internal|Unavailable|DeadlineExceeded|Unknown|AlreadyExists|Canceled)/;

/** Claims that a driver should have made a volume for. */
export function* lackingClaims(state: ClusterState, met: () => void): Generator<Lack> {
  const classes = new Map(state.all<StorageClass>('storageclasses').map((each) => [each.metadata.name, each]));
  const drivers = new Set(state.all('csidrivers').map(({ metadata }) => metadata.name));
  for (const claim of state.all<PersistentVolumeClaim>('persistentvolumeclaims')) {
    if (claim.metadata.deletionTimestamp !== undefined) continue;
    const { storageClassName = '', dataSource, dataSourceRef, selector } = claim.spec;
    const storageClass = classes.get(storageClassName);
    if (!storageClass || !drivers.has(storageClass.provisioner) || dataSource || dataSourceRef || selector) continue;
    if (!state.isPast(claim.metadata.creationTimestamp, RETRY) || !isAskedFor(claim, storageClass)) continue;
    const event = state.lastEventOf(claim);
    if (claim.status?.phase !== 'Bound' && event?.reason === 'ProvisioningFailed' && !PASSING.test(event.message ?? '')) continue;
    met();
    if (claim.status?.phase === 'Bound') continue;
    yield {
      object: claim,
      wants: `is ${claim.status?.phase ?? 'Pending'} and wants a volume of ${storageClassName}`,
      since: claim.metadata.creationTimestamp,
    };
  }
}

/** A class may wait for the first pod that is put on a node. */
function isAskedFor({ metadata }: Stored<PersistentVolumeClaim>, { volumeBindingMode }: StorageClass): boolean {
  return volumeBindingMode !== 'WaitForFirstConsumer' || metadata.annotations?.['volume.kubernetes.io/selected-node'] !== undefined;
}

/** Volumes that stay on a living node though no pod there names them. */
export function* idleAttachments(state: ClusterState, met: () => void): Generator<Lack> {
  // Their pods come and go at any time.
  if (state.all('cronjobs').length > 0) return;
  for (const attachment of state.all<VolumeAttachment>('volumeattachments')) {
    const { nodeName, source } = attachment.spec;
    const volume = state.world.server.peek('persistentvolumes', undefined, source.persistentVolumeName ?? '') as
      | Stored<PersistentVolume>
      | undefined;
    const claim = volume?.spec.claimRef;
    if (!claim || !state.isAlive(nodeName) || attachment.metadata.deletionTimestamp !== undefined) continue;
    if (!state.isPast(attachment.metadata.creationTimestamp, RETRY)) continue;
    met();
    const isNamed = state
      .podsIn(claim.namespace)
      .some(
        ({ spec, metadata }) =>
          spec.nodeName === nodeName &&
          (spec.volumes ?? []).some(
            ({ name, persistentVolumeClaim, ephemeral }) =>
              persistentVolumeClaim?.claimName === claim.name || (ephemeral && `${metadata.name}-${name}` === claim.name),
          ),
      );
    if (!isNamed) yield { object: attachment, wants: `keeps ${volume.metadata.name} on ${nodeName}, where no pod uses it` };
  }
}
