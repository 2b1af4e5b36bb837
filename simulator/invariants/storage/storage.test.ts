import type { PersistentVolume, PersistentVolumeClaim, VolumeAttachment } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { failure, Lab } from '../testing/lab.ts';

const ATTACHER = 'external-attacher/my-disks';
const DRIVER = 'csi/my-disks';
const accessMode = (mode: string) => ({ mount: {}, accessMode: { mode } });

function publish(lab: Lab, nodeId: string, answer: object = {}, mode = 'SINGLE_NODE_WRITER'): void {
  const request = { volumeId: 'vol-1', nodeId, readonly: false, volumeCapability: accessMode(mode) };
  lab.call('csi.Controller/ControllerPublishVolume', ATTACHER, DRIVER, request, answer);
}

function unpublish(lab: Lab, nodeId: string, answer: object = {}): void {
  lab.call('csi.Controller/ControllerUnpublishVolume', ATTACHER, DRIVER, { volumeId: 'vol-1', nodeId }, answer);
}

const remove = (lab: Lab, volumeId = 'vol-1'): void =>
  lab.call('csi.Controller/DeleteVolume', 'external-provisioner/my-disks', DRIVER, { volumeId });

describe('CSI-01 single-writer', () => {
  test('one node after the other, and many nodes of a shared volume, are silent', () => {
    const lab = new Lab(['CSI-01']);
    publish(lab, 'a');
    publish(lab, 'a');
    unpublish(lab, 'a');
    publish(lab, 'b');
    unpublish(lab, 'b');
    expect(lab.met('CSI-01')).toBe(3);
    publish(lab, 'a', {}, 'MULTI_NODE_MULTI_WRITER');
    publish(lab, 'b', {}, 'MULTI_NODE_MULTI_WRITER');
    expect(lab.violations).toEqual([]);
  });

  test('whoever asks for a second node is reported, even when the driver refuses', () => {
    const lab = new Lab(['CSI-01']);
    publish(lab, 'a');
    publish(lab, 'b', failure('FAILED_PRECONDITION'));
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'external-attacher/my-disks publishes volume vol-1 on b while it is published on a',
    ]);
  });

  test('a driver that publishes on a second node while the first is perhaps published is reported', () => {
    const lab = new Lab(['CSI-01']);
    publish(lab, 'a', failure('DEADLINE_EXCEEDED'));
    publish(lab, 'b', failure('FAILED_PRECONDITION'));
    unpublish(lab, 'b');
    expect(lab.violations).toEqual([]);
    publish(lab, 'b');
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'csi/my-disks published volume vol-1 on b while it may be published on a',
    ]);
  });
});

describe('CSI-02 stage-first', () => {
  const node = (lab: Lab, method: string, answer: object = {}): void => {
    const request = {
      volumeId: 'vol-1',
      stagingTargetPath: '/staging',
      targetPath: '/target',
      volumeCapability: accessMode('SINGLE_NODE_WRITER'),
    };
    lab.call(`csi.Node/${method}`, 'kubelet/node-1', 'my-disks/node-1', request, answer);
  };

  test('stage, then publish, is silent; so is a driver that does not stage', () => {
    const lab = new Lab(['CSI-02']);
    node(lab, 'NodeStageVolume');
    node(lab, 'NodePublishVolume');
    lab.call('csi.Node/NodePublishVolume', 'kubelet/node-2', 'my-files/node-2', { volumeId: 'fs-1', targetPath: '/target' });
    expect(lab.violations).toEqual([]);
  });

  test.each([
    ['without a stage', []],
    ['after a stage that failed', [['NodeStageVolume', failure('INTERNAL')]]],
    [
      'after an unstage that failed',
      [
        ['NodeStageVolume', {}],
        ['NodeUnstageVolume', failure('INTERNAL')],
      ],
    ],
  ] as const)('publish %s is reported', (_, before) => {
    const lab = new Lab(['CSI-02']);
    for (const [method, answer] of before) node(lab, method, answer);
    node(lab, 'NodePublishVolume');
    expect(lab.broken).toEqual(['CSI-02']);
  });
});

describe('CSI-05 create-idempotent', () => {
  const create = (lab: Lab, volumeId: string, requiredBytes = 10, capacityBytes = 10): void => {
    const request = { name: 'pvc-1', capacityRange: { requiredBytes }, volumeCapabilities: [accessMode('SINGLE_NODE_WRITER')] };
    lab.call('csi.Controller/CreateVolume', 'external-provisioner/my-disks', DRIVER, request, { volume: { volumeId, capacityBytes } });
  };

  test('the same volume again, and a new one after a delete, are silent', () => {
    const lab = new Lab(['CSI-05']);
    create(lab, 'vol-1');
    create(lab, 'vol-1');
    remove(lab);
    create(lab, 'vol-2');
    expect(lab.violations).toEqual([]);
  });

  test('a second volume under one name is reported', () => {
    const lab = new Lab(['CSI-05']);
    create(lab, 'vol-1');
    create(lab, 'vol-2');
    expect(lab.violations).toMatchObject([
      { id: 'CSI-05', message: 'csi/my-disks made vol-2 for the name pvc-1, which vol-1 has already' },
    ]);
  });

  test('the old volume for a larger request is reported: it should have been refused', () => {
    const lab = new Lab(['CSI-05']);
    create(lab, 'vol-1');
    create(lab, 'vol-1', 20);
    expect(lab.broken).toEqual(['CSI-05']);
  });
});

describe('CSI-07 delete-after-detach', () => {
  test('delete after unpublish is silent, before it is reported with the nodes', () => {
    const lab = new Lab(['CSI-07']);
    publish(lab, 'a');
    unpublish(lab, 'a');
    remove(lab);
    expect(lab.violations).toEqual([]);
    publish(lab, 'b');
    remove(lab);
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'external-provisioner/my-disks deletes volume vol-1, which is published on b',
    ]);
  });

  test('a machine that was taken away for good has nothing any more, even if another came under its name', () => {
    const lab = new Lab(['CSI-07']);
    const stand = (): void => void lab.nodes.set('node-1', { host: {} as never, cri: undefined });
    stand();
    lab.call('csi.Node/NodeGetInfo', 'kubelet/node-1', 'my-disks/node-1', {}, { nodeId: 'a' });
    publish(lab, 'a');
    stand();
    remove(lab);
    expect(lab.violations).toEqual([]);
    expect(lab.met('CSI-07')).toBe(1);
  });
});

describe('CSI-09 unpublish-missing-ok', () => {
  test('success and other errors are silent, NOT_FOUND is reported for each of the three calls', () => {
    const lab = new Lab(['CSI-09']);
    unpublish(lab, 'a');
    unpublish(lab, 'a', failure('UNAVAILABLE'));
    expect(lab.violations).toEqual([]);
    unpublish(lab, 'a', failure('NOT_FOUND'));
    for (const method of ['NodeUnpublishVolume', 'NodeUnstageVolume'])
      lab.call(`csi.Node/${method}`, 'kubelet/node-1', 'my-disks/node-1', { volumeId: 'vol-1' }, failure('NOT_FOUND'));
    expect(lab.broken).toEqual(['CSI-09', 'CSI-09', 'CSI-09']);
  });
});

const claim = (name: string, volumeName: string): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeName },
});

const volume = (name: string, handle = 'vol-1'): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, csi: { driver: 'my-disks', volumeHandle: handle } },
});

describe('CSI-11 binding-one-to-one', () => {
  function bind(lab: Lab, name: string, volumeName: string): void {
    const api = lab.as('persistentvolume-binder').persistentvolumeclaims;
    lab.run(api.create(claim(name, volumeName)));
    lab.run(api.patch({ namespace: 'default', name, subresource: 'status', patch: { status: { phase: 'Bound' } } }));
  }

  test('a claim for each volume is silent, a second claim of one volume is reported with the first', () => {
    const lab = new Lab(['CSI-11']);
    bind(lab, 'a', 'pv-1');
    bind(lab, 'b', 'pv-2');
    expect(lab.violations).toEqual([]);
    bind(lab, 'c', 'pv-1');
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'PersistentVolumeClaim default/c is bound to volume pv-1, as PersistentVolumeClaim default/a is',
    ]);
  });
});

describe('CSI-15 attachment-agrees', () => {
  function withAttachment(attached: boolean): Lab {
    const lab = new Lab(['CSI-15']);
    const attachment: VolumeAttachment = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name: 'csi-1' },
      spec: { attacher: 'my-disks', nodeName: 'node-1', source: { persistentVolumeName: 'pv-1' } },
    };
    const { persistentvolumes, csinodes, volumeattachments } = lab.as('kubectl');
    lab.run(persistentvolumes.create(volume('pv-1')));
    lab.run(
      csinodes.create({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'CSINode',
        metadata: { name: 'node-1' },
        spec: { drivers: [{ name: 'my-disks', nodeID: 'i-1' }] },
      }),
    );
    lab.run(volumeattachments.create(attachment));
    lab.run(volumeattachments.patch({ name: 'csi-1', subresource: 'status', patch: { status: { attached } } }));
    return lab;
  }

  test('an attachment of a published volume is silent at rest', () => {
    const lab = withAttachment(true);
    publish(lab, 'i-1');
    lab.atRest();
    expect(lab.violations).toEqual([]);
  });

  test('a published volume without attachment, and an attachment that the driver has undone, are reported', () => {
    const lab = withAttachment(true);
    publish(lab, 'i-2');
    lab.atRest();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'VolumeAttachment csi-1 says that vol-1 is attached to i-1, and the driver never said so',
      'volume vol-1 is published on i-2, and no VolumeAttachment says so',
    ]);
  });
});
