import type { Container, Probe, Quantity, ResourceRequirements, Volume } from '@slipway/kube';
import type { InboundPolicy, LinkerdOptions } from './options.ts';
import {
  CONFIG,
  identityName,
  INIT,
  INIT_IMAGE,
  INIT_UID,
  LINKERD_NAMESPACE,
  PROXY,
  PROXY_IMAGE,
  PROXY_PORTS,
  PROXY_UID,
  TRUST_DOMAIN,
} from './words.ts';

// Everything is written out with the API server's defaults, so that admission has nothing to fill in and pods of one template share it.

type Annotations = Readonly<Record<string, string>>;

const container = {
  imagePullPolicy: 'IfNotPresent',
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'FallbackToLogsOnError',
} as const;

/** Source: charts/partials/templates/_proxy-init.tpl, values of `proxyInit`. */
export function initContainer({ proxyInitVersion }: LinkerdOptions): Container {
  const { inbound, outbound, control, admin } = PROXY_PORTS;
  return {
    name: INIT,
    image: `${INIT_IMAGE}:${proxyInitVersion}`,
    args: [
      '--incoming-proxy-port',
      `${inbound}`,
      '--outgoing-proxy-port',
      `${outbound}`,
      '--proxy-uid',
      `${PROXY_UID}`,
      '--inbound-ports-to-ignore',
      `${control},${admin},4567,4568`,
      '--outbound-ports-to-ignore',
      '4567,4568',
    ],
    resources: {},
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ['NET_ADMIN', 'NET_RAW'] },
      privileged: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      runAsUser: INIT_UID,
    },
    ...container,
  };
}

/** Source: charts/partials/templates/_proxy.tpl, values of `proxy`. */
export function proxyContainer(options: LinkerdOptions, policy: InboundPolicy, annotations: Annotations, native: boolean): Container {
  const { inbound, outbound, control, admin } = PROXY_PORTS;
  const probe = (path: string, more: Probe): Probe => ({
    httpGet: { path, port: admin, scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
    ...more,
  });
  return {
    name: PROXY,
    image: `${PROXY_IMAGE}:${annotations[`${CONFIG}proxy-version`] ?? options.proxyVersion}`,
    env: [
      { name: '_pod_name', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
      { name: '_pod_ns', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } } },
      { name: '_pod_sa', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.serviceAccountName' } } },
      { name: '_l5d_ns', value: LINKERD_NAMESPACE },
      { name: '_l5d_trustdomain', value: TRUST_DOMAIN },
      { name: 'LINKERD2_PROXY_CONTROL_LISTEN_ADDR', value: `0.0.0.0:${control}` },
      { name: 'LINKERD2_PROXY_ADMIN_LISTEN_ADDR', value: `0.0.0.0:${admin}` },
      { name: 'LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR', value: `127.0.0.1:${outbound}` },
      { name: 'LINKERD2_PROXY_INBOUND_LISTEN_ADDR', value: `0.0.0.0:${inbound}` },
      { name: 'LINKERD2_PROXY_INBOUND_DEFAULT_POLICY', value: policy },
      { name: 'LINKERD2_PROXY_IDENTITY_LOCAL_NAME', value: identityName('$(_pod_sa)', '$(_pod_ns)') },
    ],
    ports: [
      { name: 'linkerd-proxy', containerPort: inbound, protocol: 'TCP' },
      { name: 'linkerd-admin', containerPort: admin, protocol: 'TCP' },
    ],
    livenessProbe: probe('/live', { initialDelaySeconds: 10 }),
    readinessProbe: probe('/ready', { initialDelaySeconds: 2 }),
    // Containers that come after a sidecar wait until it has started.
    ...(native ? { startupProbe: probe('/ready', { periodSeconds: 1, failureThreshold: 120 }), restartPolicy: 'Always' as const } : {}),
    resources: resourcesOf(options, annotations),
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, runAsNonRoot: true, runAsUser: PROXY_UID },
    volumeMounts: [
      { name: 'linkerd-identity-end-entity', mountPath: '/var/run/linkerd/identity/end-entity' },
      { name: 'linkerd-identity-token', mountPath: '/var/run/secrets/tokens' },
    ],
    ...container,
  };
}

/** Source: charts/partials/templates/_volumes.tpl. */
export const proxyVolumes: readonly Volume[] = [
  { name: 'linkerd-identity-end-entity', emptyDir: { medium: 'Memory' } },
  {
    name: 'linkerd-identity-token',
    projected: {
      sources: [{ serviceAccountToken: { audience: 'identity.l5d.io', expirationSeconds: 86_400, path: 'linkerd-identity-token' } }],
      defaultMode: 420,
    },
  },
];

function resourcesOf({ resources: { cpu, memory } }: LinkerdOptions, annotations: Annotations): ResourceRequirements {
  const given = (setting: string, otherwise: Quantity | undefined): Quantity | undefined =>
    annotations[`${CONFIG}proxy-${setting}`] ?? otherwise;
  const both = (forCpu: Quantity | undefined, forMemory: Quantity | undefined) => ({
    ...(forCpu === undefined ? {} : { cpu: forCpu }),
    ...(forMemory === undefined ? {} : { memory: forMemory }),
  });
  const limits = both(given('cpu-limit', cpu.limit), given('memory-limit', memory.limit));
  const requests = both(given('cpu-request', cpu.request ?? limits.cpu), given('memory-request', memory.request ?? limits.memory));
  return {
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
    ...(Object.keys(requests).length === 0 ? {} : { requests }),
  };
}
