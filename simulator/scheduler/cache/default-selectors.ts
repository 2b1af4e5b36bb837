import { controllerOf, type LabelSelector, type Pod, type ReplicaSet, type Service, type StatefulSet } from '@slipway/kube';
import { LabelMatcher } from './label-matcher.ts';

interface ServiceSelector {
  readonly selector: LabelSelector;
  readonly matcher: LabelMatcher;
}

/**
 * What selects a pod from outside: the Services of its namespace that match it, and its controlling ReplicaSet or StatefulSet.
 * Source: `plugins/helper/spread.go` DefaultSelector.
 */
export class DefaultSelectors {
  /** By namespace, then by name. */
  readonly #services = new Map<string, Map<string, ServiceSelector>>();
  readonly #workloads = new Map<string, LabelSelector>();

  setService(service: Service): void {
    this.deleteService(service);
    const { selector } = service.spec ?? {};
    // A Service without a selector matches nothing.
    if (selector === undefined) return;
    const namespace = service.metadata.namespace ?? 'default';
    const ofNamespace = this.#services.get(namespace) ?? new Map<string, ServiceSelector>();
    const labelSelector: LabelSelector = { matchLabels: selector };
    ofNamespace.set(service.metadata.name, { selector: labelSelector, matcher: LabelMatcher.of([labelSelector]) });
    this.#services.set(namespace, ofNamespace);
  }

  deleteService(service: Service): void {
    this.#services.get(service.metadata.namespace ?? 'default')?.delete(service.metadata.name);
  }

  setWorkload(workload: ReplicaSet | StatefulSet): void {
    const selector = workload.spec?.selector;
    if (selector) this.#workloads.set(workloadKey(workload.kind, workload.metadata.namespace, workload.metadata.name), selector);
  }

  deleteWorkload(workload: ReplicaSet | StatefulSet): void {
    this.#workloads.delete(workloadKey(workload.kind, workload.metadata.namespace, workload.metadata.name));
  }

  selectorOf(pod: Pod): LabelMatcher | undefined {
    const { namespace, labels } = pod.metadata;
    const selectors: LabelSelector[] = [];
    for (const service of this.#services.get(namespace ?? 'default')?.values() ?? []) {
      if (service.matcher.matches(labels)) selectors.push(service.selector);
    }
    const owner = controllerOf(pod);
    const ofOwner = owner && this.#workloads.get(workloadKey(owner.kind, namespace, owner.name));
    if (ofOwner) selectors.push(ofOwner);
    if (selectors.length === 0) return undefined;
    const matcher = LabelMatcher.of(selectors);
    return matcher.isEmpty ? undefined : matcher;
  }
}

const workloadKey = (kind: string, namespace: string | undefined, name: string): string => `${kind}/${namespace ?? 'default'}/${name}`;
