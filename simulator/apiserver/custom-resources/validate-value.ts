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
  check(node, value, path === '' ? ROOT : { parent: ROOT, step: path }, (place, make) => void errors.push(make(textOf(place))));
  return errors;
}

/** Where a value is. Written out only when something is wrong with it. */
interface Place {
  readonly parent: Place | undefined;
  readonly step: string | number;
}

const ROOT: Place = { parent: undefined, step: '' };

function textOf({ parent, step }: Place): string {
  if (!parent) return '';
  const before = textOf(parent);
  if (typeof step === 'number') return `${before}[${step}]`;
  return before === '' ? step : `${before}.${step}`;
}

/** Told of each mistake. */
type Refuse = (place: Place, make: (path: string) => FieldError) => void;

/** An invalid value, with a message that leads with the path. */
const wrong =
  (value: unknown, why: string) =>
  (path: string): FieldError =>
    invalidValue(path, value, `${path} in body ${why}`);

function check(node: SchemaNode, value: unknown, place: Place, refuse: Refuse): void {
  if (value === null && node.nullable) return;
  const wanted = wrongType(node, value);
  if (wanted !== undefined) {
    const actual = typeOf(value);
    refuse(place, wrong(actual, `must be of type ${wanted}: "${actual}"`));
    return;
  }
  if (typeof value === 'string') checkText(node, value, place, refuse);
  else if (typeof value === 'number') checkNumber(node, value, place, refuse);
  else if (Array.isArray(value)) checkList(node, value, place, refuse);
  else if (isFields(value)) checkFields(node, value, place, refuse);
  const { enum: choices } = node;
  if (choices && !choices.some((choice) => isEqual(choice, value))) {
    refuse(place, (path) => unsupportedValue(path, value, choices.map(String)));
  }
  if (node.isCombined) checkCombined(node, value, place, refuse);
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

function checkText({ bounds, pattern, format }: SchemaNode, value: string, place: Place, refuse: Refuse): void {
  const { minLength, maxLength } = bounds;
  if (minLength !== undefined || maxLength !== undefined) {
    const length = [...value].length;
    if (maxLength !== undefined && length > maxLength) refuse(place, (path) => tooLong(path, maxLength));
    if (minLength !== undefined && length < minLength) refuse(place, wrong(value, `should be at least ${minLength} chars long`));
  }
  if (pattern?.expression?.test(value) === false) refuse(place, wrong(value, `should match '${pattern.text}'`));
  if (format && !format.check(value)) refuse(place, wrong(value, `must be of type ${format.name}: ${JSON.stringify(value)}`));
}

function checkNumber({ bounds }: SchemaNode, value: number, place: Place, refuse: Refuse): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = bounds;
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    refuse(place, wrong(value, `should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`));
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    refuse(place, wrong(value, `should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`));
  }
  if (multipleOf !== undefined && multipleOf > 0 && !Number.isInteger(value / multipleOf)) {
    refuse(place, wrong(value, `should be a multiple of ${multipleOf}`));
  }
}

function checkList({ bounds, items, uniqueItems }: SchemaNode, value: readonly unknown[], place: Place, refuse: Refuse): void {
  const { minItems, maxItems } = bounds;
  if (minItems !== undefined && value.length < minItems) refuse(place, wrong(value.length, `should have at least ${minItems} items`));
  if (maxItems !== undefined && value.length > maxItems) refuse(place, (path) => tooMany(path, value.length, maxItems));
  if (uniqueItems && value.some((item, index) => value.slice(0, index).some((other) => isEqual(item, other)))) {
    refuse(place, wrong('', "shouldn't contain duplicates"));
  }
  if (items) for (const [index, item] of value.entries()) check(items, item, { parent: place, step: index }, refuse);
}

function checkFields(
  { bounds, embedded, properties, additional, required }: SchemaNode,
  value: Fields,
  place: Place,
  refuse: Refuse,
): void {
  const { minProperties, maxProperties } = bounds;
  if (minProperties !== undefined || maxProperties !== undefined) {
    const count = Object.values(value).filter((each) => each !== undefined).length;
    if (minProperties !== undefined && count < minProperties) {
      refuse(place, wrong(count, `should have at least ${minProperties} properties`));
    }
    if (maxProperties !== undefined && count > maxProperties) refuse(place, (path) => tooMany(path, count, maxProperties));
  }
  for (const name of required) {
    if (!Object.hasOwn(value, name) || value[name] === undefined) refuse({ parent: place, step: name }, (path) => requiredValue(path));
  }
  const isObject = embedded || place === ROOT;
  for (const key of Object.keys(value)) {
    const field = value[key];
    // Metadata has rules of its own.
    if (field === undefined || (isObject && (key === 'metadata' || key === 'apiVersion' || key === 'kind'))) continue;
    const below = properties.get(key) ?? additional;
    if (typeof below === 'object') check(below, field, { parent: place, step: key }, refuse);
  }
}

function checkCombined({ allOf, anyOf, oneOf, not }: SchemaNode, value: unknown, place: Place, refuse: Refuse): void {
  const fits = (node: SchemaNode): boolean => {
    let isRight = true;
    check(node, value, place, () => {
      isRight = false;
    });
    return isRight;
  };
  // Upstream keeps no path for these.
  const say = (why: string): void => refuse(place, (path) => invalidValue('<nil>', '', `${JSON.stringify(path)} must ${why}`));
  for (const node of allOf) check(node, value, place, refuse);
  if (anyOf.length > 0 && !anyOf.some(fits)) say('validate at least one schema (anyOf)');
  if (oneOf.length > 0) {
    const count = oneOf.filter(fits).length;
    if (count !== 1) {
      say(`validate one and only one schema (oneOf). ${count === 0 ? 'Found none valid' : `Found ${count} valid alternatives`}`);
    }
  }
  if (not && fits(not)) say('not validate the schema (not)');
}

/** The part of an object that a path of an error names; undefined for one that is not there, or no path. */
export function valueAt(object: unknown, path: string): unknown {
  let value: unknown = object;
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    if (index !== undefined) value = Array.isArray(value) ? value[Number(index)] : undefined;
    else value = isFields(value) && name !== undefined ? value[name] : undefined;
  }
  return value;
}
