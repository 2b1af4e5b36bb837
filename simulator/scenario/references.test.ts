import { customKinds, kinds, type KubeObject, type PodSpec } from '@slipway/kube';
import { describe, expect, it, test } from 'vitest';
import { node, pod, testWorld } from '../apiserver/test-world.ts';
import {
  BadReference,
  nodeOf,
  parseObjectRef,
  podsOf,
  resolveNode,
  resolveNodes,
  resolvePod,
  resolveSender,
  resolveTarget,
} from './references.ts';
import { Variables } from './variables.ts';

const labels = { app: 'web' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'nginx:1.27' }] } };

/** A Deployment `web` with the pods `web-a` and `web-b`, and what hangs on them. */
function shop() {
  const world = testWorld();
  const { api, run } = world;
  const ownedBy = ({ apiVersion, kind, metadata: { name, uid = '' } }: KubeObject) => ({
    ownerReferences: [{ apiVersion, kind, name, uid, controller: true }],
  });
  for (const name of ['node-1', 'node-2']) run(api.nodes.create(node(name)));
  const deployment = run(
    api.deployments.create({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: { matchLabels: labels }, template },
    }),
  );
  const replicaSet = run(
    api.replicasets.create({
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'web-1', namespace: 'default', ...ownedBy(deployment) },
      spec: { selector: { matchLabels: labels }, template },
    }),
  );
  const add = (name: string, nodeName: string | undefined, spec: Partial<PodSpec> = {}) =>
    run(api.pods.create(pod(name, { ...(nodeName === undefined ? {} : { nodeName }), ...spec }, { labels, ...ownedBy(replicaSet) })));
  add('web-b', 'node-2');
  add('web-a', undefined, { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] });
  run(
    api.services.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { selector: labels, ports: [{ port: 80 }] },
    }),
  );
  run(
    api.persistentvolumeclaims.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
  );
  const cluster = { server: world.server, nodes: new Map() };
  const variables = new Variables();
  const names = (text: string) => podsOf(parseObjectRef(text, kinds), cluster).map(({ metadata }) => metadata.name);
  return { ...world, cluster, variables, names, add };
}

/** Message and fix of a bad reference. */
function refused(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof BadReference) return `${error.message} | ${error.fix ?? ''}`;
    throw error;
  }
  throw new Error('expected a bad reference');
}

test.each([
  ['deployment/web', 'deployments', 'default', 'web'],
  ['deploy/shop/web', 'deployments', 'shop', 'web'],
  ['PODS/x', 'pods', 'default', 'x'],
  ['Deployment.apps/web', 'deployments', 'default', 'web'],
  ['node/node-1', 'nodes', undefined, 'node-1'],
  ['pvc/data', 'persistentvolumeclaims', 'default', 'data'],
])('object references: %s', (text, plural, namespace, name) => {
  expect(parseObjectRef(text, kinds)).toMatchObject({ plural, namespace, name });
});

test.each([
  ['web', '"web" names no object | write kind/name, or kind/namespace/name: deployment/web, pod/shop/web-0'],
  ['a/b/c/d', '"a/b/c/d" names no object | write kind/name, or kind/namespace/name: deployment/web, pod/shop/web-0'],
  ['deploymnt/web', 'there is no kind "deploymnt" | did you mean "deployment/web"?'],
  ['gadget/web', 'there is no kind "gadget" | a custom kind needs its CustomResourceDefinition in a manifest'],
  ['node/default/a', '"node/default/a": a Node is in no namespace | write "node/a"'],
])('object references: %s is refused', (text, message) => {
  expect(refused(() => parseObjectRef(text, kinds))).toBe(message);
});

describe('pods', () => {
  it('of a workload, a Service and a claim are found by owners, labels and volumes, in the order of their names', () => {
    const { names } = shop();
    expect(names('deployment/web')).toEqual(['web-a', 'web-b']);
    expect(names('rs/web-1')).toEqual(['web-a', 'web-b']);
    expect(names('service/web')).toEqual(['web-a', 'web-b']);
    expect(names('pvc/data')).toEqual(['web-a']);
    expect(names('pod/web-b')).toEqual(['web-b']);
  });

  it('on their way out stand behind those that live', () => {
    const { api, run, names, cluster, variables } = shop();
    const old = run(api.pods.get({ namespace: 'default', name: 'web-a' }));
    run(api.pods.updateStatus({ ...old, status: { phase: 'Failed' } }));
    expect(names('deployment/web')).toEqual(['web-b', 'web-a']);
    expect(resolvePod({ podOf: 'deployment/web' }, cluster, variables)).toEqual({ namespace: 'default', name: 'web-b' });
  });

  it('are named with and without their kind and namespace', () => {
    const { cluster, variables } = shop();
    for (const text of ['web-a', 'default/web-a', 'pod/web-a', 'pods/default/web-a'])
      expect(resolvePod(text, cluster, variables)).toEqual({ namespace: 'default', name: 'web-a' });
    expect(refused(() => resolvePod('web-c', cluster, variables))).toBe(
      'there is no Pod default/web-c | there is default/web-a, default/web-b',
    );
  });
});

describe('nodes', () => {
  it('of a workload is where its first bound pod runs', () => {
    const { cluster, variables, add } = shop();
    expect(resolveNode({ nodeOf: 'deployment/web' }, cluster, variables)).toBe('node-2');
    expect(refused(() => resolveNode({ nodeOf: 'pod/web-a' }, cluster, variables))).toBe(
      'Pod default/web-a is on no node yet | give the scheduler time: a later "at"',
    );
    expect(refused(() => nodeOf(parseObjectRef('pvc/data', kinds), cluster))).toContain(
      'no pod of PersistentVolumeClaim default/data is on a node yet',
    );
    add('web-0', 'node-1');
    expect(resolveNode({ nodeOf: 'service/web' }, cluster, variables)).toBe('node-1');
  });

  it('are named, kept in variables, and suggested', () => {
    const { cluster, variables } = shop();
    variables.set('lost', ['node-2', 'node-1']);
    expect(resolveNodes('$lost', cluster, variables)).toEqual(['node-2', 'node-1']);
    expect(resolveNode('$lost', cluster, variables)).toBe('node-2');
    expect(resolveNode('node/node-1', cluster, variables)).toBe('node-1');
    expect(refused(() => resolveNode('nod-1', cluster, variables))).toBe('there is no node "nod-1" | did you mean "node-1"?');
    expect(refused(() => resolveNode('elsewhere', cluster, variables))).toBe('there is no node "elsewhere" | there is node-1, node-2');
  });

  it('of a workload that is not there, or has no pod, is told', () => {
    const { cluster, variables, run, api } = shop();
    expect(refused(() => resolveNode({ nodeOf: 'deployment/shop' }, cluster, variables))).toBe(
      'there is no Deployment default/shop | there is default/web',
    );
    expect(refused(() => resolveNode({ nodeOf: 'job/x' }, cluster, variables))).toBe(
      'there is no Job default/x | there are no jobs at all',
    );
    run(
      api.services.create({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'none', namespace: 'default' },
        spec: { ports: [{ port: 1 }] },
      }),
    );
    expect(refused(() => resolveNode({ nodeOf: 'svc/none' }, cluster, variables))).toContain('Service default/none has no pod');
  });
});

describe('senders', () => {
  it('are pods, nodes and whoever is outside', () => {
    const { cluster, variables } = shop();
    const from = (ref: Parameters<typeof resolveSender>[0]) => resolveSender(ref, cluster, variables);
    expect(from('pod/web-a')).toEqual({ pod: 'default/web-a' });
    expect(from('pod/default/web-a')).toEqual({ pod: 'default/web-a' });
    expect(from('node/node-1')).toEqual({ node: 'node-1' });
    expect(from('outside')).toEqual({ outside: true });
    expect(from({ podOf: 'deployment/web' })).toEqual({ pod: 'default/web-a' });
    expect(from({ nodeOf: 'deployment/web' })).toEqual({ node: 'node-2' });
    expect(refused(() => from('web-a'))).toBe('"web-a" is nobody who could ask | write pod/web-a, node/web-a or outside');
  });
});

describe('targets', () => {
  it('service/name is what a person outside would use, and all else stays', () => {
    const { cluster, variables, run, api } = shop();
    const to = (text: string) => resolveTarget(text, cluster, variables);
    expect(to('http://web/path')).toBe('http://web/path');
    expect(refused(() => to('service/web'))).toBe(
      'Service default/web has no balancer: it is of type ClusterIP | write "web.default:80" to ask its name',
    );
    const balanced = (name: string, port: object) =>
      run(
        api.services.create({
          apiVersion: 'v1',
          kind: 'Service',
          metadata: { name, namespace: 'default' },
          spec: { type: 'LoadBalancer', ports: [{ port: 80, ...port }] },
        }),
      );
    const shopService = balanced('shop', {});
    expect(refused(() => to('svc/shop'))).toContain('has no address yet');
    const at = (ingress: { ip?: string; hostname?: string }) => ({ loadBalancer: { ingress: [ingress] } });
    const first = run(api.services.updateStatus({ ...shopService, status: at({ ip: '203.0.113.9' }) }));
    expect(to('svc/shop')).toBe('http://203.0.113.9:80');
    run(api.services.updateStatus({ ...first, status: at({ hostname: 'x.elb.example' }) }));
    expect(to('services/default/shop')).toBe('http://x.elb.example:80');
    run(api.services.updateStatus({ ...balanced('db', { port: 5432 }), status: at({ ip: '203.0.113.10' }) }));
    expect(to('service/db')).toBe('tcp://203.0.113.10:5432');
  });
});

it('object references: custom kinds are found by the kinds that are given', () => {
  const own = customKinds({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.shop.example' },
    spec: {
      group: 'shop.example',
      names: { plural: 'gadgets', kind: 'Gadget', shortNames: ['gd'] },
      scope: 'Cluster',
      versions: [{ name: 'v1', served: true, storage: true }],
    },
  });
  expect(parseObjectRef('gd/one', [...kinds, ...own])).toMatchObject({ plural: 'gadgets', namespace: undefined, name: 'one' });
});
