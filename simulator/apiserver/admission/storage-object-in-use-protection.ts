import { finalizers } from '@slipway/kube';
import type { AdmissionPlugin } from './admission.ts';

/** Claims and volumes stay while they are used. Source: `plugin/pkg/admission/storage/storageobjectinuseprotection/admission.go`. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  resources: ['persistentvolumeclaims', 'persistentvolumes'],
  operations: ['create'],
  admit({ kind, object }) {
    const wanted = kind.plural === 'persistentvolumes' ? finalizers.pvProtection : finalizers.pvcProtection;
    const present = object.metadata.finalizers ?? [];
    if (present.includes(wanted)) return object;
    return { ...object, metadata: { ...object.metadata, finalizers: [...present, wanted] } };
  },
};
