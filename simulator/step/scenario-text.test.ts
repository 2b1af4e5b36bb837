import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { scenarioText, type WrittenFault } from './scenario-text.ts';

const faults: readonly WrittenFault[] = [
  { step: { at: '0s', fault: { on: 'cni.Plugin/Add', from: 'containerd/node-1', error: { code: 11 }, times: 1 } }, comment: 'at 1.2 s' },
  { step: { at: '0s', fault: { on: 'cri.*', hang: true } }, comment: 'later' },
];
const LINES = `- { at: 0s, fault: { on: cni.Plugin/Add, from: containerd/node-1, error: { code: 11 }, times: 1 } } # at 1.2 s
- { at: 0s, fault: { on: cri.*, hang: true } } # later
`;
const indented = (columns: number): string => LINES.replaceAll(/^-/gm, `${' '.repeat(columns)}-`);
const setting = (path: string, value: unknown) => ({ path: path.split('.'), value, text: `${path}=${String(value)}` });

interface Read {
  readonly spec: { readonly seed?: unknown; readonly cluster?: unknown; readonly steps: readonly unknown[] };
}

describe('the text of a scenario', () => {
  test.each([
    [4, '# Teaches.\nspec:\n  seed: 1 # why\n  steps: # all\n', '    # the first\n    - apply: [a.yaml]\n    - { at: 1s, powerOff: x }\n'],
    [2, 'kind: Scenario\nspec:\n  steps:\n', '  - apply: [ a.yaml ]\n  expect: []\n'],
    [6, 'spec:\n    steps:\n', '\n      - apply:   a.yaml\n'],
  ])('stays as it is, to the letter, where its steps are a list of lines (column %i)', (columns, before, after) => {
    expect(scenarioText(before + after, { faults, settings: [] })).toBe(before + indented(columns) + after);
  });

  test.each([
    ['between brackets', 'spec:\n  steps: [{ apply: a.yaml }] # one\n', [{ apply: 'a.yaml' }]],
    ['none at all', 'spec:\n  seed: 1\n', []],
    ['all between braces', 'spec: { seed: 1 }\n', []],
    ['JSON', '{"spec": {"seed": 1, "steps": [{"apply": "a.yaml"}]}}', [{ apply: 'a.yaml' }]],
    ['an anchor', 'spec:\n  steps: &all\n  - apply: a.yaml\n', [{ apply: 'a.yaml' }]],
    ['empty', 'spec:\n  steps: []\n', []],
  ])('holds the faults before its steps: %s', (_name, text, steps) => {
    const read = parse(scenarioText(text, { faults, settings: [] })) as Read;
    expect(read.spec.steps).toEqual([...faults.map(({ step }) => step), ...steps]);
  });

  test('says what was said on the command line, and keeps its comments', () => {
    const text =
      '# Teaches.\nspec:\n  seed: 1\n  cluster:\n    # Ours.\n    plugins: { csi: [ebs, efs] }\n    nodes: [{ count: 2 }, { count: 1 }]\n';
    const settings = [
      setting('seed', 'x'),
      setting('cluster.plugins.cni', 'bridge'),
      setting('cluster.plugins.csi.with.slow', true),
      setting('cluster.nodes.1.count', 5),
    ];
    const made = scenarioText(text, { faults: [], settings });
    expect(made).toContain('# Teaches.\n');
    expect(made).toContain('# Ours.\n');
    expect((parse(made) as Read).spec).toEqual({
      seed: 'x',
      cluster: { plugins: { csi: [{ use: 'ebs', with: { slow: true } }, 'efs'], cni: 'bridge' }, nodes: [{ count: 2 }, { count: 5 }] },
    });
  });

  test('without anything to say is the same text', () => {
    expect(scenarioText('spec: {steps: [ ]}', { faults: [], settings: [] })).toBe('spec: {steps: [ ]}');
  });
});
