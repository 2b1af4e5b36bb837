import {
  controllerOf,
  type CustomResourceDefinition,
  customKinds,
  fieldErrorText,
  findUnsimulated,
  type Kind,
  kindOf,
  type KubeObject,
  validateCreate,
  withDefaults,
} from '@slipway/kube';
import { decode } from '@slipway/kube/schema';
import { fieldPath, fieldText } from './field-path.ts';
import { decodeFix, kindsOfAnyVersion, unknownKindFix, validationFix } from './fixes.ts';
import { InputError, type Place, type Problem } from './input-error.ts';
import { type PlacePart, readYaml, type SourceText } from './yaml-source.ts';

/** An object as it stands in an input. Defaults are the API server's business. */
export interface LoadedObject {
  readonly object: KubeObject;
  readonly place: Place;
  /** Its kind, built in or of a definition in the input. */
  readonly kind: Kind;
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
export interface Candidate {
  readonly value: unknown;
  placeOf(path: readonly (string | number)[], part?: PlacePart): Place;
}

/** Places are looked up for so many mistakes; nobody reads more, and each takes time. */
const MAX_PROBLEMS = 1_000;

/**
 * Reads plain Kubernetes YAML or JSON: several documents in a text, `kind: List` taken apart, fields that the server sets accepted.
 *
 * @param custom kinds that are there without a definition in the input: plugins brought them.
 * @throws InputError with place and fix for each mistake: malformed YAML, unknown kinds and fields, wrong types, values that the API
 *   server would refuse, an object that stands twice, no object at all.
 */
export function loadManifests(sources: readonly SourceText[], custom: readonly Kind[] = []): Manifests {
  const loader = new Loader(custom);
  for (const source of sources) loader.read(source);
  return loader.finish();
}

/** Something that stands where an object is expected. */
export type ManifestPart = SourceText | Candidate;

/**
 * Loads what one step of a scenario applies: texts, and objects that stand in the scenario itself.
 *
 * @param custom kinds that definitions of earlier steps have made.
 * @throws InputError
 */
export function loadParts(parts: readonly ManifestPart[], custom: readonly Kind[]): Manifests {
  const loader = new Loader(custom);
  for (const part of parts) {
    if ('text' in part) loader.read(part);
    else loader.take(part);
  }
  return loader.finish();
}

/** `Deployment default/web`, `Node node-1`. */
export function titleOf(object: KubeObject, kind?: Kind): string {
  const { namespace, name } = object.metadata;
  const namespaced = (kind ?? kindOf(object.apiVersion, object.kind))?.namespaced ?? namespace !== undefined;
  return `${object.kind}${name === '' ? '' : ` ${namespaced ? `${namespace ?? 'default'}/` : ''}${name}`}`;
}

class Loader {
  readonly #problems: Problem[] = [];
  /** In the order of the input; custom objects get theirs at the end, when all definitions are known. */
  readonly #slots: (LoadedObject | undefined)[] = [];
  readonly #defined: readonly Kind[];
  readonly #custom: { readonly slot: number; readonly candidate: Candidate; readonly apiVersion: string; readonly kind: string }[] = [];

  constructor(defined: readonly Kind[]) {
    this.#defined = defined;
  }

  read(source: SourceText): void {
    const problemsBefore = this.#problems.length;
    const slotsBefore = this.#slots.length;
    for (const document of readYaml(source, this.#problems)) this.take(document);
    if (this.#slots.length > slotsBefore || this.#problems.length > problemsBefore) return;
    this.#problems.push({
      place: { file: source.file, line: 0, column: 0 },
      message: 'holds no Kubernetes object',
      fix: 'give manifests with apiVersion, kind and metadata',
    });
  }

  finish(): Manifests {
    this.#loadCustom();
    const objects: LoadedObject[] = [];
    const warnings: InputWarning[] = [];
    const seen = new Map<string, Place>();
    const given = this.#slots.filter((loaded) => loaded !== undefined);
    const owners = new Set(given.map(({ object: { kind, metadata } }) => ownerKey(kind, metadata.namespace, metadata.name)));
    for (const loaded of this.#slots) {
      if (!loaded) continue;
      const { object, place, kind } = loaded;
      const title = titleOf(object, kind);
      const first = seen.get(`${kind.group}/${title}`);
      if (first) {
        this.#problem(place, `${title} stands twice; first at ${first.file}:${first.line}`, 'remove one of the two, or rename it');
        continue;
      }
      seen.set(`${kind.group}/${title}`, place);
      const owner = controllerOf(object);
      if (owner && owners.has(ownerKey(owner.kind, object.metadata.namespace, owner.name))) {
        const message = `left out: ${owner.kind} ${owner.name}, which is in the input too, makes its own`;
        warnings.push({ object: title, field: 'metadata.ownerReferences', message });
        continue;
      }
      objects.push(loaded);
      for (const { field, message } of findUnsimulated(object)) warnings.push({ object: title, field, message });
    }
    if (this.#problems.length > 0) throw new InputError(this.#problems);
    return { objects, warnings };
  }

  #problem(place: Place, message: string, fix: string | undefined): void {
    this.#problems.push(fix === undefined ? { place, message } : { place, message, fix });
  }

  /** The document itself, or the items of a list. */
  take(document: Candidate): void {
    const { value } = document;
    if (!isRecord(value) || !isList(value)) return this.#load(document);
    const { kind, items } = value;
    if (!Array.isArray(items))
      return this.#problem(document.placeOf(['items'], 'key'), `${kind}: items must be a list`, 'write one object per "-" below "items:"');
    for (const [index, item] of items.entries())
      this.take({ value: item as unknown, placeOf: (path, part) => document.placeOf(['items', index, ...path], part) });
  }

  #load(candidate: Candidate): void {
    const slot = this.#slots.push(undefined) - 1;
    const { value, placeOf } = candidate;
    if (!isRecord(value)) return this.#problem(placeOf([]), 'is no Kubernetes object', 'write a map with apiVersion, kind and metadata');
    const { apiVersion, kind } = value;
    if (typeof kind !== 'string' || kind === '')
      return this.#problem(
        placeOf(['kind']),
        kind === undefined ? 'kind is missing' : 'kind must be a text',
        'write for example "kind: Deployment"',
      );
    if (typeof apiVersion !== 'string' || apiVersion === '')
      return this.#problem(
        placeOf(['apiVersion']),
        `${kind}: apiVersion ${apiVersion === undefined ? 'is missing' : 'must be a text'}`,
        unknownKindFix('', kind),
      );
    const known = kindOf(apiVersion, kind);
    if (known) this.#slots[slot] = this.#loadOne(candidate, known);
    else this.#custom.push({ slot, candidate, apiVersion, kind });
  }

  #loadCustom(): void {
    const defined = new Map(this.#defined.map((kind): [string, Kind] => [`${kind.apiVersion}/${kind.kind}`, kind]));
    let isDefinitionWrong = false;
    for (const loaded of this.#slots) {
      if (loaded?.object.kind !== 'CustomResourceDefinition') continue;
      for (const kind of customKinds(loaded.object as CustomResourceDefinition)) defined.set(`${kind.apiVersion}/${kind.kind}`, kind);
    }
    isDefinitionWrong = this.#problems.some(({ message }) => message.startsWith('CustomResourceDefinition'));
    for (const { slot, candidate, apiVersion, kind } of this.#custom) {
      const known = defined.get(`${apiVersion}/${kind}`);
      if (known) this.#slots[slot] = this.#loadOne(candidate, known);
      // A definition with a mistake defines nothing: its objects are not to blame.
      else if (!isDefinitionWrong || kindsOfAnyVersion(kind).length > 0)
        this.#problem(
          candidate.placeOf(kindsOfAnyVersion(kind).length > 0 ? ['apiVersion'] : ['kind']),
          `there is no kind "${kind}" in ${apiVersion}`,
          unknownKindFix(apiVersion, kind),
        );
    }
  }

  #loadOne({ value, placeOf }: Candidate, kind: Kind): LoadedObject | undefined {
    const place = placeOf([]);
    const decoded = decode(value);
    if ('issues' in decoded) {
      const title = rawTitle(value as Record<string, unknown>, kind);
      for (const { path, message, suggestion } of decoded.issues) {
        const isUnknown = message.startsWith('unknown field');
        const where = this.#problems.length < MAX_PROBLEMS ? placeOf(path, isUnknown ? 'key' : 'value') : place;
        this.#problem(where, `${title}: ${prefixOf(path)}${message}`, decodeFix(message, suggestion));
      }
      return undefined;
    }
    const { object } = decoded;
    const { name, namespace, generateName } = object.metadata;
    if (name === '' && generateName !== undefined && generateName !== '') {
      this.#problem(
        placeOf(['metadata', 'generateName'], 'key'),
        `${object.kind}: metadata.name is missing: generateName names an object that is created, not one that is applied`,
        `write "name: ${generateName}1" instead`,
      );
      return undefined;
    }
    const complete =
      kind.namespaced && namespace === undefined ? { ...object, metadata: { ...object.metadata, namespace: 'default' } } : object;
    const errors = validateCreate(withDefaults(complete), kind);
    const title = titleOf(object, kind);
    for (const error of errors)
      this.#problem(placeOf(fieldPath(error.field)), `${title}: ${fieldErrorText(error).replace(/^: /, '')}`, validationFix(error));
    return errors.length > 0 ? undefined : { object: withoutServerFields(object), place, kind };
  }
}

function ownerKey(kind: string, namespace: string | undefined, name: string): string {
  return `${kind}/${namespace ?? 'default'}/${name}`;
}

/** What `kubectl get -o yaml` shows and no new object may have: the server sets it anew. */
function withoutServerFields(object: KubeObject): KubeObject {
  const {
    resourceVersion,
    uid,
    generation,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    selfLink,
    managedFields,
    ...metadata
  } = object.metadata;
  const given = [
    resourceVersion,
    uid,
    generation,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    selfLink,
    managedFields,
  ];
  return given.every((field) => field === undefined) ? object : { ...object, metadata };
}

/** `kind: List`, or a `PodList` and the like with items. */
function isList(value: Record<string, unknown>): boolean {
  const { kind, items } = value;
  return kind === 'List' || (typeof kind === 'string' && kind.endsWith('List') && items !== undefined);
}

function rawTitle({ metadata }: Record<string, unknown>, { kind, namespaced }: Kind): string {
  if (!isRecord(metadata) || typeof metadata.name !== 'string' || metadata.name === '') return kind;
  const namespace = typeof metadata.namespace === 'string' && metadata.namespace !== '' ? metadata.namespace : 'default';
  return `${kind} ${namespaced ? `${namespace}/` : ''}${metadata.name}`;
}

function prefixOf(path: readonly (string | number)[]): string {
  return path.length === 0 ? '' : `${fieldText(path)}: `;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
