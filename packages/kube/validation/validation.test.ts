import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withDefaults } from '../defaulting/index.ts';
import type {
  ConfigMap,
  Container,
  CronJob,
  Deployment,
  EndpointSlice,
  Job,
  KubeObject,
  Lease,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodSpec,
  Secret,
  Service,
  ServiceSpec,
  StatefulSet,
  StorageClass,
} from '../types/index.ts';
import { fieldErrorText, validateCreate, validateUpdate } from './index.ts';

const texts = (object: KubeObject): readonly string[] => validateCreate(withDefaults(object)).map(fieldErrorText);
const changes = (object: KubeObject, old: KubeObject): readonly string[] =>
  validateUpdate(withDefaults(object), withDefaults(old)).map(fieldErrorText);

const meta = { name: 'x', namespace: 'default' };
const container: Container = { name: 'c', image: 'nginx' };

function pod(spec: Partial<PodSpec> = {}, metadata: Partial<Pod['metadata']> = {}): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { ...meta, ...metadata }, spec: { containers: [container], ...spec } };
}

function deployment(spec: Partial<Deployment['spec']> = {}): Deployment {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta,
    spec: { selector: { matchLabels: { app: 'web' } }, template, ...spec },
  };
}

describe('metadata', () => {
  it.each<[string, Partial<Pod['metadata']>, string]>([
    ['no name', { name: '' }, 'metadata.name: Required value: name or generateName is required'],
    ['no namespace', { namespace: '' }, 'metadata.namespace: Required value'],
    [
      'a finalizer without domain',
      { finalizers: ['x'] },
      'metadata.finalizers: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
    ],
    [
      'annotations too large',
      { annotations: { a: 'x'.repeat(256 * 1024) } },
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ],
  ])('%s', (_title, metadata, expected) => {
    expect(texts(pod({}, metadata))).toEqual([expected]);
  });

  it('names, labels and two controllers are refused', () => {
    expect(texts(pod({}, { name: 'Not_A_Name' }))[0]).toMatch(
      /^metadata\.name: Invalid value: "Not_A_Name": a lowercase RFC 1123 subdomain/,
    );
    expect(texts(pod({}, { labels: { a: 'not ok' } }))[0]).toMatch(/^metadata\.labels: Invalid value: "not ok": a valid label must be/);
    const owner = { apiVersion: 'v1', kind: 'X', name: 'o', uid: 'u', controller: true };
    expect(texts(pod({}, { ownerReferences: [owner, { ...owner, name: 'p' }] }))[0]).toContain(
      'Only one reference can have Controller set to true',
    );
  });

  it('scope: a cluster-scoped object has no namespace', () => {
    const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: meta, spec: {} };
    expect(texts(node)).toEqual(['metadata.namespace: Forbidden: not allowed on this type']);
  });

  it('update: identity is fixed, and a dying object gets no new finalizers', () => {
    expect(changes(pod({}, { uid: 'b' }), pod({}, { uid: 'a' }))).toEqual(['metadata.uid: Invalid value: "b": field is immutable']);
    const dying = { deletionTimestamp: '2024-01-01T00:00:00Z' };
    expect(changes(pod({}, { ...dying, finalizers: ['a.io/b'] }), pod({}, dying))).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"a.io/b"}',
    ]);
  });
});

describe('pod', () => {
  it('a plain pod is fine', () => {
    expect(texts(pod())).toEqual([]);
  });

  const withContainer = (more: Partial<Container>): Partial<PodSpec> => ({ containers: [{ ...container, ...more }] });

  it.each<[string, Partial<PodSpec>, readonly string[]]>([
    ['no containers', { containers: [] }, ['spec.containers: Required value']],
    ['no image', { containers: [{ name: 'c' }] }, ['spec.containers[0].image: Required value']],
    ['a name twice', { initContainers: [container] }, ['spec.initContainers[0].name: Duplicate value: "c"']],
    [
      'image with space',
      withContainer({ image: ' x' }),
      ['spec.containers[0].image: Invalid value: " x": must not have leading or trailing whitespace'],
    ],
    [
      'port out of range',
      withContainer({ ports: [{ containerPort: 70000 }] }),
      ['spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
    ],
    [
      'host port twice',
      withContainer({
        ports: [
          { containerPort: 80, hostPort: 80 },
          { containerPort: 81, hostPort: 80 },
        ],
      }),
      ['spec.containers[0].ports[1].hostPort: Duplicate value: "TCP//80"'],
    ],
    [
      'mount without volume',
      withContainer({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
      ['spec.containers[0].volumeMounts[0].name: Not found: "v"'],
    ],
    [
      'mount path twice',
      {
        ...withContainer({
          volumeMounts: [
            { name: 'v', mountPath: '/v' },
            { name: 'v', mountPath: '/v' },
          ],
        }),
        volumes: [{ name: 'v', emptyDir: {} }],
      },
      ['spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique'],
    ],
    [
      'request above limit',
      withContainer({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
      ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
    ],
    [
      'extended resource in parts',
      withContainer({ resources: { limits: { 'example.com/gpu': '500m' } } }),
      [
        'spec.containers[0].resources.limits[example.com/gpu]: Invalid value: "500m": must be an integer',
        'spec.containers[0].resources.requests[example.com/gpu]: Invalid value: "500m": must be an integer',
      ],
    ],
    [
      'liveness success threshold',
      withContainer({ livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
      ['spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1'],
    ],
    [
      'probe without handler',
      withContainer({ readinessProbe: {} }),
      ['spec.containers[0].readinessProbe: Required value: must specify a handler type'],
    ],
    [
      'two sources of a volume',
      { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] },
      ['spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
    ],
    [
      'toleration seconds',
      { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoSchedule', tolerationSeconds: 5 }] },
      ['spec.tolerations[0].effect: Invalid value: "NoSchedule": effect must be \'NoExecute\' when `tolerationSeconds` is set'],
    ],
    [
      'init container with probe',
      { initContainers: [{ name: 'i', image: 'x', livenessProbe: { tcpSocket: { port: 80 } } }] },
      ['spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always'],
    ],
    [
      'gated and placed',
      { schedulingGates: [{ name: 'g' }], nodeName: 'n' },
      ['spec.nodeName: Forbidden: cannot be set until all schedulingGates have been cleared'],
    ],
    [
      'env from two places',
      withContainer({ env: [{ name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
      ['spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty'],
    ],
  ])('%s', (_title, spec, expected) => {
    expect(texts(pod(spec))).toEqual(expected);
  });

  it('update: image, deadline, new tolerations and gates may change', () => {
    const old = pod({ schedulingGates: [{ name: 'g' }], tolerations: [{ key: 'a', operator: 'Exists' }] });
    const next = pod({
      containers: [{ ...container, image: 'nginx:2', imagePullPolicy: 'Always' }],
      schedulingGates: [],
      tolerations: [
        { key: 'a', operator: 'Exists' },
        { key: 'b', operator: 'Exists' },
      ],
      activeDeadlineSeconds: 5,
    });
    expect(changes(next, old)).toEqual([]);
  });

  it('update: anything else may not', () => {
    const [error] = changes(pod({ nodeSelector: { a: 'b' } }), pod());
    expect(error).toMatch(/^spec: Forbidden: pod updates may not change fields other than `spec\.containers\[\*\]\.image`/);
    expect(error).toContain('changed: spec.nodeSelector');
    expect(changes(pod({ containers: [container, { name: 'd', image: 'x' }] }), pod())).toEqual([
      'spec.containers: Forbidden: pod updates may not add or remove containers',
    ]);
    expect(changes(pod({ tolerations: [] }), pod({ tolerations: [{ key: 'a', operator: 'Exists' }] }))).toEqual([
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ]);
    expect(changes(pod({ activeDeadlineSeconds: 9 }), pod({ activeDeadlineSeconds: 5 }))).toEqual([
      'spec.activeDeadlineSeconds: Invalid value: 9: must be less than or equal to previous value',
    ]);
  });

  it('update: while gated the choice of nodes may become narrower only', () => {
    const gated = { schedulingGates: [{ name: 'g' }] };
    expect(changes(pod({ ...gated, nodeSelector: { a: 'b', c: 'd' } }), pod({ ...gated, nodeSelector: { a: 'b' } }))).toEqual([]);
    expect(changes(pod(gated), pod({ ...gated, nodeSelector: { a: 'b' } }))).toEqual([
      'spec.nodeSelector: Invalid value: {}: only additions to spec.nodeSelector are allowed (no mutations or deletions)',
    ]);
  });
});

describe('workloads', () => {
  it('deployment: a plain one is fine', () => {
    expect(texts(deployment())).toEqual([]);
  });

  it('deployment: selector, strategy, restart policy', () => {
    expect(texts(deployment({ selector: { matchLabels: { app: 'api' } } }))).toEqual([
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ]);
    expect(texts(deployment({ selector: {} }))).toEqual(['spec.selector: Invalid value: {}: empty selector is invalid for deployment']);
    expect(texts(deployment({ strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } }))).toEqual([
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
    ]);
    expect(texts(deployment({ strategy: { rollingUpdate: { maxUnavailable: '101%' } } }))).toEqual([
      'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
    ]);
    expect(texts(deployment({ progressDeadlineSeconds: 10, minReadySeconds: 10 }))).toEqual([
      'spec.progressDeadlineSeconds: Invalid value: 10: must be greater than minReadySeconds',
    ]);
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container], restartPolicy: 'Never' } } as const;
    expect(texts(deployment({ template }))).toEqual([
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ]);
    expect(texts(deployment({ replicas: -1 }))).toEqual(['spec.replicas: Invalid value: -1: must be greater than or equal to 0']);
  });

  it('deployment: the selector never changes', () => {
    const next = deployment({ selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } });
    expect(changes(next, deployment())).toEqual([
      'spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Exists"}]}: field is immutable',
    ]);
  });

  it('daemon set: one of the two numbers moves', () => {
    const set = (rollingUpdate: object): KubeObject => ({
      ...deployment({ updateStrategy: { rollingUpdate } } as object),
      kind: 'DaemonSet',
    });
    expect(texts(set({ maxUnavailable: 0, maxSurge: 1 }))).toEqual([]);
    expect(texts(set({ maxUnavailable: 0, maxSurge: 0 }))).toEqual([
      'spec.updateStrategy.rollingUpdate.maxUnavailable: Required value: cannot be 0 when maxSurge is 0',
    ]);
    expect(texts(set({ maxUnavailable: 1, maxSurge: 1 }))).toEqual([
      'spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero',
    ]);
  });

  it('stateful set: claims are volumes of its pods; most of the spec is fixed', () => {
    const set = (serviceName: string, replicas: number): StatefulSet => ({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: meta,
      spec: {
        ...deployment().spec,
        replicas,
        serviceName,
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ ...container, volumeMounts: [{ name: 'data', mountPath: '/data' }] }] },
        },
        volumeClaimTemplates: [
          { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
        ],
      } as StatefulSet['spec'],
    });
    expect(texts(set('s', 1))).toEqual([]);
    expect(changes(set('s', 2), set('s', 1))).toEqual([]);
    expect(changes(set('t', 1), set('s', 1))[0]).toMatch(/^spec: Forbidden: updates to statefulset spec for fields other than 'replicas'/);
  });

  const job = (spec: Partial<Job['spec']> = {}): Job => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: meta,
    spec: { template: { spec: { containers: [container], restartPolicy: 'Never' } }, ...spec },
  });

  it('job: restart policy, completions, and what is fixed', () => {
    expect(texts(job())).toEqual([]);
    expect(texts(job({ template: { spec: { containers: [container] } } }))).toEqual([
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ]);
    expect(texts(job({ completionMode: 'Indexed', parallelism: 1 }))).toEqual([
      'spec.completions: Required value: when completion mode is Indexed',
    ]);
    expect(changes(job({ completions: 3, parallelism: 1 }), job({ completions: 2, parallelism: 1 }))).toEqual([
      'spec.completions: Invalid value: 3: field is immutable',
    ]);
    const elastic = (count: number): Job => job({ completionMode: 'Indexed', completions: count, parallelism: count });
    expect(changes(elastic(5), elastic(3))).toEqual([]);
    const other = { spec: { containers: [{ ...container, image: 'other' }], restartPolicy: 'Never' } } as const;
    expect(changes(job({ template: other }), job())[0]).toMatch(/^spec\.template: Invalid value/);
    expect(changes(job({ template: other, suspend: true }), job({ suspend: true }))).toEqual([]);
  });

  it.each([
    ['*/5 * * * *', true],
    ['0 0 1,15 jan-mar mon-fri', true],
    ['@hourly', true],
    ['0 25 * * *', false],
    ['* * * *', false],
    ['*/0 * * * *', false],
    ['5-1 * * * *', false],
    ['TZ=UTC * * * * *', false],
  ])('cron job: schedule %s is fine: %s', (schedule, fine) => {
    const cron: CronJob = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: meta,
      spec: { schedule, jobTemplate: { spec: job().spec } },
    };
    expect(texts(cron).length === 0).toBe(fine);
  });

  it.each<[string, Partial<CronJob['spec']>, string]>([
    ['schedule', { schedule: '61 * * * *' }, 'Invalid value: "61 * * * *": end of range (61) above maximum (59): 61'],
    [
      'schedule',
      { schedule: 'CRON_TZ=UTC * * * * *' },
      'Invalid value: "CRON_TZ=UTC * * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
    ],
    ['timeZone', { timeZone: '' }, 'Invalid value: "": timeZone must be nil or non-empty string'],
    ['timeZone', { timeZone: 'Europe/../x' }, 'Invalid value: "Europe/../x": unknown time zone Europe/../x'],
    [
      'timeZone',
      { timeZone: 'local' },
      'Invalid value: "local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
    ],
    ['startingDeadlineSeconds', { startingDeadlineSeconds: -1 }, 'Invalid value: -1: must be greater than or equal to 0'],
  ])('cron job: %s is refused as upstream does: %j', (field, spec, message) => {
    const whole: CronJob['spec'] = { schedule: '@hourly', jobTemplate: { spec: job().spec }, ...spec };
    const cronJob: CronJob = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: meta, spec: whole };
    expect(texts(cronJob)).toEqual([`spec.${field}: ${message}`]);
  });
});

describe('services', () => {
  const service = (spec: ServiceSpec): Service => ({ apiVersion: 'v1', kind: 'Service', metadata: meta, spec });

  it.each<[string, ServiceSpec, readonly string[]]>([
    ['plain', { ports: [{ port: 80 }] }, []],
    ['headless without ports', { clusterIP: 'None' }, []],
    ['no ports', {}, ['spec.ports: Required value']],
    [
      'two ports without names',
      { ports: [{ port: 80 }, { port: 81 }] },
      ['spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
    ],
    [
      'node port on a cluster address',
      { ports: [{ port: 80, nodePort: 30000 }] },
      ["spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
    ],
    [
      'headless balancer',
      { type: 'LoadBalancer', clusterIP: 'None', ports: [{ port: 80 }] },
      ['spec.clusterIPs[0]: Invalid value: "None": may not be set to \'None\' for LoadBalancer services'],
    ],
    ['external name missing', { type: 'ExternalName' }, ['spec.externalName: Required value']],
    [
      'no address',
      { clusterIP: 'x', ports: [{ port: 80 }] },
      ['spec.clusterIPs[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
    ],
  ])('%s', (_title, spec, expected) => {
    expect(texts(service(spec))).toEqual(expected);
  });

  it('update: the cluster address stays', () => {
    const at = (clusterIP: string): Service => service({ clusterIP, ports: [{ port: 80 }] });
    expect(changes(at('10.0.0.2'), at('10.0.0.1'))).toEqual(['spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set']);
    expect(changes(service({ type: 'ExternalName', externalName: 'a.b' }), at('10.0.0.1'))).toEqual([]);
  });

  it('endpoint slice: addresses fit their type, which never changes', () => {
    const slice = (addressType: 'IPv4' | 'IPv6', address: string): EndpointSlice => ({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: meta,
      addressType,
      endpoints: [{ addresses: [address] }],
    });
    expect(texts(slice('IPv4', '10.0.0.1'))).toEqual([]);
    expect(texts(slice('IPv4', '::1'))).toEqual(['endpoints[0].addresses[0]: Invalid value: "::1": must be an IPv4 address']);
    expect(changes(slice('IPv6', '::1'), slice('IPv4', '10.0.0.1'))).toEqual(['addressType: Invalid value: "IPv6": field is immutable']);
  });
});

describe('configuration', () => {
  const configMap = (more: Partial<ConfigMap>): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta, ...more });
  const secret = (more: Partial<Secret>): Secret => ({ apiVersion: 'v1', kind: 'Secret', metadata: meta, ...more });

  it('sizes, keys and frozen data', () => {
    expect(texts(configMap({ data: { a: 'x'.repeat(2 ** 20 + 1) } }))).toEqual([': Too long: may not be more than 1048576 bytes']);
    expect(texts(configMap({ data: { 'a/b': '' } }))[0]).toMatch(/^data\[a\/b\]: Invalid value: "a\/b": a valid config key must consist/);
    expect(changes(configMap({ immutable: true, data: { a: '2' } }), configMap({ immutable: true, data: { a: '1' } }))).toEqual([
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
    expect(changes(configMap({ data: { a: '2' } }), configMap({ data: { a: '1' } }))).toEqual([]);
  });

  it('secrets: a type asks for keys and stays', () => {
    expect(texts(secret({ type: 'kubernetes.io/tls', stringData: { 'tls.crt': 'x' } }))).toEqual(['data[tls.key]: Required value']);
    expect(changes(secret({ type: 'a.io/b' }), secret({}))).toEqual(['type: Invalid value: "a.io/b": field is immutable']);
  });
});

describe('storage', () => {
  const claim = (
    spec: PersistentVolumeClaim['spec'],
    status: PersistentVolumeClaim['status'] = { phase: 'Bound', capacity: { storage: '1Gi' } },
  ): PersistentVolumeClaim => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: meta,
    spec: { accessModes: ['ReadWriteOnce'], ...spec },
    status,
  });
  const sized = (storage: string, more: PersistentVolumeClaim['spec'] = {}) => ({ resources: { requests: { storage } }, ...more });

  it('claim: needs modes and a size', () => {
    expect(texts(claim(sized('1Gi')))).toEqual([]);
    expect(texts(claim({ accessModes: [] }))).toEqual([
      'spec.accessModes: Required value: at least 1 access mode is required',
      'spec.resources[storage]: Required value',
    ]);
    expect(texts(claim(sized('0')))).toEqual(['spec.resources[storage]: Invalid value: "0": must be greater than zero']);
    expect(texts(claim(sized('1Gi', { accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] })))).toEqual([
      'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    ]);
  });

  it('claim: grows while bound, and shrinks back only above what the volume has', () => {
    expect(changes(claim(sized('2Gi')), claim(sized('1Gi')))).toEqual([]);
    expect(changes(claim(sized('2Gi'), { phase: 'Pending' }), claim(sized('1Gi'), { phase: 'Pending' }))[0]).toMatch(
      /^spec: Forbidden: spec is immutable after creation/,
    );
    expect(changes(claim(sized('2Gi')), claim(sized('3Gi')))).toEqual([]);
    expect(changes(claim(sized('1Gi')), claim(sized('3Gi')))).toEqual([
      'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
    ]);
    expect(changes(claim(sized('1Gi', { volumeName: 'v' })), claim(sized('1Gi')))).toEqual([]);
    expect(changes(claim(sized('1Gi', { volumeName: 'w' })), claim(sized('1Gi', { volumeName: 'v' })))).toHaveLength(1);
  });

  it('volume and class: the source and the provisioner are fixed', () => {
    const volume = (volumeHandle: string): PersistentVolume => ({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'v' },
      spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], csi: { driver: 'ebs.csi.aws.com', volumeHandle } },
    });
    expect(texts(volume('a'))).toEqual([]);
    expect(changes(volume('b'), volume('a'))).toEqual([
      'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation',
    ]);
    const storageClass = (provisioner: string): StorageClass => ({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'c' },
      provisioner,
    });
    expect(texts(storageClass('kubernetes.io/no-provisioner'))).toEqual([]);
    expect(changes(storageClass('b'), storageClass('a'))).toEqual(['provisioner: Forbidden: updates to provisioner are forbidden.']);
  });
});

describe('nodes and leases', () => {
  const node = (spec: Node['spec']): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec });

  it('node: taints are unique by key and effect; range and provider id are written once', () => {
    const taint = { key: 'a', value: 'x', effect: 'NoSchedule' } as const;
    expect(texts(node({ taints: [taint, { ...taint, value: 'y' }] }))[0]).toContain('taints must be unique by key and effect pair');
    expect(changes(node({ podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'], providerID: 'a' }), node({}))).toEqual([]);
    expect(changes(node({ providerID: 'b' }), node({ providerID: 'a' }))).toEqual([
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ]);
  });

  it('lease: lasts', () => {
    const lease: Lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: meta, spec: { leaseDurationSeconds: 0 } };
    expect(texts(lease)).toEqual(['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']);
  });
});

describe('validation as a whole', () => {
  const objects: readonly KubeObject[] = [
    pod(),
    deployment(),
    { ...deployment(), kind: 'ReplicaSet' },
    { ...deployment(), kind: 'StatefulSet' },
  ];

  it('property: what is valid may be written again unchanged', () => {
    fc.assert(
      fc.property(fc.constantFrom(...objects), (object) => {
        expect(texts(object)).toEqual([]);
        expect(changes(object, JSON.parse(JSON.stringify(object)))).toEqual([]);
      }),
    );
  });

  it('custom kinds: have their metadata checked by the kind that is given', () => {
    const ship = { apiVersion: 'example.com/v1', kind: 'Ship', metadata: { name: 'S', namespace: 'd' } };
    expect(validateCreate(ship)).toEqual([]);
    const kind = { ...({} as object), group: 'example.com', kind: 'Ship', namespaced: true };
    expect(validateCreate(ship, kind as Parameters<typeof validateCreate>[1])).toHaveLength(1);
  });
});
