import type { KubeObject } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { Correspondence } from './correspondence.ts';
import { objectDifferences } from './object-differences.ts';

interface Made {
  readonly name: string;
  readonly uid?: string;
  readonly spec?: object;
  readonly status?: object;
}

const pod = ({ name, uid = '62912e63-7e6c-4c6c-82bc-c289bbc5a6c8', ...rest }: Made): KubeObject =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, uid, resourceVersion: String(name.length), creationTimestamp: '2026-01-01T00:00:00Z' },
    ...rest,
  }) as KubeObject;

const differences = (left: readonly KubeObject[], right: readonly KubeObject[]) => objectDifferences(left, right, new Correspondence());

describe('final objects', () => {
  it('generated names, uids, revisions and moments are no difference', () => {
    const left = pod({ name: 'web-nnvt9', status: { startTime: '2026-01-01T00:00:04Z', podIP: '10.244.0.2' } });
    const right = pod({
      name: 'web-4pt87',
      uid: '11111111-7e6c-4c6c-82bc-c289bbc5a6c8',
      status: { startTime: '2026-01-01T00:00:09Z', podIP: '10.244.0.2' },
    });
    expect(differences([left], [right])).toEqual([]);
  });

  it('names the field, and both values', () => {
    const left = pod({ name: 'web-nnvt9', spec: { nodeName: 'node-1' }, status: { podIP: '10.244.1.2' } });
    const right = pod({ name: 'web-4pt87', spec: { nodeName: 'node-2' }, status: { podIP: '10.88.0.2' } });
    expect(differences([left], [right])).toEqual([
      { object: 'Pod default/web-nnvt9', change: 'changed', field: 'spec.nodeName', left: 'node-1', right: 'node-2' },
      { object: 'Pod default/web-nnvt9', change: 'changed', field: 'status.podIP', left: '10.244.1.2', right: '10.88.0.2' },
    ]);
  });

  it('items of a list are told apart by name: one more moves no other', () => {
    const left = pod({ name: 'web', spec: { containers: [{ name: 'nginx', image: 'nginx:1.27' }] } });
    const right = pod({ name: 'web', spec: { containers: [{ name: 'proxy' }, { name: 'nginx', image: 'nginx:1.28' }] } });
    expect(differences([left], [right])).toEqual([
      { object: 'Pod default/web', change: 'changed', field: 'spec.containers[nginx].image', left: 'nginx:1.27', right: 'nginx:1.28' },
      { object: 'Pod default/web', change: 'changed', field: 'spec.containers[proxy]', right: { name: 'proxy' } },
    ]);
  });

  it('what one side has alone is removed or added, and the mirror says the opposite', () => {
    const [both, alone] = [pod({ name: 'a' }), pod({ name: 'b' })];
    expect(differences([both, alone], [both])).toEqual([{ object: 'Pod default/b', change: 'removed' }]);
    expect(differences([both], [both, alone])).toEqual([{ object: 'Pod default/b', change: 'added' }]);
  });

  it('of three replicas in one run and two in the other, one is alone', () => {
    const replicas = ['web-nnvt9', 'web-4pt87', 'web-xx2x4'].map((name) => pod({ name }));
    const found = differences(replicas, replicas.slice(0, 2));
    expect(found).toEqual([{ object: 'Pod default/web-xx2x4', change: 'removed' }]);
  });

  it('addresses and ports that the server draws are no difference, but having one is', () => {
    const service = (clusterIP: string): KubeObject =>
      ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec: { clusterIP } }) as KubeObject;
    expect(differences([service('10.96.0.4')], [service('10.96.7.1')])).toEqual([]);
    expect(differences([service('10.96.0.4')], [service('None')])).toMatchObject([{ field: 'spec.clusterIP' }]);
  });
});
