import { describe, expect, test } from 'vitest';
import { scenarioWorld } from '../wiring/scenario-world.ts';
import { loadScenario } from './load-scenario.ts';
import { readScenarios, type ScenarioFiles } from './read-scenario.ts';
import { runScenario, type ScenarioOutcome } from './run-scenario.ts';

const files: ScenarioFiles = {
  read(path) {
    throw new Error(`there is no file ${path}`);
  },
};
const POD = (name: string, more = ''): string =>
  `{ apiVersion: v1, kind: Pod, metadata: { name: ${name}, labels: { app: ${name} } }, spec: { containers: [{ name: main, image: nginx }]${more} } }`;

async function outcomeOf(spec: string, until?: number): Promise<ScenarioOutcome & { readonly end: number }> {
  const lines = spec.split('\n').map((line) => `  ${line}\n`);
  const text = `apiVersion: slipway.dev/v1alpha1\nkind: Scenario\nmetadata: { name: x }\nspec:\n${lines.join('')}`;
  const [draft] = readScenarios({ file: 'x.yaml', text }, files, []);
  if (!draft) throw new Error('no scenario');
  const scenario = loadScenario(draft, { files, kinds: [] });
  const { cluster } = scenarioWorld(scenario, { cluster: {}, nodes: new Map() });
  const outcome = await runScenario(scenario, cluster, { until });
  return { ...outcome, end: cluster.kernel.now };
}

const failures = ({ failures: all }: ScenarioOutcome): string[] => all.map(({ text, message }) => `${text}: ${message.split(':')[0]}`);

describe('the end of a scenario', () => {
  // The first node never comes up, and the step waits for it.
  const stuck = `cluster: { nodes: [{ count: 1 }] }\nduration: 30s\nsteps: [{ powerOff: node-1 }, { apply: ${POD('a')} }]`;

  test('a step that it does not get to fails it', async () => {
    const outcome = await outcomeOf(stuck);
    expect(failures(outcome)).toEqual([expect.stringContaining('the run ended before this step')]);
    expect(outcome).toMatchObject({ held: false, unreached: 1 });
  });

  test('a run that is cut short with --until fails nothing that was not its turn', async () => {
    expect(await outcomeOf(stuck, 10_000_000)).toMatchObject({ held: true, unreached: 1 });
  });

  const BUDGET =
    '{ apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: { name: a }, spec: { minAvailable: 1, selector: { matchLabels: { app: a } } } }';
  const drain = `steps: [{ apply: [${POD('a')}, ${BUDGET}] }, { at: 30s, drain: { node: { nodeOf: pod/a }, force: true } }]`;

  test('a drain that has not ended fails it; later steps have been done', async () => {
    const outcome = await outcomeOf(`duration: 1m\n${drain.slice(0, -1)}, { at: 40s, cordon: node-3 }]`);
    expect(failures(outcome)).toEqual([expect.stringContaining('the run ended before this step did')]);
    expect(outcome.unreached).toBe(0);
  });

  test('without a duration, the run waits for a step that takes long', async () => {
    const outcome = await outcomeOf(`steps: [{ restart: { part: kube-scheduler, down: 10m } }]\nexpect: [{ cel: nodes.size() == 3 }]`);
    expect(outcome.held).toBe(true);
    expect(outcome.end).toBeGreaterThan(600_000_000);
  });
});

describe('faults that meet no call', () => {
  test('are named in a warning; one of rate 0 is not', async () => {
    const outcome = await outcomeOf(
      `duration: 20s\nsteps:\n  - { fault: { on: api.watch, from: kube-schedular, lag: 5s } }\n  - { fault: { on: api.create, hang: true, rate: 0 } }`,
    );
    expect(outcome.warnings.map(({ message }) => message)).toEqual([expect.stringMatching(/kube-schedular: has met no call$/)]);
  });
});
