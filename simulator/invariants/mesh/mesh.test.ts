import { seconds } from '@slipway/kernel';
import type { KubeObject, Stored } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';

/** A mesh object as its writes show it; the lab's server does not know its kind. */
function put(lab: Lab, resource: string, kind: string, name: string, spec: object): void {
  const object = { apiVersion: 'smi-spec.io/v1', kind, metadata: { name, namespace: 'default', uid: name, resourceVersion: '1' }, spec };
  lab.write({ resource, type: 'ADDED', object: object as unknown as Stored<KubeObject>, old: undefined } as never);
}

const mesh = (lab: Lab, method: string, request: object, answer: object): void =>
  lab.call(`smi.Mesh/${method}`, 'kube-proxy', 'smi/my-mesh', request, answer);

describe('SMI-02 zero-means-none', () => {
  const to = (service: string) => ({ namespace: 'default', service, port: 80 });
  function split(weights: Record<string, number>): Lab {
    const lab = new Lab(['SMI-02']);
    const backends = Object.entries(weights).map(([service, weight]) => ({ service, weight }));
    put(lab, 'trafficsplits', 'TrafficSplit', 'web', { service: 'web', backends });
    return lab;
  }

  test('backends with a weight, and the first moments of a split, are silent', () => {
    const lab = split({ v1: 1, v2: 0 });
    mesh(lab, 'Route', { to: to('web'), protocol: 'TCP' }, { to: to('v2') });
    lab.pass(seconds(10));
    mesh(lab, 'Route', { to: to('web'), protocol: 'TCP' }, { to: to('v1') });
    mesh(lab, 'Route', { to: to('other'), protocol: 'TCP' }, { to: to('v2') });
    expect(lab.violations).toEqual([]);
  });

  test('a request for a backend of weight zero is reported with the split', () => {
    const lab = split({ v1: 1, v2: 0 });
    lab.pass(seconds(10));
    mesh(lab, 'Route', { to: to('web'), protocol: 'TCP' }, { to: to('v2') });
    expect(lab.violations).toMatchObject([{ id: 'SMI-02', objects: ['TrafficSplit default/web'] }]);
  });
});

describe('SMI-04 deny-by-default', () => {
  const source = { namespace: 'default', serviceAccount: 'front', name: 'front' };
  const account = (name: string) => ({ kind: 'ServiceAccount', name, namespace: 'default' });
  const good = { destination: account('default'), sources: [account('front')], rules: [{ kind: 'HTTPRouteGroup', name: 'all' }] };

  function judged(spec: object | undefined, answer: object): readonly string[] {
    const lab = new Lab(['SMI-04']);
    if (spec) put(lab, 'traffictargets', 'TrafficTarget', 'allow', spec);
    const destination = lab.pod('web');
    mesh(lab, 'Authorise', { source, destination, port: 80, protocol: 'TCP' }, { reason: 'so', ...answer });
    return lab.violations.map(({ message }) => message.slice(message.indexOf('pass') + 5));
  }

  test('a flow that a target allows, one that is denied, and a mesh without access control are silent', () => {
    expect(judged(good, { allowed: true, enforced: true, target: 'default/allow' })).toEqual([]);
    expect(judged(undefined, { allowed: false, enforced: true })).toEqual([]);
    expect(judged(undefined, { allowed: true })).toEqual([]);
  });

  test.each([
    ['no target', undefined, undefined, ', and no TrafficTarget allows it'],
    ['a target that is not there', undefined, 'default/allow', 'is not there'],
    ['a target without rules', { ...good, rules: [] }, 'default/allow', 'has no rules'],
    ['a target for others', { ...good, destination: account('other') }, 'default/allow', 'has another destination'],
    ['a target of others', { ...good, sources: [account('back')] }, 'default/allow', 'does not name the sender'],
  ])('a flow that passes with %s is reported', (_, spec, target, why) => {
    const [message = ''] = judged(spec, { allowed: true, enforced: true, ...(target === undefined ? {} : { target }) });
    expect(message.endsWith(why.replace(/^, /, ''))).toBe(true);
  });
});

describe('SMI-04 deny-by-default, of a receiver that has shown it', () => {
  const source = { namespace: 'default', serviceAccount: 'front', name: 'front' };
  const account = (name: string) => ({ kind: 'ServiceAccount', name, namespace: 'default' });
  const spec = {
    destination: account('default'),
    sources: [account('front')],
    rules: [{ kind: 'HTTPRouteGroup', name: 'web', matches: ['read'] }],
  };

  function guarded(): { readonly lab: Lab; readonly authorise: (method: string, answer: object) => void } {
    const lab = new Lab(['SMI-04']);
    put(lab, 'traffictargets', 'TrafficTarget', 'allow', spec);
    put(lab, 'httproutegroups', 'HTTPRouteGroup', 'web', {
      matches: [
        { name: 'read', methods: ['GET'] },
        { name: 'write', methods: ['*'] },
      ],
    });
    const destination = lab.pod('web');
    lab.pass(seconds(10));
    const authorise = (method: string, answer: object): void =>
      mesh(lab, 'Authorise', { source, destination, port: 80, protocol: 'TCP', http: { method } }, { reason: 'so', ...answer });
    authorise('GET', { allowed: true, target: 'default/allow' });
    authorise('POST', { allowed: false });
    expect(lab.violations).toEqual([]);
    return { lab, authorise };
  }

  test('what passes without a target is reported', () => {
    const { lab, authorise } = guarded();
    authorise('POST', { allowed: true });
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'smi/my-mesh let a request to Pod default/web pass, and no TrafficTarget allows it',
    ]);
  });

  test('a method that none of the rules names is reported', () => {
    const { lab, authorise } = guarded();
    authorise('POST', { allowed: true, target: 'default/allow' });
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'smi/my-mesh let a POST request to Pod default/web pass by TrafficTarget default/allow, none of whose rules names that method',
    ]);
  });
});

describe('SMI-09 live-backends', () => {
  function request(lab: Lab): void {
    const steps = [
      { stage: 'service', where: 'node-1', what: 'default/web:80 to 10.0.0.1:80 (chosen)' },
      { stage: 'deliver', where: 'node-1', what: 'pod default/web-1 10.0.0.1:80' },
    ];
    lab.kernel.record('decision', 'traffic', 'traffic/request', 'outside', [], steps);
  }
  const ready = (lab: Lab, pod: ReturnType<Lab['pod']>, status: 'True' | 'False'): void =>
    void lab.status(pod, { phase: 'Running', conditions: [{ type: 'Ready', status }] });

  test('a ready pod, and one that has just ceased to be ready, are silent; one that is long unready is reported', () => {
    const lab = new Lab(['SMI-09']);
    lab.node('node-1');
    const pod = lab.pod('web-1');
    lab.bind('web-1', 'node-1');
    ready(lab, pod, 'True');
    lab.pass(seconds(10));
    request(lab);
    ready(lab, pod, 'False');
    request(lab);
    expect(lab.violations).toEqual([]);
    lab.pass(seconds(10));
    request(lab);
    expect(lab.violations).toMatchObject([{ id: 'SMI-09', objects: ['Pod default/web-1', 'Service default/web'] }]);
  });
});
