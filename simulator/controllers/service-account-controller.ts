import { type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf } from '@slipway/kernel';

/** Every active namespace has the account `default`. Source: `pkg/controller/serviceaccount/serviceaccounts_controller.go`. */
export const serviceAccountController: ControllerDefinition = defineController({
  name: 'serviceaccount-controller',
  watches: [
    'namespaces',
    watch('serviceaccounts', {
      keys: ({ metadata }, { event }) => (event === 'DELETED' && metadata.name === 'default' ? [metadata.namespace ?? ''] : []),
    }),
  ],
  *reconcile(namespace, { informers, api }) {
    const found = informers.get('namespaces').get(namespace);
    if (!found || found.metadata.deletionTimestamp !== undefined || found.status?.phase === 'Terminating') return;
    if (informers.get('serviceaccounts').get(`${namespace}/default`)) return;
    try {
      yield* api.serviceaccounts.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } });
    } catch (error) {
      const code = codeOf(error);
      // Made by somebody else, or the namespace went away meanwhile.
      if (code !== 'AlreadyExists' && code !== 'NotFound' && code !== 'Forbidden') throw error;
    }
  },
});
