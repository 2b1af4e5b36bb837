import { seconds } from '@slipway/kernel';
import type { KubeObject, Node, Pod, PodSpec } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { defaultProfile } from '../../scheduler/index.ts';
import { SchedulerWorld } from '../../scheduler/testing/cluster.ts';
import { Invariants } from '../index.ts';
import { Lab } from '../testing/lab.ts';

const node = (name: string, spec: Node['spec'] = {}, labels: Record<string, string> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
  spec,
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '20' }, capacity: { cpu: '4', memory: '8Gi', pods: '20' } },
});

const pod = (name: string, spec: Partial<PodSpec> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '100m' } } }], ...spec },
});

/** A real scheduler with all but some of its plugins. Says what is broken once the objects were placed, and how often each row was met. */
function placed(without: readonly string[], nodes: readonly Node[], pods: readonly Pod[]) {
  const plugins = defaultProfile.plugins.filter(({ name }) => !without.includes(name));
  const world = new SchedulerWorld({ profile: { ...defaultProfile, plugins } });
  const { kernel, server } = world;
  const watch = new Invariants({ kernel, server, nodes: new Map(), scheduler: () => world.scheduler, off: [] });
  world.add(nodes);
  world.pass(seconds(5));
  for (const each of pods) world.add([each]);
  world.pass(seconds(70));
  watch.atRest();
  return {
    broken: [...new Set(watch.violations.map(({ id }) => id))],
    met: watch.preconditions,
    messages: watch.violations.map(({ message }) => message),
  };
}

const term = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'web' } } };
const apart: Partial<PodSpec> = { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } };
const spread: Partial<PodSpec> = {
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } },
  ],
};
const zones = [node('node-1', {}, { zone: 'a' }), node('node-2', {}, { zone: 'b' })];
const tainted = node('node-1', { taints: [{ key: 'special', value: 'yes', effect: 'NoSchedule' }] });

describe('a real scheduler', () => {
  test.each([
    ['SCH-10', 'InterPodAffinity', zones, [pod('a', apart), pod('b', apart), pod('c', apart)]],
    ['SCH-10', 'InterPodAffinity', zones, [pod('a', apart), pod('b'), pod('c'), pod('d')]],
    [
      'SCH-11',
      'PodTopologySpread',
      [node('node-1', {}, { zone: 'a' }), { ...node('node-2', { unschedulable: true }, { zone: 'b' }) }],
      ['a', 'b'].map((name) => pod(name, spread)),
    ],
    ['SCH-12', 'TaintToleration', [tainted], [pod('a')]],
    ['SCH-12', 'NodeUnschedulable', [node('node-1', { unschedulable: true })], [pod('a')]],
  ] as const)('%s: silent with all its plugins, reported without %s', (id, plugin, nodes, pods) => {
    const right = placed([], nodes, pods);
    expect(right.broken).toEqual([]);
    // The API server adds a taint for a cordon in whole clusters; here the two plugins are told apart.
    expect(placed([plugin], nodes, pods).broken).toEqual([id]);
  });

  test('what it holds in memory is what the store has', () => {
    const { broken, met } = placed([], zones, [pod('a'), pod('b')]);
    expect([broken, met.get('SCH-04')]).toEqual([[], 2]);
  });
});

describe('SCH-12 taints', () => {
  test('a taint that came after the decision, and one that the pod tolerates, are no reason', () => {
    const lab = new Lab(['SCH-12']);
    lab.run(lab.as('kubectl').nodes.create(node('node-1')));
    const clear = (spec: object) => ({ name: 'node-1', type: 'merge' as const, patch: { spec } });
    lab.run(lab.as('kubectl').nodes.patch(clear({ taints: null })));
    lab.pass(seconds(10));
    lab.pod('late');
    lab.pod('tolerant', { tolerations: [{ operator: 'Exists' }] });
    lab.run(lab.as('kubectl').nodes.patch(clear({ taints: [{ key: 'a', effect: 'NoSchedule' }] })));
    lab.bind('late', 'node-1');
    lab.bind('tolerant', 'node-1');
    expect(lab.violations).toEqual([]);
    lab.pass(seconds(10));
    lab.pod('wrong');
    lab.bind('wrong', 'node-1');
    expect(lab.violations).toMatchObject([
      { id: 'SCH-12', message: 'kube-scheduler bound Pod default/wrong to node-1, whose taint a:NoSchedule it does not tolerate' },
    ]);
  });
});

/** A claim that is bound to a volume of a driver, which is to be reached from one zone. */
function claimed(name: string, mode: 'ReadWriteOnce' | 'ReadWriteOncePod', zone = 'a'): readonly KubeObject[] {
  const metadata = { name, namespace: 'default' };
  const size = { storage: '1Gi' };
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: { accessModes: [mode], resources: { requests: size }, volumeName: `pv-${name}` },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `pv-${name}` },
      spec: {
        capacity: size,
        accessModes: [mode],
        csi: { driver: 'disk.example.com', volumeHandle: `vol-${name}` },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] } },
      },
    },
  ] as unknown as readonly KubeObject[];
}

function storing(only: string) {
  const lab = new Lab([only]);
  const { nodes, persistentvolumeclaims, persistentvolumes, csinodes } = lab.as('kubectl');
  for (const each of zones) lab.run(nodes.create(each));
  for (const each of zones) {
    const { name } = each.metadata;
    const drivers = [{ name: 'disk.example.com', nodeID: name, allocatable: { count: 2 } }];
    lab.run(csinodes.create({ apiVersion: 'storage.k8s.io/v1', kind: 'CSINode', metadata: { name }, spec: { drivers } }));
  }
  const claim = (name: string, mode: 'ReadWriteOnce' | 'ReadWriteOncePod' = 'ReadWriteOnce', zone = 'a'): void => {
    const [wanted, volume] = claimed(name, mode, zone);
    const made = lab.run(persistentvolumeclaims.create(wanted as never));
    const { uid } = made.metadata;
    const bound = { ...volume, spec: { ...(volume as unknown as { spec: object }).spec, claimRef: { namespace: 'default', name, uid } } };
    lab.run(persistentvolumes.create(bound as never));
  };
  const use = (name: string, claimName: string, nodeName: string): void => {
    lab.pod(name, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] });
    lab.bind(name, nodeName);
  };
  lab.pass(seconds(10));
  return { lab, claim, use };
}

describe('volumes', () => {
  test('SCH-14: a node from where a volume cannot be reached is reported', () => {
    const { lab, claim, use } = storing('SCH-14');
    claim('data');
    use('right', 'data', 'node-1');
    expect(lab.violations).toEqual([]);
    use('wrong', 'data', 'node-2');
    expect(lab.violations).toMatchObject([
      { id: 'SCH-14', message: 'kube-scheduler bound Pod default/wrong to node-2, from where its volume pv-data cannot be reached' },
    ]);
  });

  test('SCH-15: one volume more than the driver takes is reported, a shared one counts once', () => {
    const { lab, claim, use } = storing('SCH-15');
    for (const name of ['a', 'b', 'c']) claim(name);
    use('one', 'a', 'node-1');
    use('again', 'a', 'node-1');
    use('two', 'b', 'node-1');
    expect(lab.violations).toEqual([]);
    use('three', 'c', 'node-1');
    expect(lab.violations).toMatchObject([
      {
        id: 'SCH-15',
        message: 'kube-scheduler bound Pod default/three to node-1, whose pods now use 3 volumes of disk.example.com of at most 2',
      },
    ]);
  });

  test('SCH-16: a second live pod on a volume for one is reported, one after the other is not', () => {
    const { lab, claim, use } = storing('SCH-16');
    claim('data', 'ReadWriteOncePod');
    use('first', 'data', 'node-1');
    lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name: 'first', gracePeriodSeconds: 0 }));
    use('second', 'data', 'node-1');
    expect(lab.violations).toEqual([]);
    use('third', 'data', 'node-1');
    expect(lab.violations).toMatchObject([
      { id: 'SCH-16', objects: ['Pod default/third', 'Pod default/second', 'PersistentVolumeClaim default/data'] },
    ]);
  });
});

describe('what the binder could know', () => {
  const asking = (cpu: string): Partial<PodSpec> => ({ containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu } } }] });

  test('a scheduler that was started anew does not know what was bound after it had asked; what was there before it knows', () => {
    const lab = new Lab(['SCH-01']);
    lab.node('node-1', { cpu: '1', pods: '10' });
    for (const name of ['before', 'between', 'after', 'last']) lab.pod(name, asking('600m'));
    const restart = (): void => {
      lab.kernel.record('fault', 'scenario', 'fault/down', 'kube-scheduler', []);
      lab.run(lab.as('kube-scheduler').pods.list());
    };
    lab.bind('before', 'node-1');
    lab.kernel.record('fault', 'scenario', 'fault/down', 'kube-scheduler', []);
    lab.bind('after', 'node-1');
    expect(lab.violations).toEqual([]);
    restart();
    lab.bind('last', 'node-1');
    expect(lab.broken).toEqual(['SCH-01']);
  });
});
