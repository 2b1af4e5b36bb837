import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { differences, matcherOf, matches, weightOf } from './partial-match.ts';

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };

const leaf = fc.oneof(fc.string({ maxLength: 4 }), fc.integer({ min: 0, max: 9 }), fc.boolean());
const key = fc.constantFrom('name', 'spec', 'status', 'type', 'items', 'app.kubernetes.io/name', 'requests');
const json: fc.Arbitrary<Json> = fc.letrec<{ value: Json; object: Json }>((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(tie('value'), { minLength: 1, maxLength: 3 }), tie('object')),
  object: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
})).object;

const isRecord = (value: unknown): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Leaves some fields and some items out; never all items, since an empty list means one without items. */
function cut(value: Json, keeps: () => boolean): Json {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    const kept = items.filter(keeps);
    return (kept.length > 0 ? kept : items.slice(0, 1)).map((item) => cut(item, keeps)).reverse();
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, member]) => (keeps() ? [[name, cut(member, keeps)]] : [])));
}

/** Another value at the first leaf of the pattern, one that is nowhere in the object. */
function spoilt(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((item, index) => (index === 0 ? spoilt(item) : item));
  if (!isRecord(value)) return 'never there';
  const [first] = Object.keys(value);
  return first === undefined ? { never: 'there' } : { ...value, [first]: spoilt(value[first] ?? '') };
}

const cuts = fc.array(fc.boolean(), { minLength: 1, maxLength: 30 });
const keeping = (choices: readonly boolean[]): (() => boolean) => {
  let next = 0;
  return () => choices[next++ % choices.length] ?? true;
};

describe('partial match', () => {
  it('an object matches any part of itself, whatever the order of its lists', () => {
    fc.assert(
      fc.property(json, cuts, (object, choices) => {
        const pattern = cut(object, keeping(choices));
        expect(matches(pattern, object)).toBe(true);
        expect(differences(pattern, object)).toEqual([]);
      }),
    );
  });

  it('a part with a leaf that is not there does not match, and the difference is told', () => {
    fc.assert(
      fc.property(json, cuts, (object, choices) => {
        const pattern = spoilt(cut(object, keeping(choices)));
        expect(matches(pattern, object)).toBe(false);
        const found = differences(pattern, object);
        expect(weightOf(found)).toBeGreaterThan(0);
        expect(found.every(({ text }) => text.length > 0)).toBe(true);
      }),
    );
  });

  it('there are differences exactly when it does not match', () => {
    fc.assert(
      fc.property(json, json, (pattern, actual) => {
        expect(differences(pattern, actual).length === 0).toBe(matcherOf(pattern)(actual));
      }),
    );
  });

  it.each([
    [{ requests: { cpu: '1' } }, { requests: { cpu: '1000m' } }, true],
    [{ requests: { cpu: 1 } }, { requests: { cpu: '1' } }, true],
    [{ capacity: { storage: '1Gi' } }, { capacity: { storage: '1024Mi' } }, true],
    [{ limits: { memory: '1Gi' } }, { limits: { memory: '1G' } }, false],
    [{ data: { cpu: '1' } }, { data: { cpu: '1000m' } }, false],
    [{ data: { requests: { cpu: '1' } } }, { data: { requests: { cpu: '1000m' } } }, false],
    [{ labels: { requests: '1' } }, { labels: { requests: '1000m' } }, false],
    [{ replicas: '1' }, { replicas: 1 }, false],
    [{ deletionTimestamp: null }, {}, true],
    [{ deletionTimestamp: null }, { deletionTimestamp: 'now' }, false],
    [{ finalizers: [] }, {}, true],
    [{ finalizers: [] }, { finalizers: ['a'] }, false],
    [{ emptyDir: {} }, { emptyDir: { medium: 'Memory' } }, true],
    [{ emptyDir: {} }, {}, false],
  ])('values: %j against %j is %s', (pattern, actual, result) => {
    expect(matches(pattern, actual)).toBe(result);
  });

  it.each([
    [{ status: { phase: 'Running' } }, { status: { phase: 'Pending' } }, 'status.phase is "Pending", not "Running"'],
    [{ status: { phase: 'Running' } }, {}, 'status is not set, and should be {phase: "Running"}'],
    [{ spec: { nodeName: null } }, { spec: { nodeName: 'a' } }, 'spec.nodeName is "a", and should not be set'],
    [{ labels: { 'a.b/c': 'x' } }, { labels: { 'a.b/c': 'y' } }, 'labels[a.b/c] is "y", not "x"'],
    [
      { conditions: [{ type: 'Ready', status: 'True' }] },
      { conditions: [{ type: 'Ready', status: 'False' }] },
      'conditions[type=Ready].status is "False", not "True"',
    ],
    [
      { conditions: [{ type: 'Ready', status: 'True' }] },
      { conditions: [{ type: 'Available', status: 'True' }] },
      'conditions has no item with type "Ready", only Available',
    ],
    [{ finalizers: ['a'] }, { finalizers: ['b'] }, 'finalizers has no item "a"; it is ["b"]'],
    [{ finalizers: [] }, { finalizers: ['b'] }, 'finalizers is ["b"], and should be empty'],
    [{ rules: [{ host: 'x', path: 'y' }] }, { rules: [{ host: 'x', path: 'z' }] }, 'rules[0].path is "z", not "y"'],
  ])('differences: of %j and %j the first is told', (pattern, actual, text) => {
    expect(differences(pattern, actual)[0]?.text).toBe(text);
  });
});
