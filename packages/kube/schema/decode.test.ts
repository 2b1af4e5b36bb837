import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withDefaults } from '../defaulting/index.ts';
import type { Pod } from '../types/index.ts';
import { findUnsimulated } from '../unsimulated.ts';
import { type DecodeIssue, decode, listItems } from './decode.ts';
import { schemas } from './kinds.ts';
import { editDistance, suggestion } from './suggest.ts';

function issues(value: unknown): readonly DecodeIssue[] {
  const decoded = decode(value);
  return 'issues' in decoded ? decoded.issues : [];
}

function objectOf(value: unknown): unknown {
  const decoded = decode(value);
  return 'object' in decoded ? decoded.object : decoded.issues;
}

const container = { name: 'a', image: 'nginx' };

function pod(spec: object, metadata: object = { name: 'p' }): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container], ...spec } };
}

describe('decode', () => {
  it('a good object comes back as it is, numbers as quantities', () => {
    const resources = { requests: { cpu: 1, memory: '1Gi' }, limits: { cpu: 0.5 } };
    expect(objectOf(pod({ containers: [{ ...container, resources }] }))).toEqual(
      pod({ containers: [{ ...container, resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '0.5' } } }] }),
    );
  });

  it('unknown fields: each with its own path and what was meant', () => {
    const value = pod({ containers: [{ ...container, imagePullPolcy: 'Always', volumeMount: [] }], hostNetwrok: true });
    expect(issues(value)).toEqual([
      { path: ['spec', 'containers', 0, 'imagePullPolcy'], message: 'unknown field "imagePullPolcy"', suggestion: 'imagePullPolicy' },
      { path: ['spec', 'containers', 0, 'volumeMount'], message: 'unknown field "volumeMount"', suggestion: 'volumeMounts' },
      { path: ['spec', 'hostNetwrok'], message: 'unknown field "hostNetwrok"', suggestion: 'hostNetwork' },
    ]);
  });

  it('wrong types: say what is wanted, what is given, and how to write it', () => {
    const value = pod({
      containers: [{ ...container, env: [{ name: 'PORT', value: 8080 }], ports: [{ containerPort: '80' }] }],
      hostNetwork: 'true',
    });
    expect(issues(value)).toEqual([
      {
        path: ['spec', 'containers', 0, 'ports', 0, 'containerPort'],
        message: 'must be a whole number, not the string "80"',
        suggestion: '80',
      },
      { path: ['spec', 'containers', 0, 'env', 0, 'value'], message: 'must be a text, not the number 8080', suggestion: '"8080"' },
      { path: ['spec', 'hostNetwork'], message: 'must be true or false, not the string "true"', suggestion: 'true' },
    ]);
  });

  it('vocabularies: name the choices and the nearest', () => {
    expect(issues(pod({ restartPolicy: 'always' }))).toEqual([
      {
        path: ['spec', 'restartPolicy'],
        message: 'unsupported value "always": must be one of Always, OnFailure, Never',
        suggestion: 'Always',
      },
    ]);
  });

  it('quantities, times, numbers or names: refused with the reason', () => {
    const memory = (amount: string): object => pod({ containers: [{ ...container, resources: { limits: { memory: amount } } }] });
    expect(issues(memory('1 GB'))).toEqual([
      {
        path: ['spec', 'containers', 0, 'resources', 'limits', 'memory'],
        message: 'must be a quantity such as 500m, 2 or 1Gi (did you mean 1G?)',
      },
    ]);
    expect(issues(pod({}, { name: 'p', creationTimestamp: 'yesterday' }))).toEqual([
      { path: ['metadata', 'creationTimestamp'], message: 'must be a time such as 2024-01-01T00:00:00Z' },
    ]);
    const probe = { httpGet: { port: true } };
    expect(issues(pod({ containers: [{ ...container, livenessProbe: probe }] }))).toEqual([
      {
        path: ['spec', 'containers', 0, 'livenessProbe', 'httpGet', 'port'],
        message: 'must be a whole number or a text, not the boolean true',
      },
    ]);
  });

  it('required fields: are named where they are missing', () => {
    expect(issues(pod({ containers: [{ image: 'x' }] }))).toEqual([{ path: ['spec', 'containers', 0, 'name'], message: 'is required' }]);
    expect(issues(pod({ tolerations: [{ effect: null }], topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone' }] }))).toEqual([
      {
        path: ['spec', 'topologySpreadConstraints', 0, 'whenUnsatisfiable'],
        message: 'is required: one of DoNotSchedule, ScheduleAnyway',
      },
    ]);
  });

  it('null: counts as absent, in maps as the empty text', () => {
    const value = pod({ nodeName: null, volumes: null }, { name: 'p', creationTimestamp: null, labels: { a: null }, annotations: null });
    expect(objectOf(value)).toEqual(pod({}, { name: 'p', labels: { a: '' } }));
  });

  it('what Go fills with zero values may be left out', () => {
    expect(objectOf({ apiVersion: 'v1', kind: 'Node' })).toEqual({ apiVersion: 'v1', kind: 'Node', metadata: { name: '' }, spec: {} });
  });

  it('server-set fields are accepted', () => {
    const metadata = {
      name: 'p',
      uid: 'u',
      resourceVersion: '1',
      generation: 1,
      selfLink: '/x',
      creationTimestamp: '2024-01-01T00:00:00Z',
      managedFields: [{ manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:spec': {} } }],
    };
    expect(objectOf({ ...pod({}, metadata), status: { phase: 'Running', podIP: '10.0.0.1' } })).toMatchObject({ metadata });
  });

  it('prototype keys: never pollute', () => {
    const poisoned: unknown = JSON.parse(
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"__proto__":{"bad":1}}},"spec":{"__proto__":{"bad":1},"containers":[]}}',
    );
    expect(issues(poisoned)).toEqual([
      { path: ['metadata', 'labels', '__proto__'], message: 'unknown field' },
      { path: ['spec', '__proto__'], message: 'unknown field' },
    ]);
    expect(issues(pod({ constructor: {}, prototype: {} })).map(({ path }) => path)).toEqual([
      ['spec', 'constructor'],
      ['spec', 'prototype'],
    ]);
    expect(({} as Record<string, unknown>)['bad']).toBeUndefined();
  });

  it('apiVersion and kind: a slip is told from a custom resource', () => {
    expect(issues({ apiVersion: 'extensions/v1beta1', kind: 'Deployment' })).toEqual([
      { path: ['apiVersion'], message: 'no matches for kind "Deployment" in version "extensions/v1beta1"', suggestion: 'apps/v1' },
    ]);
    expect(issues({ apiVersion: 'v1', kind: 'pod' })).toEqual([
      { path: ['kind'], message: 'no matches for kind "pod" in version "v1"', suggestion: 'Pod' },
    ]);
    expect(issues({ kind: 'Pod' }).map(({ path }) => path)).toEqual([['apiVersion']]);
    expect(issues('text')).toHaveLength(1);
  });

  it('custom resources: keep everything, with their metadata checked', () => {
    const ship = { apiVersion: 'example.com/v1', kind: 'Ship', metadata: { name: 's' }, spec: { masts: 3, flag: null }, extra: true };
    expect(objectOf(ship)).toEqual(ship);
    expect(issues({ ...ship, metadata: { nam: 's' } })).toEqual([
      { path: ['metadata', 'nam'], message: 'unknown field "nam"', suggestion: 'name' },
    ]);
  });

  it('listItems: the members of a list', () => {
    expect(listItems({ kind: 'List', items: [1, 2] })).toEqual([1, 2]);
    expect(listItems({ kind: 'PodList', items: [] })).toEqual([]);
    expect(listItems(pod({}))).toBeUndefined();
  });

  it('schemas: all of them can be made and read an empty object without a crash', () => {
    for (const [key, schema] of schemas) {
      const at = key.lastIndexOf('/');
      const decoded = schema().safeParse({ apiVersion: key.slice(0, at), kind: key.slice(at + 1) }, { jitless: true });
      const onlyMissing = decoded.success || decoded.error.issues.every(({ code }) => code === 'invalid_type' || code === 'invalid_value');
      expect([key, onlyMissing]).toEqual([key, true]);
    }
  });

  it('property: whatever the value, there is an object or an issue, and never a crash', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (spec, metadata) => {
        const decoded = decode({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec });
        if ('issues' in decoded) expect(decoded.issues.length).toBeGreaterThan(0);
        else expect(decoded.object.kind).toBe('Deployment');
      }),
    );
  });

  it('property: decoding a decoded and defaulted object changes nothing', () => {
    const name = fc.stringMatching(/^[a-z]{1,5}$/);
    fc.assert(
      fc.property(name, fc.dictionary(name, name), fc.array(name, { minLength: 1 }), (podName, labels, containers) => {
        const given = pod({ containers: containers.map((one) => ({ name: one, image: one })) }, { name: podName, labels });
        const first = decode(given);
        if (!('object' in first)) throw new Error('refused');
        const full = withDefaults(first.object as Pod);
        expect(objectOf(full)).toEqual(full);
      }),
    );
  });
});

describe('suggestions', () => {
  it('editDistance: counts slips, a swap as one', () => {
    expect([editDistance('', 'abc'), editDistance('abc', 'abc'), editDistance('acb', 'abc'), editDistance('kitten', 'sitting')]).toEqual([
      3, 0, 1, 3,
    ]);
  });

  it('suggestion: nothing when nothing is near', () => {
    expect(suggestion('zzzz', ['image', 'name'])).toBeUndefined();
    expect(suggestion('replica', ['replicas', 'template'])).toBe('replicas');
  });
});

describe('unsimulated fields', () => {
  it('one warning for each, with its path; fields without effect anywhere are silent', () => {
    const decoded = decode({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd', labels: { a: 'b' } },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: {
          metadata: { labels: { a: 'b' } },
          spec: {
            hostPID: false,
            securityContext: {},
            containers: [
              { ...container, securityContext: { seccompProfile: { type: 'RuntimeDefault' } }, terminationMessagePolicy: 'File' },
            ],
            volumes: [
              { name: 'n', iscsi: { targetPortal: 'x', iqn: 'y', lun: 0 } },
              { name: 'e', emptyDir: {} },
            ],
          },
        },
      },
    });
    if (!('object' in decoded)) throw new Error('refused');
    expect(findUnsimulated(decoded.object).map(({ field }) => field)).toEqual([
      'spec.template.spec.containers[0].securityContext.seccompProfile',
      'spec.template.spec.volumes[0].iscsi',
    ]);
    expect(findUnsimulated(withDefaults(decoded.object)).length).toBe(2);
  });

  it('a kind that is only stored says so', () => {
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'r' }, rules: [] };
    expect(findUnsimulated(role)).toEqual([{ field: 'kind', message: 'Role is stored, but nothing in the cluster acts on it' }]);
    expect(findUnsimulated({ apiVersion: 'example.com/v1', kind: 'Ship', metadata: { name: 's' } })).toEqual([]);
  });
});
