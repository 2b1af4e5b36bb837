import { must } from '@slipway/kernel';
import type { KubeObject, Pod, Stored } from '@slipway/kube';
import type { TrafficTarget } from '../types/index.ts';
import { Bench, type Call, http, meshCase } from './bench.ts';
import { account, routeGroup, rule, target, tcpRoute } from './objects.ts';

const HOME = 'default';

/** The routes that the targets here speak of. */
const routes = (home: string): readonly KubeObject[] => [
  tcpRoute(home, 'web-port', 8080),
  tcpRoute(home, 'admin-port', 9090),
  tcpRoute(home, 'any-port'),
  routeGroup(
    home,
    'web-routes',
    { name: 'metrics', pathRegex: '/metrics', methods: ['GET'] },
    { name: 'api', pathRegex: '/api', methods: ['*'] },
    { name: 'insiders', headers: { 'x-insider': '^yes$' } },
  ),
];

const calls: readonly Call[] = [
  { http: http('/metrics') },
  { http: http('/metrics', 'POST') },
  { http: http('/api/orders', 'POST') },
  { http: http('/', 'GET', { 'x-insider': 'yes' }) },
  { port: 9090, http: http('/metrics') },
  {},
  { port: 9090 },
];

/** The sender and receiver of the cases, with routes but no target. */
async function closed(bench: Bench, home = HOME): Promise<{ readonly client: Stored<Pod>; readonly server: Stored<Pod> }> {
  await bench.needsAccess();
  await bench.put(...routes(home));
  return { client: await bench.meshed(home, 'client'), server: await bench.meshed(home, 'server') };
}

const open = (home: string, name: string, ...rules: TrafficTarget['spec']['rules'] & {}): TrafficTarget =>
  target(home, name, account(home, 'server'), [account(home, 'client')], rules);

/** A target out of many, for generated cases. */
function anyTarget({ subject: { random } }: Bench, name: string): TrafficTarget {
  const rules = [
    [rule('TCPRoute', 'web-port')],
    [rule('TCPRoute', 'any-port')],
    [rule('HTTPRouteGroup', 'web-routes', 'metrics')],
    [rule('HTTPRouteGroup', 'web-routes')],
    [rule('TCPRoute', 'admin-port'), rule('HTTPRouteGroup', 'web-routes', 'metrics', 'api')],
    [rule('TCPRoute', 'web-port'), rule('TCPRoute', 'admin-port'), rule('HTTPRouteGroup', 'web-routes', 'api')],
  ];
  const sources = random.pick([['client'], ['other'], ['other', 'client']]);
  return target(
    HOME,
    name,
    account(HOME, random.pick(['server', 'other'])),
    sources.map((each) => account(HOME, each)),
    random.pick(rules),
  );
}

/** What each of some senders may do with each of some receivers. */
async function decisions(bench: Bench, senders: readonly Stored<Pod>[], receivers: readonly Stored<Pod>[]): Promise<readonly boolean[]> {
  const all: boolean[] = [];
  for (const sender of senders)
    for (const receiver of receivers) for (const call of calls) all.push(await bench.allows(sender, receiver, call));
  return all;
}

/** Who may reach whom. */
export const accessCases = [
  meshCase(
    'access.deny-by-default',
    'access: what no target allows is denied',
    'Traffic Access Control: Specification; Slipway SMI-04',
    async (bench) => {
      const { client, server } = await closed(bench);
      for (const call of calls) {
        for (const sender of [client, bench.outsider(HOME), undefined]) {
          const { allowed, reason, target: named } = await bench.authorise(sender, server, call);
          must(!allowed && named === undefined && reason !== '', 'it is denied, with a reason and no target');
        }
      }
    },
  ),
  meshCase(
    'access.allowed',
    'access: a target lets its sources do what its rules describe',
    'Traffic Access Control: TrafficTarget',
    async (bench) => {
      const { client, server } = await closed(bench);
      await bench.put(open(HOME, 'metrics', rule('TCPRoute', 'web-port'), rule('HTTPRouteGroup', 'web-routes', 'metrics')));
      const { allowed, target: named } = await bench.authorise(client, server, { http: http('/metrics') });
      must(allowed && named === `${HOME}/metrics`, 'it is allowed, and the target is named');
      must(!(await bench.allows(client, server, { http: http('/api') })), 'another route is denied');
      must(!(await bench.allows(client, server, { http: http('/metrics', 'POST') })), 'another method is denied');
      must(!(await bench.allows(client, server, { port: 9090, http: http('/metrics') })), 'another port is denied');
      must(!(await bench.allows(client, server)), 'what is no HTTP is denied');
    },
  ),
  meshCase('access.sources', 'access: only sources that are listed pass', 'Traffic Access Control: TrafficTarget', async (bench) => {
    const { client, server } = await closed(bench);
    await bench.put(open(HOME, 'all', rule('TCPRoute', 'any-port')));
    must(await bench.allows(client, server), 'the source passes');
    must(!(await bench.allows(await bench.meshed(HOME, 'other'), server)), 'another account does not');
    must(!(await bench.allows(await bench.meshed('shop', 'client'), server)), 'the account of this name in another namespace does not');
    must(!(await bench.allows(bench.outsider(HOME, 'client'), server)), 'a pod outside the mesh does not, whatever its account');
    must(!(await bench.allows(undefined, server)), 'nobody does not');
    must(!(await bench.allows(server, client)), 'the way back is a way of its own');
    must(!(await bench.allows(client, await bench.meshed(HOME, 'other'))), 'another destination is out of reach');
  }),
  meshCase('access.ports', 'access: a TCPRoute limits the ports; one without ports does not', 'Traffic Specs: TCPRoute', async (bench) => {
    const { client, server } = await closed(bench);
    await bench.put(open(HOME, 'web', rule('TCPRoute', 'web-port')));
    must(await bench.allows(client, server), 'port 8080 is listed');
    must(await bench.allows(client, server, { http: http('/anything', 'DELETE') }), 'a TCPRoute says nothing of requests');
    must(!(await bench.allows(client, server, { port: 9090 })), 'port 9090 is not');
    await bench.put(open(HOME, 'web', rule('TCPRoute', 'any-port')));
    must(await bench.allows(client, server, { port: 9090 }), 'no ports: every port');
  }),
  meshCase(
    'access.alternatives',
    'access: rules of one kind, and matches, are alternatives',
    'Traffic Access Control: TrafficTarget',
    async (bench) => {
      const { client, server } = await closed(bench);
      await bench.put(
        routeGroup(HOME, 'more-routes', { name: 'health', pathRegex: '/healthz' }),
        open(
          HOME,
          'both',
          rule('TCPRoute', 'web-port'),
          rule('TCPRoute', 'admin-port'),
          rule('HTTPRouteGroup', 'web-routes', 'metrics', 'api'),
          rule('HTTPRouteGroup', 'more-routes'),
        ),
      );
      for (const path of ['/metrics', '/api', '/healthz']) {
        for (const port of [8080, 9090])
          must(await bench.allows(client, server, { port, http: http(path) }), `${path} on ${port} is allowed`);
      }
      must(!(await bench.allows(client, server, { http: http('/', 'GET', { 'x-insider': 'yes' }) })), 'a match that is not listed is none');
      must(!(await bench.allows(client, server, { port: 7070, http: http('/api') })), 'a port of no route is denied');
    },
  ),
  meshCase('access.names-nothing', 'access: a rule that names nothing allows nothing', 'Slipway SMI-04', async (bench) => {
    const { client, server } = await closed(bench);
    await bench.put(
      open(HOME, 'no-group', rule('HTTPRouteGroup', 'gone')),
      open(HOME, 'no-match', rule('HTTPRouteGroup', 'web-routes', 'gone')),
      open(HOME, 'no-route', rule('TCPRoute', 'gone')),
    );
    for (const call of calls) must(!(await bench.allows(client, server, call)), 'it is denied');
  }),
  meshCase('access.revoked', 'access: with its target goes the permission', 'Traffic Access Control: Specification', async (bench) => {
    const { client, server } = await closed(bench);
    const allows = open(HOME, 'all', rule('TCPRoute', 'any-port'));
    await bench.put(allows);
    must(await bench.allows(client, server), 'it is allowed');
    await bench.subject.remove(allows);
    must(!(await bench.allows(client, server)), 'then it is denied');
  }),
  meshCase(
    'access.additive',
    'access: one more target never takes a permission away',
    'Traffic Access Control: Tradeoffs; Slipway SMI-06',
    async (bench) => {
      const { client, server } = await closed(bench);
      const [senders, receivers] = [[client, await bench.meshed(HOME, 'other')], [server]];
      let before = await decisions(bench, senders, receivers);
      for (let count = 1; count <= 5; count += 1) {
        await bench.put(anyTarget(bench, `target-${count}`));
        const after = await decisions(bench, senders, receivers);
        must(
          before.every((allowed, index) => !allowed || after[index] === true),
          'what was allowed is allowed still',
        );
        before = after;
      }
    },
  ),
  meshCase('access.order-free', 'access: the order of targets and of what they list does not matter', 'Slipway SMI-07', async (bench) => {
    const { client, server } = await closed(bench);
    const targets = [1, 2, 3, 4].map((count) => anyTarget(bench, `target-${count}`));
    const reversed = targets.map((each) => ({
      ...each,
      spec: { ...each.spec, rules: [...(each.spec.rules ?? [])].reverse(), sources: [...(each.spec.sources ?? [])].reverse() },
    }));
    const [senders, receivers] = [[client, await bench.meshed(HOME, 'other')], [server]];
    await bench.put(...targets);
    const forward = await decisions(bench, senders, receivers);
    for (const each of targets) await bench.subject.remove(each);
    await bench.put(...reversed.reverse());
    const backward = await decisions(bench, senders, receivers);
    must(
      forward.every((allowed, index) => allowed === backward[index]),
      'the decisions are the same',
    );
  }),
  meshCase('access.namespace-free', 'access: a policy means the same in every namespace', 'Slipway SMI-08', async (bench) => {
    await bench.needsAccess();
    const all: (readonly boolean[])[] = [];
    for (const home of [HOME, 'shop']) {
      const { client, server } = await closed(bench, home);
      await bench.put(open(home, 'metrics', rule('TCPRoute', 'web-port'), rule('HTTPRouteGroup', 'web-routes', 'metrics', 'insiders')));
      all.push(await decisions(bench, [client, server], [server, client]));
    }
    const [here, there] = all;
    must(here?.some((allowed) => allowed) === true, 'something is allowed');
    must(
      here.every((allowed, index) => allowed === there?.[index]),
      'the decisions are the same',
    );
  }),
  meshCase('access.across', 'access: a source may be of another namespace', 'Traffic Access Control: TrafficTarget', async (bench) => {
    const { server } = await closed(bench);
    await bench.put(target(HOME, 'across', account(HOME, 'server'), [account('shop', 'client')], [rule('TCPRoute', 'web-port')]));
    must(await bench.allows(await bench.meshed('shop', 'client'), server), 'shop/client passes');
    must(!(await bench.allows(await bench.meshed(HOME, 'client'), server)), `${HOME}/client does not`);
  }),
];
