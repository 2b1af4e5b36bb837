import { deployment, pod, service } from './objects.ts';
import { type Scene, second } from './scene.ts';

/** A machine joins, pods are put on it, and it goes for good; where nobody asks a cloud about it, its Node is deleted by hand. */
const comeAndGone: Scene = {
  name: 'machine-comes-and-goes',
  draw({ random, plugins: { cpi } }) {
    const time = random.integer(5, 15);
    const gone = time + random.integer(20, 40);
    const isAsked = cpi === undefined || cpi === 'aws';
    const byHand = !isAsked || random.chance(1, 4);
    return {
      objects: [deployment('wanders', random.integer(1, 2), { of: { strategy: {} } })],
      steps: [
        { at: second(time), addNodes: { name: 'brief', labels: { slipway: 'brief' } } },
        {
          at: second(time + 1),
          mayFail: true,
          apply: [deployment('guest', 1, { spec: { affinity: preferring('brief') } })],
        },
        { at: second(gone), mayFail: true, removeNode: 'brief' },
        ...(byHand ? [{ at: second(gone + random.integer(0, 10)), mayFail: true as const, delete: 'node/brief' }] : []),
      ],
    };
  },
};

const preferring = (label: string): object => ({
  nodeAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 100, preference: { matchExpressions: [{ key: 'slipway', operator: 'In', values: [label] }] } },
    ],
  },
});

/** What belongs to somebody, and what nobody's finalizer lets go at once. */
const lifecycles: Scene = {
  name: 'owners-and-finalizers',
  draw({ random }) {
    const time = random.integer(8, 25);
    const finalizers = ['slipway.dev/keep'];
    const held = random.chance(1, 2) ? 'pod/held' : 'configmap/held';
    const object =
      held === 'pod/held' ? pod('held') : { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'held' }, data: { colour: 'blue' } };
    return {
      objects: [
        { ...object, metadata: { ...(object['metadata'] as object), finalizers } },
        deployment('parent', random.integer(1, 2)),
        service('parent', 'parent'),
      ],
      steps: [
        { at: second(time), mayFail: true, delete: held },
        {
          at: second(time + random.integer(1, 30)),
          mayFail: true,
          patch: { of: held, type: 'merge', with: { metadata: { finalizers: null } } },
        },
        { at: second(time + random.integer(0, 20)), mayFail: true, delete: 'deployment/parent' },
        ...(random.chance(1, 2) ? [{ at: second(time + random.integer(0, 20)), mayFail: true as const, delete: 'service/parent' }] : []),
      ],
    };
  },
};

/** A disk for images that is soon full: those that nobody uses are collected, just when others are pulled. */
const images: Scene = {
  name: 'image-collection',
  draw({ random, nodes }) {
    const node = nodes[0] ?? 'node-1';
    const onNode = { nodeSelector: { 'kubernetes.io/hostname': node } };
    const first = ['nginx:1.26', 'redis:7.2', 'nginx:1.25'];
    const old = first.slice(0, random.integer(2, 3));
    const time = random.integer(10, 30);
    // The collector looks every five minutes from when its kubelet started, and takes only what it saw the time before.
    const collected = 599_300 + 100 * random.integer(0, 10);
    return {
      capacity: { cpu: '4', memory: '16Gi', pods: 110, 'ephemeral-storage': '90Mi' },
      objects: old.map((image, index) => pod(`old-${index + 1}`, { container: { image }, spec: onNode })),
      steps: [
        { at: second(time), mayFail: true, delete: old.map((_, index) => `pod/old-${index + 1}`) },
        { at: `${collected}ms`, mayFail: true, apply: [pod('new', { container: { image: 'httpd:2.4' }, spec: onNode })] },
        ...(random.chance(1, 2)
          ? [{ at: `${collected + 1_000 * random.integer(0, 3)}ms`, mayFail: true as const, apply: [pod('newer', { spec: onNode })] }]
          : []),
      ],
    };
  },
};

/** Pods with work to do before and after, and such as fail. */
const programs: Scene = {
  name: 'programs',
  draw({ random }) {
    const time = random.integer(5, 30);
    const before = (name: string, exit: number): object => ({
      name,
      image: 'busybox:1.36',
      command: ['sh', '-c', `sleep 1; exit ${exit}`],
    });
    const sidecar = { name: 'beside', image: 'busybox:1.36', command: ['sh', '-c', 'sleep 3600'], restartPolicy: 'Always' };
    const initContainers = [
      before('one', 0),
      ...(random.chance(1, 2) ? [before('two', 0)] : []),
      ...(random.chance(1, 3) ? [sidecar] : []),
    ];
    const crashing = { image: 'busybox:1.36', command: ['sh', '-c', `sleep ${random.integer(1, 6)}; exit 1`], ports: [] };
    return {
      objects: [
        deployment('prepared', random.integer(1, 2), { spec: { initContainers } }),
        pod('crashing', { container: crashing, spec: { restartPolicy: random.pick(['Always', 'OnFailure']) } }),
        pod('once', {
          container: { ...crashing, command: ['sh', '-c', 'sleep 3'] },
          spec: { restartPolicy: random.pick(['Never', 'OnFailure']) },
        }),
      ],
      steps: [
        { at: second(time), mayFail: true, delete: { of: { podOf: 'deployment/prepared' } } },
        { at: second(time + random.integer(10, 40)), mayFail: true, delete: 'pod/crashing' },
      ],
    };
  },
};

export const machineScenes: readonly Scene[] = [comeAndGone, lifecycles, images, programs];
