import { type Container, forbidden, type PodSpec, resourceOf, type Volume } from '@slipway/kube';
import type { PodSpecPlugin } from './admission.ts';

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * Gives a pod its service account and mounts the account's token. Unlike upstream the pods of one template share the volume's five
 * letters, so that they can share the rest of their spec too. Source: `plugin/pkg/admission/serviceaccount/admission.go`.
 */
export const serviceAccount: PodSpecPlugin = {
  name: 'ServiceAccount',
  reads: ['serviceaccounts'],
  admitSpec(spec, { namespace, name }, view) {
    const accountName = spec.serviceAccountName || 'default';
    const account = view.get('serviceaccounts', namespace, accountName);
    if (!account) {
      throw forbidden(
        resourceOf('pods'),
        name,
        `error looking up service account ${namespace}/${accountName}: serviceaccount "${accountName}" not found`,
      );
    }
    let admitted: PodSpec = { ...spec, serviceAccountName: accountName, serviceAccount: accountName };
    if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) {
      admitted = withToken(admitted, `kube-api-access-${view.random.text(5, LETTERS)}`);
    }
    if ((spec.imagePullSecrets?.length ?? 0) === 0 && account.imagePullSecrets !== undefined && account.imagePullSecrets.length > 0) {
      admitted = { ...admitted, imagePullSecrets: account.imagePullSecrets };
    }
    return admitted;
  },
};

function withToken(spec: PodSpec, freshName: string): PodSpec {
  // A pod that was read from a cluster and is sent again brings its token volume along.
  const known = spec.volumes?.find((volume) => volume.name.startsWith('kube-api-access-') && volume.projected !== undefined);
  const name = known?.name ?? freshName;
  let mounted = false;
  const mount = (container: Container): Container => {
    if (container.volumeMounts?.some(({ mountPath }) => mountPath === TOKEN_PATH)) return container;
    mounted = true;
    return { ...container, volumeMounts: [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: TOKEN_PATH }] };
  };
  const containers = spec.containers.map(mount);
  const initContainers = spec.initContainers?.map(mount);
  if (!mounted) return spec;
  return {
    ...spec,
    containers,
    ...(initContainers === undefined ? {} : { initContainers }),
    volumes: known ? (spec.volumes ?? []) : [...(spec.volumes ?? []), tokenVolume(name)],
  };
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  };
}
