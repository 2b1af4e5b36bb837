import { codeOf, must } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';
import { Bench, http, meshCase, mustBeShare } from './bench.ts';
import { routeGroup, service, split } from './objects.ts';

const HOME = 'default';
const services = (...names: readonly string[]): readonly KubeObject[] => names.map((name) => service(HOME, name, 80));

/** Puts a split of `web` into the world, with its Services. */
async function rollOut(bench: Bench, weights: Readonly<Record<string, number>>, groups: readonly string[] = []): Promise<void> {
  await bench.needsSplit();
  await bench.put(...services('web', ...Object.keys(weights)), split(HOME, 'rollout', 'web', weights, groups));
}

/** Requests that are split, and those that are not. */
export const splitCases = [
  meshCase('split.shares', 'split: shares follow the weights', 'Traffic Split: Specification; Slipway SMI-03', async (bench) => {
    const { random, balance } = bench.subject;
    for (let round = 0; round < 4; round += 1) {
      const weights: Record<string, number> = {};
      for (let count = random.integer(2, 4); count > 0; count -= 1) weights[`web-v${count}`] = random.integer(1, 20);
      await rollOut(bench, weights);
      const client = await bench.meshed(HOME, 'client');
      const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
      const counts = await bench.tally(client, HOME, 'web', 120);
      for (const [name, weight] of Object.entries(weights)) {
        mustBeShare(counts.get(name) ?? 0, 120, weight, total, Object.keys(weights).length - 1, balance);
      }
      must(
        [...counts.keys()].every((name) => name in weights),
        'nobody else is chosen',
      );
    }
  }),
  meshCase('split.relative', 'split: weights are relative, not percentages', 'Traffic Split: Workflow', async (bench) => {
    await rollOut(bench, { 'web-v1': 1000, 'web-v2': 500 });
    const counts = await bench.tally(await bench.meshed(HOME, 'client'), HOME, 'web', 90);
    mustBeShare(counts.get('web-v2') ?? 0, 90, 500, 1500, 1, bench.subject.balance);
  }),
  meshCase('split.zero-weight', 'split: weight 0 is never chosen', 'Traffic Split: Workflow; Slipway SMI-02', async (bench) => {
    await rollOut(bench, { 'web-v1': 100, 'web-v2': 0, 'web-v3': 1 });
    const counts = await bench.tally(await bench.meshed(HOME, 'client'), HOME, 'web', 250);
    must(!counts.has('web-v2'), 'web-v2 gets no request');
    must(counts.has('web-v1'), 'web-v1 gets requests');
  }),
  meshCase('split.per-client', 'split: each client has its own shares', 'Traffic Split: Workflow; Slipway SMI-03', async (bench) => {
    await rollOut(bench, { 'web-v1': 1, 'web-v2': 1 });
    const [one, other] = [await bench.meshed(HOME, 'client'), await bench.meshed(HOME, 'client')];
    const counts = [0, 0];
    for (let time = 0; time < 60; time += 1) {
      for (const [index, client] of [one, other].entries()) {
        const { to } = await bench.route(client, HOME, 'web');
        if (to.service === 'web-v1') counts[index] = (counts[index] ?? 0) + 1;
      }
    }
    for (const count of counts) mustBeShare(count, 60, 1, 2, 1, bench.subject.balance);
  }),
  meshCase('split.says-who', 'split: the answer names the split, and keeps the port', 'Traffic Split: Ports', async (bench) => {
    await rollOut(bench, { 'web-v1': 1 });
    const { to, split: name } = await bench.route(await bench.meshed(HOME, 'client'), HOME, 'web');
    must(to.service === 'web-v1' && to.port === 80 && to.namespace === HOME, 'it goes to web-v1:80');
    must(name === `${HOME}/rollout`, 'the split is named');
  }),
  meshCase('split.root-only', 'split: other Services are left alone', 'Traffic Split: Specification', async (bench) => {
    await rollOut(bench, { 'web-v1': 1, 'web-v2': 1 });
    await bench.put(...services('other'), service('shop', 'web', 80));
    const client = await bench.meshed(HOME, 'client');
    must((await bench.route(client, HOME, 'other')).to.service === 'other', 'other stays other');
    must((await bench.route(client, 'shop', 'web')).to.service === 'web', 'the Service of this name in another namespace is another one');
    must((await bench.route(client, HOME, 'web-v2')).to.service === 'web-v2', 'a backend can be asked for by its own name');
  }),
  meshCase('split.outside', 'split: clients outside the mesh use the plain Service', 'Traffic Split: Specification', async (bench) => {
    await rollOut(bench, { 'web-v1': 1 });
    for (const client of [undefined, bench.outsider(HOME)]) {
      for (let time = 0; time < 3; time += 1) must((await bench.route(client, HOME, 'web')).to.service === 'web', 'it goes to web');
    }
  }),
  meshCase(
    'split.matches',
    'split: only requests that match are split',
    'Traffic Split: Specification; Traffic Specs: HTTP header filters',
    async (bench) => {
      await bench.needsSplit();
      await bench.put(
        routeGroup(HOME, 'firefox', { name: 'firefox', headers: { 'user-agent': '.*Firefox.*' } }),
        routeGroup(HOME, 'beta', { name: 'beta', pathRegex: '/beta/', methods: ['GET', 'HEAD'] }),
      );
      await rollOut(bench, { 'web-v1': 0, 'web-v2': 100 }, ['firefox', 'beta']);
      const client = await bench.meshed(HOME, 'client');
      const to = async (request: ReturnType<typeof http> | undefined): Promise<string> =>
        (await bench.route(client, HOME, 'web', request ? { http: request } : {})).to.service;
      must((await to(http('/', 'POST', { 'user-agent': 'Mozilla Firefox/9' }))) === 'web-v2', 'the first group is enough');
      must((await to(http('/beta/x'))) === 'web-v2', 'the second group is enough');
      must((await to(http('/beta/x', 'PUT'))) === 'web', 'path and method must both fit');
      must((await to(http('/old/beta/x'))) === 'web', 'a path is matched from its start');
      must((await to(http('/', 'GET', { 'user-agent': 'curl' }))) === 'web', 'others go to the root service');
      must((await to(undefined)) === 'web', 'what is no HTTP matches no route');
    },
  ),
  meshCase('split.flat', 'split: a backend that is split itself is not followed', 'Traffic Split: Tradeoffs', async (bench) => {
    await rollOut(bench, { 'web-v1': 1 });
    await bench.put(...services('web-v1-canary'), split(HOME, 'nested', 'web-v1', { 'web-v1-canary': 1 }));
    const client = await bench.meshed(HOME, 'client');
    must((await bench.route(client, HOME, 'web')).to.service === 'web-v1', 'it goes to web-v1');
  }),
  meshCase('split.ports', 'split: a backend without the port gets no traffic to it', 'Traffic Split: Ports', async (bench) => {
    await bench.needsSplit();
    await bench.put(
      service(HOME, 'birds', 8080, 9090),
      service(HOME, 'blue-birds', 1024, 9090),
      service(HOME, 'green-birds', 8080, 9090),
      split(HOME, 'birds', 'birds', { 'blue-birds': 50, 'green-birds': 50 }),
    );
    const client = await bench.meshed(HOME, 'client');
    const counts = await bench.tally(client, HOME, 'birds', 40, { port: 8080 });
    must(counts.get('green-birds') === 40, 'all of port 8080 goes to green-birds');
    must((await bench.tally(client, HOME, 'birds', 40, { port: 9090 })).size === 2, 'port 9090 is split');
  }),
  meshCase('split.change', 'split: a change of weights and the end of a split take effect', 'Traffic Split: Workflow', async (bench) => {
    await rollOut(bench, { 'web-v1': 100, 'web-v2': 0 });
    const client = await bench.meshed(HOME, 'client');
    must((await bench.tally(client, HOME, 'web', 10)).get('web-v1') === 10, 'all goes to web-v1');
    await rollOut(bench, { 'web-v1': 0, 'web-v2': 100 });
    must((await bench.tally(client, HOME, 'web', 10)).get('web-v2') === 10, 'then all goes to web-v2');
    await bench.subject.remove(split(HOME, 'rollout', 'web', {}));
    must((await bench.route(client, HOME, 'web')).to.service === 'web', 'without the split it goes to web');
  }),
  meshCase(
    'split.refused',
    'split: negative weights, all weights 0, or itself as a backend are refused or not applied',
    'Slipway SMI-01; Traffic Split: Tradeoffs',
    async (bench) => {
      await bench.needsSplit();
      await bench.put(...services('web', 'web-v1', 'web-v2'));
      const client = await bench.meshed(HOME, 'client');
      const wrong = [
        { 'web-v1': -1, 'web-v2': 2 },
        { 'web-v1': 0, 'web-v2': 0 },
        { web: 1, 'web-v2': 1 },
      ];
      for (const [index, weights] of wrong.entries()) {
        const object = split(HOME, `wrong-${index}`, 'web', weights);
        try {
          await bench.put(object);
        } catch (error) {
          must(codeOf(error) === 'Invalid', `what is refused is Invalid, not ${codeOf(error)}`);
          continue;
        }
        const counts = await bench.tally(client, HOME, 'web', 20);
        must(counts.get('web') === 20, `${JSON.stringify(weights)} is not half applied`);
        await bench.subject.remove(object);
      }
    },
  ),
];
