import { milliseconds, minutes, seconds } from '@slipway/kernel';
import type { ControllerRevision, DaemonSet, Pod } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { ControllerWorld, type ControllerWorldOptions, node, template } from '../testing/world.ts';
import { daemonSetController } from './daemonset-controller.ts';

const NODES = ['n1', 'n2', 'n3', 'n4', 'n5'];
const at = { namespace: 'default', name: 'agent' } as const;

const daemonSet = (spec: Partial<DaemonSet['spec']> = {}): DaemonSet => ({
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: at,
  spec: { selector: { matchLabels: { app: 'agent' } }, template: template('agent'), ...spec },
});

const worldWith = (kubelet: ControllerWorldOptions['kubelet'] = {}, nodes: readonly string[] = NODES): ControllerWorld =>
  new ControllerWorld({ controllers: [daemonSetController()], kubelet, nodes });
const status = (world: ControllerWorld) => world.run(world.api.daemonsets.get(at)).status;
/** Nodes by image: `{ 'nginx:1': ['n1'] }`. */
function placed(world: ControllerWorld): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const { spec } of world.stored<Pod>('pods')) (found[spec.containers[0]?.image ?? ''] ??= []).push(spec.nodeName ?? '');
  for (const list of Object.values(found)) list.sort();
  return found;
}
const setImage = (world: ControllerWorld, image: string): void =>
  void world.run(world.api.daemonsets.patch({ ...at, patch: { spec: { template: template('agent', image) } } }));

describe('daemon set', () => {
  it('one pod on each node, bound by affinity for the scheduler, with the tolerations of daemons', () => {
    const world = worldWith();
    world.run(world.api.daemonsets.create(daemonSet()));
    world.pass(seconds(2));
    expect(placed(world)).toEqual({ 'nginx:1': NODES });
    expect(status(world)).toMatchObject({
      desiredNumberScheduled: 5,
      currentNumberScheduled: 5,
      numberReady: 5,
      numberAvailable: 5,
      numberUnavailable: 0,
      updatedNumberScheduled: 5,
      numberMisscheduled: 0,
      observedGeneration: 1,
    });
    const [pod] = world.pods();
    expect(pod?.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]?.matchFields).toEqual([
      { key: 'metadata.name', operator: 'In', values: [pod?.spec.nodeName] },
    ]);
    const tolerations = (pod?.spec.tolerations ?? []).map(
      ({ key, effect, tolerationSeconds }) => `${key?.split('/')[1]}:${effect}:${tolerationSeconds ?? ''}`,
    );
    expect(tolerations).toEqual([
      'not-ready:NoExecute:',
      'unreachable:NoExecute:',
      'disk-pressure:NoSchedule:',
      'memory-pressure:NoSchedule:',
      'pid-pressure:NoSchedule:',
      'unschedulable:NoSchedule:',
    ]);
    const before = world.server.revision;
    world.pass(minutes(10));
    expect(world.server.revision).toBe(before);
  });

  it('follows nodes, their labels and their taints', () => {
    const world = worldWith();
    const spec = { template: template('agent', 'nginx:1', { nodeSelector: { disk: 'ssd' } }) };
    world.run(world.api.daemonsets.create(daemonSet(spec)));
    world.pass(seconds(1));
    expect(placed(world)).toEqual({});
    for (const name of ['n1', 'n2', 'n3']) world.run(world.api.nodes.patch({ name, patch: { metadata: { labels: { disk: 'ssd' } } } }));
    world.run(world.api.nodes.create(node('n9', { labels: { disk: 'ssd' } })));
    world.pass(seconds(1));
    expect(placed(world)).toEqual({ 'nginx:1': ['n1', 'n2', 'n3', 'n9'] });
    // NoSchedule keeps new pods out, NoExecute drives out those that are there.
    world.run(world.api.nodes.patch({ name: 'n1', patch: { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } } }));
    world.run(world.api.nodes.patch({ name: 'n2', patch: { spec: { taints: [{ key: 'a', effect: 'NoExecute' }] } } }));
    world.run(world.api.nodes.patch({ name: 'n3', patch: { metadata: { labels: { disk: null } } } }));
    world.pass(seconds(1));
    expect(placed(world)).toEqual({ 'nginx:1': ['n1', 'n9'] });
    expect(status(world)).toMatchObject({ desiredNumberScheduled: 1, currentNumberScheduled: 1, numberMisscheduled: 1 });
  });

  it('runs where nothing else may: cordoned and unreachable nodes', () => {
    const world = worldWith();
    world.run(
      world.api.nodes.patch({
        name: 'n1',
        patch: { spec: { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] } },
      }),
    );
    world.run(
      world.api.nodes.patch({ name: 'n2', patch: { spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] } } }),
    );
    world.run(world.api.daemonsets.create(daemonSet()));
    world.pass(seconds(2));
    expect(placed(world)).toEqual({ 'nginx:1': NODES });
  });

  it('rolls out node by node: never more than maxUnavailable are missing', () => {
    const world = worldWith();
    world.run(
      world.api.daemonsets.create(daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '40%' } } })),
    );
    world.pass(seconds(2));
    let fewest = 5;
    world.server.observe(() => {
      const ready = world
        .stored<Pod>('pods')
        .filter(
          ({ status: is, metadata }) =>
            metadata.deletionTimestamp === undefined &&
            is?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
        );
      fewest = Math.min(fewest, ready.length);
    });
    setImage(world, 'nginx:2');
    world.until(() => Object.keys(placed(world)).join() === 'nginx:2' && status(world)?.numberAvailable === 5);
    expect(placed(world)).toEqual({ 'nginx:2': NODES });
    expect(fewest).toBe(3);
  });

  it('stops at a template that does not get ready, and replaces pods that are of no use anyway at once', () => {
    const world = worldWith({ ready: ({ spec }) => spec.containers[0]?.image !== 'nginx:bad' });
    world.run(world.api.daemonsets.create(daemonSet()));
    world.pass(seconds(2));
    setImage(world, 'nginx:bad');
    world.pass(seconds(30));
    expect(placed(world)['nginx:1']).toHaveLength(4);
    setImage(world, 'nginx:3');
    world.pass(seconds(30));
    expect(placed(world)).toEqual({ 'nginx:3': NODES });
  });

  it('with surge: the old pod goes only when the new one beside it is available', () => {
    const world = worldWith();
    const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
    world.run(world.api.daemonsets.create(daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate } })));
    world.pass(seconds(2));
    let fewest = 5;
    let most = 0;
    world.server.observe(() => {
      const live = world.stored<Pod>('pods').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      const ready = live.filter(({ status: is }) =>
        is?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True'),
      );
      fewest = Math.min(fewest, new Set(ready.map(({ spec }) => spec.nodeName)).size);
      most = Math.max(most, live.length);
    });
    setImage(world, 'nginx:2');
    world.until(() => Object.keys(placed(world)).join() === 'nginx:2' && status(world)?.numberAvailable === 5);
    expect([fewest, most]).toEqual([5, 6]);
  });

  it('OnDelete: only a pod that is deleted by hand is renewed', () => {
    const world = worldWith();
    world.run(world.api.daemonsets.create(daemonSet({ updateStrategy: { type: 'OnDelete' } })));
    world.pass(seconds(2));
    setImage(world, 'nginx:2');
    world.pass(seconds(5));
    expect(placed(world)).toEqual({ 'nginx:1': NODES });
    expect(status(world)).toMatchObject({ updatedNumberScheduled: 0 });
    const victim = world.pods().find(({ spec }) => spec.nodeName === 'n3');
    world.run(world.api.pods.delete({ namespace: 'default', name: victim?.metadata.name ?? '' }));
    world.pass(seconds(2));
    expect(placed(world)).toEqual({ 'nginx:1': ['n1', 'n2', 'n4', 'n5'], 'nginx:2': ['n3'] });
  });

  it('failing pods are replaced ever more slowly: after 0, 1, 2, 4, … s', () => {
    const world = worldWith(
      {
        outcome: ({ spec }) => (spec.nodeName === 'n1' ? { exitCode: 1, after: milliseconds(10) } : undefined),
        startUp: milliseconds(10),
        shutDown: 0,
      },
      ['n1', 'n2'],
    );
    const times: number[] = [];
    world.server.observe(({ resource, type, object }) => {
      if (resource === 'pods' && type === 'DELETED' && (object as Pod).status?.phase === 'Failed') times.push(world.kernel.now);
    });
    world.run(world.api.daemonsets.create(daemonSet()));
    world.pass(seconds(40));
    const gaps = times.slice(1).map((time, index) => Math.round((time - (times[index] ?? 0)) / 1e6));
    expect(gaps).toEqual([1, 2, 4, 8, 16]);
    expect(world.events('DaemonSet').filter((line) => line.startsWith('FailedDaemonPod')).length).toBeGreaterThan(0);
  });

  it('keeps revisions: each template once, the newest with the highest number, old ones up to the limit', () => {
    const world = worldWith({}, ['n1']);
    world.run(world.api.daemonsets.create(daemonSet({ revisionHistoryLimit: 2 })));
    for (const image of ['nginx:2', 'nginx:3', 'nginx:4', 'nginx:2']) {
      world.pass(seconds(5));
      setImage(world, image);
    }
    world.pass(seconds(5));
    const revisions = world.list<ControllerRevision>('controllerrevisions');
    const image = ({ data }: ControllerRevision): unknown =>
      (data as unknown as { spec: { template: Pod } }).spec.template.spec.containers[0]?.image;
    expect(revisions.map((each) => [image(each), each.revision]).sort()).toEqual([
      ['nginx:2', 5],
      ['nginx:3', 3],
      ['nginx:4', 4],
    ]);
  });

  it('goes on after a crash of the controllers, without a second pod on any node', () => {
    const world = worldWith();
    let most = 0;
    world.server.observe(() => {
      most = Math.max(most, world.stored('pods').length);
    });
    world.run(world.api.daemonsets.create(daemonSet()));
    world.pass(milliseconds(3));
    world.restartManager([daemonSetController()]);
    world.pass(seconds(3));
    expect([placed(world), most]).toEqual([{ 'nginx:1': NODES }, 5]);
  });
});
