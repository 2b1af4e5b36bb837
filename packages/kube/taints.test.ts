import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesNodeSelectorTerm, matchesRequiredNodeAffinity, preferredNodeAffinityWeight } from './node-affinity.ts';
import { isSameTaint, isTolerated, specWithTaints, toleratesTaint, untoleratedTaint, withoutTaint, withTaint } from './taints.ts';
import type { NodeSelectorTerm, Pod, Taint, Toleration } from './types/index.ts';

const taint: Taint = { key: 'dedicated', value: 'db', effect: 'NoSchedule' };

describe('taints', () => {
  it.each<[Toleration, boolean]>([
    [{ key: 'dedicated', operator: 'Equal', value: 'db', effect: 'NoSchedule' }, true],
    [{ key: 'dedicated', value: 'db' }, true],
    [{ key: 'dedicated', value: 'web' }, false],
    [{ key: 'dedicated', operator: 'Exists' }, true],
    [{ operator: 'Exists' }, true],
    [{ operator: 'Exists', effect: 'NoExecute' }, false],
    [{ key: 'other', operator: 'Exists' }, false],
    [{ key: 'dedicated', operator: 'Gt', value: '1' }, false],
  ])('tolerates: %j is %s', (toleration, expected) => {
    expect(toleratesTaint(toleration, taint)).toBe(expected);
  });

  it('specWithTaints: without taints there is no such field', () => {
    expect(specWithTaints({ podCIDR: '10.0.0.0/24', taints: [taint] }, [])).toEqual({ podCIDR: '10.0.0.0/24' });
    expect(specWithTaints({}, [taint])).toEqual({ taints: [taint] });
  });

  it('tolerates: numbers compare the taint with the toleration', () => {
    const level: Taint = { key: 'level', value: '5', effect: 'NoSchedule' };
    expect(toleratesTaint({ key: 'level', operator: 'Lt', value: '6' }, level)).toBe(true);
    expect(toleratesTaint({ key: 'level', operator: 'Gt', value: '6' }, level)).toBe(false);
  });

  it('untoleratedTaint: only effects that were asked for count', () => {
    const soft: Taint = { key: 'soft', effect: 'PreferNoSchedule' };
    expect(untoleratedTaint([soft, taint], [], ['NoSchedule', 'NoExecute'])).toBe(taint);
    expect(untoleratedTaint([soft], undefined, ['NoSchedule'])).toBeUndefined();
    expect(isTolerated(undefined, taint)).toBe(false);
  });

  const someTaint: fc.Arbitrary<Taint> = fc.record({
    key: fc.constantFrom('a', 'b'),
    value: fc.constantFrom('', 'x'),
    effect: fc.constantFrom('NoSchedule' as const, 'NoExecute' as const),
  });

  it('property: adding a taint puts it there once, taking it away leaves no trace, and no change is no new list', () => {
    fc.assert(
      fc.property(fc.uniqueArray(someTaint, { comparator: isSameTaint }), someTaint, (taints, added) => {
        const once = withTaint(taints, added);
        expect(once.filter((other) => isSameTaint(other, added))).toEqual([added]);
        expect(withTaint(once, added)).toBe(once);
        const without = withoutTaint(once, added);
        expect(without.some((other) => isSameTaint(other, added))).toBe(false);
        expect(withoutTaint(without, added)).toBe(without);
      }),
    );
  });
});

describe('node affinity', () => {
  const node = { metadata: { name: 'n1', labels: { zone: 'a', cores: '8' } } };

  it.each<[NodeSelectorTerm, boolean]>([
    [{}, false],
    [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a', 'b'] }] }, true],
    [{ matchExpressions: [{ key: 'zone', operator: 'NotIn', values: ['a'] }] }, false],
    [{ matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] }, true],
    [{ matchExpressions: [{ key: 'gpu', operator: 'DoesNotExist' }] }, true],
    [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }, true],
    [
      {
        matchExpressions: [{ key: 'zone', operator: 'Exists' }],
        matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }],
      },
      false,
    ],
  ])('term %j: %s', (term, expected) => {
    expect(matchesNodeSelectorTerm(term, node)).toBe(expected);
  });

  it('pod: nodeSelector and required terms must both hold, terms are alternatives', () => {
    const pod = (spec: Partial<Pod['spec']>): Pick<Pod, 'spec'> => ({ spec: { containers: [], ...spec } });
    const required = (...zones: readonly string[]): Partial<Pod['spec']> => ({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: zones.map((zone) => ({ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] })),
          },
        },
      },
    });
    expect(matchesRequiredNodeAffinity(pod({}), node)).toBe(true);
    expect(matchesRequiredNodeAffinity(pod({ nodeSelector: { zone: 'b' } }), node)).toBe(false);
    expect(matchesRequiredNodeAffinity(pod(required('b', 'a')), node)).toBe(true);
    expect(matchesRequiredNodeAffinity(pod({ ...required('a'), nodeSelector: { zone: 'b' } }), node)).toBe(false);
    expect(matchesRequiredNodeAffinity(pod(required()), node)).toBe(false);
  });

  it('preferred: weights of the terms that hold add up, an empty term adds nothing', () => {
    const pod: Pick<Pod, 'spec'> = {
      spec: {
        containers: [],
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 10, preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] } },
              { weight: 5, preference: { matchExpressions: [{ key: 'zone', operator: 'In', values: ['b'] }] } },
              { weight: 50, preference: {} },
            ],
          },
        },
      },
    };
    expect(preferredNodeAffinityWeight(pod, node)).toBe(10);
  });
});
