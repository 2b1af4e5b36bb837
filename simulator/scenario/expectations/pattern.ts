import { dns1123LabelProblems, type Kind, kindOf } from '@slipway/kube';
import { suggestion } from '@slipway/kube/schema';
import type { Compilation } from './compilation.ts';
import { checkFields } from './pattern-fields.ts';

// What is asked for by `object` and `absent`: a kind, and part of an object of it.

export type Fields = Readonly<Record<string, unknown>>;

/** A pattern with its kind, ready to look for objects. */
export interface Wanted {
  readonly kind: Kind;
  /** All fields but apiVersion and kind: a custom object is kept in one version, whatever version the pattern names. */
  readonly fields: Fields;
}

/** What `object` or `absent` asks for; undefined when it is wrong. */
export function compileWanted(key: 'object' | 'absent', pattern: Fields, compilation: Compilation): Wanted | undefined {
  const { kind: kindName, apiVersion, ...fields } = pattern;
  const kind = findPatternKind(key, String(kindName), apiVersion, compilation);
  if (!kind) return undefined;
  compilation.checkVariables([key], fields);
  checkFields(key, kind, fields, compilation);
  checkName(key, kind, fields, compilation);
  const metadata = fields['metadata'];
  if (!kind.namespaced && isFields(metadata) && metadata['namespace'] !== undefined && metadata['namespace'] !== null)
    compilation.problem([key, 'metadata', 'namespace'], `${key}: a ${kind.kind} is in no namespace`, 'leave metadata.namespace out');
  return { kind, fields };
}

/** Reports a name that the API server would refuse. RBAC is more patient with names. */
function checkName(key: 'object' | 'absent', kind: Kind, fields: Fields, compilation: Compilation): void {
  const namespace = metadataText(fields, 'namespace');
  if (namespace !== undefined && !namespace.includes('$') && dns1123LabelProblems(namespace).length > 0)
    compilation.problem(
      [key, 'metadata', 'namespace'],
      `${key}: "${namespace}" is no name of a namespace`,
      'write lower-case letters, digits and dashes',
    );
  const name = metadataText(fields, 'name');
  if (
    name === undefined ||
    name.includes('$') ||
    kind.group === 'rbac.authorization.k8s.io' ||
    /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name)
  )
    return;
  const outcome = key === 'object' ? 'hold' : 'fail';
  compilation.problem(
    [key, 'metadata', 'name'],
    `${key}: this could never ${outcome}: "${name}" is no name of a ${kind.kind}`,
    'write lower-case letters, digits, dashes and dots',
  );
}

function findPatternKind(key: 'object' | 'absent', name: string, apiVersion: unknown, compilation: Compilation): Kind | undefined {
  const named = compilation.kinds.filter(({ kind }) => kind === name);
  const [first] = named;
  if (!first) {
    const near =
      compilation.kinds.find(({ plural, singular, kind }) => [plural, singular, kind.toLowerCase()].includes(name.toLowerCase()))?.kind ??
      suggestion(
        name,
        compilation.kinds.map(({ kind }) => kind),
      );
    compilation.problem(
      [key, 'kind'],
      `${key}: there is no kind "${name}"`,
      near === undefined ? 'a custom kind needs its CustomResourceDefinition in a manifest' : `did you mean "${near}"?`,
    );
    return undefined;
  }
  if (apiVersion === undefined || apiVersion === null) return first;
  const exact = named.find((kind) => kind.apiVersion === apiVersion) ?? kindOf(String(apiVersion), name);
  if (!exact)
    compilation.problem(
      [key, 'apiVersion'],
      `${key}: there is no kind "${name}" in ${String(apiVersion)}`,
      `write "apiVersion: ${named.map((kind) => kind.apiVersion).join('" or "apiVersion: ')}", or leave it out`,
    );
  return exact;
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field of metadata that is a text. */
export function metadataText({ metadata }: Fields, key: 'name' | 'namespace'): string | undefined {
  const value = isFields(metadata) ? metadata[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Whether a pattern names anything but its kind. */
function isEmpty(fields: unknown): boolean {
  return !isFields(fields) || Object.values(fields).every((value) => isFields(value) && isEmpty(value));
}

/** Kinds of which every cluster has one from its start. Source: simulator/apiserver/bootstrap.ts. */
const ALWAYS_THERE: Readonly<Record<string, readonly string[]>> = {
  nodes: [],
  namespaces: ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
  services: ['kubernetes'],
  priorityclasses: ['system-cluster-critical', 'system-node-critical'],
};

/** Whether there is always such an object, so that nothing is learnt from it. */
export function isAlwaysThere({ kind, fields }: Wanted): boolean {
  const names = kind.group === '' || kind.plural === 'priorityclasses' ? ALWAYS_THERE[kind.plural] : undefined;
  if (!names) return false;
  if (isEmpty(fields)) return true;
  const { metadata, ...rest } = fields;
  if (!isEmpty(rest) || !isFields(metadata)) return false;
  const { name, namespace, ...more } = metadata;
  return (
    Object.keys(more).length === 0 &&
    (name === undefined || names.includes(String(name))) &&
    names.length > 0 &&
    (namespace === undefined || namespace === 'default')
  );
}
