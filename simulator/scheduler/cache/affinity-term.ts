import { type LabelSelector, matchesLabelSelector, type Pod, type PodAffinityTerm, type WeightedPodAffinityTerm } from '@slipway/kube';

type Labels = { readonly [key: string]: string };

/** Labels of a namespace, for terms that select namespaces. */
export type NamespaceLabels = (namespace: string) => Labels;

/** A term about other pods, ready to be asked. Source: `staging/src/k8s.io/kube-scheduler/framework/types.go` AffinityTerm. */
export interface AffinityTerm {
  readonly topologyKey: string;
  /** The owner's namespace when the term names none. */
  readonly namespaces: ReadonlySet<string>;
  readonly namespaceSelector: LabelSelector | undefined;
  readonly selector: LabelSelector | undefined;
}

export interface WeightedAffinityTerm extends AffinityTerm {
  readonly weight: number;
}

/** Does the pod match? An absent selector matches nothing, an empty one everything. */
export function termMatches(term: AffinityTerm, pod: Pod, namespaceLabels: NamespaceLabels): boolean {
  const namespace = pod.metadata.namespace ?? 'default';
  const near =
    term.namespaces.has(namespace) ||
    (term.namespaceSelector !== undefined && matchesLabelSelector(term.namespaceSelector, namespaceLabels(namespace)));
  return near && term.selector !== undefined && matchesLabelSelector(term.selector, pod.metadata.labels ?? {});
}

/** True when there are terms and the pod matches each of them. */
export function matchesAllTerms(terms: readonly AffinityTerm[], pod: Pod, namespaceLabels: NamespaceLabels): boolean {
  return terms.length > 0 && terms.every((term) => termMatches(term, pod, namespaceLabels));
}

const none: readonly never[] = [];

export function affinityTerms(owner: Pod, terms: readonly PodAffinityTerm[] | undefined): readonly AffinityTerm[] {
  return terms === undefined ? none : terms.map((term) => termOf(owner, term));
}

export function weightedAffinityTerms(owner: Pod, terms: readonly WeightedPodAffinityTerm[] | undefined): readonly WeightedAffinityTerm[] {
  return terms === undefined ? none : terms.map(({ weight, podAffinityTerm }) => ({ ...termOf(owner, podAffinityTerm), weight }));
}

function termOf(owner: Pod, term: PodAffinityTerm): AffinityTerm {
  const named = term.namespaces ?? [];
  const own = named.length === 0 && term.namespaceSelector === undefined;
  return {
    topologyKey: term.topologyKey,
    namespaces: new Set(own ? [owner.metadata.namespace ?? 'default'] : named),
    namespaceSelector: term.namespaceSelector,
    selector: term.labelSelector,
  };
}
