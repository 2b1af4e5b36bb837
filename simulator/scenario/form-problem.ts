import type { DecodeIssue } from '@slipway/kube/schema';
import { fieldText } from '../manifests/field-path.ts';
import { decodeFix } from '../manifests/fixes.ts';
import type { Problem } from '../manifests/input-error.ts';
import type { RawDocument } from './settings.ts';

/** Keys whose values are durations: a bare number is most likely meant in seconds. */
const DURATIONS: ReadonlySet<string | number> = new Set([
  ...['at', 'from', 'within', 'until', 'duration', 'for', 'delay', 'lag', 'down', 'restart', 'timeout', 'gracePeriod'],
]);
/** Keys of `spec` that people write one level too high. */
const OF_SPEC: ReadonlySet<string | number> = new Set(['include', 'seed', 'duration', 'cluster', 'invariants', 'steps', 'expect']);

/** What the form says against a document, in words for whoever wrote it. */
export function formProblem({ path, message, suggestion }: DecodeIssue, document: unknown, placeOf: RawDocument['placeOf']): Problem {
  const isUnknown = message.startsWith('unknown field');
  const where = fieldText(path.slice(0, isUnknown ? -1 : undefined));
  const place = placeOf(path, isUnknown ? 'key' : 'value');
  const said = (text: string, fix: string | undefined): Problem => ({
    place,
    message: where === '' ? text : `${where}: ${text}`,
    ...(fix === undefined ? {} : { fix }),
  });
  const key = path.at(-1) ?? '';
  if (isUnknown && suggestion === undefined) {
    // Between braces a comma ends a value: what stands after it is read as the next key.
    if (/[^\w./$-]/.test(String(key))) return said(message, 'put the text that it belongs to in quotes, if it is no key');
    if (path.length === 1 && OF_SPEC.has(key)) return said(message, 'write it below "spec:"');
  }
  if (message.startsWith('is required') && isNull(document, path)) return said('has no value', 'write one, or remove the key');
  const number = /^must be .*text.*, not the number (\d+(\.\d+)?)$/.exec(message)?.[1];
  if (number !== undefined && DURATIONS.has(key)) return said(message, `write ${number}s`);
  if (message.endsWith(': must be one of true')) return said('can only be true', 'write true, or remove the key');
  return said(message, decodeFix(message, suggestion));
}

/** Whether the key is there, with nothing after it. */
function isNull(document: unknown, path: readonly (string | number)[]): boolean {
  let value: unknown = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return false;
    value = (value as Readonly<Record<string | number, unknown>>)[step];
  }
  return value === null;
}
