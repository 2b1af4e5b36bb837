import { type AnyCondition, findCondition, kindOf, type KubeObject } from '@slipway/kube';
import { suggestion } from '@slipway/kube/schema';
import { type ObjectReference, parseObjectRef, referenceText } from '../references.ts';
import type { Compilation } from './compilation.ts';
import type { Judge, JudgeContext, Verdict } from './judge.ts';
import { fewOf, objectNamed, objectsOf, othersText } from './objects.ts';
import { failed, held } from './verdict.ts';

// `condition` with `of`, as `kubectl wait --for=condition=…` has it.

/** All conditions that anything in a cluster sets on these kinds. Source: `pkg/apis/*`, the `…ConditionType` constants. */
const CLOSED: Readonly<Record<string, readonly string[]>> = {
  deployments: ['Available', 'Progressing', 'ReplicaFailure'],
  replicasets: ['ReplicaFailure'],
  jobs: ['Complete', 'Failed', 'Suspended', 'SuccessCriteriaMet', 'FailureTarget'],
  statefulsets: [],
  daemonsets: [],
};
/** The usual ones of kinds to which others may add their own. */
const OPEN: Readonly<Record<string, readonly string[]>> = {
  pods: ['PodScheduled', 'Initialized', 'PodReadyToStartContainers', 'ContainersReady', 'Ready', 'DisruptionTarget'],
  nodes: ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'],
};

const STATUSES = ['True', 'False', 'Unknown'];

/** @param text `Available`, `Ready=False`, `Ready=Unknown`. */
export function compileCondition(text: string, of: string | undefined, compilation: Compilation): Judge | undefined {
  if (of === undefined) {
    compilation.problem(['condition'], `condition: of which object?`, 'add "of: deployment/web"');
    return undefined;
  }
  const reference = compilation.reference(['of'], 'of', of);
  const [type = '', wanted = 'True', ...rest] = text.split('=');
  const status = STATUSES.find((each) => each.toLowerCase() === wanted.toLowerCase());
  if (rest.length > 0 || !/^[A-Za-z][\w./-]*$/.test(type) || status === undefined) {
    compilation.problem(['condition'], `condition: "${text}" is no condition`, 'write Available, Ready=False or Ready=Unknown');
    return undefined;
  }
  if (reference) checkType(type, reference, compilation);
  if (!reference || !compilation.sound) return undefined;
  return { sort: 'state', kinds: new Set([reference.plural]), judge: (context) => judge(type, status, of, reference, context) };
}

function checkType(type: string, { kind, name }: ObjectReference, compilation: Compilation): void {
  const { plural } = kind;
  const isBuiltIn = kindOf(kind.apiVersion, kind.kind) !== undefined;
  const closed = isBuiltIn ? (CLOSED[plural] ?? (kind.statusSubresource ? undefined : [])) : undefined;
  const known = closed ?? OPEN[plural] ?? [];
  if (known.includes(type)) return;
  const near = suggestion(type, known);
  if (closed?.length === 0)
    compilation.problem(
      ['condition'],
      `condition: this could never hold: a ${kind.kind} has no conditions`,
      kind.statusSubresource
        ? `write "object: { kind: ${kind.kind}, metadata: { name: ${name} }, status: { … } }"`
        : `write "object: { kind: ${kind.kind}, metadata: { name: ${name} } }"`,
    );
  else if (closed)
    compilation.problem(
      ['condition'],
      `condition: this could never hold: a ${kind.kind} has no condition "${type}"`,
      near === undefined ? `there is ${closed.join(', ')}` : `did you mean "${near}"?`,
    );
  else if (near !== undefined && near.toLowerCase() !== type.toLowerCase() + 's')
    compilation.problem(['condition'], `condition: a ${kind.kind} usually has no condition "${type}"`, `did you mean "${near}"?`);
}

function judge(
  type: string,
  status: string,
  of: string,
  parsed: ObjectReference,
  { cluster: { server }, variables }: JudgeContext,
): Verdict {
  const reference = of.includes('$') ? parseObjectRef(variables.text(of), server.kinds()) : parsed;
  const { kind, namespace, name } = reference;
  const object = objectNamed(server, kind, namespace, name);
  const condition = object && findCondition(conditionsOf(object), type);
  if (condition?.status === status) return held;
  // Taken now, for the message may be read when all is over.
  const others = object ? [] : objectsOf(server, kind);
  return failed(() => {
    const title = referenceText(reference);
    if (!object) return `there is no ${title}; ${othersText(kind, others)}`;
    if (condition) return `${title}: ${type} is ${condition.status}, not ${status}${reasonOf(condition)}`;
    const types = conditionsOf(object).map((each) => each.type);
    return `${title} has no condition ${type}${types.length === 0 ? ' yet' : `; it has ${fewOf(types)}`}`;
  });
}

function reasonOf({ reason = '', message = '' }: AnyCondition): string {
  const said = [reason, message].filter((part) => part !== '').join(': ');
  return said === '' ? '' : ` (${said})`;
}

/** Conditions of any kind, custom ones too; items of another form are none. */
function conditionsOf(object: KubeObject): readonly AnyCondition[] {
  const status = (object as { readonly status?: { readonly conditions?: unknown } }).status;
  return Array.isArray(status?.conditions) ? (status.conditions as readonly AnyCondition[]) : [];
}
