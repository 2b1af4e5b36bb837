import { seconds } from '@slipway/kernel';
import type { Node, Pod } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultProfile } from '../../scheduler/index.ts';
import { SchedulerWorld } from '../../scheduler/testing/cluster.ts';
import { Invariants } from '../index.ts';
import { Lab } from '../testing/lab.ts';
import { effectiveRequests } from './requests.ts';

const asking = (cpu: string, memory = '64Mi') => ({
  containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu, memory } } }],
});

/** One small node, a real scheduler with all but some of its plugins, and pods that want 400 millicores and one of two host ports. */
function scheduled(pods: number, without: readonly string[]): { readonly bound: number; readonly broken: readonly string[] } {
  const plugins = defaultProfile.plugins.filter(({ name }) => !without.includes(name));
  const world = new SchedulerWorld({ profile: { ...defaultProfile, plugins } });
  const { kernel, server } = world;
  const watch = new Invariants({ kernel, server, nodes: new Map(), off: [] });
  const status = { allocatable: { cpu: '1', memory: '1Gi', pods: '4' } };
  const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' }, spec: {}, status };
  const list = Array.from({ length: pods }, (_, index): Pod => {
    const ports = [{ containerPort: 80, hostPort: 8000 + (index % 2) }];
    const containers = [{ name: 'main', image: 'nginx', ports, resources: { requests: { cpu: '400m' } } }];
    return { apiVersion: 'v1', kind: 'Pod', metadata: { name: `web-${index}`, namespace: 'default' }, spec: { containers } };
  });
  world.add([node, ...list]);
  world.pass(seconds(20));
  const bound = [...server.objects('pods')].filter((pod) => (pod as Pod).spec.nodeName).length;
  return { bound, broken: [...new Set(watch.violations.map(({ id }) => id))].sort() };
}

describe('a real scheduler', () => {
  test('with all its plugins: nothing is broken', () => {
    expect(scheduled(8, [])).toEqual({ bound: 2, broken: [] });
  });

  test('without NodeResourcesFit: capacity and pod slots are overrun', () => {
    expect(scheduled(8, ['NodeResourcesFit', 'NodePorts'])).toEqual({ bound: 8, broken: ['SCH-01', 'SCH-02', 'SCH-13'] });
  });

  test('without NodePorts: host ports collide', () => {
    expect(scheduled(2, ['NodePorts'])).toEqual({ bound: 2, broken: [] });
    expect(scheduled(3, ['NodePorts', 'NodeResourcesFit'])).toEqual({ bound: 3, broken: ['SCH-01', 'SCH-13'] });
  });
});

describe('SCH-01 capacity', () => {
  test('names who bound what, and the sum', () => {
    const lab = new Lab(['SCH-01']);
    lab.node('node-1', { cpu: '1', memory: '1Gi', pods: '10' });
    for (const name of ['a', 'b']) lab.pod(name, asking('600m'));
    lab.bind('a', 'node-1');
    expect(lab.violations).toEqual([]);
    lab.bind('b', 'node-1');
    expect(lab.violations).toMatchObject([
      {
        id: 'SCH-01',
        message: 'kube-scheduler bound Pod default/b to node-1, whose pods now ask for 1200m cpu of 1',
        objects: ['Pod default/b', 'Node node-1'],
      },
    ]);
  });

  test('what has ended, or was created with a node name, does not count', () => {
    const lab = new Lab(['SCH-01']);
    lab.node('node-1', { cpu: '1', memory: '1Gi', pods: '10' });
    lab.pod('placed', { ...asking('900m'), nodeName: 'node-1' });
    const first = lab.pod('first', asking('900m'));
    lab.bind('first', 'node-1');
    lab.status(first, { phase: 'Succeeded' });
    lab.pod('second', asking('900m'));
    lab.bind('second', 'node-1');
    lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name: 'second', gracePeriodSeconds: 0 }));
    lab.pod('third', asking('900m'));
    lab.bind('third', 'node-1');
    expect(lab.violations).toEqual([]);
  });

  test('a node that has less since the pod was made is judged by what it had', () => {
    const lab = new Lab(['SCH-01']);
    lab.node('node-1', { cpu: '1', pods: '10' });
    lab.pod('a', asking('900m'));
    const shrink = {
      namespace: '',
      name: 'node-1',
      subresource: 'status',
      patch: { status: { allocatable: { cpu: '500m', pods: '10' } } },
    } as const;
    lab.run(lab.as('kubelet/node-1').nodes.patch(shrink));
    lab.pod('b', asking('600m'));
    lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name: 'b' }));
    lab.bind('a', 'node-1');
    expect(lab.violations.filter(({ message }) => message.includes('cpu'))).toEqual([]);
    lab.pod('c', asking('1m'));
    lab.bind('c', 'node-1');
    expect(lab.broken).toContain('SCH-01');
  });

  test('effective requests: at least every container that runs, and every step of the initialisation', () => {
    const amount = fc.integer({ min: 0, max: 4000 });
    const init = fc.record({ cpu: amount, sidecar: fc.boolean() });
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 4 }), fc.array(init, { maxLength: 4 }), amount, (apps, inits, overhead) => {
        const container = (cpu: number, index: number) => ({ name: `c${index}`, resources: { requests: { cpu: `${cpu}m` } } });
        const spec = {
          containers: apps.map(container),
          initContainers: inits.map(({ cpu, sidecar }, index) => ({
            ...container(cpu, index),
            ...(sidecar ? ({ restartPolicy: 'Always' } as const) : {}),
          })),
          overhead: { cpu: `${overhead}m` },
        };
        const sidecarsBefore = (index: number): number =>
          inits.slice(0, index).reduce((sum, { cpu, sidecar }) => sum + (sidecar ? cpu : 0), 0);
        const together = apps.reduce((sum, cpu) => sum + cpu, 0) + sidecarsBefore(inits.length);
        const steps = inits.map(({ cpu }, index) => cpu + sidecarsBefore(index));
        expect(effectiveRequests({ spec }).get('cpu')).toBe(Math.max(together, ...steps) + overhead);
      }),
    );
  });
});

describe('SCH-03 bind-once', () => {
  test('a pod whose node changes is reported', () => {
    const lab = new Lab(['SCH-03']);
    lab.pod('a');
    const old = lab.bind('a', 'node-1');
    expect(lab.violations).toEqual([]);
    const object = { ...old, spec: { ...old.spec, nodeName: 'node-2' } };
    lab.write({ resource: 'pods', type: 'MODIFIED', object, old });
    expect(lab.violations).toMatchObject([{ id: 'SCH-03', message: 'somebody changed the node of Pod default/a from node-1 to node-2' }]);
  });
});

describe('SCH-13 host-port', () => {
  const onPort = (hostPort: number, hostIP?: string) => ({
    containers: [{ name: 'main', image: 'nginx', ports: [{ containerPort: 80, hostPort, ...(hostIP === undefined ? {} : { hostIP }) }] }],
  });

  test('other ports, other addresses, other nodes and pods that are gone do not collide', () => {
    const lab = new Lab(['SCH-13']);
    const place = (name: string, spec: object, node = 'node-1'): void => {
      lab.pod(name, spec);
      lab.bind(name, node);
    };
    place('a', onPort(80, '10.0.0.1'));
    place('b', onPort(80, '10.0.0.2'));
    place('c', onPort(81));
    place('d', onPort(80), 'node-2');
    lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name: 'c', gracePeriodSeconds: 0 }));
    place('e', onPort(81));
    expect(lab.violations).toEqual([]);
    place('f', onPort(80));
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'Pod default/f and Pod default/a both claim host port 80/TCP of node-1',
      'Pod default/f and Pod default/b both claim host port 80/TCP of node-1',
    ]);
  });
});
