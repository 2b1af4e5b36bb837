import { seconds } from '@slipway/kernel';
import { findCondition, type PodDisruptionBudget } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { podInfoOf } from '../../cache/pod-info.ts';
import { SchedulerWorld } from '../../testing/cluster.ts';
import { makeNode, makePod } from '../../testing/objects.ts';
import { leastHarm, splitByBudgets, type Victims } from './victims.ts';

const victim = (name: string, priority: number, startTime = '2026-01-01T00:00:00Z') =>
  podInfoOf({ ...makePod(name, { priority, labels: { app: name[0] ?? '' } }), status: { startTime } });
const candidate = (nodeName: string, pods: readonly ReturnType<typeof victim>[], budgetViolations = 0): Victims => ({
  nodeName,
  pods,
  budgetViolations,
});

describe('leastHarm', () => {
  test.each([
    ['fewest broken budgets', [candidate('a', [victim('x', 1)], 1), candidate('b', [victim('x', 9), victim('y', 9)])]],
    ['lowest highest priority', [candidate('a', [victim('x', 5)]), candidate('b', [victim('x', 4), victim('y', 4)])]],
    ['lowest sum of priorities', [candidate('a', [victim('x', 5), victim('y', 3)]), candidate('b', [victim('x', 5), victim('y', 1)])]],
    [
      'fewest victims, also with negative priorities',
      [candidate('a', [victim('x', -1), victim('y', -1)]), candidate('b', [victim('x', -1)])],
    ],
    ['latest start', [candidate('a', [victim('x', 5)]), candidate('b', [victim('x', 5, '2026-01-01T01:00:00Z')])]],
    ['the first of equals', [candidate('b', [victim('x', 5)]), candidate('a', [victim('x', 5)])]],
  ])('%s', (_rule, candidates) => {
    expect(leastHarm(candidates, 0)?.nodeName).toBe('b');
  });
});

test('splitByBudgets: pods use their budget up in turn; one that was let go already is not counted again', () => {
  const budget = (disruptionsAllowed: number, disruptedPods = {}): PodDisruptionBudget => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'x' } } },
    status: { disruptionsAllowed, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, disruptedPods },
  });
  const pods = [victim('x1', 0), victim('x2', 0), victim('y1', 0)];
  const violating = (each: PodDisruptionBudget) => splitByBudgets(pods, [each]).violating.map(({ pod }) => pod.metadata.name);
  expect([violating(budget(0)), violating(budget(1)), violating(budget(0, { x1: '' }))]).toEqual([['x1', 'x2'], ['x2'], ['x2']]);
});

describe('DefaultPreemption', () => {
  const important = { priorityClassName: 'high' };

  test('the least important pods go, and the pod takes their place', () => {
    const world = new SchedulerWorld();
    world.addPriorityClass('high', 1000);
    world.addPriorityClass('middle', 500);
    world.add([
      makeNode('a', { cpu: '2' }),
      makePod('low', { cpu: '1' }),
      makePod('mid', { cpu: '1', spec: { priorityClassName: 'middle' } }),
    ]);
    world.add([makePod('urgent', { cpu: '1', spec: important })]);
    const low = world.pod('low');
    expect(low.metadata.deletionTimestamp).toBeDefined();
    expect(findCondition(low.status?.conditions, 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    });
    expect(world.pod('mid').metadata.deletionTimestamp).toBeUndefined();
    expect(world.pod('urgent').status?.nominatedNodeName).toBe('a');
    expect(world.events('Preempted').map(({ message }) => message)).toEqual([
      `Preempted by pod ${world.pod('urgent').metadata.uid} on node a`,
    ]);
    // Room is held for the nominee: a latecomer of the same size does not get it (SCH-06).
    world.add([makePod('thief', { cpu: '1' })]);
    world.do(world.api.pods.delete({ namespace: 'default', name: 'low', gracePeriodSeconds: 0 }));
    world.pass(seconds(5));
    expect([world.nodeOf('urgent'), world.nodeOf('thief')]).toEqual(['a', undefined]);
  });

  test('nobody is evicted for a pod that would not fit the empty node, or that must not preempt', () => {
    const world = new SchedulerWorld();
    world.addPriorityClass('high', 1000);
    world.addPriorityClass('polite', 1000, 'Never');
    world.add([makeNode('a', { cpu: '2' }), makePod('low', { cpu: '2' })]);
    world.add([makePod('huge', { cpu: '3', spec: important }), makePod('polite', { cpu: '1', spec: { priorityClassName: 'polite' } })]);
    const messageOf = (name: string) => findCondition(world.pod(name).status?.conditions, 'PodScheduled')?.message;
    expect(world.pod('low').metadata.deletionTimestamp).toBeUndefined();
    expect(messageOf('huge')).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    );
    expect(messageOf('polite')).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.',
    );
  });

  test('a pod of no higher priority finds no victims', () => {
    const world = new SchedulerWorld();
    world.add([makeNode('a', { cpu: '2' }), makePod('first', { cpu: '2' })]);
    world.add([makePod('second', { cpu: '2' })]);
    expect(findCondition(world.pod('second').status?.conditions, 'PodScheduled')?.message).toBe(
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    );
  });
});
