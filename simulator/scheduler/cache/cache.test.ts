import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeNode, makePod, onNode } from '../testing/objects.ts';
import { SchedulerCache } from './cache.ts';
import { LabelMatcher } from './label-matcher.ts';
import { NodeTree } from './node-tree.ts';
import { podInfoOf } from './pod-info.ts';

const inZone = (name: string, zone: string) => makeNode(name, { labels: { 'topology.kubernetes.io/zone': zone } });

describe('NodeTree', () => {
  test('zones take turns in the order in which they were first seen', () => {
    const tree = new NodeTree();
    for (const [name, zone] of [
      ['a1', 'a'],
      ['a2', 'a'],
      ['b1', 'b'],
      ['a3', 'a'],
      ['c1', 'c'],
      ['b2', 'b'],
    ] as const)
      tree.set(inZone(name, zone));
    expect(tree.list()).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    expect(tree.set(inZone('a1', 'a'))).toBe(false);
    tree.delete('b1');
    expect(tree.set(inZone('a2', 'c'))).toBe(true);
    expect(tree.list()).toEqual(['a1', 'b2', 'c1', 'a3', 'a2']);
  });
});

describe('SchedulerCache', () => {
  test('an assumption counts at once, is confirmed by the bound pod, and can be forgotten only before', () => {
    const cache = new SchedulerCache();
    cache.setNode(makeNode('a'));
    const pod = makePod('p', { cpu: '1' });
    cache.assume(podInfoOf(pod), 'a');
    expect([cache.isAssumed(pod), cache.updateSnapshot().get('a')?.requested.milliCPU]).toEqual([true, 1000]);
    expect(cache.setPod(onNode(pod, 'a')).wasAssumed).toBe(true);
    expect([cache.isAssumed(pod), cache.forget(pod), cache.updateSnapshot().get('a')?.requested.milliCPU]).toEqual([false, false, 1000]);
    const other = makePod('q', { cpu: '1' });
    cache.assume(podInfoOf(other), 'a');
    expect(cache.forget(other)).toBe(true);
    expect(cache.updateSnapshot().get('a')?.pods.length).toBe(1);
  });

  test('a pod bound elsewhere than assumed moves; a finished one leaves', () => {
    const cache = new SchedulerCache();
    cache.setNode(makeNode('a'));
    cache.setNode(makeNode('b'));
    const pod = makePod('p', { cpu: '1' });
    cache.assume(podInfoOf(pod), 'a');
    cache.setPod(onNode(pod, 'b'));
    expect(cache.updateSnapshot().nodes.map(({ pods }) => pods.length)).toEqual([0, 1]);
    cache.setPod({ ...onNode(pod, 'b'), status: { phase: 'Succeeded' } });
    expect(cache.updateSnapshot().nodes.map(({ pods }) => pods.length)).toEqual([0, 0]);
  });

  test('pods of a node that is not known count as soon as it is, also after it left and came back', () => {
    const cache = new SchedulerCache();
    cache.setPod(onNode(makePod('p', { cpu: '1' }), 'a'));
    expect(cache.updateSnapshot().nodes).toEqual([]);
    cache.setNode(makeNode('a'));
    expect(cache.updateSnapshot().get('a')?.requested.milliCPU).toBe(1000);
    cache.removeNode('a');
    expect(cache.updateSnapshot().get('a')).toBeUndefined();
    cache.setNode(makeNode('a'));
    expect(cache.updateSnapshot().get('a')?.pods.length).toBe(1);
  });

  test('a resize under way counts the most of wanted, granted and held', () => {
    const pod = onNode(makePod('p', { cpu: '1' }), 'a');
    const held = (cpu: string, infeasible = false) =>
      podInfoOf({
        ...pod,
        status: {
          containerStatuses: [
            {
              name: 'main',
              ready: true,
              restartCount: 0,
              image: '',
              imageID: '',
              resources: { requests: { cpu } },
              allocatedResources: { cpu: '500m' },
            },
          ],
          ...(infeasible && { conditions: [{ type: 'PodResizePending', status: 'True' as const, reason: 'Infeasible' }] }),
        },
      }).requests.milliCPU;
    expect([held('3'), held('200m'), held('200m', true)]).toEqual([3000, 1000, 500]);
  });

  test('any history: the incremental snapshot equals one made from scratch (SCH-04)', () => {
    const change = fc.oneof(
      fc.record({ kind: fc.constant('node' as const), node: fc.nat(3), zone: fc.constantFrom('a', 'b') }),
      fc.record({ kind: fc.constant('remove-node' as const), node: fc.nat(3) }),
      fc.record({
        kind: fc.constant('pod' as const),
        pod: fc.nat(6),
        node: fc.nat(3),
        app: fc.constantFrom('x', 'y'),
        leaving: fc.boolean(),
      }),
      fc.record({ kind: fc.constant('remove-pod' as const), pod: fc.nat(6) }),
      fc.record({ kind: fc.constant('look' as const) }),
    );
    const matcher = LabelMatcher.of([{ matchLabels: { app: 'x' } }]);
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const cache = new SchedulerCache();
        const nodes = new Map<string, ReturnType<typeof makeNode>>();
        const pods = new Map<string, ReturnType<typeof makePod>>();
        for (const step of changes) {
          if (step.kind === 'node') {
            const node = inZone(`n${step.node}`, step.zone);
            cache.setNode(node);
            nodes.set(node.metadata.name, node);
          } else if (step.kind === 'remove-node') {
            cache.removeNode(`n${step.node}`);
            nodes.delete(`n${step.node}`);
          } else if (step.kind === 'pod') {
            const base = onNode(
              makePod(`p${step.pod}`, { cpu: '1', labels: { app: step.app } }),
              pods.get(`p${step.pod}`)?.spec.nodeName ?? `n${step.node}`,
            );
            const pod = step.leaving ? { ...base, metadata: { ...base.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } } : base;
            cache.setPod(pod);
            pods.set(pod.metadata.name, pod);
          } else if (step.kind === 'remove-pod') {
            const pod = pods.get(`p${step.pod}`);
            if (pod) cache.removePod(pod);
            pods.delete(`p${step.pod}`);
          } else cache.updateSnapshot().matchingPods('default', matcher);
        }
        const snapshot = cache.updateSnapshot();
        expect(snapshot.nodes.map(({ node }) => node.metadata.name).sort()).toEqual([...nodes.keys()].sort());
        const matching = snapshot.matchingPods('default', matcher);
        for (const { node, pods: placed, requested } of snapshot.nodes) {
          const here = [...pods.values()].filter(({ spec }) => spec.nodeName === node.metadata.name);
          expect(placed.map(({ pod }) => pod.metadata.name).sort()).toEqual(here.map(({ metadata }) => metadata.name).sort());
          expect(requested.milliCPU).toBe(1000 * here.length);
          const matched = here.filter(({ metadata }) => metadata.labels?.['app'] === 'x');
          expect(matching.all.get(node.metadata.name) ?? 0).toBe(matched.length);
          const live = matched.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
          expect(matching.live.get(node.metadata.name) ?? 0).toBe(live.length);
        }
      }),
      { numRuns: 150 },
    );
  });
});
