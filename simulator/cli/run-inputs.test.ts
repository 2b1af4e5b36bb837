import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diff } from './diff.ts';
import { runInputs } from './run-inputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-inputs-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const SCENARIO =
  'apiVersion: slipway.dev/v1alpha1\nkind: Scenario\nmetadata: { name: x }\nspec: { duration: 1s, expect: [{ absent: { kind: Pod } }] }\n';
const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: team }\n';
const [a, b, config] = [file('a.yaml', SCENARIO), file('b.yaml', SCENARIO), file('config.yaml', CONFIG)];

describe('inputs of diff and explain', () => {
  it('one scenario is run: of several, explain asks for one, and diff says what it compares', async () => {
    await expect(runInputs([a, b], { set: [] })).rejects.toMatchObject({
      message: 'one scenario is run, and these are 2',
      fix: `name one of ${a}, ${b}`,
    });
    await expect(diff([a, b], { set: [] })).rejects.toMatchObject({
      message: 'one scenario is run, and these are 2',
      fix: expect.stringContaining('diff compares one input with itself under other settings') as unknown,
    });
    await expect(runInputs([a, config], { set: [] })).rejects.toThrow('a scenario is run alone');
  });

  it.each([
    [{ left: ['a'] }, '--left a is not PATH=VALUE'],
    [{ right: ['plugins.cn=x'] }, '--right plugins.cn=x: there is no interface "cn"'],
    [{ left: ['cluster.nodez=3'] }, '--left cluster.nodez=3: spec.cluster: unknown field "nodez"'],
    [{ right: ['steps.7.at=1s'] }, '--right steps.7.at=1s: there is no item 7'],
    [{ set: ['a'] }, '--set a is not PATH=VALUE'],
  ])('a mistake in a setting is told with the option that it was given with: %j', async (options, message) => {
    await expect(diff([a], { set: [], ...options })).rejects.toThrow(message);
  });

  it('a mistake in a setting of manifests, too', async () => {
    await expect(diff([config], { set: [], left: ['nodes=3'] })).rejects.toThrow('--left nodes=3: there is nothing called nodes to set');
  });
});
