import fc from 'fast-check';
import { minutes, seconds } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { podInfoOf, uidOf } from '../cache/pod-info.ts';
import { podDelete } from '../framework/cluster-event.ts';
import { decidingFramework } from '../testing/profiles.ts';
import { makeNode, makePod, onNode } from '../testing/objects.ts';
import { backoffDuration } from './backoff.ts';
import type { QueuedPodInfo } from './queued-pod.ts';
import { SchedulingQueue } from './scheduling-queue.ts';

function setUp() {
  const clock = { now: seconds(0.3) };
  const queue = new SchedulingQueue({ framework: decidingFramework(), now: () => clock.now, epoch: 0 });
  const add = (pod: Pod): void => queue.add(podInfoOf(pod));
  const refuse = (queued: QueuedPodInfo | undefined, ...plugins: readonly string[]): void => {
    if (!queued) throw new Error('there was no pod to refuse');
    queued.unschedulablePlugins = new Set(plugins);
    queue.addUnschedulable(queued);
  };
  return { clock, queue, add, refuse };
}

const gone = onNode(makePod('gone', { cpu: '1' }), 'node-1');
const node = makeNode('node-9');

describe('SchedulingQueue', () => {
  test('back-off doubles from 1 s to 10 s', () => {
    expect([1, 2, 3, 4, 5, 40].map(backoffDuration)).toEqual([1, 2, 4, 8, 10, 10].map(seconds));
  });

  test('pods leave by priority, then in order of arrival, also within one instant', () => {
    const { queue, add } = setUp();
    for (const [name, priority] of [
      ['a', 0],
      ['b', 5],
      ['c', 0],
      ['d', 5],
    ] as const)
      add(makePod(name, { priority }));
    expect([1, 2, 3, 4].map(() => queue.pop()?.podInfo.pod.metadata.name)).toEqual(['b', 'd', 'a', 'c']);
    expect(queue.pop()).toBeUndefined();
  });

  test('a refused pod waits for an event that its plugin finds useful', () => {
    const { queue, add, refuse, clock } = setUp();
    const pod = makePod('p', { cpu: '1' });
    add(pod);
    refuse(queue.pop(), 'NodeResourcesFit');
    expect(queue.whereIs(uidOf(pod))).toBe('unschedulable');
    queue.moveAll({ resource: 'Node', actionType: 'UpdateNodeLabel' }, node, node);
    expect(queue.whereIs(uidOf(pod))).toBe('unschedulable');
    queue.moveAll(podDelete, gone, undefined);
    expect(queue.whereIs(uidOf(pod))).toBe('backoff');
    // Nothing else is active, so it need not wait for its back-off.
    const again = queue.pop();
    expect(again?.uid).toBe(uidOf(pod));
    refuse(again, 'NodeResourcesFit');
    clock.now += seconds(5);
    queue.moveAll(podDelete, gone, undefined);
    expect(queue.whereIs(uidOf(pod))).toBe('active');
  });

  test('an event during the attempt is not lost', () => {
    const { queue, add, refuse } = setUp();
    const [first, second] = [makePod('first', { cpu: '1' }), makePod('second', { cpu: '1' })];
    add(first);
    add(second);
    const [one, two] = [queue.pop(), queue.pop()];
    queue.moveAll(podDelete, gone, undefined);
    refuse(one, 'NodeResourcesFit');
    refuse(two, 'TaintToleration');
    expect([queue.whereIs(uidOf(first)), queue.whereIs(uidOf(second))]).toEqual(['backoff', 'unschedulable']);
  });

  test('a pod that met an error backs off and is never taken early', () => {
    const { queue, add, refuse, clock } = setUp();
    const pod = makePod('p');
    add(pod);
    refuse(queue.pop());
    expect(queue.whereIs(uidOf(pod))).toBe('backoff');
    expect(queue.pop()).toBeUndefined();
    // Failed at 0.3 s, back-off 1 s, cut to the second 1: over once second 2 begins.
    expect(queue.nextBackoffFlush()).toBe(seconds(1));
    clock.now = seconds(1);
    queue.flushBackoff();
    expect(queue.whereIs(uidOf(pod))).toBe('backoff');
    clock.now = seconds(2);
    queue.flushBackoff();
    expect(queue.pop()?.uid).toBe(uidOf(pod));
    expect(queue.nextBackoffFlush()).toBeUndefined();
  });

  test('after five minutes without a useful event a pod is tried all the same, looked at every 30 s', () => {
    const { queue, add, refuse, clock } = setUp();
    const pod = makePod('p');
    add(pod);
    refuse(queue.pop(), 'NodeAffinity');
    expect(queue.nextLeftoverFlush()).toBe(seconds(330));
    clock.now = minutes(5);
    queue.flushLeftover();
    expect(queue.whereIs(uidOf(pod))).toBe('unschedulable');
    clock.now = seconds(330);
    queue.flushLeftover();
    expect(queue.whereIs(uidOf(pod))).toBe('active');
  });

  test('activate moves a waiting pod at once, and one in flight when it comes back', () => {
    const { queue, add, refuse } = setUp();
    const [parked, flying] = [makePod('parked'), makePod('flying')];
    add(parked);
    refuse(queue.pop(), 'NodeAffinity');
    add(flying);
    const queuedFlying = queue.pop();
    queue.activate([parked, flying]);
    expect(queue.whereIs(uidOf(parked))).toBe('active');
    refuse(queuedFlying, 'NodeAffinity');
    expect(queue.whereIs(uidOf(flying))).toBe('backoff');
  });

  test('a gated pod is parked, and freed by the removal of its gates alone', () => {
    const { queue, add } = setUp();
    const pod = makePod('p', { spec: { schedulingGates: [{ name: 'g' }] } });
    add(pod);
    queue.moveAll(podDelete, gone, undefined);
    queue.activate([]);
    expect(queue.whereIs(uidOf(pod))).toBe('unschedulable');
    expect(queue.nextLeftoverFlush()).toBeUndefined();
    const freed: Pod = { ...pod, spec: { ...pod.spec, schedulingGates: [] } };
    queue.update(podInfoOf(pod), podInfoOf(freed));
    expect(queue.whereIs(uidOf(pod))).toBe('active');
  });

  test('any history: a pod is in exactly one place, and useful events never leave it parked', () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), pod: fc.nat(5) }),
      fc.record({ kind: fc.constant('pop' as const) }),
      fc.record({ kind: fc.constant('fail' as const), plugin: fc.constantFrom('NodeResourcesFit', 'TaintToleration', 'NodePorts', '') }),
      fc.record({ kind: fc.constant('bound' as const) }),
      fc.record({ kind: fc.constant('freed' as const) }),
      fc.record({ kind: fc.constant('pass' as const), time: fc.nat(400).map(seconds) }),
      fc.record({ kind: fc.constant('delete' as const), pod: fc.nat(5) }),
    );
    const pods = Array.from({ length: 6 }, (_, index) => makePod(`p${index}`, { cpu: '1' }));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const { queue, refuse, clock } = setUp();
        const known = new Set<string>();
        const flying: { readonly queued: QueuedPodInfo; useful: boolean }[] = [];
        for (const step of actions) {
          switch (step.kind) {
            case 'add': {
              const pod = pods[step.pod];
              if (!pod || known.has(uidOf(pod)) || flying.some(({ queued: other }) => other.uid === uidOf(pod))) break;
              known.add(uidOf(pod));
              queue.add(podInfoOf(pod));
              break;
            }
            case 'pop': {
              const popped = queue.pop();
              if (popped) flying.push({ queued: popped, useful: false });
              break;
            }
            case 'fail': {
              const flight = flying.shift();
              if (!flight) break;
              refuse(flight.queued, ...(step.plugin === '' ? [] : [step.plugin]));
              if (step.plugin === '' || (step.plugin === 'NodeResourcesFit' && flight.useful)) {
                expect(queue.whereIs(flight.queued.uid)).not.toBe('unschedulable');
              } else expect(queue.whereIs(flight.queued.uid)).toBe('unschedulable');
              break;
            }
            case 'bound': {
              const flight = flying.pop();
              if (flight) {
                queue.done(flight.queued.uid);
                known.delete(flight.queued.uid);
              }
              break;
            }
            case 'freed':
              queue.moveAll(podDelete, gone, undefined);
              for (const flight of flying) flight.useful = true;
              for (const uid of known) {
                const waiting = queue.whereIs(uid) === 'unschedulable';
                expect(waiting && queuedBy(queue, uid)?.has('NodeResourcesFit')).not.toBe(true);
              }
              break;
            case 'pass':
              clock.now += step.time;
              queue.flushBackoff();
              queue.flushLeftover();
              break;
            case 'delete': {
              const pod = pods[step.pod];
              if (!pod || flying.some(({ queued: other }) => other.uid === uidOf(pod))) break;
              queue.delete(pod);
              known.delete(uidOf(pod));
              break;
            }
          }
          const { active, backoff, unschedulable } = queue.counts;
          expect(active + backoff + unschedulable + flying.length).toBe(known.size);
          for (const uid of known) expect(queue.whereIs(uid)).toBeDefined();
        }
        // Given time, everybody is tried again.
        clock.now += minutes(12);
        queue.flushLeftover();
        clock.now += seconds(20);
        queue.flushBackoff();
        expect(queue.counts.active).toBe(known.size - flying.length);
      }),
      { numRuns: 200 },
    );
  });
});

const queuedBy = (queue: SchedulingQueue, uid: string): ReadonlySet<string> | undefined => queue.record(uid)?.unschedulablePlugins;
