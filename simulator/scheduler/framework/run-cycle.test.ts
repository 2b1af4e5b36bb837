import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Node, Pod } from '@slipway/kube';
import { nodeInfoOf } from '../cache/node-info.ts';
import { podInfoOf } from '../cache/pod-info.ts';
import { cacheOf, decidingFramework, stateFor } from '../testing/profiles.ts';
import { makeNode, makePod, onNode } from '../testing/objects.ts';
import { fitErrorMessage } from './fit-error.ts';
import { runCycle } from './run-cycle.ts';
import { runFilters } from './run-filters.ts';

const framework = decidingFramework();
const schedule = (pod: Pod, nodes: readonly Node[], placed: readonly Pod[] = []) =>
  runCycle(framework, stateFor(pod, cacheOf(nodes, placed)), { nextStartNodeIndex: 0 });
const messageOf = (outcome: ReturnType<typeof schedule>): string =>
  outcome.kind === 'unschedulable' ? fitErrorMessage(outcome.diagnosis, '') : outcome.kind;

const arbitraryNode = fc.record({
  cpu: fc.constantFrom('1', '2', '4'),
  memory: fc.constantFrom('1Gi', '4Gi'),
  pods: fc.constantFrom('1', '3', '110'),
  zone: fc.constantFrom('a', 'b'),
  unschedulable: fc.boolean(),
  tainted: fc.constantFrom('', 'NoSchedule', 'PreferNoSchedule', 'NoExecute'),
});
const arbitraryPod = fc.record({
  cpu: fc.constantFrom('0', '100m', '1', '3'),
  memory: fc.constantFrom('0', '512Mi', '2Gi'),
  zone: fc.option(fc.constantFrom('a', 'b', 'c')),
  tolerates: fc.boolean(),
  hostPort: fc.option(fc.constantFrom(80, 81)),
});

function nodesOf(parts: readonly (typeof arbitraryNode extends fc.Arbitrary<infer T> ? T : never)[]): readonly Node[] {
  return parts.map(({ cpu, memory, pods, zone, unschedulable, tainted }, index) =>
    makeNode(`node-${index}`, {
      cpu,
      memory,
      pods,
      labels: { 'topology.kubernetes.io/zone': zone },
      spec: {
        ...(unschedulable && { unschedulable }),
        ...(tainted !== '' && { taints: [{ key: 'k', effect: tainted as 'NoSchedule' }] }),
      },
    }),
  );
}

function podOf(
  name: string,
  { cpu, memory, zone, tolerates, hostPort }: typeof arbitraryPod extends fc.Arbitrary<infer T> ? T : never,
): Pod {
  return makePod(name, {
    cpu,
    memory,
    ...(hostPort !== null && { hostPort }),
    spec: {
      ...(zone !== null && { nodeSelector: { 'topology.kubernetes.io/zone': zone } }),
      ...(tolerates && { tolerations: [{ key: 'k', operator: 'Exists' as const }] }),
    },
  });
}

describe('runCycle', () => {
  test('the chosen node passes all filters, and a pod is unschedulable only if no node does', () => {
    fc.assert(
      fc.property(
        fc.array(arbitraryNode, { minLength: 1, maxLength: 8 }),
        fc.array(arbitraryPod, { maxLength: 12 }),
        (nodeParts, podParts) => {
          const nodes = nodesOf(nodeParts);
          const cache = cacheOf(nodes);
          const position = { nextStartNodeIndex: 0 };
          for (const [index, parts] of podParts.entries()) {
            const pod = podOf(`pod-${index}`, parts);
            const state = stateFor(pod, cache);
            const outcome = runCycle(framework, state, position);
            const passing = state.snapshot.nodes.filter(
              (nodeInfo) =>
                runFilters(
                  framework.filter.filter(({ name }) => !state.skipFilter.has(name)),
                  pod,
                  nodeInfo,
                  state,
                ) === undefined,
            );
            if (outcome.kind === 'scheduled') {
              expect(passing.map(({ node }) => node.metadata.name)).toContain(outcome.nodeName);
              cache.assume(state.podInfo, outcome.nodeName);
            } else {
              expect(outcome.kind).toBe('unschedulable');
              expect(passing).toEqual([]);
            }
          }
          // SCH-01, SCH-02: no node ever holds more than it has.
          for (const { allocatable, requested, pods } of cache.updateSnapshot().nodes) {
            expect(requested.milliCPU).toBeLessThanOrEqual(allocatable.milliCPU);
            expect(requested.memory).toBeLessThanOrEqual(allocatable.memory);
            expect(pods.length).toBeLessThanOrEqual(allocatable.allowedPodNumber);
            const ports = pods.flatMap(({ hostPorts }) => hostPorts.map(({ port }) => port));
            expect(new Set(ports).size).toBe(ports.length);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test('scores agree with a plain reading of the formulas', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ cpu: fc.integer({ min: 1, max: 8 }), memory: fc.integer({ min: 1, max: 16 }) }), {
          minLength: 2,
          maxLength: 6,
        }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 1000 }),
        (sizes, cpu, memory) => {
          const nodes = sizes.map((size, index) => makeNode(`node-${index}`, { cpu: `${size.cpu}`, memory: `${size.memory}Gi` }));
          const outcome = schedule(makePod('p', { cpu: `${cpu}m`, memory: `${memory}Mi` }), nodes);
          const totals = sizes.map((size) => {
            const [f1, f2] = [cpu / (size.cpu * 1000), memory / (size.memory * 1024)];
            const least = Math.trunc(
              (Math.trunc(((size.cpu * 1000 - cpu) * 100) / (size.cpu * 1000)) +
                Math.trunc(((size.memory * 1024 - memory) * 100) / (size.memory * 1024))) /
                2,
            );
            const balanced = 50 + Math.trunc((50 + Math.trunc((1 - Math.abs((f1 - f2) / 2)) * 100) - 100) / 2);
            // TaintToleration scores 100 everywhere with weight 3; NodeAffinity and ImageLocality nothing.
            return least + balanced + 300;
          });
          expect(outcome.kind === 'scheduled' && outcome.totals).toEqual(totals);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('the message counts each reason and sorts them as text', () => {
    const nodes = [
      makeNode('full', { cpu: '1' }),
      makeNode('small', { cpu: '1', memory: '1Gi' }),
      makeNode('cordoned', { spec: { unschedulable: true } }),
      makeNode('tainted', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }),
    ];
    expect(messageOf(schedule(makePod('p', { cpu: '2', memory: '2Gi' }), nodes))).toBe(
      '0/4 nodes are available: 1 Insufficient memory, 1 node(s) had untolerated taint(s), 1 node(s) were unschedulable, 2 Insufficient cpu.',
    );
  });

  test('a PreFilter refusal takes the place of the histogram', () => {
    const impossible = makePod('p', {
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchFields: [
                    { key: 'metadata.name', operator: 'In', values: ['a'] },
                    { key: 'metadata.name', operator: 'In', values: ['b'] },
                  ],
                },
              ],
            },
          },
        },
      },
    });
    expect(messageOf(schedule(impossible, [makeNode('a'), makeNode('b')]))).toBe('0/2 nodes are available: pod affinity terms conflict.');
  });

  test('a field selector narrows the search; other nodes share one reason', () => {
    const pinned = makePod('p', {
      cpu: '8',
      spec: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] }],
            },
          },
        },
      },
    });
    expect(messageOf(schedule(pinned, [makeNode('a'), makeNode('b'), makeNode('c')]))).toBe(
      "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't satisfy plugin(s) [NodeAffinity].",
    );
  });

  test('one feasible node is taken without scoring; none at all is its own outcome', () => {
    const only = schedule(makePod('p', { cpu: '3' }), [makeNode('a', { cpu: '2' }), makeNode('b')]);
    expect(only).toMatchObject({ kind: 'scheduled', nodeName: 'b', totals: [], scores: [] });
    expect(schedule(makePod('p'), []).kind).toBe('no-nodes');
  });

  test('the search starts where the last one ended, so that all nodes get their turn', () => {
    const nodes = Array.from({ length: 250 }, (_, index) => makeNode(`node-${index}`));
    const cache = cacheOf(nodes);
    const position = { nextStartNodeIndex: 0 };
    const looked = [1, 2, 3].map((n) => {
      const outcome = runCycle(framework, stateFor(makePod(`p${n}`), cache), position);
      return outcome.kind === 'scheduled' ? [outcome.feasible[0]?.node.metadata.name, outcome.feasible.length] : [];
    });
    expect(looked).toEqual([
      ['node-0', 120],
      ['node-120', 120],
      ['node-240', 120],
    ]);
    expect(position.nextStartNodeIndex).toBe(110);
  });

  test('pods nominated to a node count when they are as important, and are ignored when less', () => {
    const nominee = (priority: number) => podInfoOf(makePod('nominee', { cpu: '3', priority }));
    const cache = cacheOf([makeNode('a')]);
    const pod = makePod('p', { cpu: '2', priority: 5 });
    const kindWith = (priority: number) =>
      runCycle(framework, stateFor(pod, cache), { nextStartNodeIndex: 0 }, () => [nominee(priority)]).kind;
    expect([kindWith(4), kindWith(5), kindWith(6)]).toEqual(['scheduled', 'unschedulable', 'unschedulable']);
  });

  test('a nominated node is asked first and alone', () => {
    const pod: Pod = { ...makePod('p'), status: { nominatedNodeName: 'b' } };
    expect(schedule(pod, [makeNode('a'), makeNode('b'), makeNode('c')])).toMatchObject({ nodeName: 'b' });
    const full = [onNode(makePod('x', { cpu: '4' }), 'b')];
    expect(
      schedule({ ...makePod('p', { cpu: '1' }), status: { nominatedNodeName: 'b' } }, [makeNode('a'), makeNode('b')], full),
    ).toMatchObject({
      nodeName: 'a',
    });
  });

  test('a score outside 0 to 100 is an error that names the plugin', () => {
    const wild = decidingFramework(undefined, [{ name: 'Wild', score: () => 101 }]);
    const outcome = runCycle(wild, stateFor(makePod('p'), cacheOf([makeNode('a'), makeNode('b')])), { nextStartNodeIndex: 0 });
    expect(outcome).toEqual({
      kind: 'error',
      message: 'plugin "Wild" returns an invalid score 101, it should in the range of [0, 100] after normalizing',
    });
  });

  test("a user's plugin filters and outweighs the built-in scores", () => {
    const mine = decidingFramework(undefined, [
      {
        name: 'Mine',
        weight: 10,
        filter: (_pod, { node }) => ({ code: node.metadata.name === 'a' ? 'Unschedulable' : 'Success', reasons: ['node(s) named a'] }),
        score: (_pod, { node }) => (node.metadata.name === 'c' ? 100 : 0),
      },
    ]);
    const nodes = [makeNode('a'), makeNode('b', { cpu: '64' }), makeNode('c')];
    const outcome = runCycle(mine, stateFor(makePod('p', { cpu: '1' }), cacheOf(nodes)), { nextStartNodeIndex: 0 });
    expect(outcome).toMatchObject({ kind: 'scheduled', nodeName: 'c' });
  });
});

test('node infos: any order of coming and going leaves the sums of what stayed', () => {
  fc.assert(
    fc.property(fc.array(arbitraryPod, { maxLength: 10 }), fc.array(fc.nat(9)), (parts, leaving) => {
      const infos = parts.map((part, index) => podInfoOf(podOf(`pod-${index}`, part)));
      const node = makeNode('n');
      const crowded = infos.reduce((nodeInfo, podInfo) => nodeInfo.withPod(podInfo), nodeInfoOf(node));
      const gone = new Set(leaving);
      const left = [...gone].reduce((nodeInfo, index) => nodeInfo.withoutPod(infos[index]?.uid ?? 'nobody'), crowded);
      const fresh = infos.filter((_, index) => !gone.has(index)).reduce((nodeInfo, podInfo) => nodeInfo.withPod(podInfo), nodeInfoOf(node));
      expect(left).toEqual(fresh);
    }),
  );
});
