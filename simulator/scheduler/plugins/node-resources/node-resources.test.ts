import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cacheOf, stateFor } from '../../testing/profiles.ts';
import { makeNode, makePod, onNode } from '../../testing/objects.ts';
import { balancedAllocation } from './balanced-allocation.ts';
import { nodeResourcesFit } from './fit.ts';
import { balance, brokenLinear, requestedToCapacityRatio } from './resource-scorers.ts';

const least = nodeResourcesFit();
const most = nodeResourcesFit({ type: 'MostAllocated' });
const balanced = balancedAllocation();

function scenario(usedCpu: string, usedMemory: string, cpu: string, memory: string) {
  const used = usedCpu === '0' ? [] : [onNode(makePod('used', { cpu: usedCpu, memory: usedMemory }), 'node-1')];
  const pod = makePod('new', { cpu, memory });
  const state = stateFor(pod, cacheOf([makeNode('node-1', { cpu: '4000m', memory: '8Gi' })], used));
  const nodeInfo = state.snapshot.get('node-1');
  if (!nodeInfo) throw new Error('the node is in the snapshot');
  return { pod, nodeInfo, state };
}

describe('resource scores', () => {
  // Behaviour reference, section 12.
  test.each([
    ['0', '0', '100m', '200Mi', 97, 2, 74],
    ['0', '0', '500m', '1Gi', 87, 12, 75],
    ['1000m', '2Gi', '500m', '1Gi', 62, 37, 75],
    ['1000m', '2Gi', '2000m', '1Gi', 43, 56, 65],
    ['3000m', '1Gi', '100m', '4Gi', 29, 69, 87],
  ])(
    'used %s/%s, pod %s/%s: LeastAllocated %i, MostAllocated %i, BalancedAllocation %i',
    (usedCpu, usedMemory, cpu, memory, ...expected) => {
      const { pod, nodeInfo, state } = scenario(usedCpu, usedMemory, cpu, memory);
      expect([least.score(pod, nodeInfo, state), most.score(pod, nodeInfo, state), balanced.score(pod, nodeInfo, state)]).toEqual(expected);
    },
  );

  test('B of the golden vectors: 99, 100, 81, 92', () => {
    expect(balance([100 / 4000, 200 / 8192])).toBe(99);
    expect(balance([0.5, 0.5])).toBe(100);
    expect(balance([3000 / 4000, 3 / 8])).toBe(81);
    expect(balance([3100 / 4000, 5 / 8])).toBe(92);
  });

  test('RequestedToCapacityRatio: the shape of the golden vectors', () => {
    const shape = [
      { utilization: 0, score: 10 },
      { utilization: 50, score: 4 },
      { utilization: 100, score: 0 },
    ];
    const at = brokenLinear(shape.map(({ utilization, score }) => ({ utilization, score: score * 10 })));
    expect([0, 10, 33, 50, 75, 99, 100].map(at)).toEqual([100, 88, 61, 40, 20, 1, 0]);
    const scorer = requestedToCapacityRatio(shape);
    expect([scorer.scoreOf(33, 100), scorer.scoreOf(101, 100)]).toEqual([61, 0]);
    // Memory is full and scores nothing, so CPU alone counts.
    const resources = [
      { name: 'cpu', weight: 1 },
      { name: 'memory', weight: 5 },
    ];
    const plugin = nodeResourcesFit({ type: 'RequestedToCapacityRatio', shape, resources });
    const { pod, nodeInfo, state } = scenario('0', '0', '1320m', '8Gi');
    expect(plugin.score(pod, nodeInfo, state)).toBe(61);
  });

  test('containers without requests count 100m and 200 MiB for the score, and nothing for the filter', () => {
    const { pod, nodeInfo, state } = scenario('0', '0', '100m', '200Mi');
    const bare = makePod('bare');
    const bareState = stateFor(bare, cacheOf([makeNode('node-1', { cpu: '4000m', memory: '8Gi' })]));
    expect(least.score(bare, nodeInfo, bareState)).toBe(least.score(pod, nodeInfo, state));
    const tiny = stateFor(bare, cacheOf([makeNode('tiny', { cpu: '1m', memory: '1' })]));
    expect(least.filter(bare, tiny.snapshot.nodes[0] ?? nodeInfo, tiny).code).toBe('Success');
    expect(balanced.preScore(bare, [nodeInfo], bareState).code).toBe('Skip');
  });

  test('any usage: scores are integers from 0 to 100, and BalancedAllocation from 50', () => {
    const millis = fc.nat(6000);
    const mebibytes = fc.nat(12_000);
    fc.assert(
      fc.property(millis, mebibytes, millis, mebibytes, (usedCpu, usedMemory, cpu, memory) => {
        const { pod, nodeInfo, state } = scenario(`${usedCpu + 1}m`, `${usedMemory}Mi`, `${cpu}m`, `${memory}Mi`);
        for (const plugin of [least, most, balanced]) {
          const score = plugin.score(pod, nodeInfo, state);
          expect(Number.isInteger(score) && score >= (plugin === balanced ? 50 : 0) && score <= 100).toBe(true);
        }
      }),
    );
  });
});

describe('NodeResourcesFit filter', () => {
  test('all that is missing is named; more than the node ever has cannot be helped by eviction', () => {
    const node = makeNode('node-1', { cpu: '1', memory: '1Gi', pods: '1', resources: { 'alibabacloud.com/gpu-milli': '1000' } });
    const cache = cacheOf(
      [node],
      [onNode(makePod('a', { cpu: '800m', memory: '100Mi', requests: { 'alibabacloud.com/gpu-milli': '600' } }), 'node-1')],
    );
    const verdict = (pod: ReturnType<typeof makePod>) => {
      const state = stateFor(pod, cache);
      return least.filter(pod, state.snapshot.nodes[0] ?? (undefined as never), state);
    };
    expect(verdict(makePod('b', { cpu: '500m', requests: { 'alibabacloud.com/gpu-milli': '500' } }))).toEqual({
      code: 'Unschedulable',
      reasons: ['Too many pods', 'Insufficient cpu', 'Insufficient alibabacloud.com/gpu-milli'],
    });
    expect(verdict(makePod('b', { memory: '2Gi' }))).toEqual({
      code: 'UnschedulableAndUnresolvable',
      reasons: ['Too many pods', 'Insufficient memory'],
    });
  });
});
