import { bridge, flannel, LeaseIndex } from '@slipway/cni/mocks';
import { type Process, seconds, sleep } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type NetworkUnderTest, TrafficWorld, type TrafficWorldOptions } from './testing/world.ts';

const NETWORKS: readonly (NetworkUnderTest & { readonly name: string })[] = [
  { name: 'bridge with cloud routes', plugin: bridge },
  { name: 'flannel', plugin: flannel },
  { name: 'flannel host-gw', plugin: flannel, options: { backend: 'host-gw' } },
  { name: 'flannel that looks tunnels up', plugin: flannel, options: { peers: 'lookup' }, tunnels: () => new LeaseIndex() },
];

/** Two servers `a` and `b` on two nodes behind `web`, and a client on the first. */
function shop(options: Partial<TrafficWorldOptions> = {}): TrafficWorld {
  const world = new TrafficWorld({ network: { plugin: flannel }, ...options });
  world.pod('a', { node: 'node-1' });
  world.pod('b', { node: 'node-2' });
  world.pod('client', { node: 'node-1' });
  world.service('web', { type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] });
  world.endpoints('web', { a: {}, b: {} });
  return world;
}

describe.each(NETWORKS)('network: $name', (network) => {
  it('pods reach pods of any node, Services and nodes; nodes and outsiders reach Services', () => {
    const world = shop({ network });
    expect(world.say('client', `http://${world.ips.get('b')}:8080/`)).toBe('b');
    expect(world.say('client', `http://${world.ips.get('a')}:8080/`)).toBe('a');
    for (const from of ['client', { node: 'node-1' }, { node: 'node-3' }] as const) {
      const seen = new Set(Array.from({ length: 12 }, () => world.say(from, `http://172.18.0.2:30080/`)));
      expect([...seen].sort()).toEqual(['a', 'b']);
    }
    expect(world.say({ outside: true }, 'http://172.18.0.4:30080/')).toMatch(/^[ab]$/);
    expect(world.say('client', 'http://web/')).toMatch(/^[ab]$/);
  });

  it('a node without power and a partition are named, and heal', () => {
    const world = shop({ network });
    world.endpoints('web', { b: {} });
    world.cut.add('node-2');
    expect(world.say('client', 'http://web/')).toMatch(
      /^network node-1: host unreachable: 10\.244\.2\.\d+ \(node-2 is cut off from node-1\)$/,
    );
    expect(world.ask('client', 'http://web/').error).toMatch(/^dial tcp .*: i\/o timeout$/);
    world.cut.clear();
    expect(world.say('client', 'http://web/')).toBe('b');
    world.host('node-2').powerOff();
    expect(world.say('client', 'http://web/')).toContain('(node-2 has no power)');
    expect(world.say({ outside: true }, 'http://172.18.0.3:30080/')).toContain('(node-2 has no power)');
  });
});

describe('Services', () => {
  it('only ready endpoints get traffic; with none the client is refused at once', () => {
    const world = shop();
    world.endpoints('web', { a: { ready: false }, b: {} });
    for (let at = 0; at < 8; at += 1) expect(world.say('client', 'http://web/')).toBe('b');
    world.endpoints('web', { a: { ready: false }, b: { ready: false } });
    const { delivered, dropped, error } = world.ask('client', 'http://web/');
    expect(delivered).toBe(false);
    expect(dropped).toEqual({ stage: 'service', where: 'node-1', why: 'Service default/web has no ready endpoints (2 not ready)' });
    expect(error).toMatch(/^dial tcp 10\.\d+\.\d+\.\d+:80: connect: connection refused$/);
  });

  it('traffic reaches an endpoint exactly when one is ready, or none is and one still serves (SMI-09)', () => {
    const world = shop();
    const conditions = fc.record({ ready: fc.boolean(), serving: fc.boolean(), terminating: fc.boolean() });
    fc.assert(
      fc.property(conditions, conditions, fc.constantFrom('client', { node: 'node-2' }, { outside: true } as const), (a, b, from) => {
        world.endpoints('web', { a, b });
        const all = Object.entries({ a, b });
        const ready = all.filter(([, { ready: is }]) => is);
        const ending = all.filter(([, { ready: is, serving, terminating }]) => !is && serving && terminating);
        const usable = (ready.length > 0 ? ready : ending).map(([name]) => name);
        const to = typeof from === 'string' ? 'http://web/' : 'http://172.18.0.4:30080/';
        const said = world.say(from, to);
        if (usable.length > 0) expect(usable).toContain(said);
        else expect(said).toContain('has no ready endpoints');
      }),
      { numRuns: 40 },
    );
  });

  it('session affinity sticks to a client until its time is over', () => {
    const world = shop();
    world.service('sticky', { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } });
    const pods = { a: {}, b: {} };
    world.endpoints('sticky', pods);
    const first = world.say('client', 'http://sticky/');
    for (let at = 0; at < 12; at += 1) {
      world.pass(30);
      expect(world.say('client', 'http://sticky/')).toBe(first);
    }
    world.endpoints('sticky', { [first]: { ready: false }, [first === 'a' ? 'b' : 'a']: {} });
    expect(world.say('client', 'http://sticky/')).toBe(first === 'a' ? 'b' : 'a');
    world.endpoints('sticky', pods);
    const seen = new Set<string>();
    for (let at = 0; at < 12; at += 1) {
      seen.add(world.say('client', 'http://sticky/'));
      world.pass(61);
    }
    expect(seen.size).toBe(2);
  });

  it('local policies: inside only endpoints of the own node, outside only those of the node that was hit, with the client’s address', () => {
    const world = shop();
    world.service('inner', { internalTrafficPolicy: 'Local' });
    world.endpoints('inner', { a: {}, b: {} });
    for (let at = 0; at < 6; at += 1) expect(world.say('client', 'http://inner/')).toBe('a');
    expect(world.say({ node: 'node-3' }, `http://${clusterIp(world, 'inner')}/`)).toBe(
      'service node-3: Service default/inner has no local endpoints on node-3',
    );
    const ports = [{ port: 80, targetPort: 8080, nodePort: 30081 }];
    world.service('outer', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 32000, ports });
    world.endpoints('outer', { a: {} });
    const outside = { outside: '198.51.100.7' };
    expect(world.say(outside, 'http://172.18.0.2:30081/who')).toBe('198.51.100.7');
    expect(world.say(outside, 'http://172.18.0.3:30081/')).toBe('service node-2: Service default/outer has no local endpoints on node-2');
    // A node port of one's own machine is short-circuited to all endpoints.
    expect(world.say({ node: 'node-2' }, 'http://172.18.0.3:30081/')).toBe('a');
    expect(world.ask(outside, 'http://172.18.0.2:32000/healthz').reply?.http?.status).toBe(200);
    expect(world.ask(outside, 'http://172.18.0.3:32000/healthz').reply?.http?.status).toBe(503);
  });

  it('cluster policy: the server sees the node that was hit', () => {
    const world = shop();
    world.endpoints('web', { b: {} });
    expect(world.say({ outside: true }, 'http://172.18.0.2:30080/who')).toMatch(/^10\.244\.1\.\d+$|^172\.18\.0\.2$/);
  });

  it('hints keep traffic in the zone, while every ready endpoint has one', () => {
    const world = shop({ zones: ['a', 'b', 'a'] });
    const hint = (name: string) => ({ hints: { forZones: [{ name }] } });
    world.endpoints('web', { a: hint('a'), b: hint('b') });
    const seen = (node: string) => new Set(Array.from({ length: 10 }, () => world.say({ node }, `http://${clusterIp(world, 'web')}/`)));
    expect([...seen('node-3')]).toEqual(['a']);
    expect([...seen('node-2')]).toEqual(['b']);
    world.endpoints('web', { a: hint('a'), b: {} });
    expect(seen('node-3').size).toBe(2);
  });

  it('hairpin: a pod reaches itself through its Service', () => {
    const world = shop();
    world.endpoints('web', { a: {} });
    expect(world.say('a', 'http://web/')).toBe('a');
  });

  it('external IPs and balancers’ IPs are translated on the sender’s node; a port that is none of the Service’s leads nowhere', () => {
    const world = shop();
    world.service('public', { externalIPs: ['192.0.2.80'] });
    world.endpoints('public', { b: {} });
    expect(world.say('client', 'http://192.0.2.80/')).toBe('b');
    expect(world.say('client', 'http://web:81/')).toBe('service node-1: Service default/web has no port 81/TCP');
  });
});

describe('balancers', () => {
  it('lead from outside to a machine in service and on to a pod; source ranges and empty pools drop', () => {
    const world = shop();
    const balanced = { balancer: 'a1b2', targets: ['node-3'], targetPort: 30080, sourceRanges: ['198.51.100.0/24'] };
    world.names.set('a1b2.elb.amazonaws.com', ['192.0.2.1']);
    world.balancers.set('192.0.2.1:80/TCP', balanced);
    const url = 'http://a1b2.elb.amazonaws.com/';
    const { steps, delivered } = world.ask({ outside: '198.51.100.9' }, url);
    expect(delivered).toBe(true);
    expect(steps.map(({ stage, where }) => `${stage} ${where}`)).toEqual(
      expect.arrayContaining(['dns outside', 'load-balancer a1b2', 'service node-3', 'network node-3']),
    );
    expect(world.say({ outside: true }, url)).toBe('load-balancer a1b2: 203.0.113.10 is in none of the source ranges 198.51.100.0/24');
    world.balancers.set('192.0.2.1:80/TCP', { ...balanced, targets: [], sourceRanges: ['0.0.0.0/0'] });
    expect(world.ask({ outside: true }, url)).toMatchObject({
      dropped: { stage: 'load-balancer', why: 'no target is in service' },
      error: 'read tcp 192.0.2.1:80: read: connection reset by peer',
    });
  });
});

describe('on the way', () => {
  it('each drop names where and why, and what the client sees', () => {
    const world = shop();
    expect(world.ask('client', 'http://nobody/')).toMatchObject({
      dropped: { stage: 'dns', where: 'node-1', why: 'no such host' },
      error: 'lookup nobody: no such host',
    });
    expect(world.ask('client', `tcp://${world.ips.get('b')}:9999`)).toMatchObject({
      dropped: { stage: 'deliver', where: 'node-2', why: `nobody listens on ${world.ips.get('b')}:9999` },
      error: `dial tcp ${world.ips.get('b')}:9999: connect: connection refused`,
    });
    expect(world.ask('client', 'tcp://10.244.1.99:80', { timeout: seconds(10) })).toMatchObject({
      dropped: { stage: 'network', where: 'node-1', why: 'host unreachable: 10.244.1.99' },
      error: 'dial tcp 10.244.1.99:80: connect: no route to host',
    });
    expect(world.ask('client', 'tcp://8.8.8.8:53')).toMatchObject({
      dropped: { stage: 'network', where: 'node-1', why: 'left the cluster: 8.8.8.8' },
      error: 'dial tcp 8.8.8.8:53: i/o timeout',
    });
    expect(world.ask({ pod: 'default/ghost' }, 'http://web/').error).toBe('there is no pod default/ghost');
    expect(() => world.ask('client', 'web')).toThrow('"web" is nowhere to send a request');
  });

  it('a node knows no names of the cluster, and a drop says so', () => {
    const world = shop();
    expect(world.ask({ node: 'node-1' }, 'http://web/')).toMatchObject({
      dropped: { stage: 'dns', where: 'node-1', why: "no such host: a node does not ask the cluster's DNS" },
      error: 'lookup web: no such host',
    });
    expect(world.ask({ outside: true }, 'http://web/').dropped).toMatchObject({ stage: 'dns', why: 'no such host' });
  });

  it('an answer that comes too late, or whose way back is cut, is no delivery', () => {
    const world = shop();
    world.endpoints('web', { b: {} });
    expect(world.say('client', 'http://web/slow')).toBe('deliver node-2: no answer in time');
    expect(world.say('client', 'http://web/slow', { timeout: seconds(20) })).toBe('late');
    world.owner.spawn(
      'cutter',
      (function* (): Process {
        yield* sleep(seconds(3));
        world.cut.add('node-2');
      })(),
    );
    expect(world.say('client', 'http://web/slow', { timeout: seconds(20) })).toMatch(
      /^network node-2: the answer is lost, host unreachable/,
    );
  });

  it('power that goes while the server thinks is a time-out for the client', () => {
    const world = shop();
    world.endpoints('web', { b: {} });
    world.owner.spawn(
      'storm',
      (function* (): Process {
        yield* sleep(seconds(3));
        world.host('node-2').powerOff();
      })(),
    );
    expect(world.say('client', 'http://web/slow', { timeout: seconds(20) })).toBe('deliver node-2: node-2 lost its power');
  });

  it('every request is one decision in the trace; the same seed gives the same decisions', () => {
    const once = () => {
      const world = shop({ kernel: { seed: 5 } });
      for (let at = 0; at < 5; at += 1) world.say('client', 'http://web/');
      world.say('client', 'http://nobody/');
      return world.decisions;
    };
    const decisions = once();
    expect(decisions).toHaveLength(6);
    expect(decisions[0]).toMatchObject({ kind: 'decision', actor: 'traffic', subject: 'pod default/client' });
    expect(String(decisions[5]?.data[1])).toBe('dropped, dns: no such host');
    expect(once().map(({ at, data }) => [at, data])).toEqual(decisions.map(({ at, data }) => [at, data]));
  });

  test('without routes between nodes the bridge network says so', () => {
    const world = shop({ network: { plugin: bridge }, routes: false });
    expect(world.say('client', `http://${world.ips.get('b')}:8080/`)).toBe(`network node-1: left the cluster: ${world.ips.get('b')}`);
  });
});

function clusterIp(world: TrafficWorld, name: string): string {
  return world.run(world.api.services.get({ namespace: 'default', name })).spec.clusterIP ?? '';
}
