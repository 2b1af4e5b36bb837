import { UsageError } from './usage-error.ts';

/** As commander hands them over: `--set`, `--left` and `--right` may be repeated. */
export interface SideOptions {
  readonly set: readonly string[];
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly seed?: string;
}

/** What is set in each of the two runs. */
export interface Sides {
  readonly left: readonly string[];
  readonly right: readonly string[];
}

/**
 * Shares out what was set. The first run is the file as it is; each `--set` changes the second. A path that is set twice differs between both:
 * the first value is for the left, the second for the right. `--left` and `--right` say it outright.
 *
 * @throws UsageError for a third value of a path, or two values of one side.
 */
export function sidesOf({ set, left, right, seed }: SideOptions): Sides {
  const byPath = new Map<string, string[]>();
  for (const text of set) {
    const path = pathOf(text);
    const values = byPath.get(path);
    if (!values) byPath.set(path, [text]);
    else if (values.length === 1) values.push(text);
    else
      throw new UsageError(
        `--set ${text}: ${path} is set ${values.length + 1} times`,
        'two runs are compared: give one value, or one for the left and one for the right',
      );
  }
  const sides = { left: [...left], right: [...right] };
  for (const [first = '', second] of byPath.values()) {
    if (second === undefined) sides.right.push(first);
    else {
      sides.left.push(first);
      sides.right.push(second);
    }
  }
  refuseTwice('left', sides.left);
  refuseTwice('right', sides.right);
  if (seed !== undefined && [...sides.left, ...sides.right].some((text) => pathOf(text) === 'seed'))
    throw new UsageError(
      '--seed and a set seed exclude each other',
      '--seed is for both runs; write --set seed=1 --set seed=2 for one each',
    );
  return sides;
}

/** What a setting is about, however it is written: `cluster.plugins.cni.use` is `plugins.cni`. */
export function pathOf(text: string): string {
  const equals = text.indexOf('=');
  return (equals < 0 ? text : text.slice(0, equals)).replace(/^cluster\./, '').replace(/^(plugins\.[^.]+)\.use$/, '$1');
}

function refuseTwice(side: 'left' | 'right', texts: readonly string[]): void {
  const seen = new Set<string>();
  for (const text of texts) {
    const path = pathOf(text);
    if (seen.has(path)) throw new UsageError(`${path} is set twice for the ${side} run`, `give it one value, with --set or with --${side}`);
    seen.add(path);
  }
}
