import { snapshotDefinitions } from '@slipway/csi';
import { minutes, seconds } from '@slipway/kernel';
import { findCondition, type GenericObject, type PersistentVolumeClaim, type Pod } from '@slipway/kube';
import { applyManifests, worldFactory } from '@slipway/simulator';
import { expect, test } from 'vitest';

const SNAPSHOTS = 'volumesnapshots.snapshot.storage.k8s.io';
const CLASSES = 'volumesnapshotclasses.snapshot.storage.k8s.io';
const V1 = 'snapshot.storage.k8s.io/v1';

/** A pod with a volume. */
const pod = (name: string, claimName: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: {
    containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.9', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
    volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
  },
});

const claim = (name: string, from?: string): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    ...(from === undefined ? {} : { dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: from } }),
  },
});

test('snapshot and restore: with EBS, once the kinds are defined, a claim is filled with what another held', () => {
  const world = worldFactory()({ nodes: [{ name: 'node-1' }], trace: { keep: false } });
  const { kernel, user, api, server } = world;
  const act = <T>(process: Parameters<typeof kernel.complete<T>>[2]): T => kernel.complete(user, 'act', process);
  act(applyManifests(world, [], ['node-1']));
  const until = (holds: () => boolean): void => {
    for (const end = kernel.now + minutes(5); !holds(); kernel.run({ until: kernel.now + seconds(1) }))
      expect(kernel.now).toBeLessThan(end);
  };
  const isReady = (name: string): boolean =>
    findCondition((server.peek('pods', 'default', name) as Pod | undefined)?.status?.conditions, 'Ready')?.status === 'True';
  for (const definition of snapshotDefinitions) act(api.customresourcedefinitions.create(definition));
  act(
    api.resource<GenericObject & { driver: string; deletionPolicy: string }>(CLASSES).create({
      apiVersion: V1,
      kind: 'VolumeSnapshotClass',
      metadata: { name: 'ebs', annotations: { 'snapshot.storage.kubernetes.io/is-default-class': 'true' } },
      driver: 'ebs.csi.aws.com',
      deletionPolicy: 'Delete',
    }),
  );
  act(api.persistentvolumeclaims.create(claim('data')));
  act(api.pods.create(pod('first', 'data')));
  until(() => isReady('first'));
  const host = world.nodes.get('node-1')?.host;
  const mounted = () => host?.mounts.all().filter(({ target }) => target.includes('kubernetes.io~csi')) ?? [];
  const [before] = mounted();
  host?.mounts.write(`${before?.target}/file`, 'kept', { sync: true });
  act(
    api.resource(SNAPSHOTS).create({
      apiVersion: V1,
      kind: 'VolumeSnapshot',
      metadata: { name: 'before', namespace: 'default' },
      spec: { source: { persistentVolumeClaimName: 'data' } },
    }),
  );
  const status = () => (server.peek(SNAPSHOTS, 'default', 'before') as GenericObject | undefined)?.status;
  until(() => (status() as { readyToUse?: boolean } | undefined)?.readyToUse === true);
  host?.mounts.write(`${before?.target}/file`, 'changed', { sync: true });
  act(api.persistentvolumeclaims.create(claim('copy', 'before')));
  act(api.pods.create(pod('second', 'copy')));
  until(() => isReady('second'));
  const after = mounted().find(({ target }) => target !== before?.target);
  expect([host?.mounts.readText(`${before?.target}/file`), host?.mounts.readText(`${after?.target}/file`)]).toEqual(['changed', 'kept']);
  act(api.resource(SNAPSHOTS).delete({ namespace: 'default', name: 'before' }));
  until(() => [...server.objects('volumesnapshotcontents.snapshot.storage.k8s.io')].length === 0);
  const auditor = kernel.owner('auditor');
  expect(kernel.complete(auditor, 'audit', world.cloud.client(auditor).describeSnapshots({})).snapshots).toEqual([]);
});
