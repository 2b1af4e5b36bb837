import { type CustomResourceDefinition, type FieldError, invalidValue, requiredValue, unsupportedValue } from '@slipway/kube';
import { expressionOf, isFields, SCHEMA_TYPES } from './schema.ts';

/**
 * What is wrong with the schemas of a definition, as far as objects could not be checked by them. Source: apiextensions
 * `apis/apiextensions/validation/validation.go` ValidateCustomResourceDefinitionOpenAPISchema; the rules of structural schemas beyond
 * types (what may stand in `allOf` and the like) are not looked at.
 */
export function definitionErrors({ spec }: CustomResourceDefinition): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { schema }] of (spec?.versions ?? []).entries()) {
    const path = `spec.versions[${index}].schema.openAPIV3Schema`;
    const root = schema?.openAPIV3Schema;
    if (root === undefined) errors.push(requiredValue(path, 'schemas are required'));
    else if (!isFields(root) || root['type'] === undefined) errors.push(requiredValue(`${path}.type`, 'must not be empty at the root'));
    else if (root['type'] !== 'object') errors.push(invalidValue(`${path}.type`, root['type'], 'must be object at the root'));
    visit(root, path, errors);
  }
  return errors;
}

function visit(schema: unknown, path: string, errors: FieldError[]): void {
  if (!isFields(schema)) return;
  const { type, pattern, properties, additionalProperties, items, not } = schema;
  if (typeof type === 'string' && !SCHEMA_TYPES.includes(type)) errors.push(unsupportedValue(`${path}.type`, type, SCHEMA_TYPES));
  if (typeof pattern === 'string' && !expressionOf(pattern)) {
    errors.push(invalidValue(`${path}.pattern`, pattern, 'must be a valid regular expression'));
  }
  if (isFields(properties)) for (const [name, each] of Object.entries(properties)) visit(each, `${path}.properties[${name}]`, errors);
  visit(additionalProperties, `${path}.additionalProperties`, errors);
  visit(items, `${path}.items`, errors);
  visit(not, `${path}.not`, errors);
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    const list = schema[key];
    if (Array.isArray(list)) for (const [index, each] of list.entries()) visit(each, `${path}.${key}[${index}]`, errors);
  }
}
