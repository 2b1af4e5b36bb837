import { definePlugin } from '@slipway/plugin';
import { CniError, type Cni } from '@slipway/cni';
import { parseDuration } from '@slipway/kernel';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { readScenarios, type ScenarioFiles } from '../scenario/read-scenario.ts';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { ScenarioDocument } from '../scenario/schema.ts';
import { fuzzWorlds } from '../wiring/fuzz-world.ts';
import type { ScenarioPlugins } from '../wiring/scenario-world.ts';
import { Fuzzer, Search, swarm, wholeDocument } from './index.ts';
import { shrinking } from './shrink/shrink.ts';

const files: ScenarioFiles = {
  read(path) {
    throw new Error(`no ${path}`);
  },
};

const STORY = `
apiVersion: slipway.dev/v1alpha1
kind: Scenario
metadata: { name: two-pods }
spec:
  cluster: { nodes: [{ count: 2 }], plugins: { cpi: none } }
  steps:
    - at: 0s
      apply:
        - apiVersion: apps/v1
          kind: Deployment
          metadata: { name: web }
          spec:
            replicas: 2
            selector: { matchLabels: { app: web } }
            template:
              metadata: { labels: { app: web } }
              spec: { containers: [{ name: server, image: nginx }] }
    - { at: 10s, scale: { of: deployment/web, replicas: 1 } }
`;

/** A network whose second DEL of one attachment fails. */
const forgetful = definePlugin({
  interface: 'cni',
  name: 'forgetful',
  create({ host }) {
    const given = new Map<string, string>();
    let last = 1;
    const network: Cni = {
      add({ containerId, netns, ifname, config }) {
        last += 1;
        const address = `10.9.0.${last}/16`;
        given.set(containerId, address);
        host?.network.get(netns)?.addInterface({ name: ifname, kind: 'dummy', addresses: [address] });
        return { cniVersion: config.cniVersion, interfaces: [{ name: ifname, sandbox: netns }], ips: [{ address, interface: 0 }] };
      },
      del({ containerId, netns = '', ifname }) {
        if (!given.delete(containerId)) throw new CniError(100, 'no such attachment');
        const namespace = host?.network.get(netns);
        if (namespace?.interfaces.has(ifname)) namespace.removeInterface(ifname);
      },
    };
    return network;
  },
});

async function fuzzerOf(plugins: ScenarioPlugins['cluster'], only = swarm): Promise<Fuzzer> {
  const [draft] = readScenarios({ file: 'story.yaml', text: STORY }, files, []);
  if (!draft) throw new Error('no scenario');
  const scenario = loadScenario(draft, { files, kinds: [] });
  const base = { file: 'story.yaml', document: wholeDocument(scenario, undefined), kinds: [], brought: [] };
  return await Fuzzer.of({
    base,
    makeWorld: fuzzWorlds({ cluster: { cpi: { use: 'none' }, ...plugins }, nodes: new Map() }),
    members: only,
  });
}

const seeds = fc.integer({ min: 0, max: 1_000_000 });

describe('a case', () => {
  let fuzzer: Fuzzer;
  beforeAll(async () => {
    fuzzer = await fuzzerOf({});
  });

  test('of any seed is a scenario that loads, and the same each time', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const document = fuzzer.documentOf(seed);
        expect(fuzzer.documentOf(seed)).toEqual(document);
        expect(fuzzer.scenarioOf(document).steps).toHaveLength(document.spec.steps?.length ?? 0);
        expect(JSON.parse(JSON.stringify(document))).toEqual(document);
      }),
      { numRuns: 200 },
    );
  });

  test('of any seed runs to the same fingerprint again', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        expect((await fuzzer.try(seed)).fingerprint).toBe((await fuzzer.try(seed)).fingerprint);
      }),
      { numRuns: 3 },
    );
  });

  test('whose faults have the rate 0 runs as it would without them', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const document = fuzzer.documentOf(seed);
        const steps = document.spec.steps ?? [];
        // What befalls watches has no rate.
        const silent = steps.filter(({ fault = {} }) => !['lag', 'cut', 'coalesce', 'stale'].some((arrow) => arrow in fault));
        const never = silent.map((step) => (step.fault ? { ...step, fault: { ...step.fault, rate: 0 } } : step));
        const without = silent.filter((step) => step.fault === undefined);
        const fingerprintOf = async (chosen: typeof steps): Promise<string> =>
          (await fuzzer.tryDocument(withSteps(document, chosen))).fingerprint;
        expect(await fingerprintOf(never)).toBe(await fingerprintOf(without));
      }),
      { numRuns: 3 },
    );
  });

  test('every part of the swarm is drawn by some seed', () => {
    const drawn = new Set<string>();
    for (const member of swarm) {
      const one = Array.from({ length: 20 }, (_, seed) => fuzzer.drawOnly([member], seed));
      if (one.some((document) => (document.spec.steps?.length ?? 0) > (fuzzer.drawOnly([], 0).spec.steps?.length ?? 0)))
        drawn.add(member.name);
    }
    expect(swarm.map(({ name }) => name).filter((name) => !drawn.has(name))).toEqual([]);
  });
});

const withSteps = (
  document: ScenarioDocument,
  steps: readonly NonNullable<ScenarioDocument['spec']['steps']>[number][],
): ScenarioDocument => ({
  ...document,
  spec: { ...document.spec, steps: [...steps] },
});

describe('a canary: a network whose second DEL fails', () => {
  test('is found, shrinks to a few steps that break the same invariant, and its path leads there again', async () => {
    const fuzzer = await fuzzerOf({ cni: { use: forgetful } });
    const search = new Search({ runs: 20, goOn: false });
    search.takePlain(0, fuzzer.plain, 1);
    for (let index = 0; search.wants(index); index += 1) search.add({ index, story: 0, seed: index, trial: await fuzzer.try(index) });
    const found = search.found.find(({ finding }) => finding.invariant === 'NET-05');
    if (!found) throw new Error(`NET-05 is not among ${search.found.map(({ finding }) => finding.invariant).join(', ')}`);
    const key = found.runs === 0 ? 'plain' : found.seed;
    const failure = await fuzzer.shrink(key, found.finding);
    expect(failure.finding.invariant).toBe('NET-05');
    expect(failure.document.spec.steps?.length).toBeLessThanOrEqual(3);
    expect(fuzzer.along(key, failure.path)).toEqual(failure.document);
    const again = await fuzzer.tryDocument(failure.document);
    expect(again.findings).toContainEqual(failure.finding);
    const story = await fuzzer.story(failure);
    expect(story.at(-1)?.text).toContain('cni.Plugin/Del');
    expect(story.map(({ seq }) => seq)).toEqual(story.map(({ seq }) => seq).toSorted((a, b) => a - b));
  });

  test('fails the search every time', async () => {
    const fuzzer = await fuzzerOf({ cni: { use: forgetful } });
    const findings = [fuzzer.plain, await fuzzer.try(7), await fuzzer.try(8)].flatMap((trial) => trial.findings);
    expect(findings.map(({ invariant }) => invariant)).toContain('NET-05');
  });
});

describe('a search', () => {
  test('comes to the same in whatever order its cases are done', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('', '', '', 'A-01', 'B-02'), { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.nat({ max: 5 })),
        (outcomes, random) => {
          const attempted = outcomes.map((invariant, index) => ({
            index,
            story: 0,
            seed: index,
            trial: {
              findings: invariant === '' ? [] : [{ invariant, at: 1, message: '', objects: [], seq: 1 }],
              fingerprint: '',
              events: 1,
              end: 1,
              preconditions: new Map([['A-01', 1]]),
              fired: new Map(),
              situations: new Map(),
              outcomes: new Map(),
            },
          }));
          const inOrder = new Search({ runs: outcomes.length, goOn: false });
          const shuffled = new Search({ runs: outcomes.length, goOn: false });
          for (const one of attempted) inOrder.add(one);
          const left = [...attempted];
          while (left.length > 0) {
            const [one] = left.splice(Math.min(random.next().value, left.length - 1), 1);
            if (one) shuffled.add(one);
          }
          expect(shuffled.found).toEqual(inOrder.found);
          expect([shuffled.runs, shuffled.events]).toEqual([inOrder.runs, inOrder.events]);
        },
      ),
    );
  });
});

describe('shrinking', () => {
  test('ends: each smaller document says less, comes earlier or has smaller numbers', async () => {
    const fuzzer = await fuzzerOf({});
    fc.assert(
      fc.property(seeds, fc.array(fc.nat({ max: 40 }), { maxLength: 60 }), (seed, numbers) => {
        let document = fuzzer.documentOf(seed);
        for (const number of numbers) {
          const smaller = shrinking(document, number);
          if (!smaller) continue;
          expect(isLess(weight(smaller), weight(document)), `${JSON.stringify(smaller.spec)} after ${JSON.stringify(document.spec)}`).toBe(
            true,
          );
          document = smaller;
        }
      }),
      { numRuns: 50 },
    );
  });
});

/** What there is to read, then to wait for, then to keep in mind. */
function weight({ spec }: ScenarioDocument): readonly number[] {
  const timeless = JSON.stringify(spec, (key, value: unknown) => (['at', 'calm', 'until'].includes(key) ? undefined : value));
  const times = [...(spec.steps ?? []).map(({ at = '0s' }) => at), spec.calm?.from ?? '0s'].map((time) => parseDuration(time));
  const numbers = [...timeless.matchAll(/\d+/g)].map(Number);
  const until = spec.explore?.until;
  const explored = spec.explore === undefined ? 0 : until === undefined ? Number.POSITIVE_INFINITY : parseDuration(until);
  return [timeless.replace(/\d/g, '').length, explored, sum(times), sum(numbers)];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function isLess(one: readonly number[], other: readonly number[]): boolean {
  const at = one.findIndex((number, index) => number !== other[index]);
  return at >= 0 && (one[at] ?? 0) < (other[at] ?? 0);
}
