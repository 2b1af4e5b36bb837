import { defineController } from '@slipway/client';
import { minutes, seconds } from '@slipway/kernel';
import { type ControllerRevision, isPodReady, type PersistentVolumeClaim, type Pod, type StatefulSet, type Stored } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { garbageCollector } from '../garbage-collector/garbage-collector.ts';
import { ControllerWorld, type ControllerWorldOptions, template } from '../testing/world.ts';
import { statefulSetController } from './statefulset-controller.ts';

function statefulSet(spec: Partial<StatefulSet['spec']> = {}): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 3, serviceName: 'web', selector: { matchLabels: { app: 'web' } }, template: template('web'), ...spec },
  };
}

const claimTemplate = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
} as const;

class SetWorld extends ControllerWorld {
  get set(): Stored<StatefulSet> {
    return this.run(this.api.statefulsets.get({ namespace: 'default', name: 'web' }));
  }

  get names(): readonly string[] {
    return this.stored<Pod>('pods')
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  get claims(): readonly string[] {
    return this.stored<PersistentVolumeClaim>('persistentvolumeclaims')
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  patch(spec: object): void {
    this.run(this.api.statefulsets.patch({ namespace: 'default', name: 'web', patch: { spec } as never }));
  }

  deletePod(name: string, gracePeriodSeconds?: number): void {
    const request = { namespace: 'default', name, ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }) };
    this.run(this.api.pods.delete(request));
  }

  settled(replicas: number): boolean {
    const { status, metadata } = this.set;
    const { readyReplicas, updatedReplicas, currentRevision, updateRevision } = status ?? {};
    const whole = readyReplicas === replicas && updatedReplicas === replicas && currentRevision === updateRevision;
    return (whole || replicas === 0) && status?.replicas === replicas && status.observedGeneration === metadata.generation;
  }
}

/** Lets claims go that nobody needs: in a whole cluster the protection controller's work. */
const claimRelease = defineController({
  name: 'claim-release',
  watches: ['persistentvolumeclaims'],
  *reconcile(key, { informers, api }) {
    const claim = informers.get('persistentvolumeclaims').get(key);
    if (!claim?.metadata.deletionTimestamp || claim.metadata.finalizers?.[0] !== 'kubernetes.io/pvc-protection') return;
    yield* api.persistentvolumeclaims.update({ ...claim, metadata: { ...claim.metadata, finalizers: [] } });
  },
});

function worldWith(set: StatefulSet, options: Partial<ControllerWorldOptions> = {}): SetWorld {
  const world = new SetWorld({ controllers: [statefulSetController(), garbageCollector(), claimRelease], ...options });
  world.run(world.api.statefulsets.create(set));
  return world;
}

const imageOf = (pod: Pod): string | undefined => pod.spec.containers[0]?.image;

describe('statefulset-controller', () => {
  test('makes claims and pods in order, each when the one before is ready, and says so', () => {
    const world = worldWith(statefulSet({ volumeClaimTemplates: [claimTemplate] }));
    world.until(() => world.settled(3));
    const pods = [...world.stored<Pod>('pods')].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const times = pods.map(({ metadata }) => metadata.creationTimestamp ?? '');
    expect([...times].sort()).toEqual(times);
    expect(world.claims).toEqual(['data-web-0', 'data-web-1', 'data-web-2']);
    expect(world.events('StatefulSet').slice(0, 2)).toEqual([
      'SuccessfulCreate create Claim data-web-0 Pod web-0 in StatefulSet web success',
      'SuccessfulCreate create Pod web-0 in StatefulSet web successful',
    ]);
    const { currentRevision } = world.set.status ?? {};
    expect(world.set.status).toEqual({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      currentRevision,
      updateRevision: currentRevision,
      collisionCount: 0,
    });
    expect(pods.map(({ metadata }) => metadata.labels?.['controller-revision-hash'])).toEqual([
      currentRevision,
      currentRevision,
      currentRevision,
    ]);
  });

  test('a pod that never gets ready holds up those after it, but not in a parallel set', () => {
    const kubelet = { ready: (pod: Stored<Pod>) => pod.metadata.name !== 'web-0' };
    const ordered = worldWith(statefulSet(), { kubelet });
    const parallel = worldWith(statefulSet({ podManagementPolicy: 'Parallel' }), { kubelet });
    for (const world of [ordered, parallel]) world.pass(seconds(30));
    expect([ordered.names, parallel.names]).toEqual([['web-0'], ['web-0', 'web-1', 'web-2']]);
  });

  test('scales up and down through its scale, highest first, and claims stay', () => {
    const world = worldWith(statefulSet({ volumeClaimTemplates: [claimTemplate] }));
    world.until(() => world.settled(3));
    world.run(world.api.statefulsets.patch({ namespace: 'default', name: 'web', subresource: 'scale', patch: { spec: { replicas: 1 } } }));
    world.until(() => world.settled(1));
    expect([world.names, world.claims]).toEqual([['web-0'], ['data-web-0', 'data-web-1', 'data-web-2']]);
    const deleted = world.events('StatefulSet').filter((line) => line.startsWith('SuccessfulDelete'));
    expect(deleted).toEqual([2, 1].map((ordinal) => `SuccessfulDelete delete Pod web-${ordinal} in StatefulSet web successful`));
  });

  test('a pod that ended, was deleted or was lost comes again under its name with its claim', () => {
    const world = worldWith(statefulSet({ volumeClaimTemplates: [claimTemplate] }));
    world.until(() => world.settled(3));
    const before = world.pods().find(({ metadata }) => metadata.name === 'web-2')?.metadata.uid;
    world.deletePod('web-2', 0);
    const one = world.run(world.api.pods.get({ namespace: 'default', name: 'web-1' }));
    world.run(world.api.pods.updateStatus({ ...one, status: { ...one.status, phase: 'Failed', conditions: [] } }));
    world.until(() => world.settled(3));
    expect(world.pods().map(({ status }) => status?.phase)).toEqual(['Running', 'Running', 'Running']);
    expect(world.pods().find(({ metadata }) => metadata.name === 'web-2')?.metadata.uid).not.toBe(before);
    expect(world.claims).toEqual(['data-web-0', 'data-web-1', 'data-web-2']);
  });

  test('an update replaces pods from the highest down, one at a time, and then becomes current; old revisions beyond the limit go', () => {
    const world = worldWith(statefulSet({ revisionHistoryLimit: 1 }));
    world.until(() => world.settled(3));
    const order: string[] = [];
    world.server.kernel.events.on('trace', ({ name, subject }) => {
      if (name === 'api.Server/Delete' && subject?.startsWith('default/web-') && order.at(-1) !== subject) order.push(subject);
    });
    for (const image of ['nginx:2', 'nginx:3', 'nginx:4']) {
      world.patch({ template: template('web', image) });
      let least = 3;
      world.until(() => {
        least = Math.min(least, world.set.status?.readyReplicas ?? 0);
        return world.settled(3);
      });
      expect(least).toBe(2);
      expect(world.pods().map(imageOf)).toEqual([image, image, image]);
    }
    expect(order.slice(0, 3).filter((subject) => !subject.includes('.'))).toEqual(['default/web-2', 'default/web-1', 'default/web-0']);
    expect(
      world
        .stored<ControllerRevision>('controllerrevisions')
        .map(({ revision }) => revision)
        .sort(),
    ).toEqual([3, 4]);
  });

  test('going back to an earlier template uses its revision again', () => {
    const world = worldWith(statefulSet());
    world.until(() => world.settled(3));
    const first = world.set.status?.currentRevision;
    world.patch({ template: template('web', 'nginx:2') });
    world.until(() => world.settled(3));
    world.patch({ template: template('web') });
    world.until(() => world.settled(3));
    expect(world.set.status?.currentRevision).toBe(first);
    expect(world.stored('controllerrevisions').length).toBe(2);
  });

  test('below the partition pods keep the old revision, also those that are made again', () => {
    const world = worldWith(statefulSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } }));
    world.until(() => world.settled(3));
    world.patch({ template: template('web', 'nginx:2') });
    world.until(() => world.set.status?.updatedReplicas === 1 && world.set.status.readyReplicas === 3);
    world.deletePod('web-0');
    world.pass(seconds(2));
    world.until(() => world.set.status?.readyReplicas === 3);
    const images = Object.fromEntries(world.pods().map((pod) => [pod.metadata.name, imageOf(pod)]));
    expect(images).toEqual({ 'web-0': 'nginx:1', 'web-1': 'nginx:1', 'web-2': 'nginx:2' });
    expect(world.set.status).toMatchObject({ currentReplicas: 2, updatedReplicas: 1 });
  });

  test('OnDelete waits for people', () => {
    const world = worldWith(statefulSet({ replicas: 2, updateStrategy: { type: 'OnDelete' } }));
    world.until(() => world.set.status?.readyReplicas === 2);
    world.patch({ template: template('web', 'nginx:2') });
    world.pass(seconds(20));
    expect(world.pods().map(imageOf)).toEqual(['nginx:1', 'nginx:1']);
    world.deletePod('web-1');
    world.pass(seconds(5));
    expect(world.pods().map(imageOf)).toEqual(['nginx:1', 'nginx:2']);
  });

  test('a broken revision stops at its first pod, and stays there in order until that pod is deleted by hand', () => {
    const kubelet = { ready: (pod: Stored<Pod>) => imageOf(pod) !== 'broken:1' };
    const world = worldWith(statefulSet(), { kubelet });
    world.until(() => world.settled(3));
    world.patch({ template: template('web', 'broken:1') });
    world.pass(seconds(30));
    world.patch({ template: template('web', 'nginx:3') });
    world.pass(seconds(30));
    expect(world.pods().map(imageOf).sort()).toEqual(['broken:1', 'nginx:1', 'nginx:1']);
    world.deletePod('web-2');
    world.until(() => world.settled(3));
    expect(world.pods().map(imageOf)).toEqual(['nginx:3', 'nginx:3', 'nginx:3']);
  });

  test('minReadySeconds: each waits until the one before has been ready so long', () => {
    const world = worldWith(statefulSet({ replicas: 2, minReadySeconds: 10 }));
    world.pass(seconds(8));
    expect(world.names).toEqual(['web-0']);
    world.pass(seconds(5));
    expect(world.names).toEqual(['web-0', 'web-1']);
    expect(world.until(() => world.set.status?.availableReplicas === 2)).toBeLessThan(seconds(12));
  });

  test('claims go with the set or with scaled-down pods where the policy says so', () => {
    const policy = { whenDeleted: 'Delete', whenScaled: 'Delete' } as const;
    const world = worldWith(statefulSet({ volumeClaimTemplates: [claimTemplate], persistentVolumeClaimRetentionPolicy: policy }));
    world.until(() => world.settled(3));
    world.pass(seconds(5));
    world.patch({ replicas: 1 });
    world.until(() => world.settled(1));
    world.until(() => world.claims.length === 1);
    world.patch({ replicas: 2 });
    world.until(() => world.settled(2));
    expect(world.claims).toEqual(['data-web-0', 'data-web-1']);
    world.pass(seconds(5));
    world.run(world.api.statefulsets.delete({ namespace: 'default', name: 'web' }));
    world.until(() => world.claims.length === 0 && world.names.length === 0);
  });

  test('a claim that is being deleted holds its pod back, with the reason', () => {
    const world = worldWith(statefulSet({ replicas: 1, volumeClaimTemplates: [claimTemplate] }), { kubelet: false });
    world.pass(seconds(1));
    world.deletePod('web-0', 0);
    world.run(
      world.api.persistentvolumeclaims.patch({
        namespace: 'default',
        name: 'data-web-0',
        patch: { metadata: { finalizers: ['example.com/hold'] } },
      }),
    );
    world.run(world.api.persistentvolumeclaims.delete({ namespace: 'default', name: 'data-web-0' }));
    world.pass(seconds(2));
    const uid = world.pods()[0]?.metadata.uid;
    world.deletePod('web-0', 0);
    world.pass(seconds(2));
    expect(world.pods().filter(({ metadata }) => metadata.uid !== uid)).toEqual([]);
    expect(world.events('StatefulSet')).toContain(
      'FailedCreate create Pod web-0 in StatefulSet web failed error: pvc data-web-0 is being deleted',
    );
  });

  test('adopts pods with its name and labels, and lets go of those whose labels changed', () => {
    const world = worldWith(statefulSet());
    world.until(() => world.settled(3));
    const uids = world.pods().map(({ metadata }) => metadata.uid);
    world.run(world.api.statefulsets.delete({ namespace: 'default', name: 'web', propagationPolicy: 'Orphan' }));
    world.until(() => world.pods().every(({ metadata }) => (metadata.ownerReferences ?? []).length === 0));
    world.run(world.api.statefulsets.create(statefulSet()));
    world.until(() => world.settled(3));
    expect(world.pods().map(({ metadata }) => metadata.uid)).toEqual(uids);
    expect(world.stored<ControllerRevision>('controllerrevisions').map(({ metadata }) => metadata.ownerReferences?.[0]?.uid)).toEqual([
      world.set.metadata.uid,
    ]);
    world.run(world.api.pods.patch({ namespace: 'default', name: 'web-2', patch: { metadata: { labels: { app: 'other' } } } }));
    world.pass(seconds(2));
    expect(world.run(world.api.pods.get({ namespace: 'default', name: 'web-2' })).metadata.ownerReferences ?? []).toEqual([]);
  });

  test('what it does not know of yet it does not do twice: caches that lag change nothing but the pace', () => {
    const world = worldWith(statefulSet({ podManagementPolicy: 'Parallel', volumeClaimTemplates: [claimTemplate] }), { lag: seconds(2) });
    world.until(() => world.settled(3));
    world.patch({ template: template('web', 'nginx:2') });
    world.until(() => world.settled(3));
    world.patch({ replicas: 0 });
    world.until(() => world.settled(0));
    const lines = world.events('StatefulSet');
    expect(lines.filter((line) => line.includes('Failed'))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('SuccessfulDelete')).length).toBe(3);
  });

  test('a settled set costs nothing', () => {
    const world = worldWith(statefulSet());
    world.until(() => world.settled(3));
    world.pass(minutes(2));
    const before = world.kernel.eventCount;
    world.pass(minutes(30));
    expect(world.kernel.eventCount - before).toBeLessThan(60);
  });
});

describe('under random failures', () => {
  const harm = fc.record({ after: fc.integer({ min: 1, max: 40 }), ordinal: fc.nat(3), how: fc.constantFrom('kill', 'delete', 'fail') });
  const options = fc.record({
    harms: fc.array(harm, { maxLength: 5 }),
    podManagementPolicy: fc.constantFrom('OrderedReady' as const, 'Parallel' as const),
    podLag: fc.constantFrom(0, seconds(0.5)),
    seed: fc.nat(1000),
  });

  test('never a pod outside its range, the rollout never turns back, and it converges', () => {
    fc.assert(
      fc.property(options, ({ harms, podManagementPolicy, podLag, seed }) => {
        const world = worldWith(statefulSet({ replicas: 4, podManagementPolicy }), { podLag, kernel: { seed } });
        world.until(() => world.settled(4));
        world.patch({ template: template('web', 'nginx:2') });
        const updated = new Set<string>();
        const check = (): void => {
          const pods = world.stored<Pod>('pods');
          expect(pods.length).toBeLessThanOrEqual(4);
          for (const pod of pods) {
            const { name } = pod.metadata;
            expect(['web-0', 'web-1', 'web-2', 'web-3']).toContain(name);
            if (imageOf(pod) === 'nginx:2') updated.add(name);
            else expect(updated.has(name), `${name} went back`).toBe(false);
          }
        };
        for (const { after, ordinal, how } of harms) {
          for (let tenth = 0; tenth < after; tenth++) {
            world.pass(seconds(0.1));
            check();
          }
          const pod = world.stored<Stored<Pod>>('pods').find(({ metadata }) => metadata.name === `web-${ordinal}`);
          if (!pod) continue;
          if (how !== 'fail') world.deletePod(pod.metadata.name, how === 'kill' ? 0 : undefined);
          else world.run(world.api.pods.updateStatus({ ...pod, status: { ...pod.status, phase: 'Failed', conditions: [] } }));
        }
        world.until(() => {
          check();
          return world.settled(4) && world.stored<Pod>('pods').filter(isPodReady).length === 4;
        });
        expect(world.pods().map(imageOf)).toEqual(['nginx:2', 'nginx:2', 'nginx:2', 'nginx:2']);
      }),
      { numRuns: 12 },
    );
  });
});
