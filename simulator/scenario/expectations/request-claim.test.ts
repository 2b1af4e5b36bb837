import { flannel } from '@slipway/cni/mocks';
import { seconds } from '@slipway/kernel';
import { describe, expect, it, test } from 'vitest';
import { TrafficWorld } from '../../traffic/testing/world.ts';
import type { ExpectationDocument } from '../schema.ts';
import { Variables } from '../variables.ts';
import { compileExpectation, EventLog } from './index.ts';
import { problemsOf } from './test-claims.ts';
import { kinds } from '@slipway/kube';

/** `a` and `b` behind `web`, of which `b` alone answers, and a client. */
class Shop {
  readonly world = new TrafficWorld({ network: { plugin: flannel }, nodes: 2 });
  readonly variables = new Variables();
  readonly #events: EventLog;

  constructor() {
    const { world } = this;
    this.#events = new EventLog(world.kernel, world.server);
    world.pod('a', { node: 'node-1', labels: { app: 'web' } });
    world.pod('b', { node: 'node-2', labels: { app: 'web' } });
    world.pod('client', { node: 'node-1', labels: { app: 'client' } });
    world.service('web', { selector: { app: 'web' }, type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] });
    world.endpoints('web', { b: {} });
    world.service('empty', { selector: { app: 'nobody' } });
  }

  /** `true`, or why not. */
  say(document: ExpectationDocument): string {
    const problems: { readonly message: string }[] = [];
    const options = { kinds, placeOf: () => ({ file: 'x', line: 1, column: 1 }), variables: new Set(['lost']) };
    const judge = compileExpectation(document, options, problems as []);
    if (judge?.sort !== 'probe') throw new Error(problems.map(({ message }) => message).join());
    const { kernel, server, owner, traffic } = this.world;
    const context = {
      cluster: { kernel, server, user: owner, nodes: new Map(), traffic },
      variables: this.variables,
      events: this.#events,
      since: 0,
    };
    const { held, message } = this.world.run(judge.probe(context));
    return held ? 'true' : message;
  }
}

describe('request', () => {
  it('holds when a server answers, with the status and by the pod that are asked for', () => {
    const shop = new Shop();
    const request = { from: 'pod/client', to: 'http://web.default/' };
    expect(shop.say({ request })).toBe('true');
    expect(shop.say({ request: { ...request, to: 'web', status: 200, by: 'pod/b' } })).toBe('true');
    expect(shop.say({ request: { ...request, to: 'web:80', status: 200, by: 'service/web' } })).toBe('true');
    expect(shop.say({ request: { ...request, by: 'pod/a' } })).toBe('pod default/b answered, not pod/a');
    expect(shop.say({ request: { ...request, status: 404 } })).toBe(
      'the status is 200, not 404; it was delivered to pod default/b (HTTP 200)',
    );
    expect(shop.say({ request: { ...request, delivered: false } })).toBe('it was delivered to pod default/b (HTTP 200)');
    expect(shop.say({ request: { ...request, by: 'pod/nobody' } })).toContain(
      'there is no Pod default/nobody (there is default/a, default/b, default/client)',
    );
  });

  it('holds when it is dropped where and why the claim says', () => {
    const shop = new Shop();
    const request = { from: 'pod/client', to: 'http://empty/' };
    expect(shop.say({ request })).toMatch(/^it was dropped: service at node-1: /);
    for (const dropped of ['service', 'no endpoints', { stage: 'service', where: 'node-1' }, { why: 'endpoints' }])
      expect(shop.say({ request: { ...request, dropped } })).toBe('true');
    expect(shop.say({ request: { ...request, dropped: 'network' } })).toMatch(
      /^it was dropped: service at node-1: .*, not as "network" says$/,
    );
    expect(shop.say({ request: { ...request, to: 'http://nowhere/', dropped: 'dns' } })).toBe('true');
    expect(shop.say({ request: { ...request, to: 'http://web/', dropped: 'dns' } })).toBe('it was delivered to pod default/b (HTTP 200)');
  });

  it('is sent from pods, nodes, outside, and from what a workload runs on', () => {
    const shop = new Shop();
    expect(shop.say({ request: { from: 'node/node-2', to: 'http://172.18.0.2:30080/' } })).toBe('true');
    expect(shop.say({ request: { from: 'outside', to: 'http://172.18.0.2:30080/' } })).toBe('true');
    expect(shop.say({ request: { from: { podOf: 'service/web' }, to: 'http://web/' } })).toBe('true');
    expect(shop.say({ request: { from: { nodeOf: 'pod/b' }, to: 'http://172.18.0.2:30080/' } })).toBe('true');
    expect(shop.say({ request: { from: 'pod/gone', to: 'http://web/' } })).toContain('there is no Pod default/gone');
    expect(shop.say({ request: { from: { podOf: 'service/empty' }, to: 'http://web/' } })).toContain('Service default/empty has no pod');
    shop.variables.set('lost', 'node-9');
    expect(shop.say({ request: { from: '$lost', to: 'http://web/' } })).toContain('there is no node "node-9"');
  });

  it('to service/name goes to the address of its balancer', () => {
    const shop = new Shop();
    const request = { from: 'outside', to: 'service/shop' };
    const made = shop.world.service('shop', { type: 'LoadBalancer', selector: { app: 'web' } });
    shop.world.endpoints('shop', { b: {} });
    expect(shop.say({ request })).toContain('the balancer of Service default/shop has no address yet');
    shop.world.run(shop.world.api.services.updateStatus({ ...made, status: { loadBalancer: { ingress: [{ ip: '203.0.113.9' }] } } }));
    const [port] = made.spec.ports ?? [];
    shop.world.balancers.set('203.0.113.9:80/TCP', {
      balancer: 'shop',
      targets: ['node-1'],
      targetPort: port?.nodePort ?? 0,
      sourceRanges: [],
    });
    shop.world.pass(1);
    expect(shop.say({ request: { ...request, by: 'service/shop', status: 200 } })).toBe('true');
    expect(shop.say({ request: { ...request, to: 'service/web' } })).toContain(
      'Service default/web has no balancer: it is of type NodePort',
    );
  });

  it('ends after the time that it is given', () => {
    const shop = new Shop();
    const before = shop.world.kernel.now;
    const to = `http://${shop.world.ips.get('b') ?? ''}:8080/slow`;
    expect(shop.say({ request: { from: 'pod/client', to, timeout: '2s' } })).toContain('no answer in time');
    expect(shop.world.kernel.now - before).toBeLessThan(seconds(3));
  });
});

describe('reachable', () => {
  it('holds when a request gets there, and with is: false when it does not', () => {
    const shop = new Shop();
    expect(shop.say({ reachable: { from: 'pod/client', to: 'web:80' } })).toBe('true');
    expect(shop.say({ reachable: { from: 'pod/client', to: 'web:80', is: false } })).toContain('it was delivered to pod default/b');
    expect(shop.say({ reachable: { from: 'pod/client', to: 'empty:80', is: false } })).toBe('true');
    expect(shop.say({ reachable: { from: 'pod/client', to: 'empty:80' } })).toMatch(/^it was dropped: service/);
    expect(shop.say({ reachable: { from: 'pod/gone', to: 'web:80', is: false } })).toContain('there is no Pod default/gone');
  });
});

test.each([
  [
    { request: { from: 'client', to: 'http://web/' } },
    'request.from: "client" is nobody who could ask | write pod/client, node/client or outside',
  ],
  [
    { request: { from: 'deployment/web', to: 'http://web/' } },
    'request.from: "deployment/web" is nobody who could ask | write { podOf: deployment/web }, pod/name, node/name or outside',
  ],
  [
    { request: { from: { podOf: 'deploymnt/web' }, to: 'web:80' } },
    'request.from: there is no kind "deploymnt" | did you mean "deployment/web"?',
  ],
  [
    { reachable: { from: 'pod/a', to: 'deployment/web' } },
    'reachable.to: "deployment/web" is an object, not an address | write the name of a Service: http://web.default, web:80; or service/web for its balancer',
  ],
  [
    { request: { from: 'pod/a', to: 'http://web:99999/' } },
    'request.to: "http://web:99999/" is nowhere to send a request: write for example http://web.default/, web:80 or 10.96.0.20:80',
  ],
  [
    { request: { from: 'pod/a', to: 'web', delivered: true, dropped: 'dns' } },
    'request: this could never hold: it is either delivered or dropped | leave one of the two out',
  ],
  [
    { request: { from: 'pod/a', to: 'web', dropped: { stage: 'dsn' } } },
    'request: there is no stage "dsn" | write one of dns, service, network, mesh, server, balancer',
  ],
  [
    { request: { from: 'pod/a', to: 'web', delivered: false, by: 'pod/b' } },
    'request: this could never hold: nobody answers what is not delivered | leave "by" out',
  ],
  [
    { request: { from: 'pod/a', to: 'web', status: 2000 } },
    'request: this could never hold: 2000 is no status of HTTP | write 200, 403, 503 …',
  ],
])('mistakes: %j is refused', (document, problem) => {
  expect(problemsOf(document)).toEqual([problem]);
});
