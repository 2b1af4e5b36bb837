import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { InputError } from '../manifests/input-error.ts';
import { readScenarios, type ScenarioFiles } from './read-scenario.ts';
import { withSettings } from './settings.ts';

const document = (spec: object): string =>
  stringify({ apiVersion: 'slipway.dev/v1alpha1', kind: 'Scenario', metadata: { name: 'x' }, spec });
const folder = (files: Readonly<Record<string, string>>): ScenarioFiles => ({
  read(path) {
    const text = files[path];
    if (text === undefined) throw new Error(`there is no file ${path}`);
    return [{ file: path, text }];
  },
});
const nowhere = { file: 'x', line: 1, column: 1 };

describe('included scenarios', () => {
  const base = document({
    cluster: { nodes: [{ count: 2 }], plugins: { cni: 'bridge', cri: 'crio' } },
    steps: [{ at: '0s', apply: 'base.yaml' }],
    expect: [{ at: '1s', absent: { kind: 'Job' } }],
  });

  test('come first; what the scenario says itself wins, plugin by plugin', () => {
    const text = document({
      include: ['base.yaml'],
      cluster: { plugins: { cni: 'flannel' } },
      steps: [{ at: '5s', delete: 'pod/x' }],
      expect: [{ absent: { kind: 'Pod' } }],
    });
    const [draft] = readScenarios({ file: 'x.yaml', text }, folder({ 'base.yaml': base }), []);
    expect(draft?.cluster).toMatchObject({ nodes: [{ count: 2 }], plugins: { cni: 'flannel', cri: 'crio' } });
    expect(draft?.steps.map(({ file, document: { at } }) => [file, at])).toEqual([
      ['base.yaml', '0s'],
      ['x.yaml', '5s'],
    ]);
    expect(draft?.expectations.map(({ file }) => file)).toEqual(['base.yaml', 'x.yaml']);
    expect(draft?.clusterPart(['plugins', 'cri']).file).toBe('base.yaml');
    expect(draft?.clusterPart(['plugins', 'cni']).file).toBe('x.yaml');
  });

  test('their steps and those of the scenario are put in one order by time; a step without a time goes with the one before it', () => {
    const first = document({ steps: [{ at: '0s', cordon: 'a' }, { at: '10s', cordon: 'b' }, { cordon: 'c' }] });
    const order = (steps: object[]): string | undefined =>
      readScenarios({ file: 'x.yaml', text: document({ include: ['first.yaml'], steps }) }, folder({ 'first.yaml': first }), [])[0]
        ?.steps.map(({ document: { cordon } }) => cordon)
        .join('');
    expect(order([{ at: '5s', cordon: 'd' }, { cordon: 'e' }, { at: '10s', cordon: 'f' }])).toBe('adebcf');
    expect(order([{ cordon: 'd' }, { at: '20s', cordon: 'e' }])).toBe('abcde');
  });

  test('a file may be included twice, side by side, and in no circle of any length', () => {
    const twice = document({ include: ['base.yaml', 'base.yaml'] });
    expect(readScenarios({ file: 'x.yaml', text: twice }, folder({ 'base.yaml': base }), [])[0]?.steps).toHaveLength(2);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), (length) => {
        const files = Object.fromEntries(
          Array.from({ length }, (_, index) => [`${index}.yaml`, document({ include: [`${(index + 1) % length}.yaml`] })]),
        );
        const start = { file: '0.yaml', text: files['0.yaml'] ?? '' };
        expect(() => readScenarios(start, folder(files), [])).toThrow(/include: goes in a circle: 0\.yaml → /);
      }),
    );
  });
});

test('a file of something else is told in one line', () => {
  const text = JSON.stringify({ name: 'shop', version: '1.0.0', scripts: { test: 'vitest' } });
  expect(() => readScenarios({ file: 'package.json', text }, folder({}), [])).toThrow(
    /^package\.json:1:1: is no scenario: it has neither apiVersion nor kind\n {2}begin with "apiVersion: [^\n]*$/,
  );
});

describe('--set', () => {
  const key = fc.stringMatching(/^[a-z]{1,4}$/);
  const data = fc.letrec<{ node: unknown }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.integer(),
      fc.string(),
      fc.dictionary(key, tie('node'), { maxKeys: 3 }),
      fc.array(tie('node'), { maxLength: 3 }),
    ),
  })).node;

  test('puts the value where the path leads, and changes nothing beside it', () => {
    fc.assert(
      fc.property(fc.dictionary(key, data), fc.array(key, { minLength: 1, maxLength: 4 }), fc.integer(), (spec, path, value) => {
        const before = JSON.stringify(spec);
        const result = withSettings({ value: { spec }, placeOf: () => nowhere }, [{ path, value, text: 't' }]).value as {
          spec: Record<string, unknown>;
        };
        const found = path.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], result.spec);
        expect(found).toBe(value);
        expect(JSON.stringify(spec)).toBe(before);
        for (const [other, kept] of Object.entries(spec)) if (other !== path[0]) expect(result.spec[other]).toBe(kept);
      }),
    );
  });

  test('a plugin that is given by name keeps it when an option is set', () => {
    const { value } = withSettings(
      { value: { spec: { cluster: { plugins: { cni: 'flannel', csi: ['ebs', 'efs'] } } } }, placeOf: () => nowhere },
      [
        { path: ['cluster', 'plugins', 'cni', 'with', 'network'], value: '10.0.0.0/8', text: '' },
        { path: ['cluster', 'plugins', 'csi', 'with', 'x'], value: 1, text: '' },
      ],
    );
    expect(value).toEqual({
      spec: {
        cluster: { plugins: { cni: { use: 'flannel', with: { network: '10.0.0.0/8' } }, csi: [{ use: 'ebs', with: { x: 1 } }, 'efs'] } },
      },
    });
  });

  test('a list that is not there begins with its first item; beyond the end of one there is nothing to set', () => {
    const setting = (path: string[]): unknown =>
      withSettings({ value: { spec: { steps: [{ cordon: 'a' }] } }, placeOf: () => nowhere }, [{ path, value: 2, text: 't' }]).value;
    expect(setting(['cluster', 'nodes', '0', 'count'])).toMatchObject({ spec: { cluster: { nodes: [{ count: 2 }] } } });
    expect(setting(['steps', '1', 'x'])).toMatchObject({ spec: { steps: [{ cordon: 'a' }, { x: 2 }] } });
    expect(() => setting(['steps', '7', 'x'])).toThrow('--set t: there is no item 7: the list has 1, counted from 0');
  });

  test('what a setting made wrong stands at the setting', () => {
    const settings = [{ path: ['seed'], value: [], text: 'seed=[]' }];
    try {
      readScenarios({ file: 'x.yaml', text: document({ steps: [] }) }, folder({}), settings);
      expect.unreachable();
    } catch (error) {
      expect((error as InputError).message).toMatch(/^--set seed=\[\]: spec\.seed: must be a whole number or a text/);
    }
  });
});
