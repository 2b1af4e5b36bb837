import { type Namespace, type Pod, type PodSpec } from '@slipway/kube';
import type { InjectRequest, InjectResponse } from '../../messages.ts';
import { policyOf } from './inbound-policy.ts';
import type { LinkerdOptions } from './options.ts';
import { initContainer, proxyContainer, proxyVolumes } from './proxy.ts';
import {
  ADMISSION_WEBHOOKS,
  CONFIG,
  CONTROL_PLANE_NS,
  CREATED_BY,
  INIT,
  INJECT,
  LINKERD_NAMESPACE,
  NATIVE_SIDECAR,
  PROXY,
  PROXY_VERSION,
  PROXY_WORKLOAD,
  WORKLOAD_NS,
} from './words.ts';
import { workloadOf } from './workload.ts';

type Annotations = Readonly<Record<string, string>>;

/**
 * linkerd-proxy-injector: an init container that turns the pod's traffic to the proxy, the proxy, and what marks the pod. Source:
 * linkerd/linkerd2 pkg/inject/inject.go, report.go, charts/patch.
 */
export class Injector {
  readonly #options: LinkerdOptions;
  /** Pods of one template come with one spec, and leave with one. */
  readonly #specs = new WeakMap<PodSpec, { readonly settings: string; readonly spec: PodSpec }>();

  constructor(options: LinkerdOptions) {
    this.#options = options;
  }

  inject({ pod, namespace }: InjectRequest): InjectResponse {
    const skipped = whyNot(pod, namespace);
    if (skipped !== undefined) return { skipped };
    const settings = settingsOf(pod, namespace);
    const workload = workloadOf(pod);
    const { metadata } = pod;
    return {
      pod: {
        ...pod,
        metadata: {
          ...metadata,
          labels: {
            [CONTROL_PLANE_NS]: LINKERD_NAMESPACE,
            [WORKLOAD_NS]: namespace.metadata.name,
            ...(workload ? { [`${PROXY_WORKLOAD}${workload.kind.toLowerCase()}`]: workload.name } : {}),
            ...metadata.labels,
          },
          annotations: {
            [CREATED_BY]: `linkerd/proxy-injector ${this.#options.proxyVersion}`,
            [PROXY_VERSION]: settings[`${CONFIG}proxy-version`] ?? this.#options.proxyVersion,
            ...settings,
            ...metadata.annotations,
          },
        },
        spec: this.#specOf(pod.spec, settings),
      },
    };
  }

  #specOf(spec: PodSpec, settings: Annotations): PodSpec {
    const key = JSON.stringify(settings);
    const known = this.#specs.get(spec);
    if (known?.settings === key) return known.spec;
    const made = withProxy(spec, this.#options, settings);
    this.#specs.set(spec, { settings: key, spec: made });
    return made;
  }
}

function withProxy(spec: PodSpec, options: LinkerdOptions, settings: Annotations): PodSpec {
  const native = settings[NATIVE_SIDECAR] === undefined ? options.nativeSidecar : settings[NATIVE_SIDECAR] === 'true';
  const proxy = proxyContainer(options, policyOf(settings, options.defaultInboundPolicy), settings, native);
  const { initContainers = [], containers, volumes = [] } = spec;
  return {
    ...spec,
    // Whatever starts later has its traffic turned already; a proxy that is a sidecar is there for the init containers too.
    initContainers: [initContainer(options), ...(native ? [proxy] : []), ...initContainers],
    containers: native ? containers : [...containers, proxy],
    volumes: [...volumes, ...proxyVolumes],
  };
}

/** Why a pod gets no proxy, in the words of linkerd's report. Source: pkg/inject/report.go; the webhook's selectors: charts, `namespaceSelector`. */
function whyNot({ metadata, spec }: Pod, { metadata: home }: Namespace): string | undefined {
  if (home.labels?.[ADMISSION_WEBHOOKS] === 'disabled' || home.name === 'kube-system') return `namespace ${home.name} is left to itself`;
  const own = metadata.annotations?.[INJECT];
  const wanted = own ?? home.annotations?.[INJECT];
  if (wanted === undefined) return 'neither the namespace nor the pod have the annotation "linkerd.io/inject" set to "enabled"';
  if (wanted !== 'enabled' && wanted !== 'ingress') {
    return `${own === undefined ? 'the namespace' : 'pod'} has the annotation "linkerd.io/inject" set to "${wanted}"`;
  }
  if (spec.hostNetwork === true) return 'hostNetwork is enabled';
  const names = [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name);
  if (names.includes(PROXY) || names.includes(INIT)) return 'pod has a sidecar injected already';
  return spec.automountServiceAccountToken === false ? 'automountServiceAccountToken set to "false"' : undefined;
}

/** The settings that hold for a pod: its own go before its namespace's. */
function settingsOf(pod: Pod, namespace: Namespace): Annotations {
  const settings: Record<string, string> = {};
  for (const annotations of [namespace.metadata.annotations, pod.metadata.annotations]) {
    for (const [name, value] of Object.entries(annotations ?? {})) if (name.startsWith(CONFIG)) settings[name] = value;
  }
  return settings;
}
