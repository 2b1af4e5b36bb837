import type { ApiClient } from '@slipway/client';
import { codeOf, type Process } from '@slipway/kernel';
import type { ConfigMap, Pod, Secret, Service } from '@slipway/kube';
import type { KubeletEvents } from '../kubelet-events.ts';
import { hasClusterIP, serviceVariables } from './service-environment.ts';

/** Gets the object, or undefined when there is none. */
export function* unlessMissing<T>(get: Process<T>): Process<T | undefined> {
  try {
    return yield* get;
  } catch (error) {
    if (codeOf(error) === 'NotFound') return undefined;
    throw error;
  }
}

/** What a pod refers to in the API. Read when it is needed, and for the length of one sync no more than once. */
export class PodObjects {
  readonly #api: ApiClient;
  readonly #pod: Pod;
  readonly #namespace: string;
  readonly #configMaps = new Map<string, ConfigMap | undefined>();
  readonly #secrets = new Map<string, Secret | undefined>();
  #services: ReadonlyMap<string, string> | undefined;

  constructor(api: ApiClient, pod: Pod) {
    this.#api = api;
    this.#pod = pod;
    this.#namespace = pod.metadata.namespace ?? 'default';
  }

  *configMap(name: string): Process<ConfigMap | undefined> {
    if (!this.#configMaps.has(name)) {
      this.#configMaps.set(name, yield* unlessMissing(this.#api.configmaps.get({ namespace: this.#namespace, name })));
    }
    return this.#configMaps.get(name);
  }

  *secret(name: string): Process<Secret | undefined> {
    if (!this.#secrets.has(name)) {
      this.#secrets.set(name, yield* unlessMissing(this.#api.secrets.get({ namespace: this.#namespace, name })));
    }
    return this.#secrets.get(name);
  }

  /** Those of the names that exist. */
  *configMaps(names: Iterable<string>): Process<ReadonlyMap<string, ConfigMap>> {
    const found = new Map<string, ConfigMap>();
    for (const name of names) {
      const object = yield* this.configMap(name);
      if (object) found.set(name, object);
    }
    return found;
  }

  /** Those of the names that exist. */
  *secrets(names: Iterable<string>): Process<ReadonlyMap<string, Secret>> {
    const found = new Map<string, Secret>();
    for (const name of names) {
      const object = yield* this.secret(name);
      if (object) found.set(name, object);
    }
    return found;
  }

  /**
   * Variables of the services that the pod is told of: the API server itself, and all of its namespace unless it does not want them.
   *
   * Source: `pkg/kubelet/kubelet_pods.go` getServiceEnvVarMap.
   */
  *serviceVariables(): Process<ReadonlyMap<string, string>> {
    this.#services ??= serviceVariables(yield* this.#listServices());
    return this.#services;
  }

  *#listServices(): Process<readonly Service[]> {
    const master = yield* unlessMissing(this.#api.services.get({ namespace: 'default', name: 'kubernetes' }));
    const first = master && hasClusterIP(master) ? [master] : [];
    if (this.#pod.spec.enableServiceLinks === false) return first;
    const { items } = yield* this.#api.services.list({ namespace: this.#namespace });
    const others = items.filter(
      (service) => hasClusterIP(service) && !(this.#namespace === 'default' && service.metadata.name === 'kubernetes'),
    );
    return [...first, ...others];
  }

  /** The pod's pull secrets that exist; those that do not are told of. Source: `kubelet_pods.go` getPullSecretsForPod. */
  *pullSecrets(events: KubeletEvents): Process<readonly Secret[]> {
    const found: Secret[] = [];
    const missing: string[] = [];
    for (const { name } of this.#pod.spec.imagePullSecrets ?? []) {
      const secret = yield* this.secret(name);
      if (secret) found.push(secret);
      else missing.push(name);
    }
    if (missing.length > 0) {
      const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`;
      events.pod(this.#pod, 'Warning', 'FailedToRetrieveImagePullSecret', message);
    }
    return found;
  }
}
