import { seconds } from '@slipway/kernel';
import { findCondition, type KubeObject, type PersistentVolume, type PersistentVolumeClaim } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { SchedulerWorld } from '../../testing/cluster.ts';
import { makeNode, makePod } from '../../testing/objects.ts';
import { boundClaim, makeClaim, makeClass, makeVolume, using } from '../../testing/storage.ts';

const inZone = (name: string, zone: string) => makeNode(name, { labels: { 'topology.kubernetes.io/zone': zone } });
const SELECTED = 'volume.kubernetes.io/selected-node';

class StorageWorld extends SchedulerWorld {
  claim(name: string): PersistentVolumeClaim {
    return this.do(this.api.persistentvolumeclaims.get({ namespace: 'default', name }));
  }

  volume(name: string): PersistentVolume {
    return this.do(this.api.persistentvolumes.get({ name }));
  }

  selectedNode(name: string): string | undefined {
    return this.claim(name).metadata.annotations?.[SELECTED];
  }

  patchClaim(name: string, patch: object): void {
    this.do(this.api.persistentvolumeclaims.patch({ namespace: 'default', name, patch: patch as never }));
  }

  /** What the binder does at last. */
  finish(claim: string, volumeName: string): void {
    this.patchClaim(claim, { metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }, spec: { volumeName } });
  }

  /** What provisioner and binder do together. */
  provision(claim: string, volume: PersistentVolume): void {
    const { uid } = this.claim(claim).metadata;
    const claimRef = { name: claim, namespace: 'default', ...(uid !== undefined && { uid }) };
    this.store([{ ...volume, spec: { ...volume.spec, claimRef } } as KubeObject]);
    this.finish(claim, volume.metadata.name);
  }

  why(pod: string): string {
    return findCondition(this.pod(pod).status?.conditions, 'PodScheduled')?.message ?? '';
  }
}

function worldOf(objects: readonly KubeObject[], nodes = [inZone('a1', 'a'), inZone('b1', 'b')]): StorageWorld {
  const world = new StorageWorld();
  world.add(nodes);
  world.store(objects);
  return world;
}

describe('VolumeBinding', () => {
  test('SCH-14: a volume of one zone pulls its pod into that zone, whatever else speaks for another', () => {
    const world = worldOf([boundClaim('data', 'pv'), makeVolume('pv', { zone: 'b' })], [inZone('a1', 'a'), inZone('b1', 'b')]);
    world.add([makePod('busy', { cpu: '3', spec: { nodeSelector: { 'kubernetes.io/hostname': 'b1' } } }), makePod('p', using('data'))]);
    expect(world.nodeOf('p')).toBe('b1');
  });

  test('a pod without volumes is bound without a look at storage', () => {
    const world = worldOf([]);
    world.add([makePod('p')]);
    expect(world.nodeOf('p')).toBeDefined();
    expect(world.pod('p').status?.nominatedNodeName).toBeUndefined();
  });

  test('the first consumer chooses: the claim learns the node, and the pod is bound once the volume is there', () => {
    const world = worldOf([makeClass('late'), makeClaim('data')]);
    world.add([makePod('p', using('data'))]);
    const node = world.selectedNode('data') ?? '';
    expect(['a1', 'b1']).toContain(node);
    expect([world.nodeOf('p'), world.pod('p').status?.nominatedNodeName]).toEqual([undefined, node]);
    world.provision('data', makeVolume('pv', { zone: node.slice(0, 1) }));
    world.pass(seconds(1));
    expect(world.nodeOf('p')).toBe(node);
  });

  test('a class that is allowed in some zones only takes its pods there', () => {
    const term = { matchLabelExpressions: [{ key: 'topology.kubernetes.io/zone', values: ['b'] }] };
    const world = worldOf([makeClass('late', { allowedTopologies: [term] }), makeClaim('data')]);
    world.add([makePod('p', using('data'))]);
    expect(world.selectedNode('data')).toBe('b1');
  });

  test('looks at whole seconds after the writes, not when something changes', () => {
    const world = worldOf([makeClass('late'), makeClaim('data')]);
    const seen = { selected: 0, bind: 0 };
    world.kernel.events.on('trace', ({ kind, name, at, actor }) => {
      if (kind === 'answer' && name === 'api.Server/Update') seen.selected ||= at;
      if (kind === 'call' && actor === 'kube-scheduler' && name === 'api.Server/Bind') seen.bind = at;
    });
    world.add([makePod('p', using('data'))]);
    world.pass(seconds(2.3));
    world.provision('data', makeVolume('pv'));
    world.pass(seconds(3));
    // Bound 4.3 s after the write: 1 s of `add`, 2.3 s, and 1 s of `store`.
    expect(seen.bind - seen.selected).toBe(seconds(5));
  });

  test('a free volume is kept for the claim before the API server knows: two pods never get one volume', () => {
    const world = worldOf([
      makeClass('late', { provisioner: 'kubernetes.io/no-provisioner' }),
      makeClaim('one'),
      makeClaim('two'),
      makeVolume('pv-1', { zone: 'a' }),
      makeVolume('pv-2', { zone: 'b', size: '2Gi' }),
    ]);
    world.add([makePod('p', using('one')), makePod('q', using('two'))]);
    const claims = ['pv-1', 'pv-2'].map((name) => world.volume(name).spec.claimRef?.name);
    expect([...claims].sort()).toEqual(['one', 'two']);
    expect(world.volume('pv-1').metadata.annotations?.['pv.kubernetes.io/bound-by-controller']).toBe('yes');
    for (const [index, claim] of claims.entries()) world.finish(claim ?? '', `pv-${index + 1}`);
    world.pass(seconds(2));
    expect(new Set([world.nodeOf('p'), world.nodeOf('q')])).toEqual(new Set(['a1', 'b1']));
  });

  test('no volume fits: says so, and wakes when one comes', () => {
    const world = worldOf([makeClass('late', { provisioner: 'kubernetes.io/no-provisioner' }), makeClaim('data', { size: '5Gi' })]);
    world.add([makePod('p', using('data'))]);
    expect(world.why('p')).toBe(
      "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. " +
        'preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
    );
    world.store([makeVolume('pv', { size: '5Gi', zone: 'b' })]);
    world.pass(seconds(3));
    expect(world.volume('pv').spec.claimRef?.name).toBe('data');
  });

  test('a provisioner that takes the node back sends the pod back to the queue, and it tries again', () => {
    const world = worldOf([makeClass('late'), makeClaim('data')]);
    world.add([makePod('p', using('data'))]);
    expect(world.selectedNode('data')).toBeDefined();
    world.patchClaim('data', { metadata: { annotations: { [SELECTED]: null, 'volume.kubernetes.io/storage-provisioner': 'x' } } });
    world.pass(seconds(1));
    expect(world.why('p')).toBe('running PreBind plugin "VolumeBinding": binding volumes: provisioning failed for PVC "data"');
    expect(world.scheduler.snapshot().nodes.flatMap(({ pods }) => pods)).toEqual([]);
    world.pass(seconds(5));
    const node = world.selectedNode('data');
    expect(node).toBeDefined();
    world.provision('data', makeVolume('pv'));
    world.pass(seconds(2));
    expect(world.nodeOf('p')).toBe(node);
  });

  test('gives up after ten minutes, at no cost while it waits', () => {
    const world = worldOf([makeClass('late'), makeClaim('data')]);
    world.add([makePod('p', using('data'))]);
    // Past the bookmarks of the first minute.
    world.pass(seconds(100));
    const before = world.kernel.eventCount;
    world.pass(seconds(490));
    expect(world.kernel.eventCount - before).toBeLessThan(5);
    expect(world.why('p')).toBe('');
    world.pass(seconds(15));
    expect(world.why('p')).toBe('running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded');
  });

  test('a pod that is deleted while its volume is made frees its room at the next look', () => {
    const world = worldOf([makeClass('late'), makeClaim('data')]);
    world.add([makePod('p', using('data'))]);
    world.do(world.api.pods.delete({ namespace: 'default', name: 'p', gracePeriodSeconds: 0 }));
    world.pass(seconds(2));
    expect(world.scheduler.snapshot().nodes.flatMap(({ pods }) => pods)).toEqual([]);
    // The choice stays written, as upstream leaves it: the next pod of this claim follows it.
    const node = world.selectedNode('data');
    world.add([makePod('q', using('data'))]);
    world.provision('data', makeVolume('pv'));
    world.pass(seconds(2));
    expect(world.nodeOf('q')).toBe(node);
  });

  test('a volume that was made where the node does not reach fails the bind, and the pod follows its volume', () => {
    const world = worldOf([makeClass('late'), makeClaim('data')]);
    world.add([makePod('p', using('data'))]);
    const node = world.selectedNode('data');
    const [elsewhere, there] = node === 'a1' ? ['b', 'b1'] : ['a', 'a1'];
    world.provision('data', makeVolume('pv', { zone: elsewhere }));
    world.pass(seconds(1));
    expect(world.why('p')).toContain(`pv "pv" node affinity doesn't match node "${node}": no matching NodeSelectorTerms`);
    world.pass(seconds(5));
    expect(world.nodeOf('p')).toBe(there);
  });

  test('a write that is refused is tried again, with nothing kept in between', () => {
    const world = new StorageWorld({ faults: [{ kind: { refuse: { message: 'try later' } }, method: 'update', times: 1 }] });
    world.add([inZone('a1', 'a')]);
    world.store([makeClass('late', { provisioner: 'kubernetes.io/no-provisioner' }), makeClaim('data'), makeVolume('pv')]);
    world.add([makePod('p', using('data'))]);
    expect(world.why('p')).toBe('running PreBind plugin "VolumeBinding": try later');
    expect(world.scheduler.volumes.volume('pv')?.spec.claimRef).toBeUndefined();
    world.pass(seconds(5));
    expect(world.volume('pv').spec.claimRef?.name).toBe('data');
  });
});

describe('what wakes a pod that waits for storage', () => {
  const immediate = makeClass('late', { volumeBindingMode: 'Immediate' });
  test.each<[string, readonly KubeObject[], (world: StorageWorld) => void]>([
    ['its claim is created', [makeClass('late')], (world) => world.store([makeClaim('data')])],
    ['its claim is bound', [immediate, makeClaim('data')], (world) => world.provision('data', makeVolume('pv'))],
    ['its class comes', [makeClaim('data')], (world) => world.store([makeClass('late')])],
    [
      'a node comes that reaches the volume',
      [boundClaim('data', 'pv'), makeVolume('pv', { zone: 'c' })],
      (world) => world.add([inZone('c1', 'c')]),
    ],
    [
      'the zone of a node is corrected',
      [boundClaim('data', 'pv'), makeVolume('pv', { zone: 'c' })],
      (world) => world.do(world.api.nodes.patch({ name: 'a1', patch: { metadata: { labels: { 'topology.kubernetes.io/zone': 'c' } } } })),
    ],
    [
      'the missing volume comes',
      [boundClaim('data', 'pv')],
      (world) => world.store([makeVolume('pv', { claimRef: { name: 'data', namespace: 'default' } })]),
    ],
  ])('%s', (_title, objects, change) => {
    const world = worldOf(objects);
    world.add([makePod('p', using('data'))]);
    expect(world.why('p')).toContain('0/2 nodes are available');
    const before = world.events('FailedScheduling').length;
    world.pass(seconds(30));
    expect(world.events('FailedScheduling').length).toBe(before);
    change(world);
    world.pass(seconds(2));
    expect(world.nodeOf('p') ?? world.selectedNode('data')).toBeDefined();
  });

  test('the claim of another pod does not', () => {
    const world = worldOf([makeClass('late')]);
    world.add([makePod('p', using('data'))]);
    const [before] = world.events('FailedScheduling').map(({ count }) => count);
    world.store([makeClaim('other')]);
    world.pass(seconds(30));
    expect(world.events('FailedScheduling').map(({ count }) => count)).toEqual([before]);
  });
});
