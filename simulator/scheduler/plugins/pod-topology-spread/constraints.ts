import {
  isEmptySelector,
  type LabelSelector,
  matchesRequiredNodeAffinity,
  type Node,
  nodeLabels,
  type Pod,
  type TopologySpreadConstraint,
  untoleratedTaint,
} from '@slipway/kube';
import { LabelMatcher } from '../../cache/label-matcher.ts';
import type { Snapshot } from '../../cache/snapshot.ts';

/** A constraint with its defaults filled in. Source: `plugins/podtopologyspread/common.go`. */
export interface Constraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  /** Undefined: matches nothing. */
  readonly matcher: LabelMatcher | undefined;
  readonly minDomains: number;
  readonly honorNodeAffinity: boolean;
  readonly honorNodeTaints: boolean;
}

/** What holds for pods that say nothing and are selected by a Service or a workload (`plugins/podtopologyspread/plugin.go`). */
const systemDefaults: readonly TopologySpreadConstraint[] = [
  { topologyKey: nodeLabels.hostname, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: nodeLabels.zone, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
];

/** A pod's own constraints of one sort; without any, the system's defaults. */
export function constraintsOf(
  pod: Pod,
  action: TopologySpreadConstraint['whenUnsatisfiable'],
  defaultSelector: Snapshot['defaultSelector'],
): readonly Constraint[] {
  const own = pod.spec.topologySpreadConstraints ?? [];
  if (own.length > 0) {
    return own
      .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
      .map((constraint) => compiled(constraint, matcherOf(pod, constraint)));
  }
  const defaults = systemDefaults.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action);
  const matcher = defaults.length === 0 ? undefined : defaultSelector(pod);
  return matcher === undefined ? [] : defaults.map((constraint) => compiled(constraint, matcher));
}

function compiled(constraint: TopologySpreadConstraint, matcher: LabelMatcher | undefined): Constraint {
  const { maxSkew, topologyKey, minDomains = 1, nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' } = constraint;
  const [honorNodeAffinity, honorNodeTaints] = [nodeAffinityPolicy === 'Honor', nodeTaintsPolicy === 'Honor'];
  return { maxSkew, topologyKey, matcher, minDomains, honorNodeAffinity, honorNodeTaints };
}

/** `matchLabelKeys` add the pod's own values to the selector. */
function matcherOf({ metadata }: Pod, { labelSelector, matchLabelKeys = [] }: TopologySpreadConstraint): LabelMatcher | undefined {
  if (labelSelector === undefined) return undefined;
  const own = Object.fromEntries(
    matchLabelKeys.flatMap((key) => {
      const value = metadata.labels?.[key];
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const selectors: LabelSelector[] = [labelSelector, { matchLabels: own }];
  return LabelMatcher.of(selectors.filter((selector) => !isEmptySelector(selector)));
}

/** Does the node count for this constraint of the pod? */
export function includesNode({ honorNodeAffinity, honorNodeTaints }: Constraint, pod: Pod, node: Node): boolean {
  if (honorNodeAffinity && !matchesRequiredNodeAffinity(pod, node)) return false;
  return !honorNodeTaints || untoleratedTaint(node.spec.taints, pod.spec.tolerations, ['NoSchedule', 'NoExecute']) === undefined;
}

/** Has the node a domain for each constraint? */
export const hasAllDomains = (node: Node, constraints: readonly Constraint[]): boolean =>
  constraints.every(({ topologyKey }) => node.metadata.labels?.[topologyKey] !== undefined);

const nothing: ReadonlyMap<string, number> = new Map();

/** Matching pods by node. An empty selector counts nobody, although it matches everybody. */
export function matchingByNode({ matcher }: Constraint, namespace: string, snapshot: Snapshot): ReadonlyMap<string, number> {
  return matcher === undefined || matcher.isEmpty ? nothing : snapshot.matchingPods(namespace, matcher).live;
}
