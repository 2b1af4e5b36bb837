import { describe, expect, it } from 'vitest';
import type { KindMap } from '@slipway/kube';
import { sleep } from '@slipway/kernel';
import { configMap, node, pod, testWorld } from '../test-world.ts';

const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } } as const;

describe('ServiceAccount', () => {
  it('gives a pod its account and token; the pods of one template share the outcome', () => {
    const { api, run } = testWorld({ withoutAdmission: [] });
    run(api.serviceaccounts.create({ ...account, imagePullSecrets: [{ name: 'registry' }] }));
    const template = pod('t').spec;
    const first = run(api.pods.create({ ...pod('a'), spec: template }));
    const second = run(api.pods.create({ ...pod('b'), spec: template }));
    expect(first.spec).toMatchObject({ serviceAccountName: 'default', imagePullSecrets: [{ name: 'registry' }] });
    const [volume] = first.spec.volumes ?? [];
    expect(volume?.name).toMatch(/^kube-api-access-[a-z0-9]{5}$/);
    expect(first.spec.containers[0]?.volumeMounts).toEqual([
      { name: volume?.name, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ]);
    expect(second.spec).toBe(first.spec);
  });

  it('works anew once the account has changed', () => {
    const { api, run } = testWorld({ withoutAdmission: [] });
    run(api.serviceaccounts.create(account));
    const template = pod('t').spec;
    run(api.pods.create({ ...pod('a'), spec: template }));
    run(api.serviceaccounts.update({ ...account, automountServiceAccountToken: false }));
    expect(run(api.pods.create({ ...pod('b'), spec: template })).spec.volumes).toBeUndefined();
  });

  it('refuses a pod whose account is missing', () => {
    const { api, failure } = testWorld({ withoutAdmission: [] });
    expect(failure(api.pods.create(pod('a')))).toEqual({
      code: 'Forbidden',
      message: 'pods "a" is forbidden: error looking up service account default/default: serviceaccount "default" not found',
    });
  });
});

describe('Priority', () => {
  const priorityClass = (name: string, value: number, globalDefault = false) =>
    ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name }, value, globalDefault }) as const;

  it('takes it from the class, else from the default class, else 0', () => {
    const { api, run, failure } = testWorld();
    expect(run(api.pods.create(pod('none'))).spec).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' });
    run(api.priorityclasses.create(priorityClass('usual', 10, true)));
    run(api.priorityclasses.create(priorityClass('high', 1000)));
    expect(run(api.pods.create(pod('default'))).spec).toMatchObject({ priorityClassName: 'usual', priority: 10 });
    expect(run(api.pods.create(pod('named', { priorityClassName: 'high' }))).spec.priority).toBe(1000);
    expect(run(api.pods.create(pod('system', { priorityClassName: 'system-node-critical' }))).spec.priority).toBe(2_000_001_000);
    expect(failure(api.pods.create(pod('x', { priorityClassName: 'missing' }))).message).toContain(
      'no PriorityClass with name missing was found',
    );
  });
});

describe('other plug-ins', () => {
  it('DefaultTolerationSeconds: 300 s for each of two taints, unless the pod says otherwise', () => {
    const { api, run } = testWorld();
    const own = { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 } as const;
    expect(run(api.pods.create(pod('a', { tolerations: [own] }))).spec.tolerations).toEqual([
      own,
      { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
    ]);
  });

  it('TaintNodesByCondition: a new node takes nothing yet', () => {
    const { api, run } = testWorld();
    expect(run(api.nodes.create(node('n'))).spec.taints).toEqual([{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
  });

  it('NamespaceLifecycle: no content without a namespace', () => {
    const { api, failure } = testWorld();
    expect(failure(api.configmaps.create(configMap('a', {}, 'nowhere')))).toEqual({
      code: 'NotFound',
      message: 'namespaces "nowhere" not found',
    });
  });

  it('DefaultStorageClass and StorageObjectInUseProtection: the newest default class, and a finalizer', () => {
    const { api, run, pass } = testWorld();
    const storageClass = (name: string) =>
      ({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name, annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
        provisioner: 'example.com',
      }) as const;
    run(api.storageclasses.create(storageClass('b')));
    run(api.storageclasses.create(storageClass('a')));
    pass(2_000_000);
    run(api.storageclasses.create(storageClass('newest')));
    const claim: KindMap['persistentvolumeclaims'] = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'c', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    const made = run(api.persistentvolumeclaims.create(claim));
    expect(made.spec.storageClassName).toBe('newest');
    expect(made.metadata.finalizers).toEqual(['kubernetes.io/pvc-protection']);
  });

  it('LimitRanger: defaults, then bounds', () => {
    const { api, run, failure } = testWorld();
    run(
      api.limitranges.create({
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: 'l', namespace: 'default' },
        spec: { limits: [{ type: 'Container', default: { cpu: '500m' }, defaultRequest: { cpu: '100m' }, max: { cpu: '1' } }] },
      }),
    );
    expect(run(api.pods.create(pod('a'))).spec.containers[0]?.resources).toEqual({ limits: { cpu: '500m' }, requests: { cpu: '100m' } });
    const greedy = pod('b', { containers: [{ name: 'main', image: 'nginx', resources: { limits: { cpu: '2' } } }] });
    expect(failure(api.pods.create(greedy)).message).toBe('pods "b" is forbidden: maximum cpu usage per Container is 1, but limit is 2');
  });
});

describe('mutating webhooks', () => {
  it('come last, may take virtual time, and may refuse', () => {
    const { api, run, failure, server, kernel } = testWorld();
    server.addWebhook({
      name: 'slow.example.com',
      matches: ({ kind, operation }) => kind.plural === 'pods' && operation === 'create',
      *admit({ object }) {
        yield* sleep(5_000_000);
        if (object.metadata.name === 'refused') throw new Error('not today');
        return { ...object, metadata: { ...object.metadata, labels: { injected: 'yes' } } };
      },
    });
    const before = kernel.now;
    expect(run(api.pods.create(pod('a'))).metadata.labels).toEqual({ injected: 'yes' });
    expect(kernel.now - before).toBe(5_000_000);
    expect(failure(api.pods.create(pod('refused'))).message).toBe(
      'pods "refused" is forbidden: admission webhook "slow.example.com" denied the request: not today',
    );
    expect(run(api.configmaps.create(configMap('c'))).metadata.labels).toBeUndefined();
  });
});
