import type { PersistentVolumeClaim, Pod, StatefulSet } from '@slipway/kube';
import type { World } from '@slipway/simulator';
import { type Measured, timed } from '../measurement.ts';
import { boot, createPods, PodCount, podNamed, worldOf } from '../worlds.ts';

const NODES = 10;
const CYCLES = 100;
const STATEFUL_NODES = 100;
const STATEFUL_PODS = 1_000;

const claimNamed = (name: string): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'default' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});

function podWithClaim(name: string): Pod {
  const pod = podNamed(name, { volumeMounts: [{ name: 'data', mountPath: '/data' }] });
  return { ...pod, spec: { ...pod.spec, volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }] } };
}

/** A claim is provisioned, attached and mounted for a pod of its own; a hundred at a time. */
export function provisionAttachMount(): Measured {
  const world = worldOf(NODES);
  boot(world);
  const count = new PodCount(world);
  const { seconds } = timed(() => {
    world.user.spawn('create', createAll(world));
    count.untilRunning(CYCLES);
  });
  const bound = [...world.server.objects('volumeattachments')].length;
  if (bound !== CYCLES) throw new Error(`${bound} of ${CYCLES} volumes are attached`);
  return { value: CYCLES / seconds };
}

function* createAll(world: World) {
  const names = Array.from({ length: CYCLES }, (_, index) => `pod-${index}`);
  for (const name of names) yield* world.api.persistentvolumeclaims.create(claimNamed(name));
  yield* createPods(world, names.map(podWithClaim));
}

/** One StatefulSet, all of whose pods come at once, each with a claim from its template. */
export function statefulPods(): Measured {
  const world = worldOf(STATEFUL_NODES);
  boot(world);
  const count = new PodCount(world);
  const { spec } = podNamed('template', { volumeMounts: [{ name: 'data', mountPath: '/data' }] });
  const set: StatefulSet = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      serviceName: 'db',
      replicas: STATEFUL_PODS,
      podManagementPolicy: 'Parallel',
      selector: { matchLabels: { app: 'db' } },
      template: { metadata: { labels: { app: 'db' } }, spec },
      volumeClaimTemplates: [{ ...claimNamed('data'), metadata: { name: 'data' } }],
    },
  };
  const { seconds } = timed(() => {
    world.kernel.complete(world.user, 'create', world.api.statefulsets.create(set));
    count.untilRunning(STATEFUL_PODS);
  });
  return { value: seconds * 1_000, note: `${Math.round(STATEFUL_PODS / seconds)} pods/s` };
}
