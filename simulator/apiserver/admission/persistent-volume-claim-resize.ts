import { compareQuantity, forbidden, type KindMap, parseQuantity } from '@slipway/kube';
import type { AdmissionPlugin } from './admission.ts';

/** A claim may grow only if its class says so. Source: `plugin/pkg/admission/storage/persistentvolume/resize/admission.go`. */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  resources: ['persistentvolumeclaims'],
  operations: ['update'],
  admit({ kind, object, old }, view) {
    const claim = object as KindMap['persistentvolumeclaims'];
    const before = (old as KindMap['persistentvolumeclaims'] | undefined)?.spec.resources?.requests?.['storage'];
    const wanted = claim.spec.resources?.requests?.['storage'];
    if (before === undefined || wanted === undefined || compareQuantity(parseQuantity(wanted), parseQuantity(before)) <= 0) return object;
    const storageClass = claim.spec.storageClassName;
    const found = storageClass === undefined ? undefined : view.get('storageclasses', undefined, storageClass);
    if (found?.allowVolumeExpansion === true) return object;
    throw forbidden(
      kind,
      claim.metadata.name,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  },
};
