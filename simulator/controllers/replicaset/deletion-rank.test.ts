import { formatTime, type Pod, type Stored } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareForDeletion } from './deletion-rank.ts';

const NOW = 1_767_225_600_000_000;

interface Traits {
  readonly uid?: string;
  readonly node?: string;
  readonly phase?: 'Pending' | 'Unknown' | 'Running';
  readonly ready?: boolean;
  readonly cost?: number;
  readonly crowd?: number;
  /** Seconds. */
  readonly readyFor?: number;
  readonly age?: number;
  readonly restarts?: number;
}

const crowds = new WeakMap<object, number>();

function pod({
  uid = 'm',
  node = 'n1',
  phase = 'Running',
  ready = true,
  cost,
  crowd = 1,
  readyFor = 100,
  age = 1_000,
  restarts = 0,
}: Traits): Stored<Pod> {
  const made = {
    metadata: {
      name: uid,
      uid,
      creationTimestamp: formatTime(NOW - age * 1_000_000),
      ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': String(cost) } }),
    },
    spec: { nodeName: node },
    status: {
      phase,
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: formatTime(NOW - readyFor * 1_000_000) }],
      containerStatuses: [{ name: 'main', restartCount: restarts }],
    },
  } as unknown as Stored<Pod>;
  crowds.set(made, crowd);
  return made;
}

const compare = (a: Stored<Pod>, b: Stored<Pod>): number =>
  compareForDeletion(a, b, (each) => ({ relatedOnNode: crowds.get(each) ?? 0, now: NOW }));

describe('deletion rank', () => {
  it.each<[string, Traits, Traits]>([
    ['unassigned before assigned', { node: '' }, { phase: 'Pending' }],
    ['Pending before Unknown', { phase: 'Pending' }, { phase: 'Unknown', ready: false }],
    ['Unknown before Running', { phase: 'Unknown' }, { phase: 'Running', ready: false }],
    ['not ready before ready', { ready: false }, { cost: -5 }],
    ['cheap before dear', { cost: -1 }, { crowd: 9 }],
    ['a crowded node first', { crowd: 3, readyFor: 9_000 }, { crowd: 2, readyFor: 1 }],
    ['ready for a shorter time first', { readyFor: 10 }, { readyFor: 1_000, restarts: 5 }],
    ['more restarts first', { restarts: 2, age: 9_000 }, { restarts: 1, age: 10 }],
    ['younger first', { age: 10, uid: 'z' }, { age: 1_000, uid: 'a' }],
    ['about as old: the smaller uid', { age: 1_001, uid: 'a' }, { age: 1_000, uid: 'b' }],
  ])('%s', (_title, first, second) => {
    expect(compare(pod(first), pod(second))).toBeLessThan(0);
    expect(compare(pod(second), pod(first))).toBeGreaterThan(0);
  });

  it('is an order: antisymmetric, and any list sorts the same whatever its order was', () => {
    const traits = fc.record({
      node: fc.constantFrom('', 'n1'),
      phase: fc.constantFrom('Pending' as const, 'Running' as const),
      ready: fc.boolean(),
      cost: fc.integer({ min: -1, max: 1 }),
      crowd: fc.integer({ min: 1, max: 2 }),
      restarts: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(fc.array(traits, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (list, chance) => {
        const pods = list.map((each, at) => pod({ ...each, uid: `u${at}` }));
        const shuffled = pods
          .map((each) => ({ each, key: chance.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each);
        expect([...shuffled].sort(compare)).toEqual([...pods].sort(compare));
      }),
    );
  });
});
