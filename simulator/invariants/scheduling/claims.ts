import type { PersistentVolume, PersistentVolumeClaim, Pod, Stored } from '@slipway/kube';
import type { Watched } from '../invariant.ts';

/** Keys of the claims that a pod uses: `default/data`. */
export function claimKeys({ metadata, spec }: Pick<Pod, 'metadata' | 'spec'>): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    const claim = persistentVolumeClaim?.claimName ?? (ephemeral ? `${metadata.name}-${name}` : undefined);
    return claim === undefined ? [] : [`${metadata.namespace}/${claim}`];
  });
}

export function claimOf({ server }: Watched, key: string): Stored<PersistentVolumeClaim> | undefined {
  const slash = key.indexOf('/');
  return server.peek('persistentvolumeclaims', key.slice(0, slash), key.slice(slash + 1)) as Stored<PersistentVolumeClaim> | undefined;
}

/** The volume that a claim is bound to, if both say so. */
export function volumeOf({ server }: Watched, claim: Stored<PersistentVolumeClaim> | undefined): Stored<PersistentVolume> | undefined {
  const name = claim?.spec?.volumeName;
  if (!claim || !name) return undefined;
  const volume = server.peek('persistentvolumes', undefined, name) as Stored<PersistentVolume> | undefined;
  return volume?.spec?.claimRef?.uid === claim.metadata.uid ? volume : undefined;
}
