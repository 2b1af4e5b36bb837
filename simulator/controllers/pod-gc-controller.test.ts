import { hours, seconds } from '@slipway/kernel';
import { findCondition, type Pod } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { podGcController } from './pod-gc-controller.ts';
import { ControllerWorld, template } from './testing/world.ts';

const pod = (name: string, nodeName?: string, more: Partial<Pod['metadata']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', ...more, name },
  spec: { ...template('x').spec, ...(nodeName === undefined ? {} : { nodeName }) },
});

const worldWith = (threshold?: number): ControllerWorld =>
  new ControllerWorld({ controllers: [podGcController(threshold === undefined ? {} : { threshold })], kubelet: false });

describe('pod garbage collector', () => {
  it('pods of a node that is gone: Failed and removed after 40 s of quarantine, at a tick of 20 s', () => {
    const world = worldWith();
    world.run(world.api.pods.create(pod('a', 'n1')));
    world.run(world.api.pods.create(pod('b', 'n2')));
    world.pass(seconds(25));
    world.run(world.api.nodes.delete({ name: 'n1' }));
    const last: Pod[] = [];
    world.server.observe(({ type, object }) => {
      if (type === 'DELETED') last.push(object as Pod);
    });
    world.until(() => world.pods().length === 1, seconds(120));
    // Missed first at 40 s, gone at 80 s.
    expect(Math.round(world.kernel.now / 1e6)).toBe(80);
    expect(last[0]?.status?.phase).toBe('Failed');
    expect(findCondition(last[0]?.status?.conditions, 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'DeletionByPodGC',
      message: 'PodGC: node no longer exists',
    });
  });

  it('a node that comes back in time keeps its pods', () => {
    const world = worldWith();
    world.run(world.api.pods.create(pod('a', 'n1')));
    const node = world.run(world.api.nodes.get({ name: 'n1' }));
    world.run(world.api.nodes.delete({ name: 'n1' }));
    world.pass(seconds(30));
    const { uid: _uid, resourceVersion: _revision, creationTimestamp: _created, ...metadata } = node.metadata;
    world.run(world.api.nodes.create({ ...node, metadata }));
    world.pass(seconds(300));
    expect(world.pods()).toHaveLength(1);
  });

  it('out-of-service: a pod that is being deleted there goes without its kubelet', () => {
    const world = worldWith();
    for (const name of ['n1', 'n2']) {
      world.run(world.api.pods.create(pod(`on-${name}`, name)));
      const node = world.run(world.api.nodes.get({ name }));
      world.run(world.api.nodes.updateStatus({ ...node, status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }));
      world.run(world.api.pods.delete({ namespace: 'default', name: `on-${name}` }));
    }
    const taint = { key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' };
    world.run(world.api.nodes.patch({ name: 'n1', patch: { spec: { taints: [taint] } } }));
    world.pass(seconds(25));
    expect(world.pods().map(({ metadata }) => metadata.name)).toEqual(['on-n2']);
  });

  it('of ended pods the oldest beyond the limit go, evicted ones first', () => {
    const world = worldWith(2);
    for (const [name, reason] of [
      ['a', ''],
      ['b', ''],
      ['c', 'Evicted'],
      ['d', ''],
    ] as const) {
      const made = world.run(world.api.pods.create(pod(name, 'n1')));
      world.run(world.api.pods.updateStatus({ ...made, status: { ...made.status, phase: 'Failed', ...(reason ? { reason } : {}) } }));
      world.pass(seconds(2));
    }
    world.pass(seconds(20));
    expect(world.pods().map(({ metadata }) => metadata.name)).toEqual(['b', 'd']);
  });

  it('a pod that nobody has scheduled and that is being deleted goes', () => {
    const world = worldWith();
    world.run(world.api.pods.create(pod('held', undefined, { finalizers: ['example.com/hold'] })));
    world.run(world.api.pods.delete({ namespace: 'default', name: 'held' }));
    world.run(world.api.pods.patch({ namespace: 'default', name: 'held', patch: { metadata: { finalizers: null } } }));
    world.pass(seconds(25));
    expect(world.pods()).toEqual([]);
  });

  it('costs nothing while there is nothing to do', () => {
    const world = worldWith();
    world.run(world.api.pods.create(pod('a', 'n1')));
    world.pass(seconds(60));
    const before = world.kernel.eventCount;
    world.pass(hours(24));
    expect(world.kernel.eventCount - before).toBeLessThan(10);
  });
});
