import { describe, expect, it } from 'vitest';
import { SHOP, Workplace, unwrapped } from './slipway.ts';

const HEAD = 'apiVersion: slipway.dev/v1alpha1\nkind: Scenario\nmetadata: { name: x }\nspec:\n';
const scenario = (spec: string): string =>
  `${HEAD}${spec
    .trim()
    .split('\n')
    .map((line) => `  ${line}\n`)
    .join('')}`;
const step = (text: string): string => scenario(`steps:\n  - { ${text} }`);
const expectation = (text: string): string =>
  scenario(`duration: 5m\nsteps:\n  - { at: 0s, apply: [shop.yaml] }\nexpect:\n  - { ${text} }`);

/** Spec, and what the message begins with after the file's name. */
type Case = readonly [text: string, message: string];

const FORM: readonly Case[] = [
  ['', 'x.yaml: holds no scenario'],
  [SHOP, 'x.yaml:2:7: is a Deployment, not a Scenario'],
  [scenario('stepz: []'), 'x.yaml:5:3: spec: unknown field "stepz"\n  did you mean "steps"?'],
  [scenario('seed: []'), 'x.yaml:5:3: spec.seed: must be a whole number or a text, not a list'],
  [scenario('cluster: { nodes: [{ count: two }] }'), 'x.yaml:5:31: spec.cluster.nodes[0].count: must be a whole number'],
  [scenario('cluster: { plugins: { cnni: flannel } }'), 'x.yaml:5:25: spec.cluster.plugins: unknown field "cnni"\n  did you mean "cni"?'],
  [scenario('cluster: { plugins: { cni: flanel } }'), 'x.yaml:5:30: there is no cni plugin "flanel"\n  did you mean "flannel"?'],
  [scenario('cluster: { plugins: { cni: ./nowhere.ts } }'), 'x.yaml:5:30: there is no plugin file'],
  [scenario('duration: 5x'), 'x.yaml:5:13: spec.duration: is no duration'],
  [HEAD, 'x.yaml:4:1: spec'],
  [scenario('seed: 1'), 'x.yaml:4:1: spec: nothing happens and nothing is expected'],
  [scenario('include: [x.yaml]'), 'x.yaml:5:13: include: goes in a circle: x.yaml → x.yaml'],
  [scenario('include: [a.yaml]'), 'a.yaml:5:13: include: goes in a circle: x.yaml → a.yaml → x.yaml'],
  [scenario('include: [none.yaml]'), 'x.yaml:5:13: include: there is no file none.yaml'],
  [
    scenario('invariants: { off: [{ id: NOPE-01, reason: because }] }\nsteps: [{ apply: shop.yaml }]'),
    'x.yaml:5:29: there is no invariant "NOPE-01"',
  ],
];

const STEPS: readonly Case[] = [
  [step('at: 0s, appli: [shop.yaml]'), 'x.yaml:6:17: spec.steps[0]: unknown field "appli"\n  did you mean "apply"?'],
  [step('at: 0s, apply: [nowhere.yaml]'), 'x.yaml:6:25: apply: there is no file nowhere.yaml'],
  [step('at: 0s, apply: [slip.yaml]'), 'slip.yaml:5:3: Deployment default/web: spec.replica: unknown field "replica"'],
  [step('at: -5s, apply: [shop.yaml]'), 'x.yaml:6:13: spec.steps[0].at: is no duration'],
  [scenario('duration: 1m\nsteps:\n  - { at: 2m, apply: [shop.yaml] }'), 'x.yaml:7:13: steps: 2m lies beyond the end of the scenario, 1m'],
  [
    scenario('steps:\n  - { at: 2m, apply: [shop.yaml] }\n  - { at: 1m, delete: deployment/web }'),
    'x.yaml:7:13: steps: 1m stands after a step at 2m',
  ],
  [step('at: 1s, powerOff: $lost'), 'x.yaml:6:7: steps: nothing is called $lost\n  write "as: lost" at the step that chooses it'],
];

const TIMES: readonly Case[] = [
  [expectation('at: 6m, absent: { kind: Pod }'), 'x.yaml:9:13: 6m lies beyond the end of the scenario, 5m'],
  [expectation('at: 1m, within: 2m, absent: { kind: Pod }'), 'x.yaml:9:25: "within" and "at" exclude each other'],
  [expectation('from: 1m, absent: { kind: Pod }'), 'x.yaml:9:15: "from" needs "within" or "always"'],
  [expectation('from: 3m, until: 2m, always: true, absent: { kind: Pod }'), 'x.yaml:9:26: "until" is not after "from"'],
];

async function refused(cases: readonly Case[]): Promise<void> {
  const expected: Record<string, unknown> = {};
  const found: Record<string, unknown> = {};
  for (const [text, message] of cases) {
    const place = new Workplace({
      'x.yaml': text,
      'a.yaml': scenario('include: [x.yaml]'),
      'shop.yaml': SHOP,
      'slip.yaml': SHOP.replace('replicas', 'replica'),
    });
    const { code, stdout, stderr: printed } = await place.slipway(['run', 'x.yaml', '--json']);
    const stderr = unwrapped(printed);
    expected[message] = { code: 2, stdout: '', stderr: `error: ${message}` };
    found[message] = { code, stdout, stderr: stderr.startsWith(`error: ${message}`) ? `error: ${message}` : stderr };
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  }
  expect(found).toEqual(expected);
}

describe('slipway run, wrong input: exit 2, one message with place and fix, nothing on standard output', () => {
  it('the form of a scenario', () => refused(FORM));
  it('steps', () => refused(STEPS));
  it('times', () => refused(TIMES));
  it('settings: what stands on the command line is the place', async () => {
    const place = new Workplace({ 'x.yaml': step('at: 0s, apply: [shop.yaml]'), 'shop.yaml': SHOP });
    const one = await place.slipway(['run', 'x.yaml', '--set', 'cluster.nodez=3']);
    expect(one).toMatchObject({ code: 2, stderr: expect.stringContaining('--set cluster.nodez=3: spec.cluster: unknown field "nodez"') });
    const two = await place.slipway(['run', 'x.yaml', '--set', 'duration=abc']);
    expect(two).toMatchObject({ code: 2, stderr: expect.stringContaining('--set duration=abc: spec.duration: is no duration') });
  });
  it('options: the message, and where that command lists them', async () => {
    const place = new Workplace();
    const unknown = await place.slipway(['run', 'x.yaml', '--sed', '7']);
    expect(unknown).toMatchObject({
      code: 2,
      stdout: '',
      stderr: "error: unknown option '--sed'\n(Did you mean one of --seed, --set?)\n(slipway run --help lists the options)\n",
    });
  });
});
