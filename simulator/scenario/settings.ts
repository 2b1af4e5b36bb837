import type { PlacePart } from '../manifests/yaml-source.ts';
import { InputError, type Place } from '../manifests/input-error.ts';

/** One `--set PATH=VALUE`: a place in a scenario's `spec` and what is to stand there. */
export interface Setting {
  /** From `spec`: `['cluster', 'plugins', 'cni']`. */
  readonly path: readonly string[];
  readonly value: unknown;
  /** As the user wrote it: `plugins.cni=bridge`. */
  readonly text: string;
  /** The option that it was given with; `--set` if left out. */
  readonly option?: string;
}

/** A document as it was read, and where its parts stand. */
export interface RawDocument {
  readonly value: unknown;
  placeOf(path: readonly (string | number)[], part?: PlacePart): Place;
}

/** The document with the settings put in; what a setting made stands at `--set …` (or its own option) for messages. The document itself is not changed. */
export function withSettings(document: RawDocument, settings: readonly Setting[]): RawDocument {
  if (settings.length === 0) return document;
  const value = settings.reduce<unknown>((before, setting) => applied(before, setting), document.value);
  return {
    value,
    placeOf(path, part) {
      const made = settings.find((setting) =>
        ['spec', ...setting.path].every((step, index) => path[index] === undefined || String(path[index]) === step),
      );
      const isInside = made !== undefined && (path.length > made.path.length || !hasPath(document.value, path));
      return isInside ? placeOfSetting(made) : document.placeOf(path, part);
    },
  };
}

/** What stands on the command line has no line of its own. */
const placeOfSetting = ({ option = '--set', text }: Setting): Place => ({ file: `${option} ${text}`, line: 0, column: 0 });

function hasPath(value: unknown, path: readonly (string | number)[]): boolean {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return false;
    at = (at as Record<string | number, unknown>)[step];
  }
  return true;
}

/** @throws InputError where a list has no such place */
function applied(document: unknown, setting: Setting): unknown {
  try {
    return assigned(document, ['spec', ...setting.path], setting.value);
  } catch (error) {
    if (!(error instanceof NoSuchItem)) throw error;
    const { message, fix } = error;
    throw new InputError([{ place: placeOfSetting(setting), message, fix }]);
  }
}

class NoSuchItem extends Error {
  readonly fix: string;

  constructor(index: number, length: number) {
    super(`there is no item ${index}: the list has ${length}, counted from 0`);
    this.fix = `write ${length} to add one`;
  }
}

/** A copy in which the value stands at the path. A plugin that is given by its name alone becomes `{ use }` when an option is set. */
function assigned(target: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(target) && /^\d+$/.test(key)) {
    // One more than there are adds an item; beyond that there would be holes.
    if (Number(key) > target.length) throw new NoSuchItem(Number(key), target.length);
    const copy = [...(target as unknown[])];
    copy[Number(key)] = assigned(copy[Number(key)], rest, value);
    return copy;
  }
  // A list that nobody has written yet begins with its first item: cluster.nodes.0.count.
  if (target === undefined && /^\d+$/.test(key)) return assigned([], [key, ...rest], value);
  // Options of "the" storage driver are those of the first.
  if (Array.isArray(target) && (key === 'with' || key === 'use'))
    return target.map((item, index) => (index === 0 ? assigned(item, [key, ...rest], value) : (item as unknown)));
  const isNamedPlugin = typeof target === 'string' && (key === 'with' || key === 'use');
  const fields = isNamedPlugin
    ? { use: target }
    : typeof target === 'object' && target !== null && !Array.isArray(target)
      ? (target as Record<string, unknown>)
      : {};
  return { ...fields, [key]: assigned(fields[key], rest, value) };
}
