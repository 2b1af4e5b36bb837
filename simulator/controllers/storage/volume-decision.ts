import type { PersistentVolume, PersistentVolumeClaim, Stored } from '@slipway/kube';
import { storageAnnotations } from './annotations.ts';
import { sameVolumeMode } from './matching.ts';

/** What is to be done about a volume. */
export type VolumeAction =
  | { readonly do: 'set-phase'; readonly phase: 'Available' | 'Bound' }
  /** Its claim has to finish the binding. */
  | { readonly do: 'wake-claim' }
  /** The claim that it is reserved for wants the other kind of volume. */
  | { readonly do: 'report-mismatch' }
  /** Nobody claims it any more: Released, then what the policy says. */
  | { readonly do: 'release' }
  /** Its claim has another volume: take the reference back. */
  | { readonly do: 'unbind' };

/**
 * @param claim the claim that the volume names, if it is there and has the uid that the volume names
 *
 * Source: `pkg/controller/volume/persistentvolume/pv_controller.go`, syncVolume.
 */
export function decideVolume(volume: PersistentVolume, claim: PersistentVolumeClaim | undefined): VolumeAction {
  const { claimRef, persistentVolumeReclaimPolicy } = volume.spec;
  // Without a uid it is reserved for a claim that has not been bound to it yet.
  if (!claimRef || (claimRef.uid ?? '') === '') return { do: 'set-phase', phase: 'Available' };
  if (!claim) return { do: 'release' };
  const { volumeName = '' } = claim.spec;
  if (volumeName === '') return sameVolumeMode(claim, volume) ? { do: 'wake-claim' } : { do: 'report-mismatch' };
  if (volumeName === volume.metadata.name) return { do: 'set-phase', phase: 'Bound' };
  // Made for this claim, which has got another: nobody will ever want it.
  const made = volume.metadata.annotations?.[storageAnnotations.provisionedBy] !== undefined;
  return { do: made && persistentVolumeReclaimPolicy === 'Delete' ? 'release' : 'unbind' };
}

/** What becomes of a volume that nobody claims. */
export type Reclaim =
  /** Retained, or a driver's side-car will delete it. */
  | { readonly do: 'nothing' }
  /** Deleted by the binder itself. */
  | { readonly do: 'delete' }
  | { readonly do: 'fail'; readonly reason: string; readonly message: string };

/** Source: `pv_controller.go`, reclaimVolume, deleteVolumeOperation, findDeletablePlugin; `pkg/volume/hostpath/host_path.go`. */
export function decideReclaim(volume: Stored<PersistentVolume>): Reclaim {
  const { spec, metadata } = volume;
  switch (spec.persistentVolumeReclaimPolicy ?? 'Retain') {
    case 'Retain':
      return { do: 'nothing' };
    case 'Recycle':
      // Upstream's recyclers run a pod that wipes NFS and host-path volumes; they are deprecated, and not simulated.
      return { do: 'fail', reason: 'VolumeFailedRecycle', message: 'No recycler plugin found for the volume!' };
    case 'Delete':
      break;
    default:
      return {
        do: 'fail',
        reason: 'VolumeUnknownReclaimPolicy',
        message: 'Volume has unrecognized PersistentVolumeReclaimPolicy',
      };
  }
  const provisioner = metadata.annotations?.[storageAnnotations.provisionedBy] ?? '';
  if (spec.csi || (provisioner !== '' && !provisioner.startsWith('kubernetes.io/'))) return { do: 'nothing' };
  if (spec.hostPath?.path.startsWith('/tmp/')) return { do: 'delete' };
  const message = spec.hostPath
    ? `host_path deleter only supports /tmp/.+ but received provided ${spec.hostPath.path}`
    : `error getting deleter volume plugin for volume ${JSON.stringify(metadata.name)}: no deletable volume plugin matched`;
  return { do: 'fail', reason: 'VolumeFailedDelete', message };
}
