import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadScenarios } from './scenario-input.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-scenario-'));
const file = join(folder, 'x.yaml');
const WEB = `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: web }, spec: { selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web, image: nginx }] } } } }`;

/** Spec, and how the message goes on after the file: from line 5 on, in a column that is two further right. */
type Case = readonly [spec: string, message: string];

async function refusal(spec: string): Promise<string> {
  const lines = spec.split('\n').map((line) => `  ${line}\n`);
  const text = `apiVersion: slipway.dev/v1alpha1\nkind: Scenario\nmetadata: { name: x }\nspec:\n${lines.join('')}`;
  try {
    await loadScenarios({ file, text }, []);
    return 'accepted';
  } catch (error) {
    const { name, message } = error as Error;
    return name === 'InputError' ? message.replaceAll(`${file}:`, '').replaceAll(folder, '') : `${name}: ${message}`;
  }
}

const step = (text: string): string => `steps: [{ ${text} }]`;
const afterWeb = (text: string): string => `steps:\n- apply: ${WEB}\n- { ${text} }`;
const expectation = (text: string): string => `duration: 5m\nsteps: [{ at: 1m, cordon: node-1, as: lost }]\nexpect: [{ ${text} }]`;
const nodes = (text: string): string => `cluster: { nodes: [${text}] }\nsteps: [{ apply: ${WEB} }]`;

const FORM: readonly Case[] = [
  ['steps:', '5:3: spec.steps: has no value\n  write one, or remove the key'],
  ['duration: 60\nsteps: []', '5:13: spec.duration: must be a text, not the number 60\n  write 60s'],
  ['duration: 0s\nsteps: []', '5:13: spec.duration: is no time at all: write for example 1s, or more'],
  ['duration: 99999999999h', '5:13: spec.duration: is more than a hundred years: write a shorter time'],
  ['seed: ""', '5:3: spec.seed: must not be empty'],
  [step('scale: { of: deployment/web, replicas: -1 }'), '5:52: spec.steps[0].scale.replicas: must be at least 0'],
  [step('scale: { of: deployment/web, replicas: 99999999999 }'), '5:52: spec.steps[0].scale.replicas: must be at most 1000000'],
  [step('fault: { on: cni.add, hang: false }'), '5:41: spec.steps[0].fault.hang: can only be true\n  write true, or remove the key'],
  [step('fault: { on: cni.add, hang: true, times: 0 }'), '5:54: spec.steps[0].fault.times: must be at least 1'],
  [step('fault: { on: cni.add, delay: 0s }'), '5:42: spec.steps[0].fault.delay: is no time at all'],
  [
    'expect: [{ cel: pods.all(p, p.status.phase == "Running") }]',
    '5:31: spec.expect[0]: unknown field "p.status.phase == "Running")"\n  put the text that it belongs to in quotes',
  ],
];

const NODES: readonly Case[] = [
  [nodes('{ name: "My Node!" }'), '5:30: nodes: "My Node!" is no name of a node'],
  [nodes('{ count: 2, name: a }, { name: a-1 }'), '5:53: nodes: two machines would be called "a-1"'],
  [step('addNodes: { name: node-2 }'), '5:31: nodes: two machines would be called "node-2"'],
  [nodes('{ zones: ["a b"] }'), '5:32: nodes: "a b" is no name of a zone'],
  [nodes('{ capacity: { cpu: lots } }'), '5:41: nodes: capacity.cpu: "lots" is no quantity'],
  [nodes('{ capacity: { cpu: -1 } }'), '5:41: nodes: capacity.cpu: -1 is less than nothing'],
  [nodes('{ capacity: { memroy: 4Gi } }'), '5:44: nodes: a machine has no "memroy"\n  did you mean "memory"?'],
  [nodes('{ capacity: { pods: 1.5 } }'), '5:42: nodes: capacity.pods: 1.5 is no number of pods'],
  [nodes('{ capacity: { cpu: 4 }, allocatable: { cpu: 8 } }'), '5:66: nodes: allocatable.cpu: 8 is more than the capacity, 4'],
  [nodes('{ labels: { "bad key!": x } }'), '5:46: nodes: "bad key!" is no key of a label'],
  [nodes('{ taints: [{ key: "a b", effect: NoSchedule }] }'), '5:40: nodes: "a b" is no key of a taint'],
  [step('powerOff: node-9'), '5:23: powerOff: there is no node "node-9", and no step adds it\n  did you mean "node-1"?'],
  [
    step('powerOff: deployment/web'),
    '5:23: powerOff: there is no node "deployment/web", and no step adds it\n  write { nodeOf: deployment/web }',
  ],
  [step('taint: { node: nod-1, key: a, effect: NoSchedule }'), '5:28: taint: there is no node "nod-1"'],
  [step('partition: { node: node-1, from: [cloud, node-7] }'), '5:54: partition: there is no node "node-7"'],
  ['duration: 1m\nexpect: [{ condition: Ready, of: node/node-9 }]', '6:36: of: there is no node "node-9"'],
];

const STEPS: readonly Case[] = [
  [
    afterWeb('patch: { of: deployment/web, with: { spec: { replicaz: 3 } } }'),
    '7:62: patch: Deployment spec: unknown field "replicaz"\n  did you mean "replicas"?',
  ],
  [
    afterWeb('patch: { of: deployment/web, type: json, with: [{ op: replace, path: /spec/replicas }] }'),
    '7:55: patch: "replace" needs a value',
  ],
  [step('powerOff: { nodeOf: configmap/web }'), '5:33: powerOff: a ConfigMap is on no node'],
  [step('exec: { pod: deployment/web, command: ls }'), '5:26: exec: "deployment/web" is no pod\n  write { podOf: deployment/web }'],
  [step('taint: { node: node-1, key: a, value: "x y!", effect: NoSchedule }'), '5:51: taint: "x y!" is no value of a taint'],
  [step('request: { from: outside, to: "http://web", method: get }'), '5:65: request: "get" is no method of HTTP\n  write "GET"'],
  [step('heal: all, as: n'), '5:28: as: a step of heal chooses nothing that could be kept'],
  [step('drain: node-1, fails: true, as: n'), '5:45: as: a step that fails keeps nothing'],
  ['steps: [{ cordon: node-1, as: n }, { cordon: node-2, as: n }]', '5:60: as: an earlier step keeps $n already'],
];

const EXPECTATIONS: readonly Case[] = [
  [expectation('within: 0s, absent: { kind: Pod }'), '7:22: spec.expect[0].within: is no time at all'],
  [expectation('at: 30s, condition: Ready, of: node/$lost'), '7:18: expect: this could never hold: $lost is chosen at 1m'],
  [
    expectation(`always: 'nodes.exists(n, n.metadata.name == $lost)'`),
    '7:22: expect: this could never hold: $lost is chosen at 1m\n  write "from: 1m"',
  ],
  [expectation('event: Scheduled, always: true'), '7:40: always: an event is one moment'],
  [expectation('request: { from: outside, to: "tcp://web:80", status: 200 }'), '7:68: request: this could never hold: "status" is of HTTP'],
];

const EVIDENT: readonly Case[] = [
  [expectation(`cel: 'pods.size() > -1'`), '7:19: cel: this could never fail: it is always true'],
  [expectation(`cel: '!(pods.size() < 0)'`), '7:19: cel: this could never fail: "pods.size() < 0" is always false'],
  [expectation(`cel: '-1 >= pods.size()'`), '7:19: cel: this could never hold: it is always false'],
  [expectation('absent: { kind: Pod, metadata: { namespace: BAD_NS } }'), '7:58: absent: "BAD_NS" is no name of a namespace'],
];

/** File and what it exports. */
const PLUGINS: Readonly<Record<string, string>> = {
  'throws.mjs': `export default { interface: 'cni', name: 'throws', create() { throw new Error('boom'); } };`,
  'lacks.mjs': `export default { interface: 'cni', name: 'lacks', create() { return { del() { return {}; } }; } };`,
};
const plugin = (text: string): string => `cluster: { plugins: { ${text} } }\nsteps: [{ apply: ${WEB} }]`;

const PLUGIN_CASES: readonly Case[] = [
  [plugin('cni: ./throws.mjs'), '5:30: cni plugin "throws" failed in create: boom'],
  [plugin('cni: ./lacks.mjs'), '5:30: cni plugin "lacks" lacks the method add'],
  [plugin('cni: { use: flannel, with: { nope: 1 } }'), '5:25: cni plugin "flannel" refuses its options'],
  [plugin('csi: [ebs, ebs]'), '5:36: csi plugin "ebs" is named twice'],
];

describe('loading a scenario: each mistake has a place and a remedy', () => {
  for (const [title, cases] of Object.entries({
    form: FORM,
    nodes: NODES,
    steps: STEPS,
    expectations: EXPECTATIONS,
    'claims that nothing could change': EVIDENT,
  }))
    test(title, () => told(cases));

  test('plugins: what they say no to is told before anything runs', async () => {
    for (const [name, code] of Object.entries(PLUGINS)) writeFileSync(join(folder, name), code);
    await told(PLUGIN_CASES);
  });

  test('objects: what steps apply may be named, also before and after; what nobody applies may not', async () => {
    expect(await refusal(`steps: [{ apply: ${WEB} }, { delete: deployment/web }, { powerOff: { nodeOf: deployment/web } }]`)).toBe(
      'accepted',
    );
    expect(await refusal(afterWeb('delete: deployment/wbe'))).toBe(
      '7:15: delete: there is no Deployment default/wbe: no step applies it\n  did you mean "deployment/web"?',
    );
    expect(await refusal(afterWeb('delete: deployment/wbe, fails: true'))).toBe('accepted');
    expect(await refusal('steps: [{ apply: missing.yaml }, { delete: deployment/web }]')).not.toContain('there is no Deployment');
  });

  test('objects: what an own plugin brings is there, and an own controller may make any', async () => {
    const config = `{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'mesh' } }`;
    writeFileSync(
      join(folder, 'mesh.mjs'),
      `export default { interface: 'smi', name: 'mesh', manifests: [${config}], create() { return { inject() {}, identity() {}, route() {}, authorise() {}, observe() {} }; } };`,
    );
    expect(await refusal('cluster: { plugins: { smi: ./mesh.mjs } }\nsteps: [{ delete: cm/mesh }]')).toBe('accepted');
    expect(await refusal('cluster: { plugins: { smi: ./mesh.mjs } }\nsteps: [{ delete: cm/mess }]')).toContain(
      'did you mean "configmap/mesh"?',
    );
    writeFileSync(
      join(folder, 'maker.mjs'),
      `export default { interface: 'controller', name: 'maker', create() { return { name: 'maker', watches: [], *reconcile() {} }; } };`,
    );
    expect(await refusal('cluster: { controlPlane: { controllers: { maker: ./maker.mjs } } }\nsteps: [{ delete: cm/any }]')).toBe(
      'accepted',
    );
  });

  test('nodes: machines that steps add, and those that somebody applies, may be named', async () => {
    expect(await refusal('steps: [{ addNodes: { count: 2 }, as: new }, { cordon: $new }, { cordon: node-5 }]')).toBe('accepted');
    expect(await refusal('steps: [{ apply: { apiVersion: v1, kind: Node, metadata: { name: mine } } }, { cordon: mine }]')).toBe(
      'accepted',
    );
    expect(await refusal('steps: [{ cordon: node-9, fails: true }]')).toBe('accepted');
  });
});

async function told(cases: readonly Case[]): Promise<void> {
  const found: string[] = [];
  for (const [spec, message] of cases) found.push((await refusal(spec)).slice(0, message.length));
  expect(found).toEqual(cases.map(([, message]) => message));
}
