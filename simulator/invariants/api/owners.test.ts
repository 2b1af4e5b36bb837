import { minutes } from '@slipway/kernel';
import type { ConfigMap, KubeObject, OwnerReference, ReplicaSet, Stored } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';

const map = (name: string, owners: readonly OwnerReference[] = []): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default', ...(owners.length > 0 ? { ownerReferences: owners } : {}) },
});
const referenceTo = ({ apiVersion, kind, metadata: { name, uid } }: Stored<KubeObject>): OwnerReference => ({
  apiVersion,
  kind,
  name,
  uid,
});
const COLLECTOR = 'garbage-collector-controller';

function family(row: string) {
  const lab = new Lab([row]);
  const kubectl = lab.as('kubectl').configmaps;
  const owner = lab.run(kubectl.create(map('owner')));
  const other = lab.run(kubectl.create(map('other')));
  const made = (name: string, ...owners: readonly Stored<KubeObject>[]) => lab.run(kubectl.create(map(name, owners.map(referenceTo))));
  const drop = (name: string, actor = 'kubectl') => lab.run(lab.as(actor).configmaps.delete({ namespace: 'default', name }));
  return { lab, owner, other, made, drop };
}

describe('API-07 gc-right-owner', () => {
  test('what belonged to somebody who went is collected: silent', () => {
    const { lab, owner, made, drop } = family('API-07');
    made('child', owner);
    drop('owner');
    drop('child', COLLECTOR);
    expect(lab.violations).toEqual([]);
    expect(lab.met('API-07')).toBe(1);
  });

  test('one of several owners is still there: reported', () => {
    const { lab, owner, other, made, drop } = family('API-07');
    made('child', owner, other);
    drop('owner');
    drop('child', COLLECTOR);
    expect(lab.violations).toMatchObject([{ id: 'API-07', objects: ['ConfigMap default/child'] }]);
    expect(lab.violations[0]?.message).toMatch(/collected ConfigMap default\/child at revision \d+, whose owner ConfigMap other is there$/);
  });

  test('an owner of the same name and another uid is none', () => {
    const { lab, owner, made, drop } = family('API-07');
    made('child', owner);
    drop('owner');
    lab.run(lab.as('kubectl').configmaps.create(map('owner')));
    drop('child', COLLECTOR);
    expect(lab.violations).toEqual([]);
  });

  test('others may delete what they like', () => {
    const { lab, owner, made, drop } = family('API-07');
    made('child', owner);
    drop('child');
    expect(lab.violations).toEqual([]);
  });
});

describe('API-08 gc-complete', () => {
  test('what is collected in time: silent', () => {
    const { lab, owner, made, drop } = family('API-08');
    made('child', owner);
    drop('owner');
    drop('child', COLLECTOR);
    lab.pass(minutes(11));
    lab.atRest();
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
    expect(lab.met('API-08')).toBe(1);
  });

  test('what is left over is reported once; what has another owner is not', () => {
    const { lab, owner, other, made, drop } = family('API-08');
    made('child', owner);
    made('shared', owner, other);
    drop('owner');
    lab.pass(minutes(11));
    lab.atRest();
    lab.afterCalm();
    expect(lab.violations.map(({ message }) => message)).toEqual(['ConfigMap default/child is left over: its owner ConfigMap owner went']);
  });

  test('what is made after its owner went counts too', () => {
    const { lab, owner, made, drop } = family('API-08');
    drop('owner');
    made('late', owner);
    lab.pass(minutes(2));
    lab.afterCalm();
    expect(lab.broken).toEqual(['API-08']);
  });
});

describe('API-09 finalizers of others', () => {
  const hold = (lab: Lab, actor: string) =>
    lab.run(
      lab.as(actor).configmaps.create({ ...map('a'), metadata: { name: 'a', namespace: 'default', finalizers: ['example.com/hold'] } }),
    );
  const rewrite = (lab: Lab, actor: string) => {
    const stored = lab.server.peek('configmaps', 'default', 'a') as Stored<ConfigMap>;
    const { finalizers: _lost, ...metadata } = stored.metadata;
    lab.run(lab.as(actor).configmaps.update({ ...stored, metadata }));
  };

  test('whoever set one takes it off, and people do as they like: silent', () => {
    const lab = new Lab(['API-09']);
    hold(lab, 'operator');
    rewrite(lab, 'operator');
    lab.run(lab.as('kubectl').configmaps.delete({ namespace: 'default', name: 'a' }));
    hold(lab, 'operator');
    rewrite(lab, 'kubectl');
    expect(lab.violations).toEqual([]);
  });

  test('an operator ends the hold of a person on what is being deleted: silent', () => {
    const lab = new Lab(['API-09']);
    hold(lab, 'kubectl');
    lab.run(lab.as('kubectl').configmaps.delete({ namespace: 'default', name: 'a' }));
    rewrite(lab, 'operator');
    expect(lab.violations).toEqual([]);
    expect(lab.met('API-09')).toBeGreaterThan(0);
  });

  test.each([
    ['operator', 'another-operator', false],
    ['operator', 'deployment-controller', true],
    ['kubectl', 'operator', false],
    ['kubectl', 'deployment-controller', true],
  ])('the finalizer of %s is lost by %s: reported', (setter, loser, isDeleted) => {
    const lab = new Lab(['API-09']);
    hold(lab, setter);
    if (isDeleted) lab.run(lab.as('kubectl').configmaps.delete({ namespace: 'default', name: 'a' }));
    rewrite(lab, loser);
    expect(lab.violations.map(({ message }) => message)).toEqual([
      `${loser} took the finalizer example.com/hold off ConfigMap default/a, which ${setter} had set`,
    ]);
  });
});

describe('API-10 no-overshoot', () => {
  const LABELS = { app: 'web' };
  const template = { metadata: { labels: LABELS }, spec: { containers: [{ name: 'main', image: 'nginx' }] } };

  function setOf(replicas: number) {
    const lab = new Lab(['API-10']);
    const object: ReplicaSet = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas, selector: { matchLabels: LABELS }, template },
    };
    const set = lab.run(lab.as('kubectl').replicasets.create(object));
    const make = (name: string) =>
      lab.run(
        lab.as('replicaset-controller').pods.create({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name, namespace: 'default', labels: LABELS, ownerReferences: [{ ...referenceTo(set), controller: true }] },
          spec: template.spec,
        }),
      );
    const scale = (to: number) =>
      lab.run(lab.as('kubectl').replicasets.patch({ namespace: 'default', name: 'web', patch: { spec: { replicas: to } } }));
    return { lab, make, scale };
  }

  test('a pod for each that is wanted, and for each that goes: silent', () => {
    const { lab, make } = setOf(2);
    for (const name of ['a', 'b']) make(name);
    lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name: 'a', gracePeriodSeconds: 0 }));
    make('c');
    expect(lab.violations).toEqual([]);
    expect(lab.met('API-10')).toBe(3);
  });

  test('one too many is reported', () => {
    const { lab, make } = setOf(2);
    for (const name of ['a', 'b', 'c']) make(name);
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'replicaset-controller made Pod default/c: ReplicaSet default/web has 3 pods alive and wants 2',
    ]);
  });

  test('a wish that was taken back a moment ago may still be acted on, and not for ever', () => {
    const { lab, make, scale } = setOf(2);
    scale(1);
    for (const name of ['a', 'b']) make(name);
    expect(lab.violations).toEqual([]);
    lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name: 'a', gracePeriodSeconds: 0 }));
    lab.pass(minutes(11));
    make('c');
    expect(lab.broken).toEqual(['API-10']);
  });

  test('a controller that begins anew may not have heard of its last creation', () => {
    const { lab, make } = setOf(1);
    make('a');
    lab.kernel.record('fault', 'scenario', 'fault/down', 'kube-controller-manager', []);
    make('b');
    expect(lab.violations).toEqual([]);
  });
});

describe('API-11 quota', () => {
  function limited() {
    const lab = new Lab(['API-11']);
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'few', namespace: 'default' },
      spec: { hard: { configmaps: '2' } },
    } as const;
    lab.run(lab.as('kubectl').resourcequotas.create(quota));
    const say = (used: string) => {
      const patch = { status: { hard: quota.spec.hard, used: { configmaps: used } } };
      lab.run(lab.as('resourcequota-controller').resourcequotas.patch({ namespace: 'default', name: 'few', subresource: 'status', patch }));
    };
    const make = (name: string) => lab.run(lab.as('kubectl').configmaps.create(map(name)));
    return { lab, say, make };
  }

  test('a server that counts refuses what is too much: silent', () => {
    const { lab, say, make } = limited();
    say('0');
    make('a');
    make('b');
    expect(() => make('c')).toThrow('exceeded quota');
    lab.pass(minutes(11));
    lab.atRest();
    expect(lab.violations).toEqual([]);
    expect(lab.met('API-11')).toBeGreaterThan(2);
  });

  test('more than is allowed, and a count that is not given back, are reported', () => {
    const { lab, say, make } = limited();
    say('0');
    make('a');
    make('b');
    // Somebody gives back what was never freed.
    say('0');
    make('c');
    expect(lab.violations[0]?.message).toBe('ConfigMap default/c was made: 3 configmaps are there, and ResourceQuota default/few allows 2');
    lab.pass(minutes(11));
    lab.afterCalm();
    expect(lab.violations[1]?.message).toBe('ResourceQuota default/few says that 1 configmaps are used, and 3 are there');
  });
});

describe('API-05 no-time-travel', () => {
  test('lists of a real server go forward', () => {
    const lab = new Lab(['API-05']);
    const { configmaps } = lab.as('reader');
    for (const name of ['a', 'b']) {
      lab.run(configmaps.create(map(name)));
      lab.run(configmaps.list({}));
    }
    expect(lab.violations).toEqual([]);
    expect(lab.met('API-05')).toBe(2);
  });

  const list = (lab: Lab, resourceVersion: string, struck = false): void => {
    const seq = lab.kernel.record('call', 'reader', 'api.Server/List', undefined, [], { resource: 'configmaps' }, 0);
    if (struck) lab.kernel.record('fault', 'kube-apiserver', 'api.Server/List', undefined, ['answered by another'], undefined, seq);
    lab.kernel.record('answer', 'kube-apiserver', 'api.Server/List', undefined, ['OK'], { items: [], resourceVersion }, seq);
  };

  test('a list that is older than one before is reported, unless a fault has it answered so', () => {
    const lab = new Lab(['API-05']);
    list(lab, '20');
    list(lab, '10', true);
    expect(lab.violations).toEqual([]);
    list(lab, '10');
    expect(lab.violations.map(({ message }) => message)).toEqual(['reader was told of configmaps at revision 10, and had seen them at 20']);
  });

  test('a list that does not know what its reader wrote is reported', () => {
    const lab = new Lab(['API-05']);
    lab.run(lab.as('reader').configmaps.create(map('a')));
    list(lab, '1');
    expect(lab.broken).toEqual(['API-05']);
  });
});
