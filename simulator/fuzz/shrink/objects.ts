import type { ScenarioDocument, StepDocument } from '../../scenario/schema.ts';
import { withoutChunks } from './chunks.ts';
import { type Pass, withSpec } from './pass.ts';

type Manifest = Exclude<NonNullable<StepDocument['apply']>, string | readonly unknown[]>;

/** Fewer objects, fewer replicas and containers, and of each object only what is needed. */
export const simplerObjects: Pass = (document) => {
  const steps = document.spec.steps ?? [];
  return steps.flatMap((step, index) => {
    const { apply } = step;
    if (apply === undefined) return [];
    const list = (Array.isArray(apply) ? apply : [apply]) as readonly Manifest[];
    const withList = (changed: readonly Manifest[]): ScenarioDocument =>
      withSpec(document, { steps: steps.with(index, { ...step, apply: [...changed] }) });
    const fewer = list.length > 1 ? withoutChunks(list).flatMap((left) => (left().length > 0 ? [() => withList(left())] : [])) : [];
    const bare = list.map(bareOf);
    const barest = list.some((manifest, place) => manifest !== bare[place]) ? [() => withList(bare)] : [];
    const smaller = list.flatMap((manifest, place) => simpler(manifest).map((less) => () => withList(list.with(place, less()))));
    return [...fewer, ...barest, ...smaller];
  });
};

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type Path = readonly (string | number)[];

/** Nothing works without these, so that trying would be for nothing. */
const NEEDED: ReadonlySet<string> = new Set([
  'apiVersion',
  'kind',
  'metadata',
  'name',
  'namespace',
  'selector',
  'template',
  'labels',
  'containers',
  'image',
  'spec',
]);
/** Deeper than this stand only details of details: they go with what they are in. */
const DEEPEST = 6;

/** Keys whose values are needed as a whole. */
const WHOLE: ReadonlySet<string> = new Set(['selector', 'labels']);

/** The object with nothing but what it cannot do without: most often that is enough. The object itself where that is all it has. */
function bareOf(manifest: Manifest): Manifest {
  let isLess = false;
  const bare = (value: Json): Json => {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map((item) => bare(item as Json));
    const entries = Object.entries(value);
    const kept = entries.filter(([key]) => NEEDED.has(key));
    isLess ||= kept.length < entries.length;
    return Object.fromEntries(kept.map(([key, inner]) => [key, WHOLE.has(key) ? inner : bare(inner)]));
  };
  const less = bare(manifest as unknown as Json) as unknown as Manifest;
  return isLess ? less : manifest;
}

function simpler(manifest: Manifest): readonly (() => Manifest)[] {
  const found: (() => Json)[] = [];
  const root = manifest as unknown as Json;
  const walk = (value: Json, path: Path): void => {
    if (path.length > DEEPEST || value === null || typeof value !== 'object') return;
    if (Array.isArray(value)) {
      if (value.length > 1) for (const left of withoutChunks(value)) if (left().length > 0) found.push(() => replaced(root, path, left()));
      for (const [index, item] of value.entries()) walk(item as Json, [...path, index]);
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, key];
      if ((key === 'replicas' || key === 'parallelism' || key === 'completions') && typeof inner === 'number')
        for (const less of [0, 1, 2]) if (less < inner) found.push(() => replaced(root, at, less));
      if (!NEEDED.has(key)) found.push(() => replaced(root, at, undefined));
      walk(inner, at);
    }
  };
  walk(root, []);
  return found as unknown as (() => Manifest)[];
}

/** The value with another one at a path; undefined takes the key away. */
function replaced(value: Json, [key, ...rest]: Path, by: Json | undefined): Json {
  if (key === undefined) return by as Json;
  if (Array.isArray(value)) return value.map((item, index) => (index === key ? replaced(item as Json, rest, by) : (item as Json)));
  const entries = Object.entries(value as { readonly [key: string]: Json }).flatMap(([name, inner]): [string, Json][] => {
    if (name !== key) return [[name, inner]];
    return rest.length === 0 && by === undefined ? [] : [[name, replaced(inner, rest, by)]];
  });
  return Object.fromEntries(entries);
}
