import { matchesRequiredNodeAffinity, type NodeSelectorTerm, type Pod, preferredNodeAffinityWeight } from '@slipway/kube';
import { asNode } from '../framework/hints.ts';
import { defaultNormalizeScore } from '../framework/normalize-score.ts';
import { skip, success, unschedulableAndUnresolvable } from '../framework/status.ts';
import type { FilterPlugin, PreFilterPlugin, PreScorePlugin, ScorePlugin } from '../framework/types.ts';

const refusal = unschedulableAndUnresolvable("node(s) didn't match Pod's node affinity/selector");
const conflict = unschedulableAndUnresolvable('pod affinity terms conflict');

const requiredTerms = (pod: Pod): readonly NodeSelectorTerm[] | undefined =>
  pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

/**
 * `nodeSelector` and required node affinity must match; preferred terms that match add their weights.
 * Source: `plugins/nodeaffinity/node_affinity.go`. Not covered: the plugin argument `addedAffinity`.
 */
export const nodeAffinity: PreFilterPlugin & FilterPlugin & PreScorePlugin & ScorePlugin = {
  name: 'NodeAffinity',
  preFilter(pod) {
    const terms = requiredTerms(pod);
    if (terms === undefined && pod.spec.nodeSelector === undefined) return skip;
    const names = terms && namedNodes(terms);
    if (names === undefined) return success;
    return names.size === 0 ? conflict : { status: success, nodeNames: names };
  },
  filter(pod, { node }) {
    return matchesRequiredNodeAffinity(pod, node) ? success : refusal;
  },
  preScore(pod) {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution;
    return preferred === undefined || preferred.length === 0 ? skip : success;
  },
  score: (pod, { node }) => preferredNodeAffinityWeight(pod, node),
  normalizeScore: (scores) => defaultNormalizeScore(scores, false),
  eventsToRegister: [
    {
      resource: 'Node',
      actionType: ['Add', 'UpdateNodeLabel'],
      hint(pod, before, after) {
        const [was, is] = [asNode(before), asNode(after)];
        if (is === undefined || !matchesRequiredNodeAffinity(pod, is)) return 'QueueSkip';
        return was === undefined || !matchesRequiredNodeAffinity(pod, was) ? 'Queue' : 'QueueSkip';
      },
    },
  ],
};

/** The nodes that `metadata.name In` fields leave; undefined when some term leaves all. Terms are ORed, fields of a term ANDed. */
function namedNodes(terms: readonly NodeSelectorTerm[]): ReadonlySet<string> | undefined {
  if (terms.length === 0) return undefined;
  const names = new Set<string>();
  for (const { matchFields = [] } of terms) {
    const lists = matchFields.filter(({ key, operator }) => key === 'metadata.name' && operator === 'In').map(({ values = [] }) => values);
    const [first, ...others] = lists;
    if (first === undefined) return undefined;
    for (const name of first) if (others.every((list) => list.includes(name))) names.add(name);
  }
  return names;
}
