import { minutes, seconds } from '@slipway/kernel';
import { findCondition, isPodReady, type Node, type Pod } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { podGcController } from '../pod-gc-controller.ts';
import { taintEvictionController } from '../taint-eviction-controller.ts';
import { ControllerWorld, template } from '../testing/world.ts';
import { nodeLifecycleController } from './node-lifecycle-controller.ts';

const NAMES = ['n1', 'n2', 'n3', 'n4'];

interface Silence {
  readonly world: ControllerWorld;
  readonly silent: Set<string>;
}

function worldWith(names: readonly string[] = NAMES): Silence {
  const silent = new Set<string>();
  const world = new ControllerWorld({
    controllers: [nodeLifecycleController(), taintEvictionController(), podGcController()],
    nodes: names,
    kubelet: { dead: silent },
  });
  world.beatHearts(names, silent);
  return { world, silent };
}

const nodeOf = (world: ControllerWorld, name: string): Node => world.run(world.api.nodes.get({ name }));
const ready = (world: ControllerWorld, name: string) => findCondition(nodeOf(world, name).status?.conditions, 'Ready');
const taints = (world: ControllerWorld, name: string): readonly string[] =>
  (nodeOf(world, name).spec?.taints ?? []).map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`).sort();

const pod = (name: string, nodeName: string, more: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { ...template('x').spec, nodeName, ...more },
});

describe('node lifecycle', () => {
  it('a node that falls silent: Unknown after 50 s, its pods not ready, out after 300 s more, replaced by nobody here', () => {
    const { world, silent } = worldWith();
    world.run(world.api.pods.create(pod('a', 'n2')));
    world.run(world.api.pods.create(pod('patient', 'n2', { tolerations: [{ operator: 'Exists' }] })));
    world.pass(seconds(27));
    silent.add('n2');
    // The last renewal was at 20 s.
    world.until(() => ready(world, 'n2')?.status === 'Unknown', minutes(2), seconds(0.05));
    expect(world.kernel.now).toBeGreaterThanOrEqual(seconds(20 + 50));
    expect(world.kernel.now).toBeLessThan(seconds(20 + 55.2));
    expect(ready(world, 'n2')).toMatchObject({ reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' });
    expect(world.events('Node')).toEqual(['NodeNotReady Node n2 status is now: NodeNotReady']);
    world.pass(seconds(0.1));
    expect(taints(world, 'n2')).toContain('unreachable:NoSchedule');
    expect(world.pods().filter(isPodReady)).toEqual([]);
    expect(world.events('Pod')).toContain('NodeNotReady Node is not ready');

    world.until(() => taints(world, 'n2').includes('unreachable:NoExecute'), seconds(10));
    const deleted = (): boolean => world.pods().some(({ metadata }) => metadata.deletionTimestamp !== undefined);
    const took = world.until(deleted, minutes(10), seconds(0.5));
    expect(took).toBeGreaterThan(seconds(298));
    expect(took).toBeLessThan(seconds(302));
    const [a, patient] = world.pods();
    expect(findCondition(a?.status?.conditions, 'DisruptionTarget')).toMatchObject({ status: 'True', reason: 'DeletionByTaintManager' });
    expect(world.events('Pod')).toContain('TaintManagerEviction Marking for deletion Pod default/a');
    expect(patient?.metadata.deletionTimestamp).toBeUndefined();
    // Nobody is there who would say that it has stopped.
    world.pass(minutes(30));
    expect(world.pods().map(({ metadata }) => metadata.name)).toEqual(['a', 'patient']);
  });

  it('a node that comes back in time keeps its pods', () => {
    const { world, silent } = worldWith();
    world.run(world.api.pods.create(pod('a', 'n2')));
    world.pass(seconds(25));
    silent.add('n2');
    world.until(() => taints(world, 'n2').includes('unreachable:NoExecute'), minutes(3), seconds(1));
    world.pass(seconds(200));
    silent.delete('n2');
    const node = nodeOf(world, 'n2');
    const conditions =
      node.status?.conditions?.map((each) => ({ ...each, status: 'True' as const, lastHeartbeatTime: '2026-01-01T00:06:00Z' })) ?? [];
    world.run(
      world.api.nodes.updateStatus({ ...node, status: { ...node.status, conditions: conditions.filter(({ type }) => type === 'Ready') } }),
    );
    world.pass(seconds(1));
    expect(taints(world, 'n2')).toEqual([]);
    expect(world.events('Pod')).toContain('TaintManagerEviction Cancelling deletion of Pod default/a');
    world.pass(minutes(20));
    expect(world.pods()[0]?.metadata.deletionTimestamp).toBeUndefined();
  });

  it('when all zones are down nobody is driven out; afterwards all clocks start anew', () => {
    const { world, silent } = worldWith();
    for (const name of NAMES) world.run(world.api.pods.create(pod(`on-${name}`, name)));
    world.pass(seconds(25));
    for (const name of NAMES) silent.add(name);
    world.pass(minutes(20));
    expect(NAMES.map((name) => ready(world, name)?.status)).toEqual(['Unknown', 'Unknown', 'Unknown', 'Unknown']);
    expect(NAMES.flatMap((name) => taints(world, name))).toEqual(NAMES.map(() => 'unreachable:NoSchedule'));
    expect(world.pods().filter(({ metadata }) => metadata.deletionTimestamp !== undefined)).toEqual([]);
  });

  it('gives up one node in 10 s and zone', () => {
    const names = Array.from({ length: 12 }, (_, at) => `n${String(at).padStart(2, '0')}`);
    const { world, silent } = worldWith(names);
    world.pass(seconds(25));
    // 5 of 12 are less than 55 %.
    for (const name of names.slice(0, 5)) silent.add(name);
    const at: number[] = [];
    world.server.observe(({ resource, object, old }) => {
      const gone = (version: unknown): boolean =>
        ((version as Node | undefined)?.spec?.taints ?? []).some(({ effect }) => effect === 'NoExecute');
      if (resource === 'nodes' && gone(object) && !gone(old)) at.push(world.kernel.now);
    });
    world.pass(minutes(3));
    expect(at).toHaveLength(5);
    for (const [index, time] of at.slice(1).entries()) expect(Math.round((time - (at[index] ?? 0)) / 1e6)).toBe(10);
  });

  it('a small zone that is partly down is left alone', () => {
    const names = Array.from({ length: 6 }, (_, at) => `n${at}`);
    const { world, silent } = worldWith(names);
    world.pass(seconds(25));
    for (const name of names.slice(0, 4)) silent.add(name);
    world.pass(minutes(5));
    expect(names.map((name) => ready(world, name)?.status)).toEqual(['Unknown', 'Unknown', 'Unknown', 'Unknown', 'True', 'True']);
    expect(names.flatMap((name) => taints(world, name)).filter((each) => each.endsWith('NoExecute'))).toEqual([]);
  });

  it('turns conditions and cordons into NoSchedule taints at once, and takes them back', () => {
    const { world } = worldWith();
    const node = nodeOf(world, 'n1');
    const pressure = { type: 'DiskPressure', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' } as const;
    world.run(
      world.api.nodes.updateStatus({ ...node, status: { ...node.status, conditions: [...(node.status?.conditions ?? []), pressure] } }),
    );
    world.run(world.api.nodes.patch({ name: 'n1', patch: { spec: { unschedulable: true } } }));
    world.pass(seconds(0.1));
    expect(taints(world, 'n1')).toEqual(['disk-pressure:NoSchedule', 'unschedulable:NoSchedule']);
    world.run(world.api.nodes.patch({ name: 'n1', patch: { spec: { unschedulable: false } } }));
    world.pass(seconds(0.1));
    expect(taints(world, 'n1')).toEqual(['disk-pressure:NoSchedule']);
  });

  it('a controller that comes up anew gives every node its full time again', () => {
    const { world, silent } = worldWith();
    world.pass(seconds(25));
    silent.add('n3');
    world.pass(seconds(30));
    world.restartManager([nodeLifecycleController()]);
    const took = world.until(() => ready(world, 'n3')?.status === 'Unknown', minutes(2));
    expect(took).toBeGreaterThan(seconds(49));
    expect(took).toBeLessThan(seconds(56));
  });
});
