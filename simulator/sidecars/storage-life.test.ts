import { seconds } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { StorageWorld } from './testing/storage-world.ts';

describe('storage', () => {
  it('a claim that waits for its first consumer: made in the zone of the chosen node, attached, used, and gone without a trace', () => {
    const world = new StorageWorld();
    const { uid } = world.addClaim('data', 'wait').metadata;
    world.pass(seconds(2));
    expect(world.claim('data')?.status?.phase).toBe('Pending');
    world.addPod('app', ['data']);
    world.until(() => world.isRunning('app'));
    const [volume] = world.volumes;
    expect(volume).toMatchObject({
      metadata: {
        name: `pvc-${uid}`,
        annotations: { 'pv.kubernetes.io/provisioned-by': world.driver.name },
        finalizers: expect.arrayContaining([
          'external-provisioner.volume.kubernetes.io/finalizer',
          'kubernetes.io/pv-protection',
          'external-attacher/memory-csi-slipway-dev',
        ]),
      },
      spec: {
        capacity: { storage: '1Gi' },
        claimRef: { name: 'data', namespace: 'default', uid },
        csi: { driver: world.driver.name, volumeHandle: 'vol-1' },
        nodeAffinity: {
          required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['a'] }] }] },
        },
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName: 'wait',
      },
      status: { phase: 'Bound' },
    });
    expect(world.claim('data')).toMatchObject({
      metadata: { annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' } },
      status: { phase: 'Bound', capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'] },
    });
    expect(world.attachments[0]).toMatchObject({
      metadata: { annotations: { 'csi.alpha.kubernetes.io/node-id': 'id-n1' } },
      spec: { nodeName: 'n1', attacher: world.driver.name },
      status: { attached: true, attachmentMetadata: { device: '/dev/vol-1' } },
    });
    expect(world.leftovers()).toEqual([]);
    expect(world.events('PersistentVolumeClaim')).toEqual([
      'WaitForFirstConsumer waiting for first consumer to be created before binding',
      expect.stringMatching(/^ExternalProvisioning Waiting for a volume to be created either by the external provisioner 'memory/),
      'Provisioning External provisioner is provisioning volume for claim "default/data"',
      `ProvisioningSucceeded Successfully provisioned volume pvc-${uid}`,
    ]);
    expect(world.events('Pod')).toEqual([`SuccessfulAttachVolume AttachVolume.Attach succeeded for volume "pvc-${uid}" `]);

    world.deleteClaim('data');
    world.pass(seconds(30));
    expect(world.claim('data')?.metadata.deletionTimestamp).toBeDefined();
    expect(world.isRunning('app')).toBe(true);
    world.deletePod('app');
    world.until(() => world.volumes.length === 0);
    expect([world.claims, world.volumes, world.attachments, [...world.driver.volumes.values()], world.driver.violations]).toEqual([
      [],
      [],
      [],
      [],
      [],
    ]);
  });
});
