import { minutes, seconds } from '@slipway/kernel';
import { findCondition } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { makeNode, makePod } from './testing/objects.ts';
import { SchedulerWorld } from './testing/cluster.ts';
import { success, unschedulable, wait } from './framework/status.ts';
import type { FrameworkHandle, SchedulerPlugin } from './framework/types.ts';

describe('scheduler', () => {
  test('a pod is bound to the emptier node, with an event', () => {
    const world = new SchedulerWorld();
    world.add([
      makeNode('small', { cpu: '2' }),
      makeNode('large', { cpu: '16', memory: '64Gi' }),
      makePod('web', { cpu: '1', memory: '1Gi' }),
    ]);
    expect(world.nodeOf('web')).toBe('large');
    expect(findCondition(world.pod('web').status?.conditions, 'PodScheduled')?.status).toBe('True');
    expect(world.events('Scheduled').map(({ message }) => message)).toEqual(['Successfully assigned default/web to large']);
  });

  test('a pod that fits nowhere says why, and is placed when a node that fits appears', () => {
    const world = new SchedulerWorld();
    world.add([makeNode('a', { cpu: '1' }), makePod('big', { cpu: '2' })]);
    const message =
      '0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
    expect(findCondition(world.pod('big').status?.conditions, 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message,
    });
    expect(world.events('FailedScheduling').map((event) => event.message)).toEqual([message]);
    world.add([makeNode('b', { cpu: '1' })]);
    expect(world.nodeOf('big')).toBeUndefined();
    world.add([makeNode('c', { cpu: '4' })]);
    expect(world.nodeOf('big')).toBe('c');
  });

  test('without nodes the pod is tried again with a back-off until there is one', () => {
    const world = new SchedulerWorld();
    world.add([makePod('early')]);
    expect(findCondition(world.pod('early').status?.conditions, 'PodScheduled')?.message).toBe('no nodes available to schedule pods');
    world.add([makeNode('a')]);
    world.pass(seconds(10));
    expect(world.nodeOf('early')).toBe('a');
  });

  test('a deleted pod makes room for the one that waits', () => {
    const world = new SchedulerWorld();
    world.add([makeNode('a', { cpu: '2' }), makePod('first', { cpu: '2' }), makePod('second', { cpu: '2' })]);
    expect([world.nodeOf('first'), world.nodeOf('second')]).toEqual(['a', undefined]);
    world.do(world.api.pods.delete({ namespace: 'default', name: 'first', gracePeriodSeconds: 0 }));
    world.pass(seconds(5));
    expect(world.nodeOf('second')).toBe('a');
  });

  test('an uncordoned node and an added toleration wake exactly the pods that they help', () => {
    const world = new SchedulerWorld();
    world.add([
      makeNode('cordoned', { spec: { unschedulable: true } }),
      makeNode('tainted', { spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] } }),
      makePod('tolerant', { spec: { nodeSelector: { 'kubernetes.io/hostname': 'tainted' } } }),
      makePod('plain', { spec: { nodeSelector: { 'kubernetes.io/hostname': 'cordoned' } } }),
    ]);
    world.do(
      world.api.pods.patch({
        namespace: 'default',
        name: 'tolerant',
        type: 'json',
        patch: [{ op: 'add', path: '/spec/tolerations/-', value: { key: 'k', operator: 'Exists' } }],
      }),
    );
    world.pass(seconds(3));
    expect([world.nodeOf('tolerant'), world.nodeOf('plain')]).toEqual(['tainted', undefined]);
    world.do(world.api.nodes.patch({ name: 'cordoned', patch: { spec: { unschedulable: null } } }));
    world.pass(seconds(3));
    expect(world.nodeOf('plain')).toBe('cordoned');
  });

  test('a gated pod is left alone until its gate is removed', () => {
    const world = new SchedulerWorld();
    world.add([makeNode('a'), makePod('gated', { spec: { schedulingGates: [{ name: 'example.com/wait' }] } })]);
    world.pass(minutes(6));
    expect(world.nodeOf('gated')).toBeUndefined();
    expect(world.events('FailedScheduling')).toEqual([]);
    world.do(world.api.pods.patch({ namespace: 'default', name: 'gated', patch: { spec: { schedulingGates: null } } }));
    world.pass(seconds(2));
    expect(world.nodeOf('gated')).toBe('a');
  });

  test('higher priority goes first, then who came first', () => {
    const world = new SchedulerWorld();
    const order: string[] = [];
    world.kernel.events.on('trace', ({ kind, subject }) => {
      if (kind === 'decision' && subject !== undefined) order.push(subject);
    });
    world.addPriorityClass('high', 1000, 'Never');
    world.add([makeNode('a', { cpu: '1' }), makePod('full', { cpu: '1' })]);
    world.add([
      makePod('first', { cpu: '1' }),
      makePod('second', { cpu: '1' }),
      makePod('high', { cpu: '1', spec: { priorityClassName: 'high' } }),
    ]);
    order.length = 0;
    world.pass(seconds(20));
    world.do(world.api.pods.delete({ namespace: 'default', name: 'full', gracePeriodSeconds: 0 }));
    world.pass(seconds(3));
    expect(order).toEqual(['default/high', 'default/first', 'default/second']);
  });

  test('the kept stream explains the placement: verdicts by node and scores by plugin', () => {
    const world = new SchedulerWorld();
    world.kernel.detailed = true;
    const kept: unknown[] = [];
    world.kernel.events.on('trace', ({ kind, full }) => {
      if (kind === 'decision') kept.push(full);
    });
    world.add([makeNode('a'), makeNode('b'), makeNode('c', { spec: { unschedulable: true } }), makePod('p', { cpu: '1' })]);
    expect(kept).toMatchObject([
      {
        filtered: [{ node: 'c', plugin: 'NodeUnschedulable', reasons: ['node(s) were unschedulable'] }],
        feasible: ['a', 'b'],
        scores: [{ node: 'a', plugins: { TaintToleration: { raw: 0, normalized: 100, weight: 3 } } }, { node: 'b' }],
      },
    ]);
  });

  test('the same seed gives the same trace', () => {
    const traceOf = (): readonly string[] => {
      const world = new SchedulerWorld({ seed: 5 });
      const lines: string[] = [];
      world.kernel.events.on('trace', ({ at, actor, name, subject, data }) => lines.push(JSON.stringify([at, actor, name, subject, data])));
      world.add([makeNode('a'), makeNode('b'), ...Array.from({ length: 20 }, (_, index) => makePod(`p${index}`, { cpu: '500m' }))]);
      world.pass(minutes(6));
      return lines;
    };
    expect(traceOf()).toEqual(traceOf());
  });

  test('an idle scheduler costs nothing', () => {
    const world = new SchedulerWorld();
    world.add([makeNode('a'), makePod('p')]);
    world.pass(minutes(2));
    const before = world.kernel.eventCount;
    world.pass(minutes(60));
    expect(world.kernel.eventCount - before).toBeLessThan(20);
  });
});

describe('Reserve, Permit and PreBind', () => {
  test('a refusal in Reserve gives the room back and unreserves in reverse order', () => {
    const calls: string[] = [];
    let refuse = true;
    const reserving = (name: string): SchedulerPlugin => ({
      name,
      eventsToRegister: [{ resource: 'Node', actionType: ['Add'] }],
      reserve: () => (name === 'Second' && refuse ? unschedulable('not now') : success),
      unreserve: () => {
        calls.push(name);
      },
    });
    const world = new SchedulerWorld({ plugins: [reserving('First'), reserving('Second')] });
    world.add([makeNode('a'), makePod('p')]);
    expect(calls).toEqual(['Second', 'First']);
    expect(findCondition(world.pod('p').status?.conditions, 'PodScheduled')?.message).toBe('0/1 nodes are available: 1 not now.');
    expect(world.scheduler.snapshot().get('a')?.pods).toEqual([]);
    refuse = false;
    world.add([makeNode('b', { cpu: '1' })]);
    expect(world.nodeOf('p')).toBe('a');
  });

  test('Permit holds a pod until it is allowed, or refuses it when its time is up', () => {
    let handle: FrameworkHandle | undefined;
    const world = new SchedulerWorld({
      plugins: [{ name: 'Hold', initialize: (given) => (handle = given) && undefined, permit: () => wait(seconds(30)) }],
    });
    world.add([makeNode('a'), makePod('p'), makePod('q')]);
    expect(handle?.waitingPods().map(({ pendingPlugins }) => pendingPlugins)).toEqual([['Hold'], ['Hold']]);
    expect(world.pod('p').status?.nominatedNodeName).toBe('a');
    handle?.waitingPods()[0]?.allow('Hold');
    world.pass(seconds(1));
    expect([world.nodeOf('p'), world.nodeOf('q')]).toEqual(['a', undefined]);
    world.pass(seconds(30));
    expect(findCondition(world.pod('q').status?.conditions, 'PodScheduled')?.message).toContain(
      'rejected due to timeout after waiting 30s at plugin Hold',
    );
  });

  test('an error in PreBind is tried again after a back-off', () => {
    let tries = 0;
    const world = new SchedulerWorld({
      plugins: [{ name: 'Flaky', preBind: () => (++tries < 3 ? { code: 'Error', reasons: ['disk is slow'] } : success) }],
    });
    world.add([makeNode('a'), makePod('p')]);
    expect(findCondition(world.pod('p').status?.conditions, 'PodScheduled')).toMatchObject({
      reason: 'SchedulerError',
      message: 'running PreBind plugin "Flaky": disk is slow',
    });
    world.pass(seconds(10));
    expect([world.nodeOf('p'), tries]).toEqual(['a', 3]);
  });
});

describe('faults', () => {
  test('SCH-13, SCH-03: a bind whose answer is lost leaves the pod bound once and counted once', () => {
    const world = new SchedulerWorld({ faults: [{ kind: { loseAnswer: true }, method: 'bind', times: 1 }] });
    world.add([makeNode('a', { cpu: '1' }), makeNode('b', { cpu: '1' }), makePod('p', { cpu: '1' }), makePod('q', { cpu: '1' })]);
    world.pass(minutes(3));
    expect(new Set([world.nodeOf('p'), world.nodeOf('q')])).toEqual(new Set(['a', 'b']));
    expect(world.scheduler.snapshot().nodes.map(({ pods }) => pods.length)).toEqual([1, 1]);
  });

  test('a bind that the API server refuses frees the room and is tried again', () => {
    const world = new SchedulerWorld({
      faults: [{ kind: { refuse: { message: 'try later' } }, method: 'bind', times: 2 }],
    });
    world.add([makeNode('a', { cpu: '1' }), makePod('p', { cpu: '1' })]);
    expect(findCondition(world.pod('p').status?.conditions, 'PodScheduled')).toMatchObject({
      reason: 'SchedulerError',
      message: 'running Bind plugin "DefaultBinder": try later',
    });
    world.pass(seconds(10));
    expect([world.nodeOf('p'), world.scheduler.snapshot().get('a')?.pods.length]).toEqual(['a', 1]);
  });

  test('a scheduler that crashed is replaced by one that knows only the API', () => {
    const world = new SchedulerWorld();
    world.add([makeNode('a', { cpu: '2' }), makePod('p', { cpu: '1' })]);
    world.restartScheduler();
    world.add([makePod('q', { cpu: '1' }), makePod('r', { cpu: '1' })]);
    expect([world.nodeOf('p'), world.nodeOf('q'), world.nodeOf('r')]).toEqual(['a', 'a', undefined]);
    world.do(world.api.pods.delete({ namespace: 'default', name: 'p', gracePeriodSeconds: 0 }));
    world.pass(seconds(3));
    expect(world.nodeOf('r')).toBe('a');
  });
});
