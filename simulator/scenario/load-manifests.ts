import {
  fieldErrorText,
  findUnsimulated,
  type GenericObject,
  kindOf,
  kinds,
  type KubeObject,
  validateCreate,
  withDefaults,
} from '@slipway/kube';
import { decode, suggestion } from '@slipway/kube/schema';
import { fieldPath } from './field-path.ts';
import { InputError, type Place, type Problem } from './input-error.ts';
import { readYaml, type SourceText } from './yaml-source.ts';

/** An object as it stands in an input. Defaults are the API server's business. */
export interface LoadedObject {
  readonly object: KubeObject;
  readonly place: Place;
}

/** Something in the input that has no effect here. */
export interface InputWarning {
  /** `Deployment default/web`. */
  readonly object: string;
  /** Path of the field; empty for the object as a whole. */
  readonly field: string;
  readonly message: string;
}

export interface Manifests {
  /** In the order of the input; lists are taken apart. */
  readonly objects: readonly LoadedObject[];
  readonly warnings: readonly InputWarning[];
}

/** One object in a document, before it is known to be one. */
interface Candidate {
  readonly value: unknown;
  placeOf(path: readonly (string | number)[]): Place;
}

interface CustomKind {
  readonly kind: string;
  readonly apiVersions: readonly string[];
}

/**
 * Reads plain Kubernetes YAML or JSON: several documents in a text, `kind: List` taken apart, fields that the server sets accepted.
 *
 * @throws InputError with place and fix for each mistake: malformed YAML, unknown kinds and fields, wrong types, values that the API
 *   server would refuse, an object that stands twice, no object at all.
 */
export function loadManifests(sources: readonly SourceText[]): Manifests {
  const problems: Problem[] = [];
  const candidates: Candidate[] = [];
  for (const source of sources) {
    const before = candidates.length;
    collecting(problems, () => {
      for (const document of readYaml(source)) candidates.push(...takeApart(document, problems));
      if (candidates.length === before && problems.length === 0) {
        problems.push({
          place: { file: source.file, line: 0, column: 0 },
          message: 'holds no Kubernetes object',
          fix: 'give manifests with apiVersion, kind and metadata',
        });
      }
    });
  }
  if (sources.length === 0)
    throw new InputError([
      { place: { file: '.', line: 0, column: 0 }, message: 'there is no manifest to load', fix: 'name a .yaml, .yml or .json file' },
    ]);
  const custom = candidates.map(({ value }) => customKind(value)).filter((kind) => kind !== undefined);
  const objects: LoadedObject[] = [];
  const warnings: InputWarning[] = [];
  const seen = new Map<string, Place>();
  for (const candidate of candidates) {
    const loaded = loadOne(candidate, custom, problems);
    if (!loaded) continue;
    const title = titleOf(loaded.object);
    const first = seen.get(title);
    if (first) {
      problems.push({
        place: loaded.place,
        message: `${title} stands twice; first at ${first.file}:${first.line}`,
        fix: 'remove one of the two, or rename it',
      });
      continue;
    }
    seen.set(title, loaded.place);
    objects.push(loaded);
    for (const { field, message } of findUnsimulated(loaded.object)) warnings.push({ object: title, field, message });
  }
  if (problems.length > 0) throw new InputError(problems);
  return { objects, warnings };
}

/** `Deployment default/web`, `Node node-1`. */
export function titleOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  const namespaced = kindOf(object.apiVersion, object.kind)?.namespaced ?? namespace !== undefined;
  return `${object.kind} ${namespaced ? `${namespace ?? 'default'}/` : ''}${name}`;
}

function collecting(problems: Problem[], load: () => void): void {
  try {
    load();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    problems.push(...error.problems);
  }
}

/** The document itself, or the items of a list. */
function takeApart(document: Candidate, problems: Problem[]): Candidate[] {
  const list = document.value as { kind?: unknown; items?: unknown };
  if (!isRecord(list) || typeof list.kind !== 'string' || !list.kind.endsWith('List') || list.items === undefined) return [document];
  if (!Array.isArray(list.items)) {
    problems.push({ place: document.placeOf(['items']), message: `items: expected a list`, fix: 'write one object per "-"' });
    return [];
  }
  return list.items.flatMap((value: unknown, index) =>
    takeApart({ value, placeOf: (path) => document.placeOf(['items', index, ...path]) }, problems),
  );
}

function loadOne({ value, placeOf }: Candidate, custom: readonly CustomKind[], problems: Problem[]): LoadedObject | undefined {
  const problem = (path: readonly (string | number)[], message: string, fix?: string): undefined => {
    problems.push(fix === undefined ? { place: placeOf(path), message } : { place: placeOf(path), message, fix });
    return undefined;
  };
  if (!isRecord(value)) return problem([], 'is no Kubernetes object', 'write a map with apiVersion, kind and metadata');
  const { apiVersion, kind } = value;
  if (typeof kind !== 'string' || kind === '') return problem(['kind'], 'kind is missing', 'add for example "kind: Deployment"');
  if (typeof apiVersion !== 'string' || apiVersion === '')
    return problem(['apiVersion'], `${kind}: apiVersion is missing`, versionFix(kind));
  const known = kindOf(apiVersion, kind);
  if (!known) {
    const isCustom = custom.some((each) => each.kind === kind && each.apiVersions.includes(apiVersion));
    if (!isCustom)
      return problem(
        kindOfAnyVersion(kind).length > 0 ? ['apiVersion'] : ['kind'],
        `there is no kind "${kind}" in ${apiVersion}`,
        versionFix(kind),
      );
    return genericObject(value, problem) ? { object: value as unknown as GenericObject, place: placeOf([]) } : undefined;
  }
  const decoded = decode(value);
  if ('issues' in decoded) {
    const name = isRecord(value.metadata) && typeof value.metadata.name === 'string' ? `${kind} ${value.metadata.name}` : kind;
    for (const { path, message, suggestion: fix } of decoded.issues) problem(path, `${name}: ${textOf(path)}${message}`, fix);
    return undefined;
  }
  const { object } = decoded;
  const complete =
    known.namespaced && object.metadata.namespace === undefined
      ? { ...object, metadata: { ...object.metadata, namespace: 'default' } }
      : object;
  const errors = validateCreate(withDefaults(complete));
  for (const error of errors) problem(fieldPath(error.field), `${titleOf(object)}: ${fieldErrorText(error)}`);
  return errors.length > 0 ? undefined : { object, place: placeOf([]) };
}

function genericObject(value: Record<string, unknown>, problem: (path: string[], message: string, fix?: string) => undefined): boolean {
  const { metadata } = value;
  if (isRecord(metadata) && typeof metadata.name === 'string' && metadata.name !== '') return true;
  problem(['metadata'], `${String(value.kind)}: metadata.name is missing`, 'add a name');
  return false;
}

function customKind(value: unknown): CustomKind | undefined {
  if (!isRecord(value) || value.kind !== 'CustomResourceDefinition' || !isRecord(value.spec)) return undefined;
  const { group, names, versions } = value.spec;
  if (typeof group !== 'string' || !isRecord(names) || typeof names.kind !== 'string' || !Array.isArray(versions)) return undefined;
  return { kind: names.kind, apiVersions: versions.filter(isRecord).map(({ name }) => `${group}/${String(name)}`) };
}

const kindOfAnyVersion = (kind: string): string[] => kinds.filter((each) => each.kind === kind).map((each) => each.apiVersion);

function versionFix(kind: string): string {
  const versions = kindOfAnyVersion(kind);
  if (versions.length > 0) return `write "apiVersion: ${versions.join('" or "apiVersion: ')}"`;
  const near = suggestion(
    kind,
    kinds.map((each) => each.kind),
  );
  return near === undefined ? 'a custom kind needs its CustomResourceDefinition in the input' : `did you mean "${near}"?`;
}

function textOf(path: readonly (string | number)[]): string {
  const text = path
    .map((segment, index) => (typeof segment === 'number' ? `[${segment}]` : index === 0 ? segment : `.${segment}`))
    .join('');
  return text === '' ? '' : `${text}: `;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
