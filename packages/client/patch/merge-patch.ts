import { isEqual } from '@slipway/kube';
import { isDocument, withFields } from './document.ts';

/**
 * RFC 7386: documents merge, `null` removes, all else (lists too) replaces. Shares with the target all that stays the same, and returns
 * the target itself when nothing changes.
 */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isDocument(patch)) return isEqual(target, patch) ? target : patch;
  const changes = new Map<string, unknown>();
  const base = isDocument(target) ? target : {};
  for (const field in patch) {
    const value = patch[field];
    if (value === undefined) continue;
    changes.set(field, value === null ? undefined : applyMergePatch(base[field], value));
  }
  return withFields(base, changes);
}

/** The merge patch that turns `from` into `to`; `undefined` when they are equal. */
export function createMergePatch(from: unknown, to: unknown): unknown {
  if (isEqual(from, to)) return undefined;
  if (!isDocument(from) || !isDocument(to)) return to;
  const patch: Record<string, unknown> = {};
  for (const field in to) {
    const change = createMergePatch(from[field], to[field]);
    if (change !== undefined) patch[field] = change;
  }
  for (const field in from) if (from[field] !== undefined && to[field] === undefined) patch[field] = null;
  return patch;
}
