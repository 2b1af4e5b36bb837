import fc from 'fast-check';
import type { PersistentVolumeClaim, Pod, StatefulSet, Stored } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { template } from '../testing/world.ts';
import { isLeavingWithEarlierPod, wantedOwners } from './claim-owners.ts';
import { type Action, decide, type Decision } from './decide.ts';
import { ordinalOf, type Revision } from './identity.ts';

const OLD: Revision = { name: 'web-old', template: template('web', 'nginx:1') };
const NEW: Revision = { name: 'web-new', template: template('web', 'nginx:2') };

function set(spec: Partial<StatefulSet['spec']> = {}, status?: StatefulSet['status']): Stored<StatefulSet> {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: 'web',
      namespace: 'default',
      uid: 'set-1',
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      generation: 1,
    },
    spec: {
      replicas: 3,
      serviceName: 'web',
      selector: { matchLabels: { app: 'web' } },
      template: NEW.template,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
      ...spec,
    },
    ...(status && { status }),
  } as Stored<StatefulSet>;
}

type State = 'ready' | 'pending' | 'failed' | 'terminating';

function pod(ordinal: number, state: State = 'ready', revision = NEW.name): Stored<Pod> {
  const phase = state === 'pending' ? 'Pending' : state === 'failed' ? 'Failed' : 'Running';
  const name = `web-${ordinal}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: 'web', 'statefulset.kubernetes.io/pod-name': name, 'controller-revision-hash': revision },
      ...(state === 'terminating' && { deletionTimestamp: '2026-01-01T00:00:30Z' }),
    },
    spec: { containers: [{ name: 'main', image: 'nginx:1' }] },
    status: { phase, conditions: [{ type: 'Ready', status: phase === 'Running' ? 'True' : 'False' }] },
  };
}

function decisionFor(of: Stored<StatefulSet>, pods: readonly Stored<Pod>[], claims: readonly PersistentVolumeClaim[] = []): Decision {
  const stored = claims as readonly Stored<PersistentVolumeClaim>[];
  const claim = (name: string) => stored.find(({ metadata }) => metadata.name === name);
  return decide({ set: of, pods, claim, current: OLD, update: NEW, collisionCount: 0, now: 0 });
}

const said = (action: Action): string => `${action.kind} ${action.pod.metadata.name}`;
const actions = (...given: Parameters<typeof decisionFor>): readonly string[] =>
  decisionFor(...given)
    .phases.flat()
    .map(said);

describe('decide: OrderedReady', () => {
  test.each<[string, readonly Stored<Pod>[], readonly string[]]>([
    ['nothing there: the first', [], ['create web-0']],
    ['the first is ready: the second', [pod(0)], ['create web-1']],
    ['the first is not ready: nobody', [pod(0, 'pending')], []],
    ['the first is missing: it, before any other', [pod(1), pod(2)], ['create web-0']],
    ['a failed one: it goes', [pod(0), pod(1, 'failed'), pod(2)], ['delete web-1']],
    ['one is terminating: wait', [pod(0), pod(1, 'terminating')], []],
    ['all are ready: nothing', [pod(0), pod(1), pod(2)], []],
    ['two too many: the highest', [pod(0), pod(1), pod(2), pod(3), pod(4)], ['delete web-4']],
    ['too many, and one below is not ready: wait', [pod(0), pod(1, 'pending'), pod(2), pod(3)], []],
    [
      'too many, the highest is not ready but not the lowest of those: wait',
      [pod(0), pod(1), pod(2), pod(3, 'pending'), pod(4, 'pending')],
      [],
    ],
    ['too many, and only the highest is not ready: it goes', [pod(0), pod(1), pod(2), pod(3), pod(4, 'pending')], ['delete web-4']],
    ['the highest is going: wait for it', [pod(0), pod(1), pod(2), pod(3), pod(4, 'terminating')], []],
    ['outdated ones: the highest', [pod(0, 'ready', 'web-old'), pod(1, 'ready', 'web-old'), pod(2, 'ready', 'web-old')], ['delete web-2']],
    ['an updated one above: the next below', [pod(0, 'ready', 'web-old'), pod(1, 'ready', 'web-old'), pod(2)], ['delete web-1']],
    ['an updated one above that is not ready: wait', [pod(0, 'ready', 'web-old'), pod(1, 'ready', 'web-old'), pod(2, 'pending')], []],
    ['scaling goes before updating', [pod(0, 'ready', 'web-old'), pod(1), pod(2), pod(3)], ['delete web-3']],
  ])('%s', (_title, pods, expected) => {
    expect(actions(set(), pods)).toEqual(expected);
  });

  test('OnDelete updates nothing, a partition only what is above it', () => {
    const old = [0, 1, 2].map((ordinal) => pod(ordinal, 'ready', 'web-old'));
    expect(actions(set({ updateStrategy: { type: 'OnDelete' } }), old)).toEqual([]);
    const partitioned = set({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } });
    expect(actions(partitioned, old)).toEqual(['delete web-2']);
    expect(actions(partitioned, [...old.slice(0, 2), pod(2)])).toEqual([]);
    const [made] = decisionFor(partitioned, []).phases.flat();
    expect(made?.pod.metadata.labels?.['controller-revision-hash']).toBe('web-old');
    expect(made?.kind === 'create' && made.pod.spec.containers[0]?.image).toBe('nginx:1');
  });

  test('ordinals may start anywhere, and what is outside of them goes', () => {
    const shifted = set({ ordinals: { start: 5 }, replicas: 2 });
    expect(actions(shifted, [])).toEqual(['create web-5']);
    expect(actions(shifted, [pod(4), pod(5), pod(6)])).toEqual(['delete web-4']);
  });

  test('a set that is being deleted only counts', () => {
    const leaving = set();
    expect(actions({ ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }, [pod(0)])).toEqual([]);
  });
});

describe('decide: Parallel', () => {
  const parallel = set({ podManagementPolicy: 'Parallel' });
  test.each<[string, readonly Stored<Pod>[], readonly string[]]>([
    ['all at once', [], ['create web-0', 'create web-1', 'create web-2']],
    [
      'what is missing and what is too much together',
      [pod(0, 'pending'), pod(3), pod(4)],
      ['create web-1', 'create web-2', 'delete web-4', 'delete web-3'],
    ],
    ['updates still one by one', [0, 1, 2].map((ordinal) => pod(ordinal, 'ready', 'web-old')), ['delete web-2']],
    ['and only while all above are ready', [pod(0, 'ready', 'web-old'), pod(1, 'ready', 'web-old'), pod(2, 'pending')], []],
  ])('%s', (_title, pods, expected) => {
    expect(actions(parallel, pods)).toEqual(expected);
  });
});

describe('decide: whatever the pods are like', () => {
  const states = fc.constantFrom<State>('ready', 'pending', 'failed', 'terminating');
  const one = fc.record({ ordinal: fc.integer({ min: 0, max: 7 }), state: states, revision: fc.constantFrom('web-old', 'web-new') });
  const pods = fc.uniqueArray(one, { selector: ({ ordinal }) => ordinal, maxLength: 8 });
  const sets = fc.record({
    replicas: fc.integer({ min: 0, max: 5 }),
    podManagementPolicy: fc.constantFrom('OrderedReady' as const, 'Parallel' as const),
    partition: fc.integer({ min: 0, max: 5 }),
    start: fc.integer({ min: 0, max: 3 }),
  });

  test('no pod twice, none outside of its range made, none inside deleted but for its end or its age; in order one pod at a time', () => {
    fc.assert(
      fc.property(pods, sets, (given, { replicas, podManagementPolicy, partition, start }) => {
        const rollingUpdate = { partition };
        const of = set({ replicas, podManagementPolicy, ordinals: { start }, updateStrategy: { type: 'RollingUpdate', rollingUpdate } });
        const existing = given.map(({ ordinal, state, revision }) => pod(ordinal, state, revision));
        const names = new Set(existing.map(({ metadata }) => metadata.name));
        const { phases } = decisionFor(of, existing);
        const all = phases.flat();
        const touched = all.filter(({ kind }) => kind === 'create' || kind === 'delete');
        expect(new Set(touched.map(({ pod: { metadata } }) => metadata.name)).size).toBe(touched.length);
        if (podManagementPolicy === 'OrderedReady') expect(touched.length).toBeLessThanOrEqual(1);
        for (const action of all) {
          const ordinal = ordinalOf(of, action.pod) ?? -1;
          const inside = ordinal >= start && ordinal < start + replicas;
          if (action.kind === 'create') expect([inside, names.has(action.pod.metadata.name)]).toEqual([true, false]);
          if (action.kind !== 'delete') continue;
          expect(action.pod.metadata.deletionTimestamp).toBeUndefined();
          expect(action.why === 'condemned').toBe(!inside);
          if (action.why === 'outdated') expect(ordinal - start).toBeGreaterThanOrEqual(partition);
        }
        expect(all.filter((action) => action.kind === 'delete' && action.why === 'outdated').length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('claims', () => {
  const withClaims = (policy?: StatefulSet['spec']['persistentVolumeClaimRetentionPolicy']) =>
    set({
      volumeClaimTemplates: [{ metadata: { name: 'data', labels: { tier: 'db' } }, spec: { accessModes: ['ReadWriteOnce'] } }],
      ...(policy && { persistentVolumeClaimRetentionPolicy: policy }),
    });
  const claim = (ownerReferences: PersistentVolumeClaim['metadata']['ownerReferences'] = [], ordinal = 0): PersistentVolumeClaim => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `data-web-${ordinal}`, namespace: 'default', ownerReferences },
    spec: {},
  });
  const bySet = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web', uid: 'set-1', controller: true, blockOwnerDeletion: true };
  const byPod = { apiVersion: 'v1', kind: 'Pod', name: 'web-3', uid: 'uid-web-3', controller: true, blockOwnerDeletion: true };

  test('a place has its claim, its host name and its labels', () => {
    const [made] = decisionFor(withClaims(), []).phases.flat();
    expect(made).toMatchObject({
      kind: 'create',
      claims: { create: [{ metadata: { name: 'data-web-0', labels: { tier: 'db', app: 'web' } } }] },
      pod: {
        metadata: {
          name: 'web-0',
          labels: {
            'statefulset.kubernetes.io/pod-name': 'web-0',
            'apps.kubernetes.io/pod-index': '0',
            'controller-revision-hash': 'web-new',
          },
        },
        spec: { hostname: 'web-0', subdomain: 'web', volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-web-0' } }] },
      },
    });
    expect(made?.pod.metadata.generateName).toBeUndefined();
  });

  test('owners follow the retention policy', () => {
    const wanted = (whenDeleted: 'Retain' | 'Delete', whenScaled: 'Retain' | 'Delete', ordinal: number) =>
      wantedOwners(claim([], ordinal), withClaims({ whenDeleted, whenScaled }), pod(ordinal))?.map(({ kind }) => kind);
    expect([0, 3].map((ordinal) => wanted('Retain', 'Retain', ordinal))).toEqual([undefined, undefined]);
    expect([0, 3].map((ordinal) => wanted('Delete', 'Retain', ordinal))).toEqual([['StatefulSet'], ['StatefulSet']]);
    expect([0, 3].map((ordinal) => wanted('Retain', 'Delete', ordinal))).toEqual([undefined, ['Pod']]);
    expect([0, 3].map((ordinal) => wanted('Delete', 'Delete', ordinal))).toEqual([['StatefulSet'], ['Pod']]);
    expect(wantedOwners(claim([bySet]), withClaims(), pod(0))).toEqual([]);
    expect(wantedOwners(claim([{ ...bySet, uid: 'earlier' }]), withClaims({ whenDeleted: 'Delete' }), pod(0))).toBeUndefined();
  });

  test('a condemned pod takes its claim along before it goes, and a new pod waits until that claim is gone', () => {
    const policy = withClaims({ whenDeleted: 'Retain', whenScaled: 'Delete' });
    const members = [0, 1, 2, 3].map((ordinal) => {
      const each = pod(ordinal);
      const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: `data-web-${ordinal}` } }];
      return { ...each, spec: { ...each.spec, volumes } };
    });
    expect(actions(policy, members, [claim([], 3)])).toEqual(['owners web-3', 'delete web-3']);
    expect(actions(policy, members, [claim([byPod], 3)])).toEqual(['delete web-3']);
    const grown = { ...policy, spec: { ...policy.spec, replicas: 4 } };
    expect(isLeavingWithEarlierPod(claim([byPod], 3), grown, { ...pod(3), metadata: { ...pod(3).metadata, uid: '' } })).toBe(true);
    expect(actions(grown, members.slice(0, 3), [claim([byPod], 3)])).toEqual([]);
  });
});
