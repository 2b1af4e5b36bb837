// What Linkerd writes on objects. Source: linkerd/linkerd2 pkg/k8s/labels.go.

/** Asks for injection, or against it: `enabled`, `ingress`, `disabled`. On a pod, else on its namespace. */
export const INJECT = 'linkerd.io/inject';
export const CREATED_BY = 'linkerd.io/created-by';
export const PROXY_VERSION = 'linkerd.io/proxy-version';
export const CONTROL_PLANE_NS = 'linkerd.io/control-plane-ns';
export const WORKLOAD_NS = 'linkerd.io/workload-ns';
/** Prefix of the label with the workload's name: `linkerd.io/proxy-deployment`. */
export const PROXY_WORKLOAD = 'linkerd.io/proxy-';

/** Prefix of settings; those of a namespace hold for its pods. */
export const CONFIG = 'config.linkerd.io/';
export const DEFAULT_INBOUND_POLICY = `${CONFIG}default-inbound-policy`;
export const SKIP_INBOUND_PORTS = `${CONFIG}skip-inbound-ports`;
export const NATIVE_SIDECAR = `${CONFIG}proxy-enable-native-sidecar`;
/** Label of a namespace that keeps the injector away from it. */
export const ADMISSION_WEBHOOKS = `${CONFIG}admission-webhooks`;

export const LINKERD_NAMESPACE = 'linkerd';
export const TRUST_DOMAIN = 'cluster.local';
export const PROXY = 'linkerd-proxy';
export const INIT = 'linkerd-init';
export const PROXY_IMAGE = 'cr.l5d.io/linkerd/proxy';
export const INIT_IMAGE = 'cr.l5d.io/linkerd/proxy-init';

/** Ports and user of the proxy. Source: charts/linkerd-control-plane/values.yaml. */
export const PROXY_PORTS = { inbound: 4143, outbound: 4140, control: 4190, admin: 4191 } as const;
export const PROXY_UID = 2102;
export const INIT_UID = 65_534;

/** A certificate's name. Source: LINKERD2_PROXY_IDENTITY_LOCAL_NAME in charts/partials/templates/_proxy.tpl. */
export function identityName(serviceAccount: string, namespace: string): string {
  return `${serviceAccount}.${namespace}.serviceaccount.identity.${LINKERD_NAMESPACE}.${TRUST_DOMAIN}`;
}
