import { isServiceRef } from './references.ts';
import type { ExpectationDocument, StepDocument } from './schema.ts';

/** An object that a document refers to, and where. */
export interface NamedObjectAt {
  readonly path: readonly (string | number)[];
  /** `deployment/web`, `pod/shop/web-0`. */
  readonly reference: string;
  /** Keys that take a pod take the pod of a workload as well. */
  readonly takesPod: boolean;
}

/** Values that are data, or that tell of objects by their fields: nothing in them is a reference. */
const DATA: ReadonlySet<string> = new Set(['apply', 'with', 'object', 'absent', 'command', 'headers']);
/** Keys that hold a reference, or a list of some, wherever they stand. */
const REFERENCES: ReadonlySet<string> = new Set(['of', 'nodeOf', 'podOf', 'by']);

/** Every object that a step or an expectation refers to by kind and name. Nodes are not among them. */
export function objectsNamedIn(document: StepDocument | ExpectationDocument): readonly NamedObjectAt[] {
  const found: NamedObjectAt[] = [];
  const add = (path: NamedObjectAt['path'], reference: unknown, takesPod = false): void => {
    if (typeof reference === 'string') found.push({ path, reference, takesPod });
  };
  const each = (path: NamedObjectAt['path'], value: unknown): void => {
    if (Array.isArray(value)) for (const [index, item] of value.entries()) add([...path, index], item);
    else add(path, value);
  };
  const walk = (value: unknown, path: NamedObjectAt['path']): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const at = [...path, key];
      if (DATA.has(key)) continue;
      if (REFERENCES.has(key)) each(at, inner);
      else if (key === 'from' && typeof inner === 'string' && /^(pods?|po)\//i.test(inner)) add(at, inner, true);
      // Of `a/b` it is not known here whether `a` is a namespace.
      else if (key === 'pod' && typeof inner === 'string')
        add(at, /^(pods?|po)\//i.test(inner) ? inner : inner.includes('/') ? undefined : `pod/${inner}`, true);
      else if (key === 'to' && typeof inner === 'string' && isServiceRef(inner)) add(at, inner);
      else walk(inner, at);
    }
  };
  for (const [key, value] of Object.entries(document) as [string, unknown][]) {
    if (key === 'delete' && (typeof value === 'string' || Array.isArray(value))) each([key], value);
    else if ((key === 'delete' || key === 'patch') && isManifest(value)) add([key, 'metadata', 'name'], referenceTo(value));
    else walk({ [key]: value }, []);
  }
  return found;
}

/** An object named as manifests name it. */
interface Named {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

const isManifest = (value: unknown): value is Named => typeof value === 'object' && value !== null && 'kind' in value;

const referenceTo = ({ kind, metadata: { name, namespace } }: Named): string =>
  namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`;
