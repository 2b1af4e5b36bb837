import { describe, expect, it } from 'vitest';
import type { ResourceQuota, ResourceQuotaSpec } from '../types/index.ts';
import { fieldErrorText, validateCreate, validateUpdate } from './index.ts';

const quota = (spec: ResourceQuotaSpec): ResourceQuota => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q', namespace: 'default' },
  spec,
});
const texts = (spec: ResourceQuotaSpec): readonly string[] => validateCreate(quota(spec)).map(fieldErrorText);

describe('quota', () => {
  it.each<[string, ResourceQuotaSpec, readonly string[]]>([
    [
      'all that can be bounded',
      {
        hard: {
          'requests.cpu': '1500m',
          pods: '3',
          'count/jobs.batch': '2',
          'requests.example.com/gpu': '1',
          'requests.hugepages-2Mi': '4Mi',
        },
      },
      [],
    ],
    [
      'a name that nobody counts',
      { hard: { deployments: '3' } },
      [
        'spec.hard[deployments]: Invalid value: "deployments": must be a standard resource type or fully qualified',
        'spec.hard[deployments]: Invalid value: "deployments": must be a standard resource for quota',
      ],
    ],
    ['half a pod', { hard: { pods: '500m' } }, ['spec.hard[pods]: Invalid value: "500m": must be an integer']],
    ['less than nothing', { hard: { cpu: '-1' } }, ['spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0']],
    ['a scope that is none', { scopes: ['Moon'] }, ['spec.scopes: Invalid value: ["Moon"]: unsupported scope']],
    [
      'storage in a scope of pods',
      { hard: { 'requests.storage': '1Gi' }, scopes: ['Terminating'] },
      ['spec.scopes: Invalid value: ["Terminating"]: unsupported scope applied to resource'],
    ],
    [
      'scopes at odds',
      { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] },
      ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    ],
    [
      'a selector without values',
      { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] } },
      [
        'spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is ' +
          "'In' or 'NotIn' for scope selector",
      ],
    ],
  ])('%s', (_title, spec, errors) => {
    expect(texts(spec)).toEqual(errors);
  });

  it('update: bounds may change, scopes may not', () => {
    const old = quota({ hard: { pods: '1' }, scopes: ['Terminating'] });
    const changes = (spec: ResourceQuotaSpec): readonly string[] => validateUpdate(quota(spec), old).map(fieldErrorText);
    expect(changes({ hard: { pods: '2' }, scopes: ['Terminating'] })).toEqual([]);
    expect(changes({ hard: { pods: '1' } })).toEqual(['spec.scopes: Invalid value: []: field is immutable']);
  });
});
