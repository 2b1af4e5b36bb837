import type { KindMap, StorageClass, Stored } from '@slipway/kube';
import type { AdmissionPlugin, AdmissionView } from './admission.ts';

const DEFAULT = 'storageclass.kubernetes.io/is-default-class';
const DEFAULT_BETA = 'storageclass.beta.kubernetes.io/is-default-class';
const CLASS_BETA = 'volume.beta.kubernetes.io/storage-class';

/** A claim that names no class gets the default one. Source: `plugin/pkg/admission/storage/storageclass/setdefault/admission.go`. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  resources: ['persistentvolumeclaims'],
  operations: ['create'],
  admit({ object }, view) {
    const claim = object as KindMap['persistentvolumeclaims'];
    if (claim.spec.storageClassName !== undefined || claim.metadata.annotations?.[CLASS_BETA] !== undefined) return claim;
    const chosen = findDefaultStorageClass(view);
    return chosen ? { ...claim, spec: { ...claim.spec, storageClassName: chosen.metadata.name } } : claim;
  },
};

/** Of several the newest counts, then the first by name. */
function findDefaultStorageClass(view: AdmissionView): StorageClass | undefined {
  let chosen: Stored<StorageClass> | undefined;
  for (const each of view.list('storageclasses')) {
    const { annotations, creationTimestamp, name } = each.metadata;
    if (annotations?.[DEFAULT] !== 'true' && annotations?.[DEFAULT_BETA] !== 'true') continue;
    const better =
      chosen === undefined ||
      creationTimestamp > chosen.metadata.creationTimestamp ||
      (creationTimestamp === chosen.metadata.creationTimestamp && name < chosen.metadata.name);
    if (better) chosen = each;
  }
  return chosen;
}
