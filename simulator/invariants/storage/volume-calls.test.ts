import type { PersistentVolume, PersistentVolumeClaim } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { failure, Lab } from '../testing/lab.ts';

const DRIVER = 'csi/my-disks';
const PROVISIONER = 'external-provisioner/my-disks';
const CAPABILITY = { mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } };

interface Wish {
  readonly name?: string;
  readonly bytes?: number;
  readonly zone?: string;
}

const request = ({ name = 'pvc-1', bytes = 10 }: Wish = {}) => ({
  name,
  capacityRange: { requiredBytes: bytes },
  volumeCapabilities: [CAPABILITY],
});

function answerOf(volumeId: string, { bytes = 10, zone }: Wish = {}): object {
  return { volume: { volumeId, capacityBytes: bytes, ...(zone ? { accessibleTopology: [{ segments: { zone } }] } : {}) } };
}

function create(lab: Lab, volumeId: string, wish: Wish = {}): void {
  lab.call('csi.Controller/CreateVolume', PROVISIONER, DRIVER, request(wish), answerOf(volumeId, wish));
}

const remove = (lab: Lab, volumeId = 'vol-1'): void => lab.call('csi.Controller/DeleteVolume', PROVISIONER, DRIVER, { volumeId });

/** Which volumes the driver says that there are. */
function list(lab: Lab, ...entries: readonly (readonly [volumeId: string, ...nodes: readonly string[]])[]): void {
  const answer = { entries: entries.map(([volumeId, ...publishedNodeIds]) => ({ volume: { volumeId }, status: { publishedNodeIds } })) };
  lab.call('csi.Controller/ListVolumes', 'external-attacher/my-disks', DRIVER, {}, answer);
}

const volumeOf = (name: string, handle = 'vol-1', policy: 'Delete' | 'Retain' = 'Delete'): PersistentVolume => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: {
    accessModes: ['ReadWriteOnce'],
    capacity: { storage: '2Gi' },
    persistentVolumeReclaimPolicy: policy,
    csi: { driver: 'my-disks', volumeHandle: handle },
  },
});

describe('CSI-05 create-idempotent', () => {
  test('an answer that was lost counts: the next one has to name the same volume', () => {
    const lab = new Lab(['CSI-05']);
    const seq = lab.kernel.record('call', PROVISIONER, 'csi.Controller/CreateVolume', undefined, [], request(), 0);
    lab.kernel.record('fault', DRIVER, 'csi.Controller/CreateVolume', undefined, ['answer lost'], answerOf('vol-1'), seq);
    create(lab, 'vol-2');
    expect(lab.violations.map(({ message }) => message)).toEqual(['csi/my-disks made vol-2 for the name pvc-1, which vol-1 has already']);
  });

  test('another answer to the same request is reported with what differs', () => {
    const lab = new Lab(['CSI-05']);
    create(lab, 'vol-1', { zone: 'a' });
    create(lab, 'vol-1', { zone: 'a' });
    expect(lab.violations).toEqual([]);
    create(lab, 'vol-1', { zone: 'b' });
    expect(lab.violations[0]?.message).toContain('answered the same request for pvc-1 differently: accessibleTopology');
  });

  test('a volume that has grown is no other answer', () => {
    const lab = new Lab(['CSI-05']);
    create(lab, 'vol-1');
    const wish = { volumeId: 'vol-1', capacityRange: { requiredBytes: 20 } };
    lab.call('csi.Controller/ControllerExpandVolume', 'external-resizer/my-disks', DRIVER, wish, { capacityBytes: 20 });
    lab.call('csi.Controller/CreateVolume', PROVISIONER, DRIVER, request(), answerOf('vol-1', { bytes: 20 }));
    expect(lab.violations).toEqual([]);
  });
});

describe('CSI-06 no-orphan-volume', () => {
  test('a volume with an object, one that was deleted, and one that is to be kept, are silent', () => {
    const lab = new Lab(['CSI-06']);
    create(lab, 'vol-1', { name: 'a' });
    lab.run(lab.as(PROVISIONER).persistentvolumes.create(volumeOf('a')));
    create(lab, 'vol-2', { name: 'b' });
    remove(lab, 'vol-2');
    create(lab, 'vol-3', { name: 'c' });
    lab.run(lab.as(PROVISIONER).persistentvolumes.create(volumeOf('c', 'vol-3', 'Retain')));
    lab.run(lab.as('kubectl').persistentvolumes.delete({ name: 'c' }));
    list(lab, ['vol-1'], ['vol-3']);
    lab.atRest();
    expect(lab.violations).toEqual([]);
  });

  test('a provisioner that was started anew has forgotten what it asked for', () => {
    const lab = new Lab(['CSI-06']);
    create(lab, 'vol-1');
    lab.call('csi.Identity/GetPluginInfo', PROVISIONER, DRIVER, {}, { name: 'my-disks' });
    lab.atRest();
    expect(lab.violations).toEqual([]);
  });

  test('one that belongs to nobody, and one that is listed after its delete, are reported', () => {
    const lab = new Lab(['CSI-06']);
    create(lab, 'vol-1');
    remove(lab, 'vol-2');
    list(lab, ['vol-1'], ['vol-2']);
    lab.atRest();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'csi/my-disks still lists vol-2, which it said was deleted',
      'volume vol-1, which csi/my-disks made for pvc-1, belongs to nobody: no PersistentVolume was ever made for it',
    ]);
  });
});

describe('CSI-06: disks of the cloud', () => {
  const begin = (lab: Lab): number => lab.kernel.record('call', PROVISIONER, 'csi.Controller/CreateVolume', undefined, [], request(), 0);
  const end = (lab: Lab, seq: number, answer: object): void => {
    const code = answer instanceof Error ? (answer as Error & { code: string }).code : 'OK';
    lab.kernel.record('answer', DRIVER, 'csi.Controller/CreateVolume', undefined, [code], answer, seq);
  };
  const disk = (lab: Lab, volumeId: string): void =>
    lab.call(
      'cloud.CloudApi/CreateVolume',
      DRIVER,
      'cloud/my-cloud',
      { clientToken: 'pvc-1', zone: 'a', sizeGiB: 1 },
      { volume: { volumeId } },
    );

  test('a disk that becomes the volume is silent, one that was made before it and left is reported', () => {
    const lab = new Lab(['CSI-06']);
    const first = begin(lab);
    disk(lab, 'disk-1');
    end(lab, first, failure('INTERNAL'));
    const second = begin(lab);
    disk(lab, 'disk-2');
    end(lab, second, answerOf('disk-2'));
    lab.run(lab.as(PROVISIONER).persistentvolumes.create(volumeOf('a', 'disk-2')));
    lab.atRest();
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'csi/my-disks made disk-1 for pvc-1, which got disk-2: nobody knows of it any more',
    ]);
    lab.call('cloud.CloudApi/DeleteVolume', DRIVER, 'cloud/my-cloud', { volumeId: 'disk-1' });
    lab.atRest();
    expect(lab.violations).toHaveLength(1);
  });
});

describe('CSI-13 capacity-honest', () => {
  const capacity = (lab: Lab, availableCapacity: number, zone = 'a'): void =>
    lab.call('csi.Controller/GetCapacity', PROVISIONER, DRIVER, { accessibleTopology: { segments: { zone } } }, { availableCapacity });

  test('what fits is silent, also after the room of others came free', () => {
    const lab = new Lab(['CSI-13']);
    capacity(lab, 20);
    create(lab, 'vol-1', { name: 'a', zone: 'a' });
    create(lab, 'vol-2', { name: 'b', zone: 'a' });
    create(lab, 'vol-3', { name: 'c', zone: 'b' });
    expect(lab.met('CSI-13')).toBe(2);
    remove(lab, 'vol-1');
    create(lab, 'vol-4', { name: 'd', zone: 'a', bytes: 20 });
    expect(lab.violations).toEqual([]);
  });

  test('a volume more than the pool has is reported', () => {
    const lab = new Lab(['CSI-13']);
    create(lab, 'vol-1', { name: 'a', zone: 'a' });
    capacity(lab, 5);
    create(lab, 'vol-2', { name: 'b', zone: 'a' });
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'csi/my-disks made vol-2 of 10 bytes, and has given out 20 of a pool of 15',
    ]);
  });

  test('room that was told while a volume was perhaps being made tells nothing', () => {
    const lab = new Lab(['CSI-13']);
    lab.call('csi.Controller/CreateVolume', PROVISIONER, DRIVER, request({ name: 'a' }), failure('DEADLINE_EXCEEDED'));
    capacity(lab, 5);
    create(lab, 'vol-1', { name: 'a', zone: 'a' });
    expect(lab.violations).toEqual([]);
  });
});

describe('CSI-14 expand-only-grows', () => {
  const expand = (lab: Lab, requiredBytes: number, capacityBytes: number): void => {
    const wish = { volumeId: 'vol-1', capacityRange: { requiredBytes } };
    lab.call('csi.Controller/ControllerExpandVolume', 'external-resizer/my-disks', DRIVER, wish, { capacityBytes });
  };

  test('sizes that grow or stay are silent', () => {
    const lab = new Lab(['CSI-14']);
    create(lab, 'vol-1');
    expand(lab, 20, 20);
    expand(lab, 15, 20);
    expect(lab.violations).toEqual([]);
    expect(lab.met('CSI-14')).toBe(2);
  });

  test('a volume that shrinks, and one that gets less than was asked for, are reported', () => {
    const lab = new Lab(['CSI-14']);
    create(lab, 'vol-1');
    expand(lab, 20, 15);
    expand(lab, 5, 5);
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'csi/my-disks gave volume vol-1 15 bytes where 20 were asked for',
      'csi/my-disks made volume vol-1 smaller: 15 bytes, then 5',
    ]);
  });

  test('an answer that the link does not let through is reported by its breach', () => {
    const lab = new Lab(['CSI-14']);
    const data = ['breach', 'capacity-reached', 'capacityBytes is 5'];
    lab.kernel.record('fault', DRIVER, 'csi.Controller/ControllerExpandVolume', 'vol-1', data);
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'csi/my-disks answered csi.Controller/ControllerExpandVolume of volume vol-1 with a size that was not asked for: capacityBytes is 5',
    ]);
  });

  test('an object whose size goes down is reported, unless a person wrote it', () => {
    const lab = new Lab(['CSI-14']);
    lab.run(lab.as(PROVISIONER).persistentvolumes.create(volumeOf('a')));
    const shrink = (actor: string, storage: string) =>
      lab.run(lab.as(actor).persistentvolumes.patch({ name: 'a', patch: { spec: { capacity: { storage } } } }));
    shrink('kubectl', '1Gi');
    shrink('external-resizer/my-disks', '3Gi');
    expect(lab.violations).toEqual([]);
    shrink('external-resizer/my-disks', '2Gi');
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'external-resizer/my-disks made PersistentVolume a smaller: 3Gi, then 2Gi',
    ]);
  });
});

describe('CSI-15 attachment-agrees', () => {
  const publish = (lab: Lab, nodeId: string): void =>
    lab.call('csi.Controller/ControllerPublishVolume', 'external-attacher/my-disks', DRIVER, {
      volumeId: 'vol-1',
      nodeId,
      volumeCapability: CAPABILITY,
    });

  test("a driver's own list that agrees is silent, one with a node less or more is reported", () => {
    const lab = new Lab(['CSI-15']);
    publish(lab, 'a');
    list(lab, ['vol-1', 'a']);
    expect(lab.violations).toEqual([]);
    list(lab, ['vol-1']);
    list(lab, ['vol-1', 'a', 'b']);
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'csi/my-disks lists vol-1 without a, on which it published it',
      'csi/my-disks lists vol-1 on b, from which it took it',
    ]);
  });

  test('while nobody knows how the taking back ended, the list tells nothing', () => {
    const lab = new Lab(['CSI-15']);
    publish(lab, 'a');
    const place = { volumeId: 'vol-1', nodeId: 'a' };
    lab.call('csi.Controller/ControllerUnpublishVolume', 'external-attacher/my-disks', DRIVER, place, failure('DEADLINE_EXCEEDED'));
    list(lab, ['vol-1']);
    expect(lab.violations).toEqual([]);
    publish(lab, 'a');
    list(lab, ['vol-1']);
    expect(lab.broken).toEqual(['CSI-15']);
  });

  test('a publish that was overtaken by its own undoing tells nothing', () => {
    const lab = new Lab(['CSI-15']);
    const wish = { volumeId: 'vol-1', nodeId: 'a', volumeCapability: CAPABILITY };
    const name = 'csi.Controller/ControllerPublishVolume';
    const seq = lab.kernel.record('call', 'external-attacher/my-disks', name, undefined, [], wish, 0);
    lab.call('csi.Controller/ControllerUnpublishVolume', 'external-attacher/my-disks', DRIVER, { volumeId: 'vol-1', nodeId: 'a' });
    lab.kernel.record('answer', DRIVER, name, undefined, ['OK'], {}, seq);
    lab.atRest();
    expect(lab.violations).toEqual([]);
  });
});

describe('CSI-11 and CSI-12: claims', () => {
  const claim: PersistentVolumeClaim = {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, volumeName: 'pv-1' },
  };
  const one = { namespace: 'default', name: 'data' };
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const letGo = (lab: Lab, actor = 'pvc-protection-controller'): void =>
    void lab.run(lab.as(actor).persistentvolumeclaims.patch({ ...one, patch: { metadata: { finalizers: null } } }));

  function used(): Lab {
    const lab = new Lab(['CSI-12']);
    lab.node('node-1');
    lab.run(lab.as('kubectl').persistentvolumeclaims.create(claim));
    lab.pod('web', { volumes });
    lab.bind('web', 'node-1');
    lab.run(lab.as('kubectl').persistentvolumeclaims.delete(one));
    return lab;
  }

  test('a claim that goes after its pod, and one that a person frees, are silent', () => {
    const lab = used();
    lab.run(lab.as('kubelet/node-1').pods.delete({ namespace: 'default', name: 'web', gracePeriodSeconds: 0 }));
    letGo(lab);
    const other = used();
    letGo(other, 'kubectl');
    expect([...lab.violations, ...other.violations]).toEqual([]);
    expect(lab.met('CSI-12')).toBe(1);
  });

  test('a claim that goes before its pod, and one that stays after it, are reported', () => {
    const lab = used();
    letGo(lab);
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'pvc-protection-controller let PersistentVolumeClaim default/data go, which Pod default/web uses',
    ]);
    const other = used();
    other.run(other.as('kubelet/node-1').pods.delete({ namespace: 'default', name: 'web', gracePeriodSeconds: 0 }));
    other.afterCalm();
    expect(other.violations.map(({ message }) => message)).toEqual([
      'PersistentVolumeClaim default/data is to go and no pod uses it, and it is still protected',
    ]);
  });

  test('a bound claim whose volume points at another is reported at rest', () => {
    const lab = new Lab(['CSI-11']);
    const bound = lab.run(lab.as('kubectl').persistentvolumeclaims.create(claim));
    lab.run(lab.as('kubectl').persistentvolumeclaims.patch({ ...one, subresource: 'status', patch: { status: { phase: 'Bound' } } }));
    const volume = volumeOf('pv-1');
    lab.run(
      lab.as('kubectl').persistentvolumes.create({ ...volume, spec: { ...volume.spec, claimRef: { ...one, uid: bound.metadata.uid } } }),
    );
    lab.atRest();
    expect(lab.violations).toEqual([]);
    lab.run(lab.as('kubectl').persistentvolumes.patch({ name: 'pv-1', patch: { spec: { claimRef: { name: 'other', uid: 'u-2' } } } }));
    lab.atRest();
    expect(lab.broken).toEqual(['CSI-11']);
  });
});
