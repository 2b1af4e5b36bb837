import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  CronJob,
  DaemonSet,
  Deployment,
  Job,
  KubeObject,
  Namespace,
  Node,
  Pod,
  PodSpec,
  Service,
  StatefulSet,
} from '../types/index.ts';
import { defaultPullPolicy, withDefaults, withJobSelector } from './index.ts';

const containers = [{ name: 'c', image: 'nginx' }];

function pod(spec: Partial<PodSpec> = {}): Pod {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers, ...spec } };
}

const deployment: Deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'd' },
  spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers } } },
};

const job: Job = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'j' },
  spec: { template: { spec: { containers, restartPolicy: 'Never' } } },
};

const objects: readonly KubeObject[] = [
  pod(),
  pod({ hostNetwork: true, containers: [{ name: 'c', image: 'x', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } }] }),
  pod({ resources: { limits: { cpu: '2' } } }),
  deployment,
  job,
  { ...deployment, kind: 'DaemonSet' },
  { ...deployment, kind: 'StatefulSet' },
  { ...deployment, kind: 'ReplicaSet' },
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }], sessionAffinity: 'ClientIP' },
  } as Service,
  { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec: {} } as KubeObject,
  { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'c' }, provisioner: 'x' } as KubeObject,
];

describe('defaulting', () => {
  it.each(objects.map((object) => [object.kind, object] as const))(
    '%s: a second time changes nothing, not even the reference',
    (_kind, object) => {
      const once = withDefaults(object);
      expect(withDefaults(once)).toBe(once);
      expect(once).toMatchObject(JSON.parse(JSON.stringify(object)));
    },
  );

  it('pod: what upstream fills in', () => {
    expect(withDefaults(pod())).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      spec: {
        containers: [
          {
            name: 'c',
            image: 'nginx',
            terminationMessagePath: '/dev/termination-log',
            terminationMessagePolicy: 'File',
            imagePullPolicy: 'Always',
          },
        ],
        dnsPolicy: 'ClusterFirst',
        restartPolicy: 'Always',
        schedulerName: 'default-scheduler',
        terminationGracePeriodSeconds: 30,
        securityContext: {},
        enableServiceLinks: true,
      },
      status: { phase: 'Pending' },
    });
  });

  it('pod: limits become requests, host ports follow, on pods but not on templates', () => {
    const container = {
      name: 'c',
      image: 'x:1',
      ports: [{ containerPort: 80 }],
      resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { memory: '1Mi' } },
    };
    const spec = { hostNetwork: true, containers: [container] };
    const [own] = withDefaults(pod(spec)).spec.containers;
    expect(own?.resources?.requests).toEqual({ memory: '1Mi', cpu: '1' });
    expect(own?.ports).toEqual([{ containerPort: 80, protocol: 'TCP', hostPort: 80 }]);
    const [templated] = withDefaults({ ...deployment, spec: { ...deployment.spec, template: { spec } } }).spec.template.spec.containers;
    expect(templated?.resources?.requests).toEqual({ memory: '1Mi' });
    expect(templated?.ports).toEqual([{ containerPort: 80, protocol: 'TCP' }]);
  });

  it('pod: probes, volumes and pod-level requests', () => {
    const spec = withDefaults(
      pod({
        containers: [{ name: 'c', image: 'x', livenessProbe: { httpGet: { port: 80 } }, resources: { requests: { cpu: '250m' } } }],
        volumes: [
          { name: 'none' },
          { name: 's', secret: { secretName: 's' } },
          { name: 'p', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
        ],
        resources: { limits: { cpu: '2', memory: '1Gi' } },
      }),
    ).spec;
    expect(spec.containers[0]?.livenessProbe).toEqual({
      httpGet: { port: 80, path: '/', scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    });
    expect(spec.volumes).toEqual([
      { name: 'none', emptyDir: {} },
      { name: 's', secret: { secretName: 's', defaultMode: 0o644 } },
      { name: 'p', projected: { sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }], defaultMode: 0o644 } },
    ]);
    expect(spec.resources?.requests).toEqual({ cpu: '250m', memory: '1Gi' });
  });

  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    ['host:5000/nginx', 'Always'],
    ['host:5000/nginx:1', 'IfNotPresent'],
    ['nginx@sha256:abc', 'IfNotPresent'],
    ['nginx:latest@sha256:abc', 'Always'],
  ] as const)('pull policy: %s is %s', (image, policy) => {
    expect(defaultPullPolicy(image)).toBe(policy);
  });

  it('workloads: rollout numbers', () => {
    expect(withDefaults(deployment).spec).toMatchObject({
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    });
    const daemons: DaemonSet = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: deployment.metadata, spec: deployment.spec };
    expect(withDefaults(daemons).spec.updateStrategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } });
    const claims = [{ metadata: { name: 'data' }, spec: {} }];
    const set: StatefulSet = {
      ...deployment,
      kind: 'StatefulSet',
      spec: { ...deployment.spec, volumeClaimTemplates: claims },
    } as StatefulSet;
    expect(withDefaults(set).spec).toMatchObject({
      podManagementPolicy: 'OrderedReady',
      updateStrategy: { rollingUpdate: { partition: 0 } },
      volumeClaimTemplates: [{ kind: 'PersistentVolumeClaim', spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } }],
    });
  });

  it('jobs: one pod when no number is given, a work queue with parallelism alone', () => {
    expect(withDefaults(job).spec).toMatchObject({
      completions: 1,
      parallelism: 1,
      backoffLimit: 6,
      completionMode: 'NonIndexed',
      suspend: false,
    });
    const queue = withDefaults({ ...job, spec: { ...job.spec, parallelism: 3, backoffLimitPerIndex: 1 } }).spec;
    expect([queue.completions, queue.parallelism, queue.backoffLimit]).toEqual([undefined, 3, 2 ** 31 - 1]);
    const cron: CronJob = {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'c' },
      spec: { schedule: '* * * * *', jobTemplate: { spec: job.spec } },
    };
    expect(withDefaults(cron).spec).toMatchObject({ concurrencyPolicy: 'Allow', successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
    expect(withDefaults(cron).spec.jobTemplate.spec.completions).toBeUndefined();
  });

  it("jobs: the server's selector is made of the uid, and a manual one is left alone", () => {
    const made = withJobSelector(job, 'uid-1');
    expect(made.spec.selector).toEqual({ matchLabels: { 'batch.kubernetes.io/controller-uid': 'uid-1' } });
    expect(made.spec.template.metadata?.labels).toMatchObject({ 'job-name': 'j', 'controller-uid': 'uid-1' });
    const manual: Job = { ...job, spec: { ...job.spec, manualSelector: true, selector: { matchLabels: { a: 'b' } } } };
    expect(withJobSelector(manual, 'uid-1')).toBe(manual);
  });

  it('service, namespace and node', () => {
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's' },
      spec: { type: 'NodePort', ports: [{ port: 80 }] },
    };
    expect(withDefaults(service).spec).toEqual({
      type: 'NodePort',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      externalTrafficPolicy: 'Cluster',
    });
    const namespace: Namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } };
    expect(withDefaults(namespace)).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'n' } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
    const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: {}, status: { capacity: { cpu: '4' } } };
    expect(withDefaults(node).status?.allocatable).toEqual({ cpu: '4' });
  });

  it("property: an author's values always win", () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('Never' as const, 'OnFailure' as const), fc.string(), (grace, restartPolicy, schedulerName) => {
        const given = { terminationGracePeriodSeconds: grace, restartPolicy, schedulerName };
        expect(withDefaults(pod(given)).spec).toMatchObject(given);
      }),
    );
  });
});
