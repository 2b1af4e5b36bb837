/**
 * A list without one stretch of it: first without all, then without each half, each quarter, and so on down to each single item, the
 * last ones first, since what comes late is needed least. Source of the idea: Zeller, Hildebrandt, "Simplifying and Isolating
 * Failure-Inducing Input", 2002 (ddmin).
 */
export function withoutChunks<T>(list: readonly T[]): readonly (() => T[])[] {
  const smaller: (() => T[])[] = [];
  for (let size = list.length; size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let end = list.length; end > 0; end -= size) {
      const begin = Math.max(0, end - size);
      const stop = end;
      smaller.push(() => [...list.slice(0, begin), ...list.slice(stop)]);
    }
  return smaller;
}
