import { describe, expect, it } from 'vitest';
import { resourceOf } from '../kinds.ts';
import type { Pod, PodSpec, ResourceQuota } from '../types/index.ts';
import { addUsage, isInScopes, isQuotaNameOf, quotaUsage, unnamedByContainers } from './index.ts';

const pods = resourceOf('pods');

const pod = (spec: Partial<PodSpec> = {}, status: Pod['status'] = {}, metadata: Partial<Pod['metadata']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', ...metadata },
  spec: { containers: [{ name: 'a' }], ...spec },
  status,
});

describe('what a pod takes of a quota', () => {
  it.each<[string, Pod, Record<string, string>]>([
    ['nothing named', pod(), { 'count/pods': '1', pods: '1' }],
    [
      'the sum of its containers, or its largest init container, as they write it',
      pod({
        containers: [
          { name: 'a', resources: { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '1' } } },
          { name: 'b', resources: { requests: { cpu: '1500m', memory: '64Mi' } } },
        ],
        initContainers: [{ name: 'i', resources: { requests: { memory: '1Gi' } } }],
      }),
      {
        'count/pods': '1',
        pods: '1',
        cpu: '1750m',
        'requests.cpu': '1750m',
        memory: '1Gi',
        'requests.memory': '1Gi',
        'limits.cpu': '1',
      },
    ],
    [
      'devices and huge pages, by their requests',
      pod({ containers: [{ name: 'a', resources: { requests: { 'example.com/gpu': '2', 'hugepages-2Mi': '4Mi' } } }] }),
      { 'count/pods': '1', pods: '1', 'requests.example.com/gpu': '2', 'hugepages-2Mi': '4Mi', 'requests.hugepages-2Mi': '4Mi' },
    ],
    ['only its place when it has ended', pod({}, { phase: 'Succeeded' }), { 'count/pods': '1' }],
    [
      'only its place when it should be gone',
      pod({}, {}, { deletionTimestamp: '1970-01-01T00:00:10Z', deletionGracePeriodSeconds: 30 }),
      { 'count/pods': '1' },
    ],
  ])('%s', (_title, object, usage) => {
    expect(quotaUsage(pods, object, 41_000_000)).toEqual(usage);
  });

  it('containers that do not say what a quota bounds', () => {
    const two = pod({ containers: [{ name: 'b' }, { name: 'a', resources: { requests: { cpu: '1' } } }] });
    expect(unnamedByContainers(two, ['pods', 'requests.cpu', 'limits.memory', 'requests.ephemeral-storage'])).toEqual([
      'limits.memory for: a,b',
      'requests.cpu for: b',
    ]);
    expect(unnamedByContainers(pod({ resources: { requests: { cpu: '1' } } }), ['limits.memory'])).toEqual([]);
  });
});

describe('names of a quota', () => {
  it.each([
    ['pods', 'pods', true],
    ['count/pods', 'pods', true],
    ['requests.nvidia.com/gpu', 'pods', true],
    ['requests.storage', 'pods', false],
    ['requests.storage', 'persistentvolumeclaims', true],
    ['gold.storageclass.storage.k8s.io/persistentvolumeclaims', 'persistentvolumeclaims', true],
    ['services.nodeports', 'services', true],
    ['count/deployments.apps', 'deployments', true],
    ['deployments', 'deployments', false],
    ['count/deployments', 'deployments', false],
    ['configmaps', 'configmaps', true],
  ] as const)('%s bounds %s: %s', (name, plural, is) => {
    expect(isQuotaNameOf(name, resourceOf(plural))).toBe(is);
  });

  it('sums keep the first format', () => {
    expect(addUsage({ memory: '0', cpu: '1' }, { memory: '512Mi', cpu: '500m', pods: '1' })).toEqual({
      memory: '512Mi',
      cpu: '1500m',
      pods: '1',
    });
  });
});

describe('scopes', () => {
  const quota = (spec: ResourceQuota['spec']): ResourceQuota => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    ...(spec && { spec }),
  });
  const scoped = (scopeName: string, operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' = 'Exists', values: readonly string[] = []) =>
    quota({ scopeSelector: { matchExpressions: [{ scopeName, operator, values }] } });
  const high = pod({ priorityClassName: 'high' });
  const far = pod({
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', namespaceSelector: {} }] } },
  });

  it.each<[string, ResourceQuota, Pod, boolean]>([
    ['none', quota({}), pod(), true],
    ['Terminating', quota({ scopes: ['Terminating'] }), pod({ activeDeadlineSeconds: 0 }), true],
    ['Terminating', quota({ scopes: ['Terminating'] }), pod(), false],
    ['NotTerminating', quota({ scopes: ['NotTerminating'] }), pod(), true],
    ['BestEffort', quota({ scopes: ['BestEffort'] }), pod(), true],
    ['both of two', quota({ scopes: ['BestEffort', 'Terminating'] }), pod(), false],
    ['PriorityClass Exists', scoped('PriorityClass'), high, true],
    ['PriorityClass Exists', scoped('PriorityClass'), pod(), false],
    ['PriorityClass DoesNotExist', scoped('PriorityClass', 'DoesNotExist'), pod(), true],
    ['PriorityClass In', scoped('PriorityClass', 'In', ['low', 'high']), high, true],
    ['PriorityClass In', scoped('PriorityClass', 'In', ['low']), high, false],
    ['PriorityClass NotIn', scoped('PriorityClass', 'NotIn', ['low']), pod(), true],
    ['CrossNamespacePodAffinity', scoped('CrossNamespacePodAffinity'), far, true],
    ['CrossNamespacePodAffinity', scoped('CrossNamespacePodAffinity'), pod(), false],
    ['one that nobody knows', quota({ scopes: ['Moon'] }), pod(), false],
  ])('%s', (_title, among, object, is) => {
    expect(isInScopes(among, object)).toBe(is);
  });
});
