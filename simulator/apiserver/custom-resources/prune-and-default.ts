import { type Fields, isFields, type SchemaNode } from './schema.ts';

/**
 * The value without the fields that its schema does not specify, and itself when there are none. A list or map without a schema keeps
 * what is in it only where the schema says so. Source: apiextensions `apiserver/schema/pruning/algorithm.go`.
 *
 * @param isObject the value is a whole object: its apiVersion, kind and metadata stay
 */
export function pruned(node: SchemaNode, value: unknown, isObject = false): unknown {
  if (Array.isArray(value)) return mapList(value, (item) => (node.items ? pruned(node.items, item, node.items.embedded) : item));
  if (!isFields(value)) return value;
  return mapFields(value, (key, field) => {
    if (isObject && (key === 'apiVersion' || key === 'kind' || key === 'metadata')) return field;
    const below = node.properties.get(key) ?? node.additional;
    if (typeof below === 'object') return pruned(below, field, below.embedded);
    return below === true || node.preservesUnknown ? field : undefined;
  });
}

/**
 * The value with the schema's defaults filled in where nothing is given, and itself when there is nothing to fill in. A null counts as
 * nothing where null is not allowed. Source: apiextensions `apiserver/schema/defaulting/algorithm.go`, `prune.go` PruneNonNullableNullsWithoutDefaults.
 */
export function defaulted(node: SchemaNode, value: unknown): unknown {
  if (!node.hasDefaults) return value;
  if (Array.isArray(value)) return mapList(value, (item) => (node.items ? defaulted(node.items, item) : item));
  if (!isFields(value)) return value;
  let filled: Fields = value;
  for (const [name, property] of node.properties) {
    if (property.default === undefined) continue;
    const given = value[name];
    if (given === undefined || (given === null && !property.nullable)) filled = { ...filled, [name]: property.default };
  }
  return mapFields(filled, (key, field) => {
    const below = node.properties.get(key) ?? node.additional;
    return typeof below === 'object' ? defaulted(below, field) : field;
  });
}

function mapList(list: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] {
  const changed = list.map(change);
  return changed.every((item, index) => item === list[index]) ? list : changed;
}

/** `change` gives undefined for a field that goes. */
function mapFields(fields: Fields, change: (key: string, field: unknown) => unknown): Fields {
  let isChanged = false;
  const entries: [string, unknown][] = [];
  for (const key of Object.keys(fields)) {
    const before = fields[key];
    const after = change(key, before);
    if (after !== before) isChanged = true;
    if (after !== undefined) entries.push([key, after]);
  }
  return isChanged ? Object.fromEntries(entries) : fields;
}
