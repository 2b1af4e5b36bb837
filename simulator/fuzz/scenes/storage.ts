import { claim, claimSpec, deployment, pod, sleeper, statefulSet, withVolume } from './objects.ts';
import { type Manifest, type Scene, second } from './scene.ts';

/** The default driver is one whose volumes grow and can be copied. */
const hasDisks: Scene['fits'] = ({ csi }) => csi === undefined || csi[0] === 'ebs';

/** A disk that grows under its pod, which may move meanwhile. */
const expansion: Scene = {
  name: 'expansion',
  fits: hasDisks,
  draw({ random }) {
    const time = random.integer(20, 40);
    const of = 'persistentvolumeclaim/grows';
    return {
      objects: [
        claim('grows'),
        deployment('grower', 1, {
          ...withVolume({ persistentVolumeClaim: { claimName: 'grows' } }),
          of: { strategy: { type: 'Recreate' } },
        }),
      ],
      steps: [
        { at: second(time), mayFail: true, patch: { of, with: { spec: { resources: { requests: { storage: '3Gi' } } } } } },
        ...(random.chance(1, 2)
          ? [{ at: second(time + random.integer(0, 5)), mayFail: true as const, delete: { of: { podOf: 'deployment/grower' } } }]
          : []),
        ...(random.chance(1, 3)
          ? [
              {
                at: second(time + random.integer(1, 20)),
                mayFail: true as const,
                patch: { of, with: { spec: { resources: { requests: { storage: '5Gi' } } } } },
              },
            ]
          : []),
      ],
    };
  },
};

/** A copy is taken of a disk, and another disk is made from it. */
const snapshot: Scene = {
  name: 'snapshot',
  fits: hasDisks,
  draw({ random }) {
    const time = random.integer(25, 35);
    const source = { volumeSnapshotClassName: 'ebs', source: { persistentVolumeClaimName: 'original' } };
    const copy = { dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'before' } };
    const restored: Manifest[] = [claim('copy', copy), pod('reader', withVolume({ persistentVolumeClaim: { claimName: 'copy' } }))];
    return {
      objects: [claim('original'), pod('writer', withVolume({ persistentVolumeClaim: { claimName: 'original' } }))],
      steps: [
        {
          at: second(time),
          mayFail: true,
          apply: [
            {
              apiVersion: 'snapshot.storage.k8s.io/v1',
              kind: 'VolumeSnapshotClass',
              metadata: { name: 'ebs' },
              driver: 'ebs.csi.aws.com',
              deletionPolicy: 'Delete',
            },
            { apiVersion: 'snapshot.storage.k8s.io/v1', kind: 'VolumeSnapshot', metadata: { name: 'before' }, spec: source },
          ],
        },
        ...(random.chance(2, 3) ? [{ at: second(time + random.integer(10, 30)), mayFail: true as const, apply: restored }] : []),
        ...(random.chance(1, 3)
          ? [{ at: second(time + random.integer(35, 50)), mayFail: true as const, delete: 'volumesnapshot/before' }]
          : []),
      ],
    };
  },
};

/** A claim is deleted while a pod uses it, and goes once the pod has gone. */
const deletedInUse: Scene = {
  name: 'claim-deleted-in-use',
  draw({ random }) {
    const time = random.integer(15, 30);
    const later = time + random.integer(0, 15);
    return {
      objects: [claim('leaving'), pod('last-user', { ...withVolume({ persistentVolumeClaim: { claimName: 'leaving' } }) })],
      steps: [
        { at: second(time), mayFail: true, delete: 'persistentvolumeclaim/leaving' },
        { at: second(later), mayFail: true, delete: 'pod/last-user' },
      ],
    };
  },
};

/** Pods whose volumes come and go with them. */
const ephemeral: Scene = {
  name: 'ephemeral-volumes',
  draw({ random }) {
    const replicas = random.integer(1, 2);
    return {
      objects: [
        deployment('scratch', replicas, {
          ...withVolume({ ephemeral: { volumeClaimTemplate: { spec: claimSpec() } } }),
          of: { strategy: { type: 'Recreate' } },
        }),
      ],
      steps: [
        { at: second(random.integer(10, 40)), mayFail: true, delete: { of: { podOf: 'deployment/scratch' } } },
        ...(random.chance(1, 2) ? [{ at: second(random.integer(30, 60)), mayFail: true as const, delete: 'deployment/scratch' }] : []),
      ],
    };
  },
};

/** Disks that each belong to one pod alone, under pods that are made anew elsewhere. */
const onePodOnly: Scene = {
  name: 'volumes-for-one-pod',
  fits: hasDisks,
  draw({ random, nodes }) {
    const node = random.pick(nodes);
    const template = { metadata: { name: 'data' }, spec: claimSpec({ accessModes: ['ReadWriteOncePod'] }) };
    const { container } = withVolume({});
    const time = random.integer(15, 40);
    const away = nodes.length > 1 && random.chance(2, 3);
    return {
      objects: [statefulSet('own', 1, { container: { ...sleeper, ...container }, of: { volumeClaimTemplates: [template] } })],
      steps: [
        ...(away ? [{ at: second(time), mayFail: true as const, cordon: node }] : []),
        {
          at: second(time + 1),
          mayFail: true,
          delete: { of: { podOf: 'statefulset/own' }, ...(random.chance(1, 3) ? { force: true } : {}) },
        },
        ...(away ? [{ at: second(time + random.integer(5, 30)), mayFail: true as const, uncordon: node }] : []),
      ],
    };
  },
};

/** Deployments whose only disk goes with them, and comes back with them. */
const reclaimed: Scene = {
  name: 'volumes-made-and-deleted',
  draw({ random }) {
    const count = random.integer(1, 3);
    const time = random.integer(10, 30);
    const names = Array.from({ length: count }, (_, index) => `brief-${index + 1}`);
    return {
      objects: names.flatMap((name) => [claim(name), pod(name, withVolume({ persistentVolumeClaim: { claimName: name } }))]),
      steps: names.map((name) => ({
        at: second(time + random.integer(0, 10)),
        mayFail: true as const,
        delete: [`pod/${name}`, `persistentvolumeclaim/${name}`],
      })),
    };
  },
};

export const storageScenes: readonly Scene[] = [expansion, snapshot, deletedInUse, ephemeral, onePodOnly, reclaimed];
