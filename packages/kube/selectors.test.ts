import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesFields, parseFieldSelector } from './field-selectors.ts';
import {
  formatLabelSelector,
  formatRequirement,
  type LabelRequirement,
  matchesLabelMap,
  matchesLabelSelector,
  matchesRequirements,
  parseLabelSelector,
  requirementsOf,
} from './selectors.ts';
import type { LabelSelector, Pod } from './types/index.ts';

const labels = { app: 'web', tier: 'front', weight: '7', empty: '' };

describe('label selectors', () => {
  it.each([
    ['app=web', true],
    ['app==web', true],
    ['app = web , tier in (front, back)', true],
    ['app=api', false],
    ['app in (api)', false],
    ['app!=api', true],
    ['absent!=x', true],
    ['absent notin (x,y)', true],
    ['tier notin (front)', false],
    ['app', true],
    ['!app', false],
    ['!absent', true],
    ['absent', false],
    ['weight>5', true],
    ['weight>7', false],
    ['weight<8', true],
    ['app>5', false],
    ['absent<5', false],
    ['empty=', true],
    ['app in (,web)', true],
    ['empty in ()', true],
    ['app in ()', false],
    ['app=web,tier=back', false],
    ['', true],
  ])('match: %s is %s', (text, expected) => {
    expect(matchesRequirements(parseLabelSelector(text), labels)).toBe(expected);
  });

  it.each(['a=b=c', 'a in b', ',a', 'a,', 'a b', '-a', 'a=-', 'a in (b', '=a', 'a>b', '!'])('parse: %j is refused', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(expect.objectContaining({ code: 'BadRequest' }));
  });

  it('LabelSelector: an empty one selects everything, an absent one nothing', () => {
    expect(matchesLabelSelector({}, undefined)).toBe(true);
    expect(matchesLabelSelector({}, labels)).toBe(true);
    expect(matchesLabelSelector(undefined, labels)).toBe(false);
  });

  it('matchesLabelMap: looks at own labels only', () => {
    expect(matchesLabelMap({ constructor: 'x' }, {})).toBe(false);
    expect(matchesLabelMap({}, undefined)).toBe(true);
  });

  it('format: as kubectl shows it', () => {
    const selector: LabelSelector = {
      matchLabels: { b: '1', a: '2' },
      matchExpressions: [
        { key: 'aa', operator: 'In', values: ['y', 'x'] },
        { key: 'z', operator: 'DoesNotExist' },
      ],
    };
    expect(formatLabelSelector(selector)).toBe('a=2,aa in (x,y),b=1,!z');
    expect(formatLabelSelector({})).toBe('<none>');
  });

  const key = fc.constantFrom('app', 'tier', 'x.io/zone');
  const values = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', ''), { minLength: 1, maxLength: 3 });
  const requirement: fc.Arbitrary<LabelRequirement> = fc.oneof(
    fc.record({ key, operator: fc.constantFrom('In' as const, 'NotIn' as const), values }),
    fc.record({ key, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const), values: fc.constant([]) }),
    fc.record({ key, operator: fc.constantFrom('Gt' as const, 'Lt' as const), values: fc.nat().map((value) => [String(value)]) }),
  );
  const someLabels = fc.dictionary(key, fc.constantFrom('a', 'b', '', '3', '-4'));

  it('property: a printed selector reads back to one that selects the same', () => {
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), someLabels, (requirements, given) => {
        const again = parseLabelSelector(requirements.map(formatRequirement).join(','));
        expect(matchesRequirements(again, given)).toBe(matchesRequirements(requirements, given));
      }),
    );
  });

  it('property: a LabelSelector and its requirements agree', () => {
    fc.assert(
      fc.property(
        fc.dictionary(key, fc.constantFrom('a', 'b')),
        fc.array(requirement, { maxLength: 3 }),
        someLabels,
        (matchLabels, all, given) => {
          const matchExpressions = all.flatMap(({ operator, ...rest }) =>
            operator === 'Gt' || operator === 'Lt' ? [] : [{ ...rest, operator }],
          );
          const selector: LabelSelector = { matchLabels, matchExpressions };
          expect(matchesRequirements(requirementsOf(selector), given)).toBe(matchesLabelSelector(selector, given));
        },
      ),
    );
  });
});

describe('field selectors', () => {
  const pod: Pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'n' },
    spec: { containers: [], nodeName: 'node-1', hostNetwork: true },
    status: { phase: 'Running' },
  };

  it.each([
    ['spec.nodeName=node-1', true],
    ['spec.nodeName!=node-1', false],
    ['spec.nodeName==node-1,status.phase!=Failed', true],
    ['metadata.name=a,metadata.namespace=n', true],
    ['spec.hostNetwork=true', true],
    ['status.podIP=', true],
    ['', true],
  ])('match: %j is %s', (text, expected) => {
    expect(matchesFields('pods', parseFieldSelector(text, 'pods'), pod)).toBe(expected);
  });

  it('parse: a field that cannot be selected is refused', () => {
    expect(() => parseFieldSelector('spec.tolerations=x', 'pods')).toThrow('field label not supported: spec.tolerations');
    expect(() => parseFieldSelector('toString=x', 'pods')).toThrow('field label not supported: toString');
    expect(() => parseFieldSelector('nonsense', 'pods')).toThrow('invalid selector');
  });

  it('parse: commas in values are escaped', () => {
    expect(parseFieldSelector('metadata.name=a\\,b', 'pods')).toEqual([{ field: 'metadata.name', value: 'a,b', equal: true }]);
  });
});
