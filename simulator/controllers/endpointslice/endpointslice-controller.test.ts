import { milliseconds, seconds } from '@slipway/kernel';
import type { EndpointSlice, Pod, Service } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { replicaSetController } from '../replicaset/replicaset-controller.ts';
import { ControllerWorld, type ControllerWorldOptions, node, template } from '../testing/world.ts';
import { endpointSliceController } from './endpointslice-controller.ts';

const service = (spec: Partial<Service['spec']> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
});

const pod = (name: string, more: Partial<Pod['spec']> = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: 'web' } },
  spec: { ...template('web').spec, ...more },
});

const worldWith = (options: Partial<ControllerWorldOptions> = {}): ControllerWorld =>
  new ControllerWorld({ controllers: [endpointSliceController()], ...options });
const slices = (world: ControllerWorld): readonly EndpointSlice[] =>
  world.list<EndpointSlice>('endpointslices', 'kubernetes.io/service-name=web');
const endpoints = (world: ControllerWorld) => slices(world).flatMap((slice) => slice.endpoints);

describe('endpoint slices', () => {
  it('a Service without pods has one empty slice, which the first pods take over', () => {
    const world = worldWith();
    world.run(world.api.services.create(service()));
    world.pass(seconds(1));
    const [placeholder] = slices(world);
    expect(placeholder?.endpoints).toEqual([]);
    expect(placeholder?.metadata.name).toMatch(/^web-[a-z0-9]{5}$/);
    world.run(world.api.pods.create(pod('a')));
    world.pass(seconds(1));
    expect(slices(world)).toHaveLength(1);
    expect(slices(world)[0]?.metadata.uid).toBe(placeholder?.metadata.uid);
    expect(slices(world)[0]).toMatchObject({
      addressType: 'IPv4',
      ports: [{ name: '', port: 8080, protocol: 'TCP' }],
      endpoints: [
        { conditions: { ready: true, serving: true, terminating: false }, nodeName: 'n1', targetRef: { kind: 'Pod', name: 'a' } },
      ],
    });
  });

  it('a pod that is not ready is listed, not ready; one that is being deleted is terminating, and serves while it is Ready', () => {
    const sick = new Set(['a']);
    const world = worldWith({ kubelet: { ready: ({ metadata }) => !sick.has(metadata.name), shutDown: seconds(5) } });
    world.run(world.api.services.create(service()));
    world.run(world.api.pods.create(pod('a')));
    world.run(world.api.pods.create(pod('b')));
    world.pass(seconds(1));
    world.run(world.api.pods.delete({ namespace: 'default', name: 'b' }));
    world.pass(seconds(1));
    expect(endpoints(world).map(({ conditions, targetRef }) => [targetRef?.name, conditions])).toEqual([
      ['a', { ready: false, serving: false, terminating: false }],
      ['b', { ready: false, serving: true, terminating: true }],
    ]);
    world.pass(seconds(6));
    expect(endpoints(world)).toHaveLength(1);
  });

  it('publishNotReadyAddresses: all are ready', () => {
    const world = worldWith({ kubelet: { ready: () => false } });
    world.run(world.api.services.create(service({ publishNotReadyAddresses: true })));
    world.run(world.api.pods.create(pod('a')));
    world.pass(seconds(1));
    expect(endpoints(world)[0]?.conditions).toEqual({ ready: true, serving: false, terminating: false });
  });

  it('pods whose named ports differ are in slices of their own', () => {
    const world = worldWith();
    const named = (name: string, containerPort: number): Pod =>
      pod(name, { containers: [{ name: 'main', image: 'x', ports: [{ name: 'http', containerPort }] }] });
    world.run(world.api.services.create(service({ ports: [{ name: 'web', port: 80, targetPort: 'http' }] })));
    world.run(world.api.pods.create(named('a', 8080)));
    world.run(world.api.pods.create(named('b', 9090)));
    world.run(world.api.pods.create(named('c', 8080)));
    world.pass(seconds(1));
    const found = slices(world).map(({ ports, endpoints: list }) => [ports?.[0]?.port, list.map(({ targetRef }) => targetRef?.name)]);
    expect(found.sort()).toEqual([
      [8080, ['a', 'c']],
      [9090, ['b']],
    ]);
  });

  it('250 pods fill three slices of at most 100, none twice', () => {
    const world = worldWith({ controllers: [endpointSliceController(), replicaSetController()], lag: milliseconds(20) });
    world.run(world.api.services.create(service()));
    world.run(
      world.api.replicasets.create({
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name: 'web', namespace: 'default' },
        spec: { replicas: 250, selector: { matchLabels: { app: 'web' } }, template: template('web') },
      }),
    );
    world.pass(seconds(10));
    expect(slices(world).length).toBeLessThanOrEqual(4);
    expect(Math.max(...slices(world).map((slice) => slice.endpoints.length))).toBeLessThanOrEqual(100);
    expect(new Set(endpoints(world).map(({ targetRef }) => targetRef?.uid)).size).toBe(250);
    expect(endpoints(world)).toHaveLength(250);
  });

  it('a pod on a node that is not known is left out until the node is', () => {
    const world = worldWith({ nodes: [], kubelet: false });
    world.run(world.api.services.create(service()));
    world.run(world.api.pods.create(pod('a', { nodeName: 'late' })));
    const made = world.run(world.api.pods.get({ namespace: 'default', name: 'a' }));
    world.run(world.api.pods.updateStatus({ ...made, status: { ...made.status, phase: 'Running', podIP: '10.0.0.1' } }));
    world.pass(seconds(3));
    expect(endpoints(world)).toEqual([]);
    world.run(world.api.nodes.create(node('late', { labels: { 'topology.kubernetes.io/zone': 'z' } })));
    world.pass(seconds(2));
    expect(endpoints(world)).toMatchObject([{ nodeName: 'late', zone: 'z' }]);
  });

  it('without a selector somebody else writes the slices; a deleted Service asks for nothing', () => {
    const world = worldWith();
    const { selector: _selector, ...spec } = service().spec;
    world.run(world.api.services.create({ ...service(), spec }));
    world.run(world.api.pods.create(pod('a')));
    world.pass(seconds(1));
    expect(slices(world)).toEqual([]);
  });
});
