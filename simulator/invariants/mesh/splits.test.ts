import { minutes } from '@slipway/kernel';
import type { KubeObject, Service, Stored } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';

function lab(row: string, weights: Record<string, number>): Lab {
  const made = new Lab([row]);
  for (const name of Object.keys(weights)) {
    const service: Service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default' },
      spec: { ports: [{ port: 80 }] },
    };
    made.run(made.as('kubectl').services.create(service));
  }
  const backends = Object.entries(weights).map(([service, weight]) => ({ service, weight }));
  const metadata = { name: 'web', namespace: 'default', uid: 'u', resourceVersion: '1' };
  const object = { apiVersion: 'split.smi-spec.io/v1alpha4', kind: 'TrafficSplit', metadata, spec: { service: 'web', backends } };
  made.write({ resource: 'trafficsplits', type: 'ADDED', object: object as unknown as Stored<KubeObject>, old: undefined } as never);
  made.pass(minutes(15));
  return made;
}

function route(to: Lab, service: string, client = 'c-1'): void {
  const root = { namespace: 'default', service: 'web', port: 80 };
  const split = service === 'web' ? {} : { split: 'default/web' };
  to.call(
    'smi.Mesh/Route',
    'traffic',
    'smi/my-mesh',
    { from: { metadata: { uid: client } }, to: root, protocol: 'TCP' },
    { to: { ...root, service }, ...split },
  );
}

describe('SMI-01 weights-valid', () => {
  test('a split that is right, and one with a mistake that is left alone, are silent', () => {
    const right = lab('SMI-01', { v1: 1, v2: 0 });
    route(right, 'v1');
    const wrong = lab('SMI-01', { v1: 0, v2: 0 });
    route(wrong, 'web');
    expect([...right.violations, ...wrong.violations]).toEqual([]);
    expect([right.met('SMI-01'), wrong.met('SMI-01')]).toEqual([0, 1]);
  });

  test.each([
    ['all zero', { v1: 0, v2: 0 }],
    ['not all weights', { v1: 1, v2: -1 }],
  ])('a split whose weights are %s and that is applied is reported', (what, weights) => {
    const made = lab('SMI-01', weights);
    route(made, 'v1');
    expect(made.violations[0]?.message).toBe(
      `smi/my-mesh sent a request for default/web to v1 by TrafficSplit default/web, whose weights are ${what}`,
    );
  });
});

describe('SMI-03 shares', () => {
  test('turns, also of clients that come once each, are silent', () => {
    const made = lab('SMI-03', { v1: 3, v2: 1 });
    for (let time = 0; time < 200; time += 1) route(made, time % 4 === 3 ? 'v2' : 'v1');
    for (let time = 0; time < 60; time += 1) route(made, 'v1', `once-${time}`);
    expect(made.violations).toEqual([]);
    expect(made.met('SMI-03')).toBe(1);
  });

  test('shares by pods where weights say otherwise are reported', () => {
    const made = lab('SMI-03', { v1: 1, v2: 1 });
    for (let time = 0; time < 400 && made.violations.length === 0; time += 1) route(made, time % 4 === 3 ? 'v2' : 'v1');
    expect(made.violations).toMatchObject([{ id: 'SMI-03', objects: ['TrafficSplit default/web'] }]);
  });
});
