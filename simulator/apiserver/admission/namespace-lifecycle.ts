import { forbidden, notFound, resourceOf } from '@slipway/kube';
import type { AdmissionPlugin } from './admission.ts';

const immortal: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/**
 * Nothing is made in a namespace that is missing or on its way out, and three namespaces cannot be deleted.
 * Source: `AP/admission/plugin/namespace/lifecycle/admission.go`.
 */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  operations: ['create', 'delete'],
  admit({ operation, kind, namespace, object }, view) {
    if (operation === 'delete') {
      if (kind.plural === 'namespaces' && kind.group === '' && immortal.has(object.metadata.name)) {
        throw forbidden(kind, object.metadata.name, 'this namespace may not be deleted');
      }
      return object;
    }
    if (!kind.namespaced) return object;
    const home = view.get('namespaces', undefined, namespace);
    if (!home) throw notFound(resourceOf('namespaces'), namespace);
    if (home.status?.phase === 'Terminating' || home.metadata.deletionTimestamp !== undefined) {
      throw forbidden(kind, object.metadata.name, `unable to create new content in namespace ${namespace} because it is being terminated`, [
        { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' },
      ]);
    }
    return object;
  },
};
