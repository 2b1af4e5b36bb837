import type { Kind } from '@slipway/kube';
import { decode } from '@slipway/kube/schema';
import type { Compilation } from './compilation.ts';
import { pathTo } from './partial-match.ts';

/** So many mistakes of one pattern are told. */
const MOST = 5;

/**
 * Reports fields that the kind does not have, and values that it could not have. What a whole object would need besides is no mistake in
 * a part of one. Custom kinds are as their definitions say, which only the server reads.
 */
export function checkFields(key: string, kind: Kind, fields: Readonly<Record<string, unknown>>, compilation: Compilation): void {
  const decoded = decode({ ...fields, apiVersion: kind.apiVersion, kind: kind.kind });
  if (!('issues' in decoded)) return;
  let told = 0;
  for (const { path, message, suggestion } of decoded.issues) {
    const isUnknown = message.startsWith('unknown field');
    if (!isUnknown && !/^(unsupported value|must be)/.test(message)) continue;
    if (!isUnknown && holdsVariable(fields, path)) continue;
    told += 1;
    if (told > MOST) return;
    const where = path
      .slice(0, isUnknown ? -1 : undefined)
      .reduce<string>((text, step) => (typeof step === 'number' ? `${text}[${step}]` : pathTo(text, step)), '');
    compilation.problem([key, ...path], `${key}: ${kind.kind}${where === '' ? '' : ` ${where}`}: ${message}`, fixOf(isUnknown, suggestion));
  }
}

function fixOf(isUnknown: boolean, near: string | undefined): string | undefined {
  if (near !== undefined) return isUnknown || !/^["\d-]|^true$|^false$/.test(near) ? `did you mean "${near}"?` : `write ${near}`;
  return isUnknown ? 'remove it, or move it to where it belongs' : undefined;
}

/** A variable stands for a value that is not known yet. */
function holdsVariable(fields: unknown, path: readonly (string | number)[]): boolean {
  let value = fields;
  for (const step of path)
    value = typeof value === 'object' && value !== null ? (value as Readonly<Record<string | number, unknown>>)[step] : undefined;
  return typeof value === 'string' && value.includes('$');
}
