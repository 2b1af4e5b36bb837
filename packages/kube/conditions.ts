import type { ConditionStatus, Time } from './types/index.ts';

/** What the conditions of all kinds have in common. */
export interface AnyCondition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly lastTransitionTime?: Time;
  readonly reason?: string;
  readonly message?: string;
}

/** The condition of this type. */
export function findCondition<C extends { readonly type: string }>(conditions: readonly C[] | undefined, type: C['type']): C | undefined {
  // A plain loop: this is asked many times for every change of every pod.
  if (conditions) for (const condition of conditions) if (condition.type === type) return condition;
  return undefined;
}

/** Whether the condition is there and True. */
export function isConditionTrue(conditions: readonly AnyCondition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * Puts a condition in the place of the one with its type, or at the end. While the status stays the same so does
 * `lastTransitionTime`; when nothing at all changes the same list comes back, so that a write can be spared.
 *
 * @param condition its `lastTransitionTime` is that of now, used only if the status changes
 */
export function setCondition<C extends AnyCondition>(conditions: readonly C[] | undefined, condition: C): readonly C[] {
  const list = conditions ?? [];
  const at = list.findIndex(({ type }) => type === condition.type);
  const old = list[at];
  if (old === undefined) return [...list, condition];
  const kept =
    old.status === condition.status && old.lastTransitionTime !== undefined
      ? { ...condition, lastTransitionTime: old.lastTransitionTime }
      : condition;
  return sameMembers(old, kept) ? list : list.with(at, kept);
}

function sameMembers(a: object, b: object): boolean {
  const [left, right] = [a, b] as readonly Readonly<Record<string, unknown>>[];
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && left?.[key] === right?.[key]);
}
