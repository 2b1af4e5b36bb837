// Changes to readonly data that keep whatever does not change, so that defaulting a defaulted object costs no memory and is seen as a no-op.

/** Adds the members that are absent; the same object comes back when none is. */
export function fill<T extends object>(object: T, defaults: Partial<T>): T {
  let result: Partial<T> | undefined;
  for (const key in defaults) {
    if (object[key] !== undefined) continue;
    // The absent members come last, so a printed object begins as its author wrote it.
    result ??= { ...object };
    result[key] = defaults[key];
  }
  return (result as T | undefined) ?? object;
}

/** Puts a value in place of a member; the same object comes back when it is there already. */
export function put<T extends object, K extends keyof T>(object: T, key: K, value: T[K]): T {
  return object[key] === value ? object : { ...object, [key]: value };
}

/** Changes a member that is there. */
export function change<T extends object, K extends keyof T>(object: T, key: K, how: (value: NonNullable<T[K]>) => T[K]): T {
  const value = object[key];
  return value === undefined || value === null ? object : put(object, key, how(value));
}

/** Changes the elements of a list; the same list comes back when none changes. */
export function each<E>(list: readonly E[], how: (element: E) => E): readonly E[] {
  let changed = false;
  const result = list.map((element) => {
    const next = how(element);
    if (next !== element) changed = true;
    return next;
  });
  return changed ? result : list;
}
