import { formats, type FormatCheck } from './formats.ts';

/**
 * A structural schema of a CustomResourceDefinition, made ready to be walked often. Source: apiextensions `apis/apiextensions/v1`
 * JSONSchemaProps, "structural schemas". An interpreter of our own and not a general validator of JSON Schema: objects are also pruned
 * and defaulted by the schema, errors have Kubernetes' words, and a validator that writes code at run time loads slower than the whole
 * simulator starts, and not at all on a page that forbids it.
 */
export interface SchemaNode {
  /** Undefined: any. */
  readonly type: SchemaType | undefined;
  readonly nullable: boolean;
  readonly intOrString: boolean;
  /** Fields that are not specified are kept. */
  readonly preservesUnknown: boolean;
  /** A whole object: apiVersion, kind and metadata belong to it without being specified. */
  readonly embedded: boolean;
  readonly properties: ReadonlyMap<string, SchemaNode>;
  /** Schema of the values under other keys; `true`: any. */
  readonly additional: SchemaNode | boolean | undefined;
  readonly items: SchemaNode | undefined;
  readonly required: readonly string[];
  /** Undefined: none. */
  readonly default: unknown;
  /** Whether a default is to be found here or below. */
  readonly hasDefaults: boolean;
  readonly bounds: Bounds;
  readonly enum: readonly unknown[] | undefined;
  readonly pattern: { readonly text: string; readonly expression: RegExp | undefined } | undefined;
  readonly format: { readonly name: string; readonly check: FormatCheck } | undefined;
  readonly uniqueItems: boolean;
  readonly allOf: readonly SchemaNode[];
  readonly anyOf: readonly SchemaNode[];
  readonly oneOf: readonly SchemaNode[];
  readonly not: SchemaNode | undefined;
  /** Whether any of the last four is there. */
  readonly isCombined: boolean;
}

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';

/** The types that a schema may name. */
export const SCHEMA_TYPES: readonly string[] = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

/** Limits on amounts, all optional. */
export interface Bounds {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum: boolean;
  readonly exclusiveMaximum: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

/** Any JSON object. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const NUMBERS = [
  'minimum',
  'maximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const;

/** Reads a schema; what it does not know, or cannot read, restricts nothing. See `definitionErrors` for who tells the user. */
export function compileSchema(schema: unknown): SchemaNode {
  const given = isFields(schema) ? schema : {};
  const list = (key: string): readonly SchemaNode[] =>
    Array.isArray(given[key]) ? (given[key] as readonly unknown[]).map(compileSchema) : [];
  const numbers: { -readonly [K in keyof Bounds]: Bounds[K] } = {
    exclusiveMinimum: given['exclusiveMinimum'] === true,
    exclusiveMaximum: given['exclusiveMaximum'] === true,
  };
  for (const key of NUMBERS) {
    const value = given[key];
    if (typeof value === 'number') numbers[key] = value;
  }
  const properties = new Map(
    Object.entries(isFields(given['properties']) ? given['properties'] : {}).map(([name, each]) => [name, compileSchema(each)]),
  );
  const { type, format, pattern, additionalProperties } = given;
  const additional = isFields(additionalProperties)
    ? compileSchema(additionalProperties)
    : additionalProperties === true
      ? true
      : undefined;
  const items = given['items'] === undefined ? undefined : compileSchema(given['items']);
  const check = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format] : undefined;
  const below = [...properties.values(), ...(items ? [items] : []), ...(typeof additional === 'object' ? [additional] : [])];
  const [allOf, anyOf, oneOf] = [list('allOf'), list('anyOf'), list('oneOf')];
  const not = given['not'] === undefined ? undefined : compileSchema(given['not']);
  return {
    type: typeof type === 'string' && SCHEMA_TYPES.includes(type) ? (type as SchemaType) : undefined,
    nullable: given['nullable'] === true,
    intOrString: given['x-kubernetes-int-or-string'] === true,
    preservesUnknown: given['x-kubernetes-preserve-unknown-fields'] === true,
    embedded: given['x-kubernetes-embedded-resource'] === true,
    properties,
    additional,
    items,
    required: Array.isArray(given['required']) ? given['required'].filter((name): name is string => typeof name === 'string') : [],
    default: given['default'],
    hasDefaults: given['default'] !== undefined || below.some(({ hasDefaults }) => hasDefaults),
    bounds: numbers,
    enum: Array.isArray(given['enum']) ? given['enum'] : undefined,
    pattern: typeof pattern === 'string' ? { text: pattern, expression: expressionOf(pattern) } : undefined,
    format: check && typeof format === 'string' ? { name: format, check } : undefined,
    uniqueItems: given['uniqueItems'] === true,
    allOf,
    anyOf,
    oneOf,
    not,
    isCombined: not !== undefined || allOf.length + anyOf.length + oneOf.length > 0,
  };
}

/** Upstream's expressions are Go's; nearly all of them mean the same here. Undefined for one that cannot be read. */
export function expressionOf(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern);
  } catch {
    return undefined;
  }
}
