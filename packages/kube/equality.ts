/**
 * Whether two plain values are the same data. Shared parts are compared by reference, so comparing an object with a slightly changed
 * one costs only the path to the change. A member that is `undefined` counts as absent.
 */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let index = 0; index < a.length; index += 1) if (!isEqual(a[index], b[index])) return false;
    return true;
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(left)) {
    if (left[key] !== undefined && !(Object.hasOwn(right, key) && isEqual(left[key], right[key]))) return false;
  }
  for (const key of Object.keys(right)) {
    if (right[key] !== undefined && !(Object.hasOwn(left, key) && left[key] !== undefined)) return false;
  }
  return true;
}

/** Like `isEqual`, but an empty list, map or text equals an absent one, as upstream's semantic equality has it. */
export function isSemanticallyEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isEmpty(a) && isEmpty(b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((element, index) => isSemanticallyEqual(element, b[index]));
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) =>
    isSemanticallyEqual(Object.hasOwn(left, key) ? left[key] : undefined, Object.hasOwn(right, key) ? right[key] : undefined),
  );
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return Array.isArray(value) && value.length === 0;
}

/** Paths of the leaves in which two values differ, such as `spec.containers[0].image`; at most `limit` of them. */
export function differingPaths(a: unknown, b: unknown, limit = 10): readonly string[] {
  const found: string[] = [];
  const visit = (left: unknown, right: unknown, path: string): void => {
    if (found.length >= limit || isSemanticallyEqual(left, right)) return;
    if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
      for (const [index, element] of left.entries()) visit(element, right[index], `${path}[${index}]`);
    } else if (isMap(left) && isMap(right)) {
      for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
        visit(left[key], right[key], path === '' ? key : `${path}.${key}`);
      }
    } else found.push(path);
  };
  visit(a, b, '');
  return found;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
