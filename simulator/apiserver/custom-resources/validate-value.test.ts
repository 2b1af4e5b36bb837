import { Ajv } from 'ajv';
import fc from 'fast-check';
import { fieldErrorText } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { compileSchema } from './schema.ts';
import { valueAt, valueErrors } from './validate-value.ts';

const errors = (schema: object, value: unknown): readonly string[] => valueErrors(compileSchema(schema), value).map(fieldErrorText);
const spec = (schema: object): object => ({ type: 'object', properties: { spec: schema } });

type Json = Readonly<Record<string, unknown>>;
const small = fc.integer({ min: -3, max: 4 });
const count = fc.nat({ max: 3 });
const optional = (model: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Json> => fc.record(model, { requiredKeys: [] });

const { schema: anySchema } = fc.letrec<{ schema: Json; leaf: Json; list: Json; map: Json }>((tie) => ({
  leaf: fc.oneof(
    optional({
      type: fc.constant('string'),
      minLength: count,
      maxLength: count,
      pattern: fc.constantFrom('^a', 'b$', '[0-9]'),
      nullable: fc.boolean(),
    }).map((each) => ({ ...each, type: 'string' })),
    optional({ minimum: small, maximum: small, multipleOf: fc.constantFrom(1, 2) }).chain((each) =>
      fc.constantFrom('integer', 'number').map((type) => ({ ...each, type })),
    ),
    fc.constant({ type: 'boolean' }),
    fc.uniqueArray(fc.constantFrom('a', 'b', 'ab'), { minLength: 1 }).map((choices) => ({ type: 'string', enum: choices })),
    fc.constant({}),
  ),
  list: optional({ items: tie('schema'), minItems: count, maxItems: count, uniqueItems: fc.boolean() }).map((each) => ({
    ...each,
    type: 'array',
  })),
  map: fc
    .tuple(
      optional({ minProperties: count, maxProperties: count, additionalProperties: tie('schema') }),
      fc.dictionary(fc.constantFrom('a', 'b'), tie('schema'), { noNullPrototype: true }),
      fc.subarray(['a', 'b']),
    )
    .map(([each, properties, required]) => ({ ...each, type: 'object', properties, ...(required.length === 0 ? {} : { required }) })),
  schema: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    tie('list'),
    tie('map'),
    fc.record({ anyOf: fc.array(tie('leaf'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ oneOf: fc.array(tie('leaf'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ allOf: fc.array(tie('leaf'), { minLength: 1, maxLength: 2 }) }),
    fc.record({ not: tie('leaf') }),
  ) as fc.Arbitrary<Json>,
}));

const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('', 'a', 'b', 'ab', 'a1', 'abcd'),
    small,
    fc.constantFrom(0.5, true, false, null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { noNullPrototype: true }),
  ),
}));

describe('a value against a schema', () => {
  it('is right exactly when ajv finds it right', () => {
    const ajv = new Ajv({ strict: false, allErrors: false, validateSchema: false });
    fc.assert(
      fc.property(anySchema, fc.array(anyValue, { minLength: 1, maxLength: 12 }), (schema, values) => {
        const isRight = ajv.compile(schema);
        const node = compileSchema(schema);
        for (const value of values) {
          const found = valueErrors(node, value, 'spec');
          expect(found.length === 0, `${JSON.stringify(schema)} with ${JSON.stringify(value)}`).toBe(isRight(value));
        }
        ajv.removeSchema();
      }),
      { numRuns: 200 },
    );
  });

  it('exclusive limits are flags, as OpenAPI 3.0 has them', () => {
    const schema = { type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 3, exclusiveMaximum: true };
    expect([1, 2, 3].map((value) => errors(schema, value).length)).toEqual([1, 0, 1]);
  });
});

describe('what is said of a wrong value', () => {
  const cases: readonly (readonly [schema: object, value: unknown, message: string])[] = [
    [{ type: 'integer', minimum: 0 }, -1, 'spec: Invalid value: -1: spec in body should be greater than or equal to 0'],
    [{ type: 'integer', maximum: 5 }, 6, 'spec: Invalid value: 6: spec in body should be less than or equal to 5'],
    [{ type: 'number', exclusiveMinimum: true, minimum: 0 }, 0, 'spec: Invalid value: 0: spec in body should be greater than 0'],
    [{ type: 'integer', multipleOf: 5 }, 6, 'spec: Invalid value: 6: spec in body should be a multiple of 5'],
    [{ type: 'integer' }, 'three', 'spec: Invalid value: "string": spec in body must be of type integer: "string"'],
    [{ type: 'integer' }, 1.5, 'spec: Invalid value: "number": spec in body must be of type integer: "number"'],
    [{ type: 'string' }, null, 'spec: Invalid value: "null": spec in body must be of type string: "null"'],
    [{ type: 'string', minLength: 1 }, '', 'spec: Invalid value: "": spec in body should be at least 1 chars long'],
    [{ type: 'string', maxLength: 2 }, 'abc', 'spec: Too long: may not be more than 2 bytes'],
    [{ type: 'string', pattern: '^[a-z]+$' }, 'A', 'spec: Invalid value: "A": spec in body should match \'^[a-z]+$\''],
    [{ type: 'string', format: 'ipv4' }, '10.0.0', 'spec: Invalid value: "10.0.0": spec in body must be of type ipv4: "10.0.0"'],
    [{ type: 'string', enum: ['GET', 'PUT'] }, 'GOT', 'spec: Unsupported value: "GOT": supported values: "GET", "PUT"'],
    [{ type: 'array', minItems: 1 }, [], 'spec: Invalid value: 0: spec in body should have at least 1 items'],
    [{ type: 'array', maxItems: 1 }, [1, 2], 'spec: Too many: 2: must have at most 1 items'],
    [{ type: 'array', items: { type: 'object', required: ['name'] } }, [{}], 'spec[0].name: Required value'],
    [
      { type: 'object', additionalProperties: { type: 'string' } },
      { a: 1 },
      'spec.a: Invalid value: "integer": spec.a in body must be of type string: "integer"',
    ],
    [{ not: { type: 'string' } }, 'x', '<nil>: Invalid value: "": "spec" must not validate the schema (not)'],
    [{ anyOf: [{ type: 'string' }] }, 1, '<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)'],
    [
      { oneOf: [{ type: 'string' }] },
      1,
      '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid',
    ],
    [
      { 'x-kubernetes-int-or-string': true },
      true,
      'spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"',
    ],
  ];

  it.each(cases)('%j with %j', (schema, value, message) => {
    expect(errors(spec(schema), { spec: value })).toEqual([message]);
  });

  it('an integer or a text passes where either may stand', () => {
    expect([80, 'http', 1.5].map((value) => errors({ 'x-kubernetes-int-or-string': true }, value).length)).toEqual([0, 0, 1]);
  });

  it('metadata, apiVersion and kind of a whole object are not the schema’s business', () => {
    const schema = { type: 'object', additionalProperties: { type: 'string' } };
    expect(errors(schema, { apiVersion: 1, kind: 2, metadata: {}, other: 'x' })).toEqual([]);
  });

  it('valueAt: finds what a path of an error names', () => {
    const object = { spec: { backends: [{ weight: 1 }, { weight: -1 }] } };
    expect(valueAt(object, 'spec.backends[1].weight')).toBe(-1);
    expect(valueAt(object, 'spec.backends[7].weight')).toBeUndefined();
    expect(valueAt(object, '<nil>')).toBeUndefined();
  });
});

describe('formats', () => {
  const cases: readonly (readonly [format: string, right: readonly string[], wrong: readonly string[]])[] = [
    ['date-time', ['2026-01-01T00:00:00Z'], ['2026-01-01', 'soon']],
    ['date', ['2024-02-29'], ['2023-02-29', '2023-13-01', '2023-1-1']],
    ['duration', ['1h30m', '250ms', '0'], ['1 hour', 'h']],
    ['cidr', ['10.0.0.0/8', 'fd00::/64'], ['10.0.0.0', '10.0.0.0/33']],
    ['uuid', ['123e4567-e89b-12d3-a456-426614174000'], ['123']],
    ['byte', ['aGVsbG8=', ''], ['a', '====']],
    ['mac', ['02:42:ac:11:00:02'], ['02:42']],
    ['colour', ['anything'], []],
  ];
  it.each(cases)('%s', (format, right, wrong) => {
    for (const text of right) expect(errors(spec({ type: 'string', format }), { spec: text }), text).toEqual([]);
    for (const text of wrong) expect(errors(spec({ type: 'string', format }), { spec: text }), text).toHaveLength(1);
  });
});
