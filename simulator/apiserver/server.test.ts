import { parseDuration } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import type { Deployment, KubeObject } from '@slipway/kube';
import { configMap, node, pod, testWorld } from './test-world.ts';

const deployment = (name: string, replicas = 1): Deployment =>
  ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'nginx' }] } },
    },
  }) as Deployment;

describe('create', () => {
  it('sets identity, time, revision and generation, whatever the client sent', () => {
    const { api, run, server } = testWorld();
    const made = run(api.pods.create(pod('a', {}, { uid: 'mine', generation: 9, creationTimestamp: '1999-01-01T00:00:00Z' })));
    expect(made.metadata.uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(made.metadata).toMatchObject({
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      resourceVersion: String(server.revision),
    });
    expect(made.status).toEqual({ phase: 'Pending', qosClass: 'BestEffort' });
  });

  it('refuses what exists, what has a revision, what has no name, what is of another kind', () => {
    const { api, run, failure } = testWorld();
    run(api.configmaps.create(configMap('a')));
    expect(failure(api.configmaps.create(configMap('a')))).toEqual({ code: 'AlreadyExists', message: 'configmaps "a" already exists' });
    const withRevision = { ...configMap('b'), metadata: { name: 'b', namespace: 'default', resourceVersion: '5' } };
    expect(failure(api.configmaps.create(withRevision)).code).toBe('BadRequest');
    expect(failure(api.configmaps.create(configMap(''))).message).toContain('name or generateName is required');
    expect(failure(api.pods.create(configMap('c') as never)).code).toBe('BadRequest');
    expect(failure(api.resource('gadgets').list()).message).toBe('the server could not find the requested resource');
  });

  it('makes a name from generateName: at most 58 characters of it and five letters', () => {
    const { api, run } = testWorld();
    const base = `${'x'.repeat(70)}-`;
    const made = run(api.configmaps.create({ ...configMap(''), metadata: { name: '', namespace: 'default', generateName: base } }));
    expect(made.metadata.name).toMatch(/^x{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });

  it('keeps a status only for nodes, which report theirs when they register', () => {
    const { api, run } = testWorld();
    const made = run(api.nodes.create({ ...node('n'), status: { capacity: { cpu: '4' } } }));
    expect(made.status?.capacity).toEqual({ cpu: '4' });
    const withStatus = { ...deployment('d'), status: { replicas: 7 } };
    expect(run(api.deployments.create(withStatus)).status?.replicas).toBeUndefined();
  });

  it('names every wrong field', () => {
    const { api, failure } = testWorld();
    const refused = failure(api.pods.create(pod('UPPER', { containers: [{ name: 'main', image: '' }] })));
    expect(refused.code).toBe('Invalid');
    expect(refused.message).toContain('Pod "UPPER" is invalid: [metadata.name: Invalid value: "UPPER"');
    expect(refused.message).toContain('spec.containers[0].image: Required value');
  });
});

describe('update', () => {
  it('refuses a stale write, and nothing is lost', () => {
    const { api, run, failure } = testWorld();
    const first = run(api.configmaps.create(configMap('a', { n: '0' })));
    run(api.configmaps.update({ ...first, data: { n: '1' } }));
    expect(failure(api.configmaps.update({ ...first, data: { n: '2' } }))).toEqual({
      code: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    });
    expect(run(api.configmaps.get({ namespace: 'default', name: 'a' })).data).toEqual({ n: '1' });
  });

  it('without a revision: allowed for most kinds, Invalid for those that insist', () => {
    const { api, run, failure } = testWorld();
    run(api.configmaps.create(configMap('a')));
    expect(run(api.configmaps.update(configMap('a', { n: '1' }))).data).toEqual({ n: '1' });
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'l', namespace: 'default' },
      spec: { holderIdentity: 'a' },
    } as const;
    run(api.leases.create(lease));
    expect(failure(api.leases.update(lease)).message).toContain(
      'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    );
  });

  it('of nothing is no write: same revision', () => {
    const { api, run, server } = testWorld();
    const made = run(api.deployments.create(deployment('d')));
    const { revision } = server;
    expect(run(api.deployments.update(made))).toBe(made);
    expect(run(api.deployments.update(deployment('d'))).metadata.resourceVersion).toBe(made.metadata.resourceVersion);
    expect(run(api.deployments.patch({ namespace: 'default', name: 'd', patch: { spec: { replicas: 1 } } })).metadata.generation).toBe(1);
    expect(server.revision).toBe(revision);
  });

  it('counts generations: spec yes, status and labels no, annotations for Deployments only', () => {
    const { api, run } = testWorld();
    const at = { namespace: 'default', name: 'd' };
    run(api.deployments.create(deployment('d')));
    const generation = (): number | undefined => run(api.deployments.get(at)).metadata.generation;
    run(api.deployments.patch({ ...at, patch: { spec: { replicas: 3 } } }));
    expect(generation()).toBe(2);
    run(api.deployments.patch({ ...at, patch: { status: { replicas: 3 } }, subresource: 'status' }));
    run(api.deployments.patch({ ...at, patch: { metadata: { labels: { a: 'b' } } } }));
    expect(generation()).toBe(2);
    run(api.deployments.patch({ ...at, patch: { metadata: { annotations: { a: 'b' } } } }));
    expect(generation()).toBe(3);
    const made = run(api.pods.create(pod('p')));
    run(api.pods.patch({ namespace: 'default', name: 'p', patch: { metadata: { annotations: { a: 'b' } } } }));
    expect(run(api.pods.get({ namespace: 'default', name: 'p' })).metadata.generation).toBe(made.metadata.generation);
  });

  it('keeps status and spec apart', () => {
    const { api, run } = testWorld();
    const made = run(api.deployments.create(deployment('d')));
    const scaled = run(api.deployments.update({ ...made, spec: { ...made.spec, replicas: 5 }, status: { replicas: 99 } }));
    expect([scaled.spec.replicas, scaled.status?.replicas]).toEqual([5, undefined]);
    const reported = run(api.deployments.updateStatus({ ...scaled, spec: { ...scaled.spec, replicas: 0 }, status: { replicas: 2 } }));
    expect([reported.spec.replicas, reported.status?.replicas]).toEqual([5, 2]);
  });

  it('of another object of the same name is refused', () => {
    const { api, run, failure } = testWorld();
    run(api.configmaps.create(configMap('a')));
    const other = { ...configMap('a'), metadata: { name: 'a', namespace: 'default', uid: 'other' } };
    expect(failure(api.configmaps.update(other)).message).toContain('Precondition failed: UID in precondition: other');
  });
});

describe('patch', () => {
  it('scale: reads and writes the replicas of what has some', () => {
    const { api, run, failure } = testWorld();
    run(api.deployments.create(deployment('d')));
    const scale: KubeObject = run(
      api.deployments.patch({ namespace: 'default', name: 'd', subresource: 'scale', patch: { spec: { replicas: 4 } } }),
    );
    expect(scale).toMatchObject({ kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 4 } });
    expect(run(api.deployments.get({ namespace: 'default', name: 'd' })).spec.replicas).toBe(4);
    run(api.configmaps.create(configMap('a')));
    expect(failure(api.configmaps.patch({ namespace: 'default', name: 'a', subresource: 'scale', patch: {} })).code).toBe('NotFound');
  });

  it('apply: creates, then changes what was applied and leaves what others set', () => {
    const { api, run } = testWorld();
    const at = { namespace: 'default', name: 'd', type: 'apply' } as const;
    run(api.deployments.patch({ ...at, patch: deployment('d', 2) }));
    run(api.deployments.patch({ namespace: 'default', name: 'd', patch: { spec: { paused: true } } }));
    const { replicas: _replicas, ...rest } = deployment('d').spec;
    const applied = run(api.deployments.patch({ ...at, patch: { ...deployment('d'), spec: { ...rest, minReadySeconds: 3 } } }));
    // `replicas` was applied before and is left out now: it falls back to its default.
    expect(applied.spec).toMatchObject({ replicas: 1, paused: true, minReadySeconds: 3 });
    const { resourceVersion } = applied.metadata;
    const again = run(api.deployments.patch({ ...at, patch: { ...deployment('d'), spec: { ...rest, minReadySeconds: 3 } } }));
    expect(again.metadata.resourceVersion).toBe(resourceVersion);
  });

  it('with a stale revision in it is refused; without one it meets the newest state', () => {
    const { api, run, failure } = testWorld();
    const first = run(api.configmaps.create(configMap('a', { n: '0' })));
    run(api.configmaps.update({ ...first, data: { n: '1' } }));
    const stale = { data: { m: '2' }, metadata: { resourceVersion: first.metadata.resourceVersion } };
    expect(failure(api.configmaps.patch({ namespace: 'default', name: 'a', patch: stale })).code).toBe('Conflict');
    expect(run(api.configmaps.patch({ namespace: 'default', name: 'a', patch: { data: { m: '2' } } })).data).toEqual({ n: '1', m: '2' });
  });
});

describe('list', () => {
  it('comes in the order of keys, bytewise, and filters', () => {
    const { api, run, failure } = testWorld();
    for (const namespace of ['a', 'a-b'])
      run(api.namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }));
    for (const [namespace, name] of [
      ['a', 'x'],
      ['default', 'm'],
      ['a-b', 'z'],
      ['a', 'b'],
    ] as const)
      run(api.configmaps.create(configMap(name, {}, namespace)));
    const keys = (items: readonly KubeObject[]): readonly string[] => items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
    expect(keys(run(api.configmaps.list()).items)).toEqual(['a-b/z', 'a/b', 'a/x', 'default/m']);
    expect(keys(run(api.configmaps.list({ namespace: 'a', fieldSelector: 'metadata.name!=b' })).items)).toEqual(['a/x']);
    expect(failure(api.configmaps.list({ fieldSelector: 'data.x=1' })).message).toBe('field label not supported: data.x');
    expect(failure(api.configmaps.list({ resourceVersion: '999999' })).message).toContain('Too large resource version');
  });
});

describe('custom resources', () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
      versions: [
        { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } }, subresources: { status: {} } },
        { name: 'v1beta1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
      ],
    },
  } as const;

  it('are served once defined, in any served version, and go with their definition', () => {
    const { api, run, failure, server } = testWorld();
    const gadget = { apiVersion: 'example.com/v1beta1', kind: 'Gadget', metadata: { name: 'g', namespace: 'default' }, spec: { size: 1 } };
    expect(failure(api.resource('gadgets').create(gadget)).code).toBe('NotFound');
    run(api.customresourcedefinitions.create(definition as never));
    expect(run(api.resource('gadgets').create(gadget))).toMatchObject({ apiVersion: 'example.com/v1', metadata: { generation: 1 } });
    const seen: string[] = [];
    server.observe(({ type, resource }) => seen.push(`${type} ${resource}`));
    run(api.customresourcedefinitions.delete({ name: 'gadgets.example.com' }));
    expect(seen).toEqual(['DELETED customresourcedefinitions', 'DELETED gadgets']);
    expect(failure(api.resource('gadgets').list()).code).toBe('NotFound');
  });
});

describe('leases', () => {
  it('renew under a revision of their own: the store stands still, readers see the newest time', () => {
    const { api, run, server, pass, kernel } = testWorld();
    const beat = { name: 'node-1', holderIdentity: 'node-1' };
    run(api.renewLease(beat));
    const { revision } = server;
    pass(parseDuration('10s'));
    const before = kernel.traceSequence;
    run(api.renewLease(beat));
    expect(server.revision).toBe(revision);
    expect(kernel.traceSequence).toBe(before);
    const lease = run(api.leases.get({ namespace: 'kube-node-lease', name: 'node-1' }));
    expect(lease.spec.renewTime).toBe('2026-01-01T00:00:10.000000Z');
    // Optimistic concurrency holds for heartbeats too.
    run(api.renewLease(beat));
    expect(() => run(api.leases.update({ ...lease, spec: { ...lease.spec, leaseDurationSeconds: 9 } }))).toThrow('modified');
  });
});

describe('events', () => {
  it('last an hour from their last write', () => {
    const { api, run, pass } = testWorld();
    const event = (name: string) =>
      ({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name, namespace: 'default' },
        involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
      }) as const;
    run(api.events.create(event('old')));
    run(api.events.create(event('repeated')));
    pass(parseDuration('40m'));
    run(api.events.patch({ namespace: 'default', name: 'repeated', patch: { count: 2 } }));
    pass(parseDuration('30m'));
    expect(run(api.events.list()).items.map(({ metadata }) => metadata.name)).toEqual(['repeated']);
  });
});
