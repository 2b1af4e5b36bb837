import type { SharedInformers } from '@slipway/client';
import type { PersistentVolume, Pod, Stored, Volume } from '@slipway/kube';
import { claimNameOf, isClaimOf } from '../claims.ts';
import { parseUniqueName, uniqueNameOf } from './volume-name.ts';

// Which volumes of a pod have to be attached. Source: `pkg/controller/volume/attachdetach/util/util.go`.

/** Unique names of the pod's volumes that are bound, of a CSI driver, and attached before they are used. */
export function attachableVolumesOf(pod: Stored<Pod>, informers: SharedInformers): readonly string[] {
  const names: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    const name = uniqueNameBehind(pod, volume, informers);
    if (name !== undefined && isAttachable(name, informers)) names.push(name);
  }
  return names;
}

function uniqueNameBehind(pod: Stored<Pod>, volume: Volume, informers: SharedInformers): string | undefined {
  const claimName = claimNameOf(pod, volume);
  if (claimName === undefined) return undefined;
  const claim = informers.get('persistentvolumeclaims').get(`${pod.metadata.namespace}/${claimName}`);
  const { volumeName = '' } = claim?.spec ?? {};
  if (!claim || claim.status?.phase !== 'Bound' || volumeName === '') return undefined;
  if (volume.ephemeral && !isClaimOf(pod, claim)) return undefined;
  const found = informers.get('persistentvolumes').get(volumeName);
  return found?.spec.claimRef?.uid === claim.metadata.uid ? uniqueNameOf(found) : undefined;
}

/** A driver that has said nothing of itself is attached. */
export function isAttachable(name: string, informers: SharedInformers): boolean {
  const identity = parseUniqueName(name);
  return identity !== undefined && informers.get('csidrivers').get(identity.driver)?.spec.attachRequired !== false;
}

/** The object of a volume that is known by its unique name. */
export function volumeNamed(name: string, informers: SharedInformers): Stored<PersistentVolume> | undefined {
  return informers.get('persistentvolumes').byIndex('uniqueName', name)[0];
}
