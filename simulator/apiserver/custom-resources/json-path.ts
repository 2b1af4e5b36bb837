import { isEqual } from '@slipway/kube';
import { type Fields, isFields } from './schema.ts';

/** One step of a path. */
type Step =
  | { readonly name: string }
  | { readonly index: number }
  | { readonly all: true }
  | { readonly where: { readonly path: readonly Step[]; readonly equals: unknown; readonly negated: boolean } };

const STEP =
  /\.?\['([^']*)'\]|\[(-?\d+)\]|(?:\.|\[)\*\]?|\[\?\(@((?:\.|\[)[^=!<>]+?)\s*(==|!=)\s*("[^"]*"|'[^']*'|[^)]+?)\s*\)\]|\.((?:\\.|[^.[\\])+)/y;

/**
 * A simple JSON path as the columns of a definition have it: `.spec.service`, `.status.conditions[?(@.type=="Ready")].status`,
 * `.spec.items[0].name`, `.metadata.labels.app\.kubernetes\.io/name`. Undefined for anything else. Source: client-go `util/jsonpath`.
 */
export function parseJsonPath(text: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let at = 0;
  while (at < text.length) {
    STEP.lastIndex = at;
    const found = STEP.exec(text);
    if (!found) return undefined;
    at = STEP.lastIndex;
    const [, quoted, index, filtered, operator, wanted, name] = found;
    if (quoted !== undefined) steps.push({ name: quoted });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else if (filtered !== undefined && wanted !== undefined) {
      const path = parseJsonPath(filtered.trim());
      if (!path) return undefined;
      steps.push({ where: { path, equals: literal(wanted), negated: operator === '!=' } });
    } else if (name !== undefined) steps.push({ name: name.replace(/\\(.)/g, '$1') });
    else steps.push({ all: true });
  }
  return steps;
}

/** A text in quotes, or a number, true, false or null. */
function literal(text: string): unknown {
  if (/^["']/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  return text !== '' && !Number.isNaN(Number(text)) ? Number(text) : text;
}

/** All values that the path leads to. */
export function valuesAt(path: readonly Step[], from: unknown): readonly unknown[] {
  let values: readonly unknown[] = [from];
  for (const step of path) values = values.flatMap((value) => follow(step, value));
  return values;
}

function follow(step: Step, value: unknown): readonly unknown[] {
  if ('name' in step) return isFields(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [];
  if ('index' in step) return Array.isArray(value) ? (value as readonly unknown[]).slice(step.index).slice(0, 1) : [];
  const all: readonly unknown[] = Array.isArray(value) ? value : isFields(value) ? Object.values(value as Fields) : [];
  if ('all' in step) return all;
  const { path, equals, negated } = step.where;
  return all.filter((each) => valuesAt(path, each).some((found) => isEqual(found, equals)) !== negated);
}
