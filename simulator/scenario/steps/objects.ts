import type { DeleteOptions, Resource } from '@slipway/client';
import { parseDuration } from '@slipway/kernel';
import { type Kind, kindOf, type KubeObject } from '@slipway/kube';
import { decode } from '@slipway/kube/schema';
import { fieldText } from '../../manifests/field-path.ts';
import { resolveObject, resolvePod } from '../references.ts';
import type { NamedObject, StepDocument } from '../schema.ts';
import { type StepChecker, type StepContext, type StepKind, valueOf } from './step-kind.ts';
import { StepError } from './step-error.ts';

/** One object of the cluster: who serves it, and how a request names it. */
interface Target {
  readonly kind: Kind;
  readonly resource: Resource<KubeObject>;
  readonly at: { readonly namespace?: string; readonly name: string };
}

function targetOf(reference: string, { cluster, variables }: StepContext): Target {
  const { kind, namespace, name } = resolveObject(reference, cluster, variables);
  const isBuiltIn = kindOf(kind.apiVersion, kind.kind) !== undefined;
  const resource = cluster.api.resource<KubeObject>(isBuiltIn ? kind.plural : `${kind.plural}.${kind.group}`);
  return { kind, resource, at: namespace === undefined ? { name } : { namespace, name } };
}

/** As trace events of the API name an object. */
function subjectOf(reference: string, context: StepContext): string {
  const { at } = targetOf(reference, context);
  return at.namespace === undefined ? at.name : `${at.namespace}/${at.name}`;
}

type DeleteDocument = NonNullable<StepDocument['delete']>;
type DeleteForm = Extract<DeleteDocument, { of: unknown }>;

function deleteForm(document: DeleteDocument): DeleteForm {
  if (typeof document === 'string' || Array.isArray(document)) return { of: document };
  return isNamed(document) ? { of: referenceTo(document) } : (document as DeleteForm);
}

/** Whether an object is named as manifests name it. */
function isNamed(document: object): document is NamedObject {
  return 'kind' in document;
}

function referenceTo({ kind, metadata: { namespace, name } }: NamedObject): string {
  return namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
}

type PatchDocument = NonNullable<StepDocument['patch']>;
type PatchForm = Exclude<PatchDocument, NamedObject>;

/** A part of an object says itself which one it is part of. */
function patchForm(document: PatchDocument): PatchForm {
  if (!isNamed(document)) return document;
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = document;
  const { name: _name, namespace: _namespace, ...meta } = metadata;
  return { of: referenceTo(document), type: 'merge', with: { ...(Object.keys(meta).length > 0 ? { metadata: meta } : {}), ...rest } };
}

/** References as they stand; of `podOf` what it is told by. */
function listOf(of: DeleteForm['of']): readonly string[] {
  if (typeof of === 'string') return [of];
  return 'podOf' in of ? [of.podOf] : of;
}

/** What is to go, by reference. @throws BadReference where there is no pod yet. */
function namedBy(of: DeleteForm['of'], { cluster, variables }: StepContext): readonly string[] {
  if (typeof of === 'string' || !('podOf' in of)) return listOf(of).flatMap((reference) => variables.texts(reference));
  const { namespace, name } = resolvePod(of, cluster, variables);
  return [`pod/${namespace}/${name}`];
}

/**
 * What kubectl sends. A grace period of 0 without force would lose data by accident: kubectl makes a second of it. Source:
 * `staging/src/k8s.io/kubectl/pkg/cmd/delete/delete.go`, Complete.
 */
function deleteOptions({ gracePeriod, force }: DeleteForm): DeleteOptions {
  const propagation = { propagationPolicy: 'Background' } as const;
  if (force === true) return { ...propagation, gracePeriodSeconds: 0 };
  return gracePeriod === undefined ? propagation : { ...propagation, gracePeriodSeconds: Math.max(1, secondsOf(gracePeriod)) };
}

/** Grace periods are whole seconds: a part of one counts as a whole. */
export function secondsOf(duration: string): number {
  return Math.ceil(parseDuration(duration) / 1_000_000);
}

export const deleteStep: StepKind<DeleteDocument> = {
  check(document, checker) {
    const { of, gracePeriod, force } = deleteForm(document);
    const isForm = typeof document !== 'string' && !Array.isArray(document) && !isNamed(document);
    for (const [index, reference] of listOf(of).entries())
      checker.object([...(isForm ? ['of'] : []), ...(typeof of === 'string' ? [] : 'podOf' in of ? ['podOf'] : [index])], reference);
    if (force === true && gracePeriod !== undefined && secondsOf(gracePeriod) > 0)
      checker.problem(['gracePeriod'], `"force" deletes at once, a grace period of ${gracePeriod} waits`, 'leave one of the two out');
  },
  subject(document, context) {
    const [only, ...more] = listOf(deleteForm(document).of);
    return only === undefined || more.length > 0 ? undefined : subjectOf(only, context);
  },
  *perform(document, context) {
    const form = deleteForm(document);
    const options = deleteOptions(form);
    const targets = namedBy(form.of, context).map((reference) => targetOf(reference, context));
    for (const { resource, at } of targets) yield* resource.delete({ ...at, ...options });
    return valueOf(targets.map(({ at }) => at.name));
  },
};

export const patchStep: StepKind<PatchDocument> = {
  check(document, checker) {
    const { of, with: body, type = 'strategic', subresource } = patchForm(document);
    const kind = checker.object([isNamed(document) ? 'kind' : 'of'], of);
    if (type === 'json' && !Array.isArray(body))
      checker.problem(['with'], 'a patch of type json is a list of operations', 'write "- {op: replace, path: /spec/replicas, value: 3}"');
    if (type !== 'json' && Array.isArray(body))
      checker.problem(
        ['with'],
        `a patch of type ${type} is a part of the object, not a list`,
        'add "type: json", or write the fields that change',
      );
    if (kind && type !== 'json' && !Array.isArray(body)) checkPatchFields(kind, body, isNamed(document) ? [] : ['with'], checker);
    if (Array.isArray(body))
      for (const [index, operation] of body.entries()) checkOperation(operation, index, checker.problem.bind(checker));
    if (kind && subresource === 'scale' && !kind.scalable)
      checker.problem(['subresource'], `a ${kind.kind} cannot be scaled`, `these can: ${scalable(checker.kinds)}`);
    if (kind && subresource === 'status' && !kind.statusSubresource)
      checker.problem(['subresource'], `a ${kind.kind} has no subresource status`, 'leave "subresource" out');
  },
  subject: (document, context) => subjectOf(patchForm(document).of, context),
  *perform(document, context) {
    const { of, with: body, type = 'strategic', subresource } = patchForm(document);
    const { resource, at } = targetOf(of, context);
    const patch = context.variables.data(body);
    yield* resource.patch({ ...at, patch, type, ...(subresource === undefined ? {} : { subresource }) });
    return at.name;
  },
};

/** Fields that the kind does not have: the API server would drop them without a word. */
function checkPatchFields(kind: Kind, body: Readonly<Record<string, unknown>>, at: readonly string[], checker: StepChecker): void {
  const decoded = decode({ ...body, apiVersion: kind.apiVersion, kind: kind.kind });
  if (!('issues' in decoded)) return;
  for (const { path, message, suggestion } of decoded.issues) {
    const key = String(path.at(-1));
    // Directives of a strategic merge patch: $patch, $retainKeys, $setElementOrder/containers.
    if (!message.startsWith('unknown field') || key.startsWith('$')) continue;
    const fix = suggestion === undefined ? 'remove it, or move it to where it belongs' : `did you mean "${suggestion}"?`;
    checker.problem([...at, ...path], `${kind.kind} ${fieldText(path.slice(0, -1))}: ${message}`.replace(' :', ':'), fix);
  }
}

/** Operations of RFC 6902. */
const OPERATIONS: readonly unknown[] = ['add', 'remove', 'replace', 'move', 'copy', 'test'];

function checkOperation(
  operation: Readonly<Record<string, unknown>>,
  index: number,
  problem: (path: (string | number)[], message: string, fix: string) => void,
): void {
  const { op, path } = operation;
  if (['add', 'replace', 'test'].includes(op as string) && !Object.hasOwn(operation, 'value'))
    problem(['with', index], `"${String(op)}" needs a value`, 'write for example "value: 3"');
  if (['move', 'copy'].includes(op as string) && typeof operation['from'] !== 'string')
    problem(['with', index], `"${String(op)}" needs "from", a path`, 'write for example "from: /metadata/labels/old"');
  if (!OPERATIONS.includes(op)) problem(['with', index], `"op" is none of ${OPERATIONS.join(', ')}`, 'write for example "op: replace"');
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/')))
    problem(['with', index], '"path" is no path of a field', 'write for example "path: /spec/replicas"');
}

function scalable(kinds: readonly Kind[]): string {
  return kinds
    .filter((kind) => kind.scalable)
    .map(({ singular }) => singular)
    .join(', ');
}

/** Source: `staging/src/k8s.io/kubectl/pkg/scale/scale.go`, ScaleSimple: without preconditions, a merge patch of the scale. */
export const scaleStep: StepKind<NonNullable<StepDocument['scale']>> = {
  check({ of }, checker) {
    const kind = checker.object(['of'], of);
    if (kind && !kind.scalable) checker.problem(['of'], `a ${kind.kind} cannot be scaled`, `these can: ${scalable(checker.kinds)}`);
  },
  subject: ({ of }, context) => subjectOf(of, context),
  *perform({ of, replicas }, context) {
    const { kind, resource, at } = targetOf(of, context);
    if (!kind.scalable) throw new StepError(`a ${kind.kind} cannot be scaled`, `these can: ${scalable(context.cluster.server.kinds())}`);
    yield* resource.patch({ ...at, type: 'merge', subresource: 'scale', patch: { spec: { replicas } } });
    return at.name;
  },
};
