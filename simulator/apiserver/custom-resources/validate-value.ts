import { type FieldError, invalidValue, isEqual, requiredValue, tooLong, tooMany, unsupportedValue } from '@slipway/kube';
import { type Fields, isFields, type SchemaNode } from './schema.ts';

/**
 * What is wrong with a value, in the words of upstream: the messages of kube-openapi `pkg/validation/errors`, as apiextensions
 * `apiserver/validation/validation.go` makes field errors of them.
 *
 * @param path of the value; empty for the whole object
 */
export function valueErrors(node: SchemaNode, value: unknown, path = ''): readonly FieldError[] {
  const errors: FieldError[] = [];
  check(node, value, path, path === '', errors);
  return errors;
}

function check(node: SchemaNode, value: unknown, path: string, isWhole: boolean, errors: FieldError[]): void {
  if (value === null && node.nullable) return;
  const wanted = wrongType(node, value);
  if (wanted !== undefined) {
    errors.push(invalidValue(path, typeOf(value), `${path} in body must be of type ${wanted}: "${typeOf(value)}"`));
    return;
  }
  if (typeof value === 'string') checkText(node, value, path, errors);
  else if (typeof value === 'number') checkNumber(node, value, path, errors);
  else if (Array.isArray(value)) checkList(node, value, path, errors);
  else if (isFields(value)) checkFields(node, value, path, isWhole || node.embedded, errors);
  if (node.enum && !node.enum.some((choice) => isEqual(choice, value))) errors.push(unsupportedValue(path, value, node.enum.map(String)));
  checkCombined(node, value, path, isWhole, errors);
}

/** The type that the value should have, if it has another one. */
function wrongType({ type, intOrString }: SchemaNode, value: unknown): string | undefined {
  if (intOrString) return typeof value === 'string' || Number.isInteger(value) ? undefined : 'integer,string';
  if (type === undefined) return undefined;
  const actual = typeOf(value);
  return actual === type || (type === 'number' && actual === 'integer') ? undefined : type;
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function checkText({ bounds, pattern, format }: SchemaNode, value: string, path: string, errors: FieldError[]): void {
  const { minLength, maxLength } = bounds;
  if (minLength !== undefined || maxLength !== undefined) {
    const length = [...value].length;
    if (maxLength !== undefined && length > maxLength) errors.push(tooLong(path, maxLength));
    if (minLength !== undefined && length < minLength) {
      errors.push(invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`));
    }
  }
  if (pattern?.expression?.test(value) === false) errors.push(invalidValue(path, value, `${path} in body should match '${pattern.text}'`));
  if (format && !format.check(value))
    errors.push(invalidValue(path, value, `${path} in body must be of type ${format.name}: ${JSON.stringify(value)}`));
}

function checkNumber({ bounds }: SchemaNode, value: number, path: string, errors: FieldError[]): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = bounds;
  const refuse = (why: string): void => void errors.push(invalidValue(path, value, `${path} in body should be ${why}`));
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    refuse(exclusiveMaximum ? `less than ${maximum}` : `less than or equal to ${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    refuse(exclusiveMinimum ? `greater than ${minimum}` : `greater than or equal to ${minimum}`);
  }
  if (multipleOf !== undefined && multipleOf > 0 && !Number.isInteger(value / multipleOf)) refuse(`a multiple of ${multipleOf}`);
}

function checkList({ bounds, items, uniqueItems }: SchemaNode, value: readonly unknown[], path: string, errors: FieldError[]): void {
  const { minItems, maxItems } = bounds;
  if (minItems !== undefined && value.length < minItems) {
    errors.push(invalidValue(path, value.length, `${path} in body should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && value.length > maxItems) errors.push(tooMany(path, value.length, maxItems));
  if (uniqueItems && value.some((item, index) => value.slice(0, index).some((other) => isEqual(item, other)))) {
    errors.push(invalidValue(path, '', `${path} in body shouldn't contain duplicates`));
  }
  if (items) for (const [index, item] of value.entries()) check(items, item, `${path}[${index}]`, false, errors);
}

function checkFields(node: SchemaNode, value: Fields, path: string, isObject: boolean, errors: FieldError[]): void {
  const { bounds, properties, additional, required } = node;
  const { minProperties, maxProperties } = bounds;
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  if (minProperties !== undefined && keys.length < minProperties) {
    errors.push(invalidValue(path, keys.length, `${path} in body should have at least ${minProperties} properties`));
  }
  if (maxProperties !== undefined && keys.length > maxProperties) errors.push(tooMany(path, keys.length, maxProperties));
  for (const name of required) if (!Object.hasOwn(value, name) || value[name] === undefined) errors.push(requiredValue(child(path, name)));
  for (const key of keys) {
    // Metadata has rules of its own.
    if (isObject && (key === 'metadata' || key === 'apiVersion' || key === 'kind')) continue;
    const below = properties.get(key) ?? additional;
    if (typeof below === 'object') check(below, value[key], child(path, key), false, errors);
  }
}

function checkCombined(
  { allOf, anyOf, oneOf, not }: SchemaNode,
  value: unknown,
  path: string,
  isWhole: boolean,
  errors: FieldError[],
): void {
  const fits = (node: SchemaNode): boolean => {
    const found: FieldError[] = [];
    check(node, value, path, isWhole, found);
    return found.length === 0;
  };
  // Upstream keeps no path for these.
  const refuse = (why: string): void => void errors.push(invalidValue('<nil>', '', `${JSON.stringify(path)} must ${why}`));
  for (const node of allOf) check(node, value, path, isWhole, errors);
  if (anyOf.length > 0 && !anyOf.some(fits)) refuse('validate at least one schema (anyOf)');
  if (oneOf.length > 0) {
    const count = oneOf.filter(fits).length;
    if (count !== 1)
      refuse(`validate one and only one schema (oneOf). ${count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`}`);
  }
  if (not && fits(not)) refuse('not validate the schema (not)');
}

const child = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/** The part of an object that a path of an error names; undefined for one that is not there, or no path. */
export function valueAt(object: unknown, path: string): unknown {
  let value: unknown = object;
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    if (index !== undefined) value = Array.isArray(value) ? value[Number(index)] : undefined;
    else value = isFields(value) && name !== undefined ? value[name] : undefined;
  }
  return value;
}
