import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pod, Service, TopologySpreadConstraint } from '@slipway/kube';
import { runCycle } from '../../framework/run-cycle.ts';
import { cacheOf, decidingFramework, stateFor } from '../../testing/profiles.ts';
import { makeNode, makePod, onNode } from '../../testing/objects.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
import { domainWeight, scoreForCount } from './scoring.ts';

const ZONE = 'topology.kubernetes.io/zone';
const inZone = (name: string, zone: string) => makeNode(name, { labels: { [ZONE]: zone } });
const constraint = (parts: Partial<TopologySpreadConstraint> = {}): TopologySpreadConstraint => ({
  maxSkew: 1,
  topologyKey: ZONE,
  whenUnsatisfiable: 'DoNotSchedule',
  labelSelector: { matchLabels: { app: 'web' } },
  ...parts,
});
const web = (name: string, ...constraints: readonly TopologySpreadConstraint[]): Pod =>
  makePod(name, { labels: { app: 'web' }, spec: { topologySpreadConstraints: constraints } });

function verdicts(pod: Pod, ...[nodes, placed]: Parameters<typeof cacheOf>): readonly string[] {
  const state = stateFor(pod, cacheOf(nodes, placed));
  const status = podTopologySpread.preFilter(pod, state.snapshot.nodes, state);
  const result = 'status' in status ? status.status : status;
  if (result.code === 'Skip') return state.snapshot.nodes.map(() => 'Skip');
  return state.snapshot.nodes.map((nodeInfo) => podTopologySpread.filter(pod, nodeInfo, state).code);
}

const three = [inZone('a', 'a'), inZone('b', 'b'), inZone('c', 'c')];
/** So many matching pods on each of the three. */
const placed = (...counts: readonly number[]): readonly Pod[] =>
  counts.flatMap((count, index) => Array.from({ length: count }, (_, n) => onNode(web(`w${index}-${n}`), ['a', 'b', 'c'][index] ?? '')));

describe('PodTopologySpread filter', () => {
  test('skew counts the pod itself against the emptiest domain', () => {
    expect(verdicts(web('p', constraint()), three, placed(0, 1, 2))).toEqual(['Success', 'Unschedulable', 'Unschedulable']);
    expect(verdicts(web('p', constraint({ maxSkew: 2 })), three, placed(0, 1, 2))).toEqual(['Success', 'Success', 'Unschedulable']);
    // A pod that its own selector does not match adds nothing.
    expect(verdicts({ ...web('p', constraint()), metadata: makePod('p').metadata }, three, placed(0, 1, 2))).toEqual([
      'Success',
      'Success',
      'Unschedulable',
    ]);
  });

  test('too few domains make the minimum zero', () => {
    expect(verdicts(web('p', constraint({ minDomains: 4 })), three, placed(1, 1, 1))).toEqual([
      'Unschedulable',
      'Unschedulable',
      'Unschedulable',
    ]);
  });

  test('a node without the label is refused for good, and does not count', () => {
    expect(verdicts(web('p', constraint()), [...three, makeNode('d')], placed(1, 1, 1))).toEqual([
      'Success',
      'Success',
      'Success',
      'UnschedulableAndUnresolvable',
    ]);
  });

  test('nodes that affinity rules out do not count, unless the policy says so', () => {
    const pinned = (parts: Partial<TopologySpreadConstraint>): Pod => ({
      ...web('p', constraint(parts)),
      spec: { ...web('p', constraint(parts)).spec, nodeSelector: { [ZONE]: 'c' } },
    });
    expect(verdicts(pinned({}), three, placed(0, 0, 1))[2]).toBe('Success');
    expect(verdicts(pinned({ nodeAffinityPolicy: 'Ignore' }), three, placed(0, 0, 1))[2]).toBe('Unschedulable');
  });

  test('matchLabelKeys narrow the selector; an empty selector counts nobody; pods that are leaving do not count', () => {
    const revised = (name: string, hash: string, ...constraints: readonly TopologySpreadConstraint[]): Pod => ({
      ...web(name, ...constraints),
      metadata: { ...makePod(name).metadata, labels: { app: 'web', hash } },
    });
    const old = ['x', 'y'].map((name) => onNode(revised(name, 'old'), 'a'));
    expect(verdicts(revised('p', 'new', constraint({ matchLabelKeys: ['hash'] })), three, old)[0]).toBe('Success');
    expect(verdicts(revised('p', 'new', constraint()), three, old)[0]).toBe('Unschedulable');
    expect(verdicts(web('p', constraint({ labelSelector: {} })), three, placed(5, 0, 0))[0]).toBe('Success');
    const leaving = placed(3, 0, 0).map((pod) => ({ ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }));
    expect(verdicts(web('p', constraint()), three, leaving)[0]).toBe('Success');
  });

  test('SCH-11: pods placed one after the other never exceed the skew', () => {
    const framework = decidingFramework();
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 2, maxLength: 8 }),
        (maxSkew, zones) => {
          const cache = cacheOf(zones.map((zone, index) => inZone(`n${index}`, zone)));
          const counts = new Map<string, number>(zones.map((zone) => [zone, 0]));
          const position = { nextStartNodeIndex: 0 };
          for (let n = 0; n < 9; n++) {
            const state = stateFor(web(`p${n}`, constraint({ maxSkew })), cache);
            const outcome = runCycle(framework, state, position);
            if (outcome.kind !== 'scheduled') throw new Error('there is always a domain with room');
            cache.assume(state.podInfo, outcome.nodeName);
            const zone = zones[Number(outcome.nodeName.slice(1))] ?? '';
            counts.set(zone, (counts.get(zone) ?? 0) + 1);
            expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(maxSkew);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('PodTopologySpread score', () => {
  function scores(
    pod: Pod,
    cache: ReturnType<typeof cacheOf>,
  ): { readonly raw: readonly number[]; readonly normalized: readonly number[] } {
    const state = stateFor(pod, cache);
    const { nodes } = state.snapshot;
    expect(podTopologySpread.preScore(pod, nodes, state).code).toBe('Success');
    const raw = nodes.map((nodeInfo) => podTopologySpread.score(pod, nodeInfo, state));
    return { raw, normalized: podTopologySpread.normalizeScore?.(raw, pod, nodes, state) ?? [] };
  }

  test('the golden vector of one zone constraint', () => {
    const pod = web('p', constraint({ whenUnsatisfiable: 'ScheduleAnyway' }));
    expect(scores(pod, cacheOf(three, placed(0, 1, 3)))).toEqual({ raw: [0, 2, 5], normalized: [100, 60, 0] });
  });

  test('the golden vectors of the default constraints: 4 hosts with maxSkew 3, 3 zones with maxSkew 5', () => {
    expect([1, 2, 3, 10].map((size) => domainWeight(size).toFixed(6))).toEqual(['1.098612', '1.386294', '1.609438', '2.484907']);
    const raw = [
      [0, 2],
      [1, 2],
      [2, 1],
    ].map(([host = 0, zone = 0]) => Math.round(scoreForCount(host, 3, domainWeight(4)) + scoreForCount(zone, 5, domainWeight(3))));
    expect(raw).toEqual([9, 11, 11]);
    const state = stateFor(web('p'), cacheOf(three));
    expect(podTopologySpread.normalizeScore?.(raw, web('p'), state.snapshot.nodes, state)).toEqual([100, 81, 81]);
  });

  test('a pod that a Service selects is spread over hosts and zones by default', () => {
    const nodes = [inZone('h1', 'a'), inZone('h2', 'a'), inZone('h3', 'b'), inZone('h4', 'c')];
    const cache = cacheOf(nodes, [
      ...['x', 'y'].map((name) => onNode(web(name), 'h2')),
      onNode(web('u'), 'h3'),
      ...['v', 'w'].map((name) => onNode(web(name), 'h4')),
    ]);
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', namespace: 'default' },
      spec: { selector: { app: 'web' } },
    };
    cache.selectors.setService(service);
    // h1: 2 + 2·ln 5 + 4; h2 and h4: 2·ln 6 more; h3: ln 6 + 2 + ln 5 + 4. Listed zone by zone in turn: h1, h3, h4, h2.
    expect(scores(web('p'), cache).raw).toEqual([9, 9, 13, 13]);
    cache.selectors.deleteService(service);
    const state = stateFor(web('p'), cache);
    expect(podTopologySpread.preScore(web('p'), state.snapshot.nodes, state).code).toBe('Skip');
  });

  test('without constraints and without anything that selects the pod there is nothing to score', () => {
    const state = stateFor(web('p'), cacheOf(three));
    expect(podTopologySpread.preScore(web('p'), state.snapshot.nodes, state).code).toBe('Skip');
  });
});
