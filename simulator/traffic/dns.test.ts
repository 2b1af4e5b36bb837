import { flannel } from '@slipway/cni/mocks';
import type { Pod } from '@slipway/kube';
import { expect, it } from 'vitest';
import { TrafficWorld } from './testing/world.ts';

function world(): TrafficWorld {
  const made = new TrafficWorld({ network: { plugin: flannel }, nodes: 2 });
  made.run(made.api.namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }));
  made.pod('db-0', { node: 'node-2', spec: { hostname: 'db-0', subdomain: 'db' } });
  made.pod('db-1', { node: 'node-1', spec: { hostname: 'db-1', subdomain: 'db' } });
  made.service('db', { clusterIP: 'None' });
  made.endpoints('db', { 'db-0': { hostname: 'db-0' }, 'db-1': { hostname: 'db-1', ready: false } });
  made.service('web');
  made.endpoints('web', { 'db-0': {} });
  made.pod('client');
  made.pod('stranger', { namespace: 'shop' });
  return made;
}

const addressOf = (made: TrafficWorld, pod: string, name: string): string => {
  const { stdout, exitCode } = made.exec(pod, 'getent', 'hosts', name);
  return exitCode === 0
    ? stdout
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/)[0])
        .join(' ')
    : `exit ${exitCode}`;
};

it('dns: a Service has its cluster IP under each of its names, by the namespace of the pod that asks', () => {
  const made = world();
  const ip = made.run(made.api.services.get({ namespace: 'default', name: 'web' })).spec.clusterIP;
  for (const name of ['web', 'web.default', 'web.default.svc', 'web.default.svc.cluster.local', 'web.default.svc.cluster.local.', 'WEB'])
    expect(addressOf(made, 'client', name)).toBe(ip);
  expect(addressOf(made, 'stranger', 'web')).toBe('exit 2');
  expect(addressOf(made, 'stranger', 'web.default')).toBe(ip);
  expect(addressOf(made, 'client', 'web.')).toBe('exit 2');
  expect(addressOf(made, 'client', 'nobody.default')).toBe('exit 2');
});

it('dns: a headless Service gives its ready endpoints, each under its own name too', () => {
  const made = world();
  const [zero, one] = [made.ips.get('db-0') ?? '', made.ips.get('db-1') ?? ''];
  expect(addressOf(made, 'client', 'db')).toBe(zero);
  expect(addressOf(made, 'client', 'db-0.db')).toBe(zero);
  expect(addressOf(made, 'client', 'db-0.db.default.svc.cluster.local')).toBe(zero);
  expect(addressOf(made, 'client', 'db-1.db')).toBe('exit 2');
  expect(made.ask('client', 'http://db-1.db:8080/').dropped).toEqual({
    stage: 'dns',
    where: 'node-1',
    why: 'headless Service default/db has no ready endpoint "db-1"',
  });
  made.endpoints('db', { 'db-0': { hostname: 'db-0' }, 'db-1': { hostname: 'db-1' } });
  expect(addressOf(made, 'client', 'db').split(' ').sort()).toEqual([zero, one].sort());
  const firsts = new Set(Array.from({ length: 12 }, () => addressOf(made, 'client', 'db').split(' ')[0]));
  expect(firsts.size).toBe(2);
  expect(made.say('client', 'http://db-1.db:8080/')).toBe('db-1');
  expect(addressOf(made, 'client', `${zero.replaceAll('.', '-')}.default.pod.cluster.local`)).toBe(zero);
});

it('dns: ExternalName is an alias, inside and outside of the cluster; a circle ends', () => {
  const made = world();
  made.names.set('api.example.com', ['192.0.2.9']);
  const alias = (name: string, externalName: string) => made.service(name, { type: 'ExternalName', externalName, ports: [] });
  alias('api', 'api.example.com');
  alias('db-alias', 'web.default.svc.cluster.local');
  alias('one', 'two.default.svc.cluster.local');
  alias('two', 'one.default.svc.cluster.local');
  expect(addressOf(made, 'client', 'api')).toBe('192.0.2.9');
  expect(made.say('client', 'http://db-alias/')).toBe('db-0');
  expect(addressOf(made, 'client', 'one')).toBe('exit 2');
});

it('dns: policy and configuration of the pod decide which names it knows', () => {
  const made = world();
  made.names.set('registry.example.com', ['192.0.2.10']);
  const ip = made.run(made.api.services.get({ namespace: 'default', name: 'web' })).spec.clusterIP ?? '';
  const pod = (name: string, spec: Partial<Pod['spec']>, node = 'node-1') => {
    made.pod(name, { spec, node });
    return ['web', 'web.default.svc.cluster.local', 'registry.example.com'].map((host) => addressOf(made, name, host));
  };
  expect(pod('plain', {})).toEqual([ip, ip, '192.0.2.10']);
  expect(pod('node-like', { dnsPolicy: 'Default' })).toEqual(['exit 2', 'exit 2', '192.0.2.10']);
  expect(pod('on-node', { hostNetwork: true })).toEqual(['exit 2', 'exit 2', '192.0.2.10']);
  expect(pod('on-node-too', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, 'node-2')).toEqual([ip, ip, '192.0.2.10']);
  expect(pod('own', { dnsPolicy: 'None', dnsConfig: { nameservers: ['10.96.0.10'], searches: ['svc.cluster.local'] } })).toEqual([
    'exit 2',
    ip,
    '192.0.2.10',
  ]);
});
