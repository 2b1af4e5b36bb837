import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { account, routeGroup, rule, split, target, tcpRoute } from '../conformance/objects.ts';
import type { HttpAttributes } from '../messages.ts';
import type { HttpMatch, IdentityBinding, TrafficSplit, TrafficTarget, TrafficTargetRule, UDPRoute } from '../types/index.ts';
import { compileRouteGroup, matchesHttp } from './http-routes.ts';
import { isBound } from './identity.ts';
import { matchesPort } from './port-routes.ts';
import { compileSplit, type Share, SmoothRoundRobin, type SplitSurroundings, weightsOf } from './traffic-split.ts';
import { type AccessRequest, type AccessSurroundings, allowed } from './traffic-target.ts';

const HOME = 'default';
const get = (path: string, headers: HttpAttributes['headers'] = {}, method = 'GET'): HttpAttributes => ({ method, path, headers });
const fits = (http: HttpAttributes, ...matches: readonly HttpMatch[]): boolean => matchesHttp(http, routeGroup(HOME, 'g', ...matches));

describe('HTTPRouteGroup', () => {
  it('the examples of the spec', () => {
    const metrics: HttpMatch = { name: 'metrics', pathRegex: '/metrics', methods: ['GET'] };
    const health: HttpMatch = { name: 'health', pathRegex: '/ping', methods: ['*'] };
    expect(fits(get('/metrics'), metrics, health)).toBe(true);
    expect(fits(get('/metrics', {}, 'POST'), metrics, health)).toBe(false);
    expect(fits(get('/ping', {}, 'DELETE'), metrics, health)).toBe(true);
    const android: HttpMatch = { name: 'a', headers: { 'user-agent': '.*Android.*', cookie: '^(.*?;)?(type=insider)(;.*)?$' } };
    expect(fits(get('/', { 'user-agent': 'x Android y', cookie: 'a=b;type=insider' }), android)).toBe(true);
    expect(fits(get('/', { 'user-agent': 'x Android y', cookie: 'a=b' }), android)).toBe(false);
    expect(fits(get('/', { 'user-agent': 'x Android y' }), android)).toBe(false);
    const iphone: HttpMatch = { name: 'i', pathRegex: '/api/.*', methods: ['GET', 'HEAD'], headers: { 'user-agent': '.*iPhone.*' } };
    expect(fits(get('/api/x', { 'user-agent': 'iPhone' }, 'HEAD'), iphone)).toBe(true);
    expect(fits(get('/x/api/', { 'user-agent': 'iPhone' }), iphone)).toBe(false);
  });

  it('a path is anchored at its start, every alternative of it', () => {
    expect(fits(get('/b/a'), { name: 'x', pathRegex: '/a|/b' })).toBe(true);
    expect(fits(get('/x/b'), { name: 'x', pathRegex: '/a|/b' })).toBe(false);
    expect(fits(get('/apiary'), { name: 'x', pathRegex: '/api' })).toBe(true);
  });

  it('headers may be a map or a list of maps, in any case', () => {
    const sent = get('/', { 'x-a': '1', 'x-b': '2' });
    for (const headers of [{ 'X-A': '1', 'x-b': '2' }, [{ 'x-a': '1' }, { 'X-B': '2' }]])
      expect(fits(sent, { name: 'h', headers })).toBe(true);
    expect(fits(sent, { name: 'h', headers: [{ 'x-a': '1' }, { 'x-b': '3' }] })).toBe(false);
    expect(fits(get('/'), { name: 'h', headers: { constructor: '.*' } })).toBe(false);
  });

  it('nothing asked for: everything fits; what cannot be read fits nothing; no match fits nothing', () => {
    expect(fits(get('/x', {}, 'PATCH'), { name: 'all' })).toBe(true);
    expect(fits(get('('), { name: 'broken', pathRegex: '(' })).toBe(false);
    expect(fits(get('/', { a: '[' }), { name: 'broken', headers: { a: '[' } })).toBe(false);
    expect(fits(get('/'))).toBe(false);
  });

  it('a match is AND, a group is OR, names pick matches', () => {
    const anyPath = fc.constantFrom('/', '/a', '/a/b', '/b');
    const anyMethod = fc.constantFrom('GET', 'POST', 'PUT');
    const anyMatch = fc.record(
      {
        pathRegex: fc.constantFrom('/a', '/.*b', '/'),
        methods: fc.subarray(['GET', 'POST', '*'] as const),
        headers: fc.constant({ x: '^1' }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(anyMatch, { maxLength: 4 }), anyPath, anyMethod, fc.constantFrom('', '1', '21'), (parts, path, method, x) => {
        const matches = parts.map((each, at): HttpMatch => ({ ...each, name: `m${at}` }));
        const http = get(path, x === '' ? {} : { x }, method);
        const group = compileRouteGroup(routeGroup(HOME, 'g', ...matches));
        const alone = matches.map((match) => fits(http, match));
        expect(group(http)).toBe(alone.some(Boolean));
        for (const [at, { name }] of matches.entries()) {
          expect(group(http, [name])).toBe(alone[at]);
          const { pathRegex, methods, headers } = matches[at] as HttpMatch;
          const each = [pathRegex && { pathRegex }, methods && { methods }, headers && { headers }].map((part) =>
            fits(http, { name, ...part }),
          );
          expect(alone[at]).toBe(each.every(Boolean));
        }
      }),
    );
  });
});

describe('TCPRoute and UDPRoute', () => {
  it('none listed: every port', () => {
    expect(matchesPort(80, tcpRoute(HOME, 'r'))).toBe(true);
    expect(matchesPort(80, { apiVersion: 'specs.smi-spec.io/v1alpha2', kind: 'TCPRoute', metadata: { name: 'r' } })).toBe(true);
    expect([80, 81].map((port) => matchesPort(port, tcpRoute(HOME, 'r', 80)))).toEqual([true, false]);
  });
});

const everywhere: SplitSurroundings = { routeGroup: () => undefined, ports: () => [80, 443] };
const weights = fc.dictionary(fc.constantFrom('v1', 'v2', 'v3', 'v4'), fc.nat({ max: 50 }), { minKeys: 1 });

describe('TrafficSplit', () => {
  it('shares are the weights greater than 0, for ports that the backend has', () => {
    fc.assert(
      fc.property(weights, fc.subarray(['v1', 'v2', 'v3', 'v4']), (given, withPort) => {
        const compiled = compileSplit(split(HOME, 's', 'web', given));
        const shares = compiled.shares({ port: 80 }, { ...everywhere, ports: (name) => (withPort.includes(name) ? [80] : [81]) });
        const wanted = Object.entries(given).filter(([name, weight]) => weight > 0 && withPort.includes(name));
        expect(shares).toEqual(wanted.map(([service, weight]) => ({ service, weight })));
        expect(compiled.mistake === undefined).toBe(Object.values(given).some((weight) => weight > 0));
      }),
    );
  });

  it('a backend that is not there gets nothing', () => {
    const surroundings = { ...everywhere, ports: (name: string) => (name === 'v2' ? undefined : [80]) };
    expect(compileSplit(split(HOME, 's', 'web', { v1: 1, v2: 99 })).shares({ port: 80 }, surroundings)).toEqual([
      { service: 'v1', weight: 1 },
    ]);
  });

  it('a mistake anywhere: not applied at all (SMI-01)', () => {
    for (const wrong of [{ v1: 1, v2: -1 }, { v1: 0 }, { web: 1, v1: 1 }, { v1: 0.5, v2: 1 }, {}] as Readonly<Record<string, number>>[]) {
      const { mistake, shares } = compileSplit(split(HOME, 's', 'web', wrong));
      expect(mistake).toMatch(/^spec\.backends/);
      expect(shares({ port: 80 }, everywhere)).toEqual([]);
    }
  });

  it('with matches: only what fits one of the groups', () => {
    const groups = {
      one: compileRouteGroup(routeGroup(HOME, 'one', { name: 'a', pathRegex: '/a' })),
      two: compileRouteGroup(routeGroup(HOME, 'two', { name: 'b', pathRegex: '/b' })),
    };
    const surroundings = { ...everywhere, routeGroup: (name: string) => (name === 'one' || name === 'two' ? groups[name] : undefined) };
    const of = (names: readonly string[], http?: HttpAttributes): number =>
      compileSplit(split(HOME, 's', 'web', { v1: 1 }, names)).shares({ port: 80, ...(http ? { http } : {}) }, surroundings).length;
    expect([of(['one', 'two'], get('/a')), of(['one', 'two'], get('/b')), of(['one', 'two'], get('/c')), of(['one'])]).toEqual([
      1, 1, 0, 0,
    ]);
    expect(of(['gone'], get('/a'))).toBe(0);
    expect(of(['gone', 'one'], get('/a'))).toBe(1);
  });

  it('quantities of v1alpha1 count in thousandths; one backend that is named twice has both weights', () => {
    const quantities = {
      ...split(HOME, 's', 'web', {}),
      spec: {
        service: 'web',
        backends: [
          { service: 'a', weight: '10m' },
          { service: 'b', weight: '1500m' },
          { service: 'a', weight: 1 },
        ],
      },
    } as TrafficSplit;
    expect(weightsOf(quantities)).toEqual([10, 1500, 1000]);
    expect(compileSplit(quantities).shares({ port: 80 }, everywhere)).toEqual([
      { service: 'a', weight: 1010 },
      { service: 'b', weight: 1500 },
    ]);
  });
});

describe('smooth weighted round robin', () => {
  const anyShares = fc
    .array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 })
    .map((list): readonly Share[] => list.map((weight, at) => ({ service: `v${at}`, weight })));

  it('nobody is ever ahead by one, nor behind by more than the number of the others (SMI-03)', () => {
    fc.assert(
      fc.property(anyShares, (shares) => {
        const turn = new SmoothRoundRobin();
        const total = shares.reduce((sum, { weight }) => sum + weight, 0);
        const counts = new Map<string, number>();
        for (let time = 1; time <= total; time += 1) {
          const chosen = turn.next(shares);
          counts.set(chosen, (counts.get(chosen) ?? 0) + 1);
          for (const { service, weight } of shares) {
            const ahead = (counts.get(service) ?? 0) - (time * weight) / total;
            expect(ahead).toBeLessThan(1);
            expect(ahead).toBeGreaterThan(-Math.max(1, shares.length - 1));
          }
        }
        // After a whole round, exactly.
        for (const { service, weight } of shares) expect(counts.get(service)).toBe(weight);
      }),
    );
  });

  it('a heavy backend is not served in one piece', () => {
    const turn = new SmoothRoundRobin();
    const order = Array.from({ length: 7 }, () =>
      turn.next([
        { service: 'a', weight: 5 },
        { service: 'b', weight: 1 },
        { service: 'c', weight: 1 },
      ]),
    );
    expect(order.join('')).toBe('aabacaa');
  });
});

const udp: UDPRoute = {
  apiVersion: 'specs.smi-spec.io/v1alpha4',
  kind: 'UDPRoute',
  metadata: { name: 'udp-ports' },
  spec: { matches: { ports: [8301, 8302] } },
};
const groupOf = compileRouteGroup(
  routeGroup(HOME, 'routes', { name: 'metrics', pathRegex: '/metrics', methods: ['GET'] }, { name: 'api', pathRegex: '/api' }),
);
const surroundings: AccessSurroundings = {
  routeGroup: (_home, name) => (name === 'routes' ? groupOf : undefined),
  tcpRoute: (_home, name) =>
    ({ 'tcp-ports': tcpRoute(HOME, 'tcp-ports', 8300, 8301, 8302), web: tcpRoute(HOME, 'web', 8080), any: tcpRoute(HOME, 'any') })[name],
  udpRoute: (_home, name) => (name === 'udp-ports' ? udp : undefined),
};
const client = { namespace: HOME, serviceAccount: 'client' };
const server = { namespace: HOME, serviceAccount: 'server' };
const asks = (change: Partial<AccessRequest> = {}): AccessRequest => ({
  source: client,
  destination: server,
  port: 8080,
  protocol: 'TCP',
  ...change,
});
const lets = (...rules: readonly TrafficTargetRule[]): TrafficTarget =>
  target(HOME, 't', account(HOME, 'server'), [account(HOME, 'client')], rules);
const passes = (request: AccessRequest, ...targets: readonly TrafficTarget[]): boolean => allowed(request, targets, surroundings).allowed;

describe('TrafficTarget', () => {
  it('the layer-4 example of the spec: UDP and TCP apart', () => {
    const both = lets(rule('TCPRoute', 'tcp-ports'), rule('UDPRoute', 'udp-ports'));
    const ports = [8300, 8301, 8302, 8303];
    expect(ports.map((port) => passes(asks({ port }), both))).toEqual([true, true, true, false]);
    expect(ports.map((port) => passes(asks({ port, protocol: 'UDP' }), both))).toEqual([false, true, true, false]);
    expect(passes(asks({ port: 8301, protocol: 'UDP' }), lets(rule('TCPRoute', 'any')))).toBe(false);
    expect(passes(asks({ port: 8301 }), lets(rule('UDPRoute', 'udp-ports')))).toBe(false);
  });

  it('ports and requests are both limited; rules of one kind are alternatives', () => {
    const limited = lets(rule('TCPRoute', 'web'), rule('TCPRoute', 'tcp-ports'), rule('HTTPRouteGroup', 'routes', 'metrics'));
    expect(passes(asks({ http: get('/metrics') }), limited)).toBe(true);
    expect(passes(asks({ port: 8300, http: get('/metrics') }), limited)).toBe(true);
    expect(passes(asks({ port: 9999, http: get('/metrics') }), limited)).toBe(false);
    expect(passes(asks({ http: get('/api') }), limited)).toBe(false);
    expect(passes(asks(), limited)).toBe(false);
    expect(passes(asks({ http: get('/api') }), lets(rule('HTTPRouteGroup', 'routes')))).toBe(true);
  });

  it('no rule, no source, a rule that names nothing: nobody', () => {
    for (const each of [
      lets(),
      lets(rule('TCPRoute', 'gone')),
      lets(rule('HTTPRouteGroup', 'gone')),
      lets(rule('HTTPRouteGroup', 'routes', 'gone')),
    ]) {
      expect(passes(asks({ http: get('/api') }), each)).toBe(false);
    }
    expect(passes(asks(), target(HOME, 't', account(HOME, 'server'), [], [rule('TCPRoute', 'any')]))).toBe(false);
    const { source: _source, ...anonymous } = asks();
    expect(passes(anonymous, lets(rule('TCPRoute', 'any')))).toBe(false);
  });

  it('a namespace that is left out is the target’s own', () => {
    const local: TrafficTarget = target(
      'shop',
      't',
      { kind: 'ServiceAccount', name: 'server' },
      [{ kind: 'ServiceAccount', name: 'client' }],
      [rule('TCPRoute', 'any')],
    );
    const inShop = { source: { ...client, namespace: 'shop' }, destination: { ...server, namespace: 'shop' } };
    expect(passes(asks(inShop), local)).toBe(true);
    expect(passes(asks(), local)).toBe(false);
    expect(passes(asks({ ...inShop, source: client }), local)).toBe(false);
  });

  it('is additive and order-free: any of the targets that allows is enough (SMI-06, SMI-07)', () => {
    const anyRules = fc.subarray([
      rule('TCPRoute', 'web'),
      rule('TCPRoute', 'any'),
      rule('HTTPRouteGroup', 'routes', 'api'),
      rule('HTTPRouteGroup', 'routes'),
    ]);
    const anyAccounts = fc.subarray(['client', 'server', 'other']).map((names) => names.map((name) => account(HOME, name)));
    const anyTarget = fc
      .tuple(fc.constantFrom('server', 'other'), anyAccounts, anyRules, fc.constantFrom('a', 'b', 'c', 'd'))
      .map(([destination, sources, rules, name]) => target(HOME, name, account(HOME, destination), sources, rules));
    const anyRequest = fc.tuple(fc.constantFrom(8080, 9090), fc.option(fc.constantFrom('/api', '/metrics', '/'), { nil: undefined }));
    fc.assert(
      fc.property(fc.array(anyTarget, { maxLength: 5 }), anyRequest, (targets, [port, path]) => {
        const request = asks({ port, ...(path === undefined ? {} : { http: get(path) }) });
        const alone = targets.filter((each) => passes(request, each));
        const verdict = allowed(request, targets, surroundings);
        expect(verdict.allowed).toBe(alone.length > 0);
        const first = alone.map(({ metadata }) => `${HOME}/${metadata.name}`).sort()[0];
        expect(verdict.target).toBe(first);
        expect(allowed(request, [...targets].reverse(), surroundings)).toEqual(verdict);
      }),
    );
  });
});

describe('IdentityBinding', () => {
  const binding = (schemes: IdentityBinding['spec']['schemes']): IdentityBinding => ({
    apiVersion: 'access.smi-spec.io/v1alpha4',
    kind: 'IdentityBinding',
    metadata: { name: 'service-a', namespace: HOME },
    spec: { schemes },
  });
  const workload = { namespace: HOME, serviceAccount: 'a', labels: { app: 'a' }, spiffe: 'spiffe://cluster.local/ns/default/sa/a' };

  it('any scheme is enough, in its own namespace only', () => {
    for (const schemes of [
      { serviceAccount: 'a' },
      { podLabelSelector: { matchLabels: { app: 'a' } } },
      { spiffeIdentities: ['cluster.local/ns/default/sa/a'] },
      { spiffeIdentities: ['x', 'spiffe://cluster.local/ns/default/sa/a'], serviceAccount: 'other' },
    ]) {
      expect(isBound(workload, binding(schemes))).toBe(true);
      expect(isBound({ ...workload, namespace: 'shop' }, binding(schemes))).toBe(false);
    }
    expect(isBound(workload, binding({ serviceAccount: 'b', spiffeIdentities: ['x'] }))).toBe(false);
    expect(isBound(workload, binding({}))).toBe(false);
  });

  it('stands for its workloads in a target', () => {
    const bound = {
      ...lets(rule('TCPRoute', 'any')),
      spec: { ...lets(rule('TCPRoute', 'any')).spec, sources: [{ kind: 'IdentityBinding', name: 'service-a' }] },
    };
    const withBinding = {
      ...surroundings,
      identityBinding: (home: string, name: string) =>
        home === HOME && name === 'service-a' ? binding({ serviceAccount: 'client' }) : undefined,
    };
    expect(allowed(asks(), [bound], withBinding).allowed).toBe(true);
    expect(allowed(asks({ source: server }), [bound], withBinding).allowed).toBe(false);
    expect(allowed(asks(), [bound], surroundings).allowed).toBe(false);
  });
});
