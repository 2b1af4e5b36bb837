import { isEqual } from '../equality.ts';
import type { Kind } from '../kinds.ts';
import {
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  labelValueProblems,
  maxLengthProblem,
  type NameCheck,
  pathSegmentNameProblems,
  qualifiedNameProblems,
} from '../names.ts';
import type { ObjectMeta, OwnerReference, TemplateMeta } from '../types/index.ts';
import { type FieldError, forbiddenField, invalidValue, requiredValue, tooLong } from './field-error.ts';

// Source: apimachinery `api/validation/objectmeta.go`, `pkg/apis/core/validation/validation.go`.

/** Message for a field that may not change. */
export const immutableDetail = 'field is immutable';
/** Message for a number that may not be negative. */
export const notNegativeDetail = 'must be greater than or equal to 0';

const maxAnnotationBytes = 256 * 1024;

// A CronJob's jobs get 11 more characters, which must leave room in the label of their pods.
const cronJobNameProblems: NameCheck = (name) => [...dns1123SubdomainProblems(name), ...(name.length > 52 ? [maxLengthProblem(52)] : [])];

/** What a name of this kind has to look like. */
export function nameCheckOf(kind: Pick<Kind, 'group' | 'kind'>): NameCheck {
  if (kind.group === 'rbac.authorization.k8s.io') return pathSegmentNameProblems;
  switch (kind.kind) {
    case 'Namespace':
    // Since 1.36 (RelaxedServiceNameValidation) a Service name may start with a digit.
    case 'Service':
      return kind.group === '' ? dns1123LabelProblems : dns1123SubdomainProblems;
    case 'CronJob':
      return kind.group === 'batch' ? cronJobNameProblems : dns1123SubdomainProblems;
    default:
      return dns1123SubdomainProblems;
  }
}

/** Checks name, namespace, labels, annotations, owners and finalizers. */
export function validateObjectMeta(meta: ObjectMeta, kind: Pick<Kind, 'group' | 'kind' | 'namespaced'>): readonly FieldError[] {
  const errors: FieldError[] = [];
  const check = nameCheckOf(kind);
  const { generateName = '', name, namespace = '', generation = 0 } = meta;
  if (generateName !== '') {
    // The text is only the start of a name, so a hyphen at its end is fine.
    for (const problem of check(generateName.replace(/-$/, 'a'))) errors.push(invalidValue('metadata.generateName', generateName, problem));
  }
  if (name === '') errors.push(requiredValue('metadata.name', 'name or generateName is required'));
  else for (const problem of check(name)) errors.push(invalidValue('metadata.name', name, problem));
  if (!kind.namespaced) {
    if (namespace !== '') errors.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  } else if (namespace === '') errors.push(requiredValue('metadata.namespace'));
  else for (const problem of dns1123LabelProblems(namespace)) errors.push(invalidValue('metadata.namespace', namespace, problem));
  if (generation < 0) errors.push(invalidValue('metadata.generation', generation, notNegativeDetail));
  errors.push(...validateTemplateMeta(meta, 'metadata'));
  errors.push(...validateOwners(meta.ownerReferences ?? []));
  for (const finalizer of meta.finalizers ?? []) errors.push(...validateFinalizer(finalizer));
  return errors;
}

/** Labels and annotations: all of a template's metadata that counts. */
export function validateTemplateMeta(meta: TemplateMeta | undefined, path: string): readonly FieldError[] {
  return [...validateLabels(meta?.labels, `${path}.labels`), ...validateAnnotations(meta?.annotations, `${path}.annotations`)];
}

export function validateLabels(labels: Readonly<Record<string, string>> | undefined, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const problem of qualifiedNameProblems(key)) errors.push(invalidValue(path, key, problem));
    for (const problem of labelValueProblems(value)) errors.push(invalidValue(path, value, problem));
  }
  return errors;
}

function validateAnnotations(annotations: Readonly<Record<string, string>> | undefined, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    size += utf8Length(key) + utf8Length(value);
    for (const problem of qualifiedNameProblems(key.toLowerCase())) errors.push(invalidValue(path, key, problem));
  }
  if (size > maxAnnotationBytes) errors.push(tooLong(path, maxAnnotationBytes));
  return errors;
}

/** Bytes of a text in UTF-8. */
export function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

function validateOwners(owners: readonly OwnerReference[]): readonly FieldError[] {
  const path = 'metadata.ownerReferences';
  const errors: FieldError[] = [];
  for (const owner of owners) {
    if (owner.apiVersion === '') errors.push(invalidValue(`${path}.apiVersion`, '', 'version must not be empty'));
    if (owner.kind === '') errors.push(invalidValue(`${path}.kind`, '', 'must not be empty'));
    if (owner.name === '') errors.push(invalidValue(`${path}.name`, '', 'must not be empty'));
    if (owner.uid === '') errors.push(invalidValue(`${path}.uid`, '', 'must not be empty'));
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      errors.push(invalidValue(path, owner, '/v1, Kind=Event is disallowed from being an owner'));
    }
  }
  const [first, second] = owners.filter((owner) => owner.controller === true);
  if (first !== undefined && second !== undefined) {
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${first.kind}/${first.name} and ${second.kind}/${second.name}`;
    errors.push(invalidValue(path, owners, detail));
  }
  return errors;
}

const standardFinalizers: readonly string[] = ['kubernetes', 'orphan', 'foregroundDeletion'];

function validateFinalizer(finalizer: string): readonly FieldError[] {
  const path = 'metadata.finalizers';
  const errors = qualifiedNameProblems(finalizer).map((problem) => invalidValue(path, finalizer, problem));
  if (!finalizer.includes('/') && !standardFinalizers.includes(finalizer)) {
    errors.push(invalidValue(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'));
  }
  return errors;
}

/** What may not change in metadata. The fields that the server restores by itself are compared after it has done so. */
export function validateMetaUpdate(meta: ObjectMeta, old: ObjectMeta): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const) {
    if (meta[field] !== old[field]) errors.push(invalidValue(`metadata.${field}`, meta[field], immutableDetail));
  }
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalidValue('metadata.generation', meta.generation ?? 0, 'must not be decremented'));
  }
  if (old.deletionTimestamp !== undefined) {
    const added = (meta.finalizers ?? []).filter((finalizer) => !(old.finalizers ?? []).includes(finalizer));
    if (added.length > 0) {
      const shown = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
      errors.push(
        forbiddenField(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`,
        ),
      );
    }
  }
  return errors;
}

/** An error if a field that may not change has changed. */
export function immutableField(value: unknown, old: unknown, path: string): readonly FieldError[] {
  return isEqual(value, old) ? [] : [invalidValue(path, value, immutableDetail)];
}

/** An error if a number is negative. */
export function notNegative(value: number | undefined, path: string): readonly FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(path, value, notNegativeDetail)] : [];
}
