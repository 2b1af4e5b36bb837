import { seconds } from '@slipway/kernel';
import type { KubeObject, Pod } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findCondition } from '@slipway/kube';
import { SchedulerWorld } from '../testing/cluster.ts';
import { makeNode, makePod, type NodeParts, onNode } from '../testing/objects.ts';
import { cacheOf } from '../testing/profiles.ts';
import { boundClaim, DRIVER, makeAttachment, makeClaim, makeClass, makeCsiNode, makeVolume, using, viewOf } from '../testing/storage.ts';
import { exceedsLimit } from './node-volume-limits.ts';
import { suitsZone, topologiesOf } from './volume-zone.ts';

const ZONE = 'topology.kubernetes.io/zone';

function worldOf(nodes: readonly (readonly [string, NodeParts?])[], objects: readonly KubeObject[]): SchedulerWorld {
  const world = new SchedulerWorld();
  world.add(nodes.map(([name, parts]) => makeNode(name, parts)));
  world.store(objects);
  return world;
}

const why = (world: SchedulerWorld, pod: string): string =>
  findCondition(world.pod(pod).status?.conditions, 'PodScheduled')?.message?.split(' preemption:')[0] ?? '';

/** Claims `c0` … bound to volumes `pv0` …. */
const pairs = (count: number): readonly KubeObject[] =>
  Array.from({ length: count }, (_, index) => [boundClaim(`c${index}`, `pv${index}`), makeVolume(`pv${index}`)]).flat();

describe('NodeVolumeLimits', () => {
  const limited = (placed: readonly Pod[], wanted: readonly string[], objects: readonly KubeObject[], limit?: number): boolean => {
    const [nodeInfo] = cacheOf(
      [makeNode('n')],
      placed.map((pod) => onNode(pod, 'n')),
    ).updateSnapshot().nodes;
    if (!nodeInfo) throw new Error('the node is in the snapshot');
    const view = viewOf([...objects, ...(limit === undefined ? [] : [makeCsiNode('n', limit)])]);
    const volumes = new Map(wanted.map((index) => [`${DRIVER}/handle-pv${index}`, DRIVER]));
    return exceedsLimit(volumes, nodeInfo, view);
  };

  test.each<[string, boolean, boolean]>([
    ['room for one more', limited([makePod('a', using('c0'))], ['1'], pairs(2), 2), false],
    ['no room for one more', limited([makePod('a', using('c0', 'c1'))], ['2'], pairs(3), 2), true],
    ['a volume that a pod there has already takes no further place', limited([makePod('a', using('c0', 'c1'))], ['1'], pairs(2), 2), false],
    [
      'two pods that share a volume take one place',
      limited([makePod('a', using('c0')), makePod('b', using('c0'))], ['1'], pairs(2), 2),
      false,
    ],
    ['an attachment without a pod takes a place', limited([], ['1', '2'], [...pairs(3), makeAttachment('va', 'n', 'pv0')], 2), true],
    [
      'an attachment of a pod there takes no further place',
      limited([makePod('a', using('c0'))], ['1'], [...pairs(2), makeAttachment('va', 'n', 'pv0')], 2),
      false,
    ],
    ['no limit told', limited([makePod('a', using('c0', 'c1'))], ['2'], pairs(3)), false],
    [
      'a claim whose volume is not made yet takes a place of its class',
      limited([makePod('a', using('new'))], ['0'], [...pairs(1), makeClaim('new'), makeClass('late')], 1),
      true,
    ],
  ])('%s', (_title, actual, expected) => {
    expect(actual).toBe(expected);
  });

  test('SCH-15: no node ever gets more volumes than it takes, whatever the pods ask for', () => {
    const pods = fc.array(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 2 }), { maxLength: 8 });
    fc.assert(
      fc.property(pods, fc.integer({ min: 1, max: 3 }), (wanted, limit) => {
        const world = worldOf([['n1'], ['n2']], [...pairs(6), makeCsiNode('n1', limit), makeCsiNode('n2', limit)]);
        world.add(wanted.map((claims, index) => makePod(`p${index}`, using(...new Set(claims.map((claim) => `c${claim}`))))));
        for (const { node, pods: placed } of world.scheduler.snapshot().nodes) {
          const volumes = new Set(placed.flatMap(({ claims }) => claims.map(({ key }) => key)));
          expect(volumes.size, node.metadata.name).toBeLessThanOrEqual(limit);
        }
      }),
      { numRuns: 15 },
    );
  });

  test.each<[string, (world: SchedulerWorld) => void]>([
    ['an attachment goes', (world) => world.do(world.api.volumeattachments.delete({ name: 'va' }))],
    [
      'the node tells a higher limit',
      (world) => {
        world.do(world.api.csinodes.delete({ name: 'n' }));
        world.store([makeCsiNode('n', 3)]);
      },
    ],
    ['a pod with a volume goes', (world) => world.do(world.api.pods.delete({ namespace: 'default', name: 'a', gracePeriodSeconds: 0 }))],
  ])('a waiting pod wakes when %s', (_title, change) => {
    const world = worldOf([['n']], [...pairs(3), makeCsiNode('n', 2), makeAttachment('va', 'n', 'pv0')]);
    world.add([makePod('a', using('c1')), makePod('p', using('c2'))]);
    expect(why(world, 'p')).toBe('0/1 nodes are available: 1 node(s) exceed max volume count.');
    world.pass(seconds(20));
    change(world);
    world.pass(seconds(2));
    expect(world.nodeOf('p')).toBe('n');
  });
});

describe('VolumeZone', () => {
  const topologies = (labels: Readonly<Record<string, string>>) => topologiesOf(makeVolume('pv', { labels }));

  test.each<[Readonly<Record<string, string>>, Readonly<Record<string, string>>, boolean]>([
    [{ [ZONE]: 'a' }, { [ZONE]: 'a' }, true],
    [{ [ZONE]: 'a' }, { [ZONE]: 'b' }, false],
    [{ [ZONE]: 'a__b' }, { [ZONE]: 'b' }, true],
    [{ [ZONE]: 'a' }, { 'topology.kubernetes.io/region': 'r' }, false],
    [{ [ZONE]: 'a' }, {}, true],
    [{ 'failure-domain.beta.kubernetes.io/zone': 'a' }, { [ZONE]: 'a' }, true],
    [{ 'failure-domain.beta.kubernetes.io/zone': 'a' }, { [ZONE]: 'b' }, false],
    [{ [ZONE]: 'a__' }, { [ZONE]: 'b' }, true],
    [{ disk: 'ssd' }, { [ZONE]: 'b' }, true],
  ])('volume %o and node %o', (volume, node, expected) => {
    expect(suitsZone(topologies(volume), node)).toBe(expected);
  });

  test('a labelled volume keeps its pod in its zone, and a corrected label wakes the pod', () => {
    const world = worldOf([['a1', { labels: { [ZONE]: 'a' } }]], [boundClaim('data', 'pv'), makeVolume('pv', { labels: { [ZONE]: 'b' } })]);
    world.add([makePod('p', using('data'))]);
    expect(why(world, 'p')).toBe('0/1 nodes are available: 1 node(s) had no available volume zone.');
    world.do(world.api.persistentvolumes.patch({ name: 'pv', patch: { metadata: { labels: { [ZONE]: 'a' } } } }));
    world.pass(seconds(3));
    expect(world.nodeOf('p')).toBe('a1');
  });
});

describe('VolumeRestrictions', () => {
  const single = { ...boundClaim('data', 'pv'), spec: { ...boundClaim('data', 'pv').spec, accessModes: ['ReadWriteOncePod'] as const } };
  const volume = makeVolume('pv', { accessModes: ['ReadWriteOncePod'] });

  test('SCH-16: a volume for one pod only is given to the next when the first is gone', () => {
    const world = worldOf([['n1'], ['n2']], [single, volume]);
    world.add([makePod('p', using('data')), makePod('q', using('data'))]);
    expect([world.nodeOf('p') !== undefined, world.nodeOf('q')]).toEqual([true, undefined]);
    expect(why(world, 'q')).toBe(
      '0/2 nodes are available: 2 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod.',
    );
    world.do(world.api.pods.delete({ namespace: 'default', name: 'p', gracePeriodSeconds: 0 }));
    world.pass(seconds(3));
    expect(world.nodeOf('q')).toBeDefined();
  });

  test('a more important pod takes it from a lesser one', () => {
    const world = worldOf([['n1']], [single, volume]);
    world.addPriorityClass('high', 1000);
    world.add([makePod('p', using('data'))]);
    world.add([makePod('q', { spec: { ...using('data').spec, priorityClassName: 'high' } })]);
    expect(world.pod('p').metadata.deletionTimestamp).toBeDefined();
    world.do(world.api.pods.delete({ namespace: 'default', name: 'p', gracePeriodSeconds: 0 }));
    world.pass(seconds(3));
    expect(world.nodeOf('q')).toBe('n1');
  });

  test('an ordinary claim is shared by pods of one node', () => {
    const world = worldOf([['n1']], pairs(1));
    world.add([makePod('p', using('c0')), makePod('q', using('c0'))]);
    expect([world.nodeOf('p'), world.nodeOf('q')]).toEqual(['n1', 'n1']);
  });
});
