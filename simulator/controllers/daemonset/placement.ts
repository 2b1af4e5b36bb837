import {
  matchesRequiredNodeAffinity,
  type Node,
  type Pod,
  type PodSpec,
  type PodTemplateSpec,
  type Stored,
  type Taint,
  taintKeys,
  type Toleration,
  untoleratedTaint,
} from '@slipway/kube';

// Where the pods of a DaemonSet belong. Source: `pkg/controller/daemon/util/daemonset_util.go`, NodeShouldRunDaemonPod.

/** Whether a node should get a pod of the set, and whether one that is there may stay. */
export interface Verdict {
  readonly run: boolean;
  readonly stay: boolean;
}

const NO: Verdict = { run: false, stay: false };

/** The template with what each pod of a DaemonSet gets on top: tolerations of what nodes suffer from now and then. */
export function withDaemonTolerations(template: PodTemplateSpec): PodTemplateSpec {
  const { spec } = template;
  const tolerations: Toleration[] = [...(spec.tolerations ?? [])];
  for (const wanted of daemonTolerations(spec.hostNetwork === true)) {
    if (!tolerations.some((each) => isSame(each, wanted))) tolerations.push(wanted);
  }
  return { ...template, spec: { ...spec, tolerations } };
}

function isSame(a: Toleration, b: Toleration): boolean {
  return (
    a.key === b.key &&
    a.operator === b.operator &&
    a.effect === b.effect &&
    (a.value ?? '') === (b.value ?? '') &&
    a.tolerationSeconds === b.tolerationSeconds
  );
}

function daemonTolerations(hostNetwork: boolean): readonly Toleration[] {
  const tolerate = (key: string, effect: Taint['effect']): Toleration => ({ key, operator: 'Exists', effect });
  return [
    tolerate(taintKeys.notReady, 'NoExecute'),
    tolerate(taintKeys.unreachable, 'NoExecute'),
    tolerate(taintKeys.diskPressure, 'NoSchedule'),
    tolerate(taintKeys.memoryPressure, 'NoSchedule'),
    tolerate(taintKeys.pidPressure, 'NoSchedule'),
    tolerate(taintKeys.unschedulable, 'NoSchedule'),
    ...(hostNetwork ? [tolerate(taintKeys.networkUnavailable, 'NoSchedule')] : []),
  ];
}

/** Judges one node. @param template with the tolerations of `withDaemonTolerations`. */
export function verdictOf(template: PodTemplateSpec, node: Node): Verdict {
  const { spec } = template;
  if (spec.nodeName && spec.nodeName !== node.metadata.name) return NO;
  if (!matchesRequiredNodeAffinity({ spec: spec as PodSpec }, node)) return NO;
  const taints = node.spec?.taints;
  if (!untoleratedTaint(taints, spec.tolerations, ['NoSchedule', 'NoExecute'])) return { run: true, stay: true };
  return { run: false, stay: !untoleratedTaint(taints, spec.tolerations, ['NoExecute']) };
}

const NAME_FIELD = 'metadata.name';

/**
 * The spec with a required node affinity for this one node. Existing required terms are replaced: they were looked at when the node was
 * chosen. The scheduler does the placing.
 */
export function boundToNode(spec: PodSpec, node: string): PodSpec {
  const required = { nodeSelectorTerms: [{ matchFields: [{ key: NAME_FIELD, operator: 'In' as const, values: [node] }] }] };
  const { affinity } = spec;
  return {
    ...spec,
    affinity: { ...affinity, nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required } },
  };
}

/** The node that a pod is on or is meant for. */
export function targetNodeOf({ spec }: Pick<Stored<Pod>, 'spec'>): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { matchFields = [] } of terms) {
    const named = matchFields.find(({ key, operator, values = [] }) => key === NAME_FIELD && operator === 'In' && values.length === 1);
    if (named) return named.values?.[0];
  }
  return undefined;
}
