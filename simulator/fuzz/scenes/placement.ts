import { budget, deployment, pod } from './objects.ts';
import { type Manifest, type Scene, second } from './scene.ts';

/** Pods that must stand apart, or be spread: as many as there are machines at most. */
const apart: Scene = {
  name: 'apart',
  draw({ random, nodes }) {
    const replicas = random.integer(1, nodes.length);
    const labelSelector = { matchLabels: { app: 'apart' } };
    const topologyKey = 'kubernetes.io/hostname';
    const spec = random.chance(1, 2)
      ? { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector }] } } }
      : { topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable: 'DoNotSchedule', labelSelector }] };
    return {
      objects: [deployment('apart', replicas, { spec })],
      steps: [{ at: second(random.integer(10, 50)), mayFail: true, delete: { of: { podOf: 'deployment/apart' } } }],
    };
  },
};

/** Pods that each take a port of their machine. */
const hostPorts: Scene = {
  name: 'host-ports',
  draw({ random, nodes }) {
    const ports = [{ containerPort: 80, hostPort: 8_080 }, ...(random.chance(1, 3) ? [{ containerPort: 443, hostPort: 8_443 }] : [])];
    const of = random.chance(1, 2) ? {} : { strategy: { type: 'Recreate' } };
    const annotations = { 'slipway.dev/round': '1' };
    return {
      objects: [deployment('edge', random.integer(1, nodes.length), { container: { ports }, of })],
      steps: [
        { at: second(random.integer(10, 30)), mayFail: true, delete: { of: { podOf: 'deployment/edge' } } },
        {
          at: second(random.integer(20, 60)),
          mayFail: true,
          patch: { of: 'deployment/edge', with: { spec: { template: { metadata: { annotations } } } } },
        },
      ],
    };
  },
};

/** Pods of little importance fill a machine that an important one then needs. They find room elsewhere. */
const preemption: Scene = {
  name: 'preemption',
  draw({ random }) {
    const small = { name: 'small', capacity: { cpu: '1100m', memory: '4Gi', pods: 20 }, labels: { size: 'small' } };
    const replicas = random.integer(1, 3);
    const count = random.integer(1, 2);
    const cpu = `${Math.floor(900 / replicas)}m`;
    const preferred = [{ weight: 100, preference: { matchExpressions: [{ key: 'size', operator: 'In', values: ['small'] }] } }];
    const priorities: Manifest[] = [
      { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'urgent' }, value: 1000 },
      { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'idle' }, value: -10 },
    ];
    const filler = deployment('filler', replicas * count, {
      container: { resources: { requests: { cpu } } },
      spec: {
        priorityClassName: 'idle',
        affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } },
        terminationGracePeriodSeconds: random.pick([1, 5, 30]),
      },
    });
    const urgent = deployment('urgent', count, {
      container: { resources: { requests: { cpu: random.pick(['900m', '500m']) } } },
      spec: { priorityClassName: 'urgent', nodeSelector: { size: 'small' } },
    });
    const time = random.integer(15, 30);
    return {
      machines: [count === 1 ? small : { ...small, count }],
      objects: [
        ...priorities,
        filler,
        ...(random.chance(2, 3) ? [budget('filler', random.chance(1, 2) ? { maxUnavailable: 0 } : { maxUnavailable: 1 })] : []),
      ],
      steps: [
        { at: second(time), mayFail: true, apply: [urgent] },
        ...(random.chance(1, 3) ? [{ at: second(time + random.integer(0, 10)), mayFail: true as const, delete: 'deployment/urgent' }] : []),
      ],
    };
  },
};

/** A quota that has room for what is wanted and nothing more. */
const quota: Scene = {
  name: 'quota',
  draw({ random }) {
    const replicas = random.integer(1, 3);
    const namespace = 'team';
    const hard = { pods: replicas, 'requests.cpu': `${replicas * 100}m`, services: 1, 'count/configmaps': 3 };
    return {
      objects: [
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
        { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'tight', namespace }, spec: { hard } },
        deployment('counted', replicas, { namespace, container: { resources: { requests: { cpu: '100m' } } } }),
      ],
      steps: [
        { at: second(random.integer(10, 40)), mayFail: true, delete: { of: { podOf: 'deployment/team/counted' } } },
        // One too many: refused, and given back.
        { at: second(random.integer(10, 40)), mayFail: true, apply: [pod('one-too-many', { namespace })] },
        { at: second(random.integer(41, 60)), mayFail: true, delete: 'pod/team/one-too-many' },
      ],
    };
  },
};

/** Few addresses on a machine, and many pods one after the other: each address is used again. */
const fewAddresses: Scene = {
  name: 'few-addresses',
  draw({ random, nodes }) {
    const node = random.pick(nodes);
    const time = random.integer(8, 15);
    const replicas = random.integer(1, 3);
    return {
      nodeCIDRMaskSize: 29,
      objects: [deployment('many', replicas, { spec: { nodeSelector: { 'kubernetes.io/hostname': node } } })],
      steps: Array.from({ length: random.integer(3, 7) }, (_, index) => ({
        at: second(time + 4 * index + random.integer(0, 3)),
        mayFail: true as const,
        delete: { of: { podOf: 'deployment/many' }, ...(random.chance(1, 4) ? { force: true } : {}) },
      })),
    };
  },
};

/** More pods than a machine has addresses for, until some of them go: whoever got none tries again. */
const noAddresses: Scene = {
  name: 'no-addresses-left',
  draw({ random, nodes }) {
    const node = random.pick(nodes);
    const time = random.integer(15, 30);
    return {
      nodeCIDRMaskSize: 29,
      objects: [deployment('crowd', random.integer(6, 8), { spec: { nodeSelector: { 'kubernetes.io/hostname': node } } })],
      steps: [
        { at: second(time), mayFail: true, scale: { of: 'deployment/crowd', replicas: random.integer(0, 3) } },
        { at: second(time + random.integer(1, 20)), mayFail: true, delete: { of: { podOf: 'deployment/crowd' } } },
      ],
    };
  },
};

/** Pods that somebody put on a machine which is too small for all of them: its kubelet has the last word. */
const admission: Scene = {
  name: 'put-by-hand',
  draw({ random }) {
    const put = (name: string): Manifest =>
      pod(name, { container: { resources: { requests: { cpu: '300m' } } }, spec: { nodeName: 'narrow', restartPolicy: 'Never' } });
    const count = random.integer(2, 3);
    // Late enough that nothing from its start is in the way.
    const time = random.pick([20, 300]);
    return {
      machines: [{ name: 'narrow', capacity: { cpu: '400m', memory: '4Gi', pods: 20 } }],
      steps: Array.from({ length: count }, (_, index) => ({
        at: second(time + index * random.integer(0, 10)),
        mayFail: true as const,
        apply: [put(`put-${index + 1}`)],
      })),
    };
  },
};

/** A machine that keeps some pods off for a while, or drives them away. */
const taints: Scene = {
  name: 'taints',
  draw({ random, nodes }) {
    const node = random.pick(nodes);
    const effect = random.pick(['NoSchedule', 'NoExecute', 'NoExecute'] as const);
    const time = random.integer(10, 40);
    const end = time + random.integer(2, 40);
    const tolerationSeconds = random.integer(1, 30);
    const spec = { tolerations: [{ key: 'slipway.dev/keep-off', operator: 'Exists', effect: 'NoExecute', tolerationSeconds }] };
    return {
      objects: [deployment('patient', random.integer(1, 2), { spec }), deployment('shy', 1)],
      steps: [
        { at: second(time), mayFail: true, taint: { node, key: 'slipway.dev/keep-off', effect } },
        { at: second(end), mayFail: true, untaint: { node, key: 'slipway.dev/keep-off' } },
      ],
    };
  },
};

/** Drains that meet a budget which lets one pod go at a time. */
const drains: Scene = {
  name: 'drains',
  fits: () => true,
  draw({ random, nodes }) {
    const replicas = random.integer(2, 3);
    const spec = random.chance(1, 2) ? { minAvailable: replicas - 1 } : { maxUnavailable: 1 };
    const time = random.integer(12, 40);
    const drained = random.chance(1, 2) ? nodes : [random.pick(nodes)];
    const readinessProbe = { httpGet: { path: '/', port: 80 }, initialDelaySeconds: random.integer(0, 5), periodSeconds: 2 };
    return {
      objects: [deployment('steady', replicas, { container: { readinessProbe } }), budget('steady', spec)],
      steps: drained.flatMap((node, index) => [
        { at: second(time + 2 * index), mayFail: true as const, drain: { node, timeout: second(random.integer(5, 20)), force: true } },
        { at: second(time + 25 + index), mayFail: true as const, uncordon: node },
      ]),
    };
  },
};

export const placementScenes: readonly Scene[] = [
  apart,
  hostPorts,
  preemption,
  quota,
  fewAddresses,
  noAddresses,
  admission,
  taints,
  drains,
];
