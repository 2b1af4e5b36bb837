import { isEqual } from '../equality.ts';
import { configMapKeyProblems } from '../names.ts';
import type { ConfigMap, Secret } from '../types/index.ts';
import { type FieldError, forbiddenField, invalidValue, requiredValue, tooLong } from './field-error.ts';
import { immutableField, utf8Length } from './metadata.ts';

// Source: `pkg/apis/core/validation/validation.go` ValidateConfigMap, ValidateSecret.

const maxBytes = 1024 * 1024;

type Data = Readonly<Record<string, string>>;

export function validateConfigMap({ data = {}, binaryData = {} }: ConfigMap): readonly FieldError[] {
  const errors: FieldError[] = [];
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    for (const problem of configMapKeyProblems(key)) errors.push(invalidValue(`data[${key}]`, key, problem));
    if (Object.hasOwn(binaryData, key)) errors.push(invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData'));
    size += utf8Length(value);
  }
  for (const [key, value] of Object.entries(binaryData)) {
    for (const problem of configMapKeyProblems(key)) errors.push(invalidValue(`binaryData[${key}]`, key, problem));
    size += decodedLength(value);
  }
  // The path is empty upstream too: the sum belongs to no one field.
  if (size > maxBytes) errors.push(tooLong('', maxBytes));
  return errors;
}

/** Bytes that a base64 text stands for. */
function decodedLength(base64: string): number {
  const text = base64.replace(/\s|=/g, '');
  return Math.floor((text.length * 3) / 4);
}

export function validateConfigMapUpdate(configMap: ConfigMap, old: ConfigMap): readonly FieldError[] {
  return [...validateConfigMap(configMap), ...validateFrozen(configMap, old, ['data', 'binaryData'])];
}

function validateFrozen<T extends { readonly immutable?: boolean }>(
  object: T,
  old: T,
  fields: readonly (keyof T & string)[],
): readonly FieldError[] {
  if (old.immutable !== true) return [];
  const detail = 'field is immutable when `immutable` is set';
  const errors: FieldError[] = object.immutable === true ? [] : [forbiddenField('immutable', detail)];
  for (const field of fields) if (!isEqual(object[field] ?? {}, old[field] ?? {})) errors.push(forbiddenField(field, detail));
  return errors;
}

/** Keys that a Secret of a built-in type must have. */
const requiredKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

export function validateSecret(secret: Secret): readonly FieldError[] {
  const errors: FieldError[] = [];
  // The server turns stringData into data before it validates; here both are looked at, so that either order will do.
  const data: Data = { ...secret.data, ...secret.stringData };
  let size = 0;
  for (const [key, value] of Object.entries(data)) {
    for (const problem of configMapKeyProblems(key)) errors.push(invalidValue(`data[${key}]`, key, problem));
    size += secret.stringData?.[key] === undefined ? decodedLength(value) : utf8Length(value);
  }
  if (size > maxBytes) errors.push(tooLong('data', maxBytes));
  const type = secret.type ?? '';
  for (const key of (Object.hasOwn(requiredKeys, type) ? requiredKeys[type] : undefined) ?? []) {
    if (!Object.hasOwn(data, key)) errors.push(requiredValue(`data[${key}]`));
  }
  if (type === 'kubernetes.io/basic-auth' && !Object.hasOwn(data, 'username') && !Object.hasOwn(data, 'password')) {
    errors.push(requiredValue('data[username]'), requiredValue('data[password]'));
  }
  if (type === 'kubernetes.io/service-account-token') {
    const annotation = 'kubernetes.io/service-account.name';
    if ((secret.metadata.annotations?.[annotation] ?? '') === '') errors.push(requiredValue(`metadata.annotations[${annotation}]`));
  }
  return errors;
}

export function validateSecretUpdate(secret: Secret, old: Secret): readonly FieldError[] {
  return [...validateSecret(secret), ...immutableField(secret.type, old.type, 'type'), ...validateFrozen(secret, old, ['data'])];
}
