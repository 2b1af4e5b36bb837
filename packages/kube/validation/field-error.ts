import type { Kind } from '../kinds.ts';
import { qualifiedKind } from '../kinds.ts';

/** How a field is wrong, in upstream's words. Source: apimachinery `util/validation/field/errors.go`. */
export type FieldErrorKind =
  | 'Not found'
  | 'Required value'
  | 'Duplicate value'
  | 'Invalid value'
  | 'Unsupported value'
  | 'Forbidden'
  | 'Too long'
  | 'Too many'
  | 'Internal error';

/** One wrong field. */
export interface FieldError {
  /** Path such as `spec.containers[0].name`. */
  readonly field: string;
  readonly kind: FieldErrorKind;
  readonly value?: unknown;
  /** Why, for people. May be empty. */
  readonly detail: string;
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return { field, kind: 'Invalid value', value, detail };
}

export function requiredValue(field: string, detail = ''): FieldError {
  return { field, kind: 'Required value', detail };
}

export function duplicateValue(field: string, value: unknown): FieldError {
  return { field, kind: 'Duplicate value', value, detail: '' };
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { field, kind: 'Forbidden', detail };
}

export function notFoundValue(field: string, value: unknown): FieldError {
  return { field, kind: 'Not found', value, detail: '' };
}

export function unsupportedValue(field: string, value: unknown, supported: readonly string[]): FieldError {
  const shown = [...supported].sort().map((choice) => JSON.stringify(choice));
  return { field, kind: 'Unsupported value', value, detail: shown.length === 0 ? '' : `supported values: ${shown.join(', ')}` };
}

/** @param unit what is counted: `bytes` or `characters` */
export function tooLong(field: string, maximum: number, unit = 'bytes'): FieldError {
  return { field, kind: 'Too long', detail: `may not be more than ${maximum} ${unit}` };
}

export function tooMany(field: string, actual: number, maximum: number): FieldError {
  return { field, kind: 'Too many', value: actual, detail: `must have at most ${maximum} items` };
}

/** `Invalid value: "x": why`: strings quoted, structures as JSON, no value where it would not help. */
export function fieldErrorBody(error: FieldError): string {
  const valueless =
    error.kind === 'Required value' || error.kind === 'Forbidden' || error.kind === 'Too long' || error.kind === 'Internal error';
  const shown = valueless ? error.kind : `${error.kind}: ${showValue(error.value)}`;
  return error.detail === '' ? shown : `${shown}: ${error.detail}`;
}

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export function fieldErrorText(error: FieldError): string {
  return `${error.field}: ${fieldErrorBody(error)}`;
}

function showValue(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value);
}

/** `Deployment.apps "x" is invalid: <error>`, or `[<error>, <error>]`; an error that repeats is shown once, as upstream's aggregate does. */
export function invalidMessage(kind: Pick<Kind, 'group' | 'kind'>, name: string, errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(fieldErrorText))];
  const shown = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return `${qualifiedKind(kind)} "${name}" is invalid: ${shown}`;
}
