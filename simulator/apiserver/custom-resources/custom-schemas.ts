import type { CustomResourceDefinition, FieldError, KubeObject } from '@slipway/kube';
import { isEqual } from '@slipway/kube';
import { defaulted, pruned } from './prune-and-default.ts';
import { compileSchema, type SchemaNode } from './schema.ts';
import { valueAt, valueErrors } from './validate-value.ts';

/** The schemas of one CustomResourceDefinition, by the apiVersion in which objects are sent. Each is made ready when it is first needed. */
export class CustomSchemas {
  readonly #definition: CustomResourceDefinition;
  readonly #nodes = new Map<string, SchemaNode | undefined>();

  constructor(definition: CustomResourceDefinition) {
    this.#definition = definition;
  }

  /**
   * The object as the server takes it: sent in one version, kept in another (upstream's conversion strategy `None`, which changes the
   * apiVersion and nothing else). In both versions unknown fields go and defaults come; a definition may keep unknown fields.
   */
  decode(object: KubeObject, storedAs: string): KubeObject {
    const decoded = this.#fit(object, object.apiVersion);
    if (object.apiVersion === storedAs) return decoded;
    return this.#fit({ ...decoded, apiVersion: storedAs }, storedAs);
  }

  /**
   * What is wrong with an object by the schema of the version in which it was sent. On an update, what was wrong before and is unchanged
   * is let through. Source: KEP-4008, "CRD Validation Ratcheting".
   */
  errors(object: KubeObject, sentAs: string, old?: KubeObject): readonly FieldError[] {
    const node = this.#node(sentAs);
    if (!node) return [];
    const errors = valueErrors(node, object);
    if (errors.length === 0 || !old) return errors;
    const isUnchanged = (error: FieldError): boolean => {
      const path = placeOf(error, object);
      return isEqual(valueAt(old, path), valueAt(object, path));
    };
    return errors.filter((error) => !isUnchanged(error));
  }

  #fit(object: KubeObject, apiVersion: string): KubeObject {
    const node = this.#node(apiVersion);
    if (!node) return object;
    const known = this.#definition.spec.preserveUnknownFields === true ? object : pruned(node, object, true);
    return defaulted(node, known) as KubeObject;
  }

  #node(apiVersion: string): SchemaNode | undefined {
    if (this.#nodes.has(apiVersion)) return this.#nodes.get(apiVersion);
    const { group, versions } = this.#definition.spec;
    const schema = versions.find(({ name }) => `${group}/${name}` === apiVersion)?.schema?.openAPIV3Schema;
    const node = schema === undefined ? undefined : compileSchema(schema);
    this.#nodes.set(apiVersion, node);
    return node;
  }
}

/** The path of the value that an error is about: of what lacks a field, where one is missing. */
function placeOf({ field, kind, detail }: FieldError, object: KubeObject): string {
  // Upstream keeps the path of a combined schema in the message only.
  const path = field === '<nil>' ? (/^"([^"]*)"/.exec(detail)?.[1] ?? '') : field;
  if (kind !== 'Required value' || valueAt(object, path) !== undefined) return path;
  return path.replace(/(^|\.)[^.]*$/, '');
}
