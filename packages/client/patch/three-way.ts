import { isEqual } from '@slipway/kube';
import { isDocument } from './document.ts';

import { mergeRule } from './merge-keys.ts';

/** Where kubectl's client-side apply keeps what was applied last. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * The strategic merge patch of client-side apply: what `last` had and `wanted` leaves out is removed, what `wanted` says is set, and
 * what only `live` has stays. `undefined`: nothing to do. Source: apimachinery `util/strategicpatch` CreateThreeWayMergePatch.
 */
export function threeWayPatch(last: unknown, wanted: unknown, live: unknown): unknown {
  return threeWay(last, wanted, live, 'strategic', undefined);
}

/** The same for kinds without a schema (custom resources): an RFC 7386 patch; lists are replaced whole. */
export function threeWayMergePatch(last: unknown, wanted: unknown, live: unknown): unknown {
  return threeWay(last, wanted, live, 'merge', undefined);
}

function threeWay(last: unknown, wanted: unknown, live: unknown, how: 'strategic' | 'merge', field: string | undefined): unknown {
  if (!isDocument(wanted)) return isEqual(wanted, live) ? undefined : wanted;
  if (!isDocument(live)) return wanted;
  const before = isDocument(last) ? last : {};
  const patch: Record<string, unknown> = {};
  for (const name in wanted) {
    const value = wanted[name];
    if (value === undefined) continue;
    // An explicit null asks for the field's removal.
    const change =
      value === null
        ? live[name] === undefined
          ? undefined
          : null
        : Array.isArray(value) && how === 'strategic'
          ? threeWayList(before[name], value, live[name], name, field, patch)
          : threeWay(before[name], value, live[name], how, name);
    if (change !== undefined) patch[name] = change;
  }
  for (const name in before) {
    if (before[name] !== undefined && wanted[name] === undefined && live[name] !== undefined) patch[name] = null;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function threeWayList(
  last: unknown,
  wanted: readonly unknown[],
  live: unknown,
  field: string,
  parent: string | undefined,
  patch: Record<string, unknown>,
): unknown {
  const rule = mergeRule(field, parent);
  if (!Array.isArray(live)) return wanted;
  if (rule === 'atomic') return isEqual(wanted, live) ? undefined : wanted;
  const before: readonly unknown[] = Array.isArray(last) ? last : [];
  if (rule === 'set') {
    const gone = before.filter((item) => !wanted.includes(item) && live.includes(item));
    if (gone.length > 0) patch[`$deleteFromPrimitiveList/${field}`] = gone;
    const added = wanted.filter((item) => !live.includes(item));
    return added.length > 0 ? added : undefined;
  }
  const { key } = rule;
  const idOf = (item: unknown): unknown => (isDocument(item) ? item[key] : undefined);
  const find = (list: readonly unknown[], id: unknown): unknown => list.find((item) => idOf(item) === id);
  const changes: unknown[] = [];
  for (const item of wanted) {
    const id = idOf(item);
    const change = threeWay(find(before, id), item, find(live, id), 'strategic', field);
    if (change !== undefined) changes.push(isDocument(change) ? { ...change, [key]: id } : change);
  }
  for (const item of before) {
    const id = idOf(item);
    if (find(wanted, id) === undefined && find(live, id) !== undefined) changes.push({ $patch: 'delete', [key]: id });
  }
  const order = wanted.map((item) => ({ [key]: idOf(item) }));
  const ours = new Set(wanted.map(idOf));
  const liveOrder = live.map(idOf).filter((id) => ours.has(id));
  const moved = !isEqual(
    liveOrder,
    wanted.map(idOf).filter((id) => find(live, id) !== undefined),
  );
  if (changes.length === 0 && !moved) return undefined;
  patch[`$setElementOrder/${field}`] = order;
  return changes;
}
