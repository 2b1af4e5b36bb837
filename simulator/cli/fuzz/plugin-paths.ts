import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { ScenarioDraft } from '../../scenario/read-scenario.ts';
import type { ScenarioDocument } from '../../scenario/schema.ts';

type Spec = ScenarioDocument['spec'];

/** Parts of a spec in which files of plugins and invariants are named. */
const NAMING = ['cluster', 'invariants', 'steps'] as const satisfies readonly (keyof Spec)[];
const isRelative = (text: string): boolean => /^\.{1,2}\/.*\.[cm]?[jt]s$/.test(text);

/** The same scenario with the files of plugins named from the root, whoever named them: the scenario, one that it includes, or an option. */
export function withAbsolutePaths(document: ScenarioDocument, draft: ScenarioDraft): ScenarioDocument {
  const own = dirname(draft.file);
  return withPaths(document, (text, path) => {
    if (!isRelative(text)) return text;
    const [top, ...inner] = path;
    if (top !== 'cluster') return resolve(own, text);
    const { place, file } = draft.clusterPart(inner);
    // What stands on the command line is told from where the command runs.
    return resolve(place.file.startsWith('--set ') ? '.' : dirname(file), text);
  });
}

/** The same scenario as a file in a folder would name them. */
export function pathsFrom(document: ScenarioDocument, folder: string): ScenarioDocument {
  return withPaths(document, (text) => {
    if (!isAbsolute(text) || !/\.[cm]?[jt]s$/.test(text)) return text;
    const path = relative(folder, text);
    return path.startsWith('.') ? path : `./${path}`;
  });
}

function withPaths(document: ScenarioDocument, change: (text: string, path: readonly (string | number)[]) => string): ScenarioDocument {
  const walk = (value: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof value === 'string') return change(value, path);
    // What is applied is nobody's business but the cluster's.
    if (typeof value !== 'object' || value === null || path.at(-1) === 'apply') return value;
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index]));
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, [...path, key])]));
  };
  const changed = NAMING.filter((key) => document.spec[key] !== undefined).map((key) => [key, walk(document.spec[key], [key])]);
  return { ...document, spec: { ...document.spec, ...Object.fromEntries(changed) } };
}
