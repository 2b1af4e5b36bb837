import { milliseconds, minutes, seconds } from '@slipway/kernel';
import type { KubeObject, OwnerReference, Stored } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deploymentController } from '../deployment/deployment-controller.ts';
import { replicaSetController } from '../replicaset/replicaset-controller.ts';
import { ControllerWorld, type ControllerWorldOptions, deployment } from '../testing/world.ts';
import { garbageCollector } from './garbage-collector.ts';

const worldWith = (options: Partial<ControllerWorldOptions> = {}): ControllerWorld =>
  new ControllerWorld({ controllers: [garbageCollector()], kubelet: false, ...options });

const config = (name: string, owners: readonly OwnerReference[] = [], more: Partial<KubeObject['metadata']> = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', ...(owners.length > 0 ? { ownerReferences: owners } : {}), ...more },
  }) as const;
const ownedBy = ({ apiVersion, kind, metadata: { name, uid } }: Stored<KubeObject>, blockOwnerDeletion = false): OwnerReference => ({
  apiVersion,
  kind,
  name,
  uid,
  blockOwnerDeletion,
});
const names = (world: ControllerWorld): readonly string[] =>
  world
    .stored('configmaps')
    .map(({ metadata }) => metadata.name)
    .sort();
const make = (world: ControllerWorld, name: string, owners: readonly Stored<KubeObject>[] = [], block = false): Stored<KubeObject> =>
  world.run(
    world.api.configmaps.create(
      config(
        name,
        owners.map((owner) => ownedBy(owner, block)),
      ),
    ),
  );
const remove = (world: ControllerWorld, name: string, propagationPolicy: 'Background' | 'Foreground' | 'Orphan'): void =>
  void world.run(world.api.configmaps.delete({ namespace: 'default', name, propagationPolicy }));

describe('garbage collector', () => {
  it('background: the owner goes at once, and then all that hung on it', () => {
    const world = worldWith();
    const root = make(world, 'root');
    const child = make(world, 'child', [root]);
    make(world, 'grandchild', [child]);
    make(world, 'stranger');
    world.pass(seconds(1));
    remove(world, 'root', 'Background');
    expect(names(world)).toContain('child');
    world.pass(seconds(1));
    expect(names(world)).toEqual(['stranger']);
  });

  it('foreground: the owner goes last, and waits only for those that block it', () => {
    const world = worldWith();
    const root = make(world, 'root');
    const child = make(world, 'child', [root], true);
    make(world, 'grandchild', [child], true);
    world.run(world.api.configmaps.create(config('loose', [ownedBy(root)], { finalizers: ['example.com/hold'] })));
    world.pass(seconds(1));
    const order: string[] = [];
    world.server.observe(({ type, object }) => void (type === 'DELETED' && order.push(object.metadata.name)));
    remove(world, 'root', 'Foreground');
    world.pass(seconds(1));
    expect(order).toEqual(['grandchild', 'child', 'root']);
    expect(names(world)).toEqual(['loose']);
  });

  it('orphan: dependents are let go before the owner goes', () => {
    const world = worldWith();
    const root = make(world, 'root');
    const other = make(world, 'other');
    make(world, 'child', [root]);
    make(world, 'shared', [root, other]);
    world.pass(seconds(1));
    remove(world, 'root', 'Orphan');
    world.pass(seconds(1));
    expect(names(world)).toEqual(['child', 'other', 'shared']);
    const owners = world
      .stored('configmaps')
      .map(({ metadata }) => [metadata.name, metadata.ownerReferences?.map(({ name }) => name) ?? []]);
    expect(owners.sort()).toEqual([
      ['child', []],
      ['other', []],
      ['shared', ['other']],
    ]);
  });

  it('of several owners one is enough; references to those that are gone are taken off', () => {
    const world = worldWith();
    const [a, b] = [make(world, 'a'), make(world, 'b')];
    make(world, 'child', [a, b]);
    world.pass(seconds(1));
    remove(world, 'a', 'Background');
    world.pass(seconds(1));
    expect(names(world)).toEqual(['b', 'child']);
    expect(
      world
        .stored('configmaps')
        .find(({ metadata }) => metadata.name === 'child')
        ?.metadata.ownerReferences?.map(({ name }) => name),
    ).toEqual(['b']);
    remove(world, 'b', 'Background');
    world.pass(seconds(1));
    expect(names(world)).toEqual([]);
  });

  it('an owner is who has its uid: another one of that name, or nobody, does not hold', () => {
    const world = worldWith();
    const root = make(world, 'root');
    world.run(world.api.configmaps.create(config('impostor', [{ ...ownedBy(root), uid: '00000000-0000-4000-8000-000000000000' }])));
    world.run(
      world.api.configmaps.create(config('lost', [{ ...ownedBy(root), name: 'nobody', uid: '00000000-0000-4000-8000-000000000001' }])),
    );
    make(world, 'child', [root]);
    world.pass(seconds(1));
    expect(names(world)).toEqual(['child', 'root']);
  });

  it('owners are looked for in the same namespace only, and a wrong reference is reported', () => {
    const world = worldWith();
    world.run(world.api.namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' } }));
    const root = make(world, 'root');
    world.run(world.api.configmaps.create(config('far', [ownedBy(root)], { namespace: 'team' })));
    world.run(
      world.api.namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'owned', ownerReferences: [ownedBy(root)] } }),
    );
    world.pass(seconds(1));
    expect(names(world)).toEqual(['root']);
    expect(world.run(world.api.namespaces.get({ name: 'owned' })).metadata.deletionTimestamp).toBeDefined();
    expect(world.events().filter((line) => line.startsWith('OwnerRefInvalidNamespace')).length).toBe(2);
  });

  it('an owner of a kind that nobody serves holds until that kind is known', () => {
    const world = worldWith();
    const owner = { apiVersion: 'example.com/v1', kind: 'Gadget', name: 'g', uid: '00000000-0000-4000-8000-000000000002' };
    world.run(world.api.configmaps.create(config('child', [owner])));
    const { eventCount } = world.kernel;
    world.pass(minutes(30));
    expect(names(world)).toEqual(['child']);
    expect(world.kernel.eventCount - eventCount).toBeLessThan(200);
    world.run(
      world.api.customresourcedefinitions.create({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'gadgets.example.com' },
        spec: {
          group: 'example.com',
          scope: 'Namespaced',
          names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
        },
      }),
    );
    world.pass(seconds(1));
    expect(names(world)).toEqual([]);
    const gadget = world.run(
      world.api.resource('gadgets').create({ apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'g', namespace: 'default' } }),
    );
    make(world, 'mine', [gadget as Stored<KubeObject>]);
    world.pass(seconds(1));
    expect(names(world)).toEqual(['mine']);
    world.run(world.api.resource('gadgets').delete({ namespace: 'default', name: 'g' }));
    world.pass(seconds(1));
    expect(names(world)).toEqual([]);
  });

  it('two that own and block each other do not wait for ever', () => {
    const world = worldWith();
    const a = make(world, 'a');
    const b = make(world, 'b', [a], true);
    world.run(
      world.api.configmaps.patch({ namespace: 'default', name: 'a', patch: { metadata: { ownerReferences: [ownedBy(b, true)] } } }),
    );
    world.pass(seconds(1));
    remove(world, 'a', 'Foreground');
    world.pass(minutes(1));
    expect(names(world)).toEqual([]);
  });

  it('kinds that nothing acts upon are collected too, from the first discovery on', () => {
    const world = worldWith();
    const root = make(world, 'root');
    const policy = {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'p', namespace: 'default', ownerReferences: [ownedBy(root)] },
      spec: { podSelector: {} },
    } as const;
    world.run(world.api.networkpolicies.create(policy));
    remove(world, 'root', 'Background');
    world.pass(seconds(31));
    expect(world.stored('networkpolicies')).toEqual([]);
  });

  it('a Deployment takes its sets and pods along', () => {
    const world = worldWith({ controllers: [garbageCollector(), deploymentController, replicaSetController()], kubelet: {} });
    world.run(world.api.deployments.create(deployment('web', { replicas: 5 })));
    world.pass(seconds(2));
    world.run(world.api.deployments.delete({ namespace: 'default', name: 'web' }));
    world.pass(seconds(2));
    expect([world.stored('replicasets').length, world.stored('pods').length]).toEqual([0, 0]);
  });

  it('API-07, API-08: at rest nothing is left whose owners are all gone, and nothing was taken that had one', () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('create' as const),
        name: fc.nat(7),
        owners: fc.uniqueArray(fc.nat(7), { maxLength: 2 }),
        block: fc.boolean(),
      }),
      fc.record({
        do: fc.constant('delete' as const),
        name: fc.nat(7),
        policy: fc.constantFrom('Background' as const, 'Foreground' as const, 'Orphan' as const),
      }),
      fc.record({ do: fc.constant('pass' as const), time: fc.integer({ min: 0, max: 5_000 }) }),
      fc.constant({ do: 'crash' as const }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), fc.constantFrom(0, milliseconds(30)), (steps, lag) => {
        const world = worldWith({ lag });
        const find = (name: number): Stored<KubeObject> | undefined => world.server.peek('configmaps', 'default', `c${name}`);
        const deletedByUser = new Set<string>();
        world.server.observe(({ resource, type, object, old }) => {
          if (resource !== 'configmaps' || type !== 'DELETED' || deletedByUser.has(object.metadata.uid)) return;
          // Collected: no owner may be there but one that is going itself.
          const before = old?.metadata.ownerReferences ?? object.metadata.ownerReferences ?? [];
          const alive = world.stored<Stored<KubeObject>>('configmaps').filter(({ metadata }) => metadata.deletionTimestamp === undefined);
          expect(alive.filter(({ metadata }) => before.some(({ uid }) => uid === metadata.uid))).toEqual([]);
        });
        for (const each of steps) {
          if (each.do === 'pass') world.pass(each.time);
          else if (each.do === 'crash') world.restartManager([garbageCollector()]);
          else if (each.do === 'create' && !find(each.name)) {
            const owners = each.owners.flatMap((name) => find(name) ?? []);
            world.run(
              world.api.configmaps.create(
                config(
                  `c${each.name}`,
                  owners.map((owner) => ownedBy(owner, each.block)),
                ),
              ),
            );
          } else if (each.do === 'delete') {
            const target = find(each.name);
            if (!target) continue;
            deletedByUser.add(target.metadata.uid);
            remove(world, `c${each.name}`, each.policy);
          }
        }
        world.pass(minutes(1));
        const left = world.stored<Stored<KubeObject>>('configmaps');
        const uids = new Set(left.map(({ metadata }) => metadata.uid));
        for (const { metadata } of left) {
          expect(metadata.deletionTimestamp).toBeUndefined();
          const owners = metadata.ownerReferences ?? [];
          if (owners.length > 0) expect(owners.some(({ uid }) => uids.has(uid))).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });
});
