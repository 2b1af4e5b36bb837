import { isEqual } from '@slipway/kube';

/** The merge patch (RFC 7386) that turns one object's fields into another's; lists and fields are replaced whole. */
export function changedFields<T extends object>(from: T, to: T): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  const before = from as Record<string, unknown>;
  const after = to as Record<string, unknown>;
  for (const key of Object.keys(after)) if (!isEqual(before[key], after[key])) patch[key] = after[key];
  for (const key of Object.keys(before)) if (!Object.hasOwn(after, key)) patch[key] = null;
  return patch;
}
