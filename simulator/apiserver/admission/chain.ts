import { forbidden, isApiError, type Kind, type KubeObject, type Pod, type PodSpec, withDefaults } from '@slipway/kube';
import type { AdmissionPlugin, AdmissionRequest, AdmissionView, PodSpecPlugin } from './admission.ts';

interface Outcome {
  readonly spec: PodSpec;
  readonly namespace: string;
  readonly versions: readonly number[];
}

/** All plug-ins in their order, sorted by what they look at. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #podSpec: readonly PodSpecPlugin[];
  readonly #reads: readonly Parameters<AdmissionView['version']>[0][];
  readonly #view: AdmissionView;
  readonly #byUse = new Map<string, readonly AdmissionPlugin[]>();
  readonly #outcomes = new WeakMap<PodSpec, Outcome>();

  constructor(plugins: readonly AdmissionPlugin[], podSpec: readonly PodSpecPlugin[], view: AdmissionView) {
    this.#plugins = plugins;
    this.#podSpec = podSpec;
    this.#view = view;
    this.#reads = [...new Set(podSpec.flatMap(({ reads }) => reads))];
  }

  /** Runs the plug-ins that look at this kind and operation. @throws ApiError of the one that refuses. */
  admit(request: AdmissionRequest): KubeObject {
    let { object } = request;
    for (const plugin of this.#pluginsFor(request.kind, request.operation)) {
      object = plugin.admit(object === request.object ? request : { ...request, object }, this.#view);
    }
    return object;
  }

  /** A created pod's spec as defaults and admission complete it, worked out once for all pods that share the spec. */
  admitPodSpec(pod: Pod, namespace: string): PodSpec {
    const { spec } = pod;
    const known = this.#outcomes.get(spec);
    if (known && known.namespace === namespace && this.#isCurrent(known)) return known.spec;
    const request = { namespace, name: pod.metadata.name };
    // A mirror pod stands for one that runs already: it can name no service account.
    const isMirror = pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
    let admitted = withDefaults(pod).spec;
    for (const plugin of this.#podSpec) {
      if (isMirror && plugin.name === 'ServiceAccount') continue;
      admitted = plugin.admitSpec(admitted, request, this.#view);
    }
    if (!isMirror)
      this.#outcomes.set(spec, { spec: admitted, namespace, versions: this.#reads.map((plural) => this.#view.version(plural)) });
    return admitted;
  }

  #isCurrent({ versions }: Outcome): boolean {
    for (let index = 0; index < versions.length; index++) {
      const plural = this.#reads[index];
      if (plural !== undefined && this.#view.version(plural) !== versions[index]) return false;
    }
    return true;
  }

  #pluginsFor(kind: Kind, operation: AdmissionRequest['operation']): readonly AdmissionPlugin[] {
    const key = `${operation} ${kind.plural}.${kind.group}`;
    const known = this.#byUse.get(key);
    if (known) return known;
    const used = this.#plugins.filter(
      ({ operations, resources }) => operations.includes(operation) && (resources === undefined || resources.includes(kind.plural)),
    );
    this.#byUse.set(key, used);
    return used;
  }
}

/** What a webhook's error becomes: its refusal as it is, anything else a Forbidden that names it. */
export function webhookRefusal(name: string, kind: Kind, object: KubeObject, error: unknown): unknown {
  if (isApiError(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  return forbidden(kind, object.metadata.name, `admission webhook "${name}" denied the request: ${why}`);
}
