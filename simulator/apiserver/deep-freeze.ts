/** Freezes plain data all the way down; parts that are frozen already are left. For tests that look for whoever changes a stored object. */
export function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
}
