import { parseDuration } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { configMap, pod, type TestWorld, testWorld } from './test-world.ts';

const at = (name: string) => ({ namespace: 'default', name });

function boundPod(world: TestWorld, name: string, metadata: Parameters<typeof pod>[2] = {}): void {
  world.run(world.api.pods.create(pod(name, {}, metadata)));
  world.run(world.api.pods.bind({ ...at(name), nodeName: 'node-1' }));
}

describe('graceful deletion', () => {
  it('marks a bound pod: time of the end, period, one generation more; the kubelet removes it', () => {
    const world = testWorld();
    const { api, run } = world;
    boundPod(world, 'a');
    const { object, gone } = run(api.pods.delete(at('a')));
    expect(gone).toBe(false);
    expect(object.metadata).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:30Z', deletionGracePeriodSeconds: 30, generation: 2 });
    expect(run(api.pods.delete({ ...at('a'), gracePeriodSeconds: 0, preconditions: { uid: object.metadata.uid } })).gone).toBe(true);
  });

  it('removes at once a pod that nobody runs', () => {
    const { api, run } = testWorld();
    run(api.pods.create(pod('a')));
    expect(run(api.pods.delete(at('a'))).gone).toBe(true);
  });

  it('removes at once a pod that has ended', () => {
    const world = testWorld();
    const { api, run } = world;
    boundPod(world, 'a');
    run(api.pods.patch({ ...at('a'), subresource: 'status', patch: { status: { phase: 'Succeeded' } } }));
    expect(run(api.pods.delete(at('a'))).gone).toBe(true);
  });

  it('again: a longer period changes nothing, a shorter one brings the end nearer, never before now', () => {
    const world = testWorld();
    const { api, run, pass, server } = world;
    boundPod(world, 'a');
    run(api.pods.delete(at('a')));
    const { revision } = server;
    pass(parseDuration('4s'));
    run(api.pods.delete({ ...at('a'), gracePeriodSeconds: 60 }));
    run(api.pods.delete(at('a')));
    expect(server.revision).toBe(revision);
    const shorter = run(api.pods.delete({ ...at('a'), gracePeriodSeconds: 10 })).object.metadata;
    expect(shorter).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:10Z', deletionGracePeriodSeconds: 10, generation: 2 });
    const shortest = run(api.pods.delete({ ...at('a'), gracePeriodSeconds: 2 })).object.metadata;
    expect(shortest).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:04Z', deletionGracePeriodSeconds: 2 });
  });

  it('with a finalizer and period 0 keeps the pod until the finalizer goes', () => {
    const world = testWorld();
    const { api, run } = world;
    boundPod(world, 'a', { finalizers: ['example.com/hold'] });
    run(api.pods.delete(at('a')));
    expect(run(api.pods.delete({ ...at('a'), gracePeriodSeconds: 0 })).gone).toBe(false);
    run(api.pods.patch({ ...at('a'), patch: { metadata: { finalizers: null } } }));
    expect(world.server.peek('pods', 'default', 'a')).toBeUndefined();
  });

  it('a finalizer that goes during the period does not cut it short', () => {
    const world = testWorld();
    const { api, run } = world;
    boundPod(world, 'a', { finalizers: ['example.com/hold'] });
    run(api.pods.delete(at('a')));
    run(api.pods.patch({ ...at('a'), patch: { metadata: { finalizers: null } } }));
    expect(world.server.peek('pods', 'default', 'a')?.metadata.deletionGracePeriodSeconds).toBe(30);
  });
});

describe('finalizers and policies', () => {
  it('hold an object of any kind; none can be added once it is being deleted', () => {
    const { api, run, failure, server } = testWorld();
    run(api.configmaps.create({ ...configMap('a'), metadata: { ...at('a'), finalizers: ['example.com/x', 'example.com/y'] } }));
    expect(run(api.configmaps.delete(at('a'))).object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 0,
    });
    const { revision } = server;
    run(api.configmaps.delete(at('a')));
    expect(server.revision).toBe(revision);
    const add = { metadata: { finalizers: ['example.com/x', 'example.com/y', 'example.com/z'] } };
    expect(failure(api.configmaps.patch({ ...at('a'), patch: add })).message).toContain(
      'no new finalizers can be added if the object is being deleted',
    );
    run(api.configmaps.patch({ ...at('a'), patch: { metadata: { finalizers: ['example.com/y'] } } }));
    run(api.configmaps.patch({ ...at('a'), patch: { metadata: { finalizers: [] } } }));
    expect(server.peek('configmaps', 'default', 'a')).toBeUndefined();
  });

  it('Foreground and Orphan leave their finalizer; Background takes the object', () => {
    const { api, run } = testWorld();
    for (const name of ['f', 'o', 'b']) run(api.configmaps.create(configMap(name)));
    expect(run(api.configmaps.delete({ ...at('f'), propagationPolicy: 'Foreground' })).object.metadata.finalizers).toEqual([
      'foregroundDeletion',
    ]);
    expect(run(api.configmaps.delete({ ...at('o'), propagationPolicy: 'Orphan' })).object.metadata.finalizers).toEqual(['orphan']);
    expect(run(api.configmaps.delete({ ...at('b'), propagationPolicy: 'Background' })).gone).toBe(true);
  });

  it('a raw delete of a Job orphans; kubectl names Background', () => {
    const { api, run } = testWorld();
    const job = (name: string) =>
      ({
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: at(name),
        spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox' }] } } },
      }) as const;
    run(api.jobs.create(job('raw')));
    run(api.jobs.create(job('kubectl')));
    expect(run(api.jobs.delete(at('raw'))).object.metadata.finalizers).toEqual(['orphan']);
    expect(run(api.jobs.delete({ ...at('kubectl'), propagationPolicy: 'Background' })).gone).toBe(true);
  });

  it('preconditions: another uid or revision is a Conflict', () => {
    const { api, run, failure } = testWorld();
    const { metadata } = run(api.configmaps.create(configMap('a')));
    expect(failure(api.configmaps.delete({ ...at('a'), preconditions: { uid: 'x' } })).code).toBe('Conflict');
    expect(failure(api.configmaps.delete({ ...at('a'), preconditions: { resourceVersion: '1' } })).code).toBe('Conflict');
    run(api.configmaps.delete({ ...at('a'), preconditions: { uid: metadata.uid, resourceVersion: metadata.resourceVersion } }));
  });

  it('a delete event carries the revision of the delete', () => {
    const { api, run, server } = testWorld();
    run(api.configmaps.create(configMap('a')));
    const { object } = run(api.configmaps.delete(at('a')));
    expect(object.metadata.resourceVersion).toBe(String(server.revision));
  });

  it('a collection goes by its selector', () => {
    const { api, run } = testWorld();
    for (const [name, tier] of [
      ['a', 'x'],
      ['b', 'y'],
      ['c', 'x'],
    ] as const) {
      run(api.configmaps.create({ ...configMap(name), metadata: { ...at(name), labels: { tier } } }));
    }
    expect(run(api.configmaps.deleteCollection({ namespace: 'default', labelSelector: 'tier=x' }))).toEqual({ count: 2 });
    expect(run(api.configmaps.list()).items.map(({ metadata }) => metadata.name)).toEqual(['b']);
  });
});

describe('namespaces', () => {
  it('end in two steps: Terminating takes no new content, finalize lets them go', () => {
    const { api, run, failure, server } = testWorld();
    run(api.namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } }));
    run(api.configmaps.create(configMap('a', {}, 'n')));
    expect(run(api.namespaces.delete({ name: 'n' })).object.status?.phase).toBe('Terminating');
    const refused = failure(api.configmaps.create(configMap('b', {}, 'n')));
    expect(refused.code).toBe('Forbidden');
    expect(refused.message).toBe('configmaps "b" is forbidden: unable to create new content in namespace n because it is being terminated');
    run(api.configmaps.delete({ namespace: 'n', name: 'a' }));
    run(api.finalizeNamespace({ name: 'n', finalizers: [] }));
    expect(server.peek('namespaces', undefined, 'n')).toBeUndefined();
  });

  it('that the cluster needs cannot be deleted', () => {
    const { api, failure } = testWorld();
    expect(failure(api.namespaces.delete({ name: 'kube-system' })).message).toBe(
      'namespaces "kube-system" is forbidden: this namespace may not be deleted',
    );
  });
});
