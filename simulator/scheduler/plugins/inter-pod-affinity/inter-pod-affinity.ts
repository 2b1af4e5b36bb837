import type { Node, Pod } from '@slipway/kube';
import { affinityTerms, type AffinityTerm, matchesAllTerms } from '../../cache/affinity-term.ts';
import type { NamespaceLabels } from '../../cache/affinity-term.ts';
import { asNode, asPod, isOwnUpdate, isUnplaced } from '../../framework/hints.ts';
import type { FilterPlugin, FrameworkHandle, PreFilterPlugin, PreScorePlugin, ScorePlugin } from '../../framework/types.ts';
import { filter, preFilter, updateWithPod } from './filtering.ts';
import { normalize, preScore, score } from './scoring.ts';

/** Near to, or away from, other pods. Source: `plugins/interpodaffinity/`. */
export function interPodAffinity(): PreFilterPlugin & FilterPlugin & PreScorePlugin & ScorePlugin {
  let handle: FrameworkHandle | undefined;
  const namespaceLabels: NamespaceLabels = (namespace) => handle?.snapshot().namespaceLabels(namespace) ?? {};
  return {
    name: 'InterPodAffinity',
    initialize(given) {
      handle = given;
    },
    preFilter,
    addPod: (pod, added, nodeInfo, state) => updateWithPod(pod, added, nodeInfo, state, 1),
    removePod: (pod, removed, nodeInfo, state) => updateWithPod(pod, removed, nodeInfo, state, -1),
    filter,
    preScore,
    score: (_pod, nodeInfo, state) => score(nodeInfo, state),
    normalizeScore: (scores) => normalize(scores),
    eventsToRegister: [
      {
        resource: 'Pod',
        actionType: ['Add', 'UpdatePodLabel', 'Delete'],
        hint: (pod, before, after) => afterPodChange(pod, asPod(before), asPod(after), namespaceLabels),
      },
      {
        resource: 'Node',
        actionType: ['Add', 'UpdateNodeLabel'],
        hint: (pod, before, after) => afterNodeChange(pod, asNode(before), asNode(after)),
      },
    ],
  };
}

const wanted = (pod: Pod): readonly AffinityTerm[] =>
  affinityTerms(pod, pod.spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution);
const unwanted = (pod: Pod): readonly AffinityTerm[] =>
  affinityTerms(pod, pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution);

function afterPodChange(pod: Pod, was: Pod | undefined, is: Pod | undefined, namespaceLabels: NamespaceLabels): 'Queue' | 'QueueSkip' {
  const matches = (terms: readonly AffinityTerm[], other: Pod): boolean => matchesAllTerms(terms, other, namespaceLabels);
  if (was && is && isOwnUpdate(pod, is)) return 'Queue';
  if ((is && isUnplaced(is)) || (was && isUnplaced(was))) return 'QueueSkip';
  if (was && is) {
    const joined = !matches(wanted(pod), was) && matches(wanted(pod), is);
    const left = matches(unwanted(pod), was) && !matches(unwanted(pod), is);
    return joined || left ? 'Queue' : 'QueueSkip';
  }
  if (is) return matches(wanted(pod), is) ? 'Queue' : 'QueueSkip';
  return was && (matches(unwanted(pod), was) || matches(unwanted(was), pod)) ? 'Queue' : 'QueueSkip';
}

function afterNodeChange(pod: Pod, was: Node | undefined, is: Node | undefined): 'Queue' | 'QueueSkip' {
  const domain = (node: Node | undefined, { topologyKey }: AffinityTerm): string | undefined => node?.metadata.labels?.[topologyKey];
  const helped = wanted(pod).some((term) => domain(is, term) !== undefined && domain(was, term) !== domain(is, term));
  const freed = unwanted(pod).some(
    (term) => was === undefined || (domain(was, term) !== undefined && domain(was, term) !== domain(is, term)),
  );
  return helped || freed ? 'Queue' : 'QueueSkip';
}
