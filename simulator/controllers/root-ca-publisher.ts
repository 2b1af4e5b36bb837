import { type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf } from '@slipway/kernel';

const NAME = 'kube-root-ca.crt';
/** No certificate is ever checked here: pods find a file where they expect one. */
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nc2xpcHdheSBzaW11bGF0ZWQgY2x1c3RlciBDQQ==\n-----END CERTIFICATE-----\n';

/** Every active namespace has the cluster's certificate, which all service account volumes mount. Source: `pkg/controller/certificates/rootcacertpublisher`. */
export const rootCaPublisher: ControllerDefinition = defineController({
  name: 'root-ca-certificate-publisher-controller',
  watches: [
    'namespaces',
    watch('configmaps', {
      fieldSelector: `metadata.name=${NAME}`,
      keys: ({ metadata }, { event }) => (event === 'DELETED' ? [metadata.namespace ?? ''] : []),
    }),
  ],
  *reconcile(namespace, { informers, api }) {
    const found = informers.get('namespaces').get(namespace);
    if (!found || found.metadata.deletionTimestamp !== undefined || found.status?.phase === 'Terminating') return;
    if (informers.get('configmaps', { fieldSelector: `metadata.name=${NAME}` }).get(`${namespace}/${NAME}`)) return;
    try {
      yield* api.configmaps.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: NAME,
          namespace,
          annotations: { 'kubernetes.io/description': 'Contains a CA bundle that can be used to verify the kube-apiserver.' },
        },
        data: { 'ca.crt': CERTIFICATE },
      });
    } catch (error) {
      const code = codeOf(error);
      // Made by somebody else, or the namespace went away meanwhile.
      if (code !== 'AlreadyExists' && code !== 'NotFound' && code !== 'Forbidden') throw error;
    }
  },
});
