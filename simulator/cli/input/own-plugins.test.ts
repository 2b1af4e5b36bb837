import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { blamed } from './own-plugins.ts';
import { run } from '../run.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-plugins-'));
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

test('a plugin that lets no time pass: the run ends as a mistake of the plugin, by its name', async () => {
  file(
    'spin.mjs',
    `export default { interface: 'cni', name: 'spin', create: ({ sleep }) => ({ *add() { for (;;) yield* sleep(0); }, del: () => ({}) }) };`,
  );
  const scenario = file(
    'spin.yaml',
    'apiVersion: slipway.dev/v1alpha1\nkind: Scenario\nmetadata: { name: spin }\nspec:\n  cluster: { nodes: [{ count: 1 }], plugins: { cni: ./spin.mjs } }\n' +
      '  steps: [{ apply: { apiVersion: v1, kind: Pod, metadata: { name: a }, spec: { containers: [{ name: a, image: nginx }] } } }]\n',
  );
  await expect(run([scenario], { set: [], elide: true })).rejects.toMatchObject({
    name: 'PluginError',
    message: expect.stringMatching(/^plugin spin\/node-1 stopped the run: process cni\.Plugin\/Add .* took more than/),
  });
});

test("a promise that never settles is its plugin's; what stopped the run otherwise stays as it is", () => {
  const plugins = { cluster: {}, nodes: new Map() };
  const promise = new Error('the promise from mine/node-1 (cni.Plugin/Add) did not settle within 30 s of real time; the run is aborted');
  expect(blamed(promise, plugins)).toMatchObject({
    name: 'PluginError',
    message: expect.stringMatching(/^a promise of plugin mine\/node-1/),
  });
  const ours = Object.assign(new Error('process x of kubelet/node-1 took more than 200000 steps'), { name: 'RunawayError' });
  expect(blamed(ours, plugins)).toBe(ours);
});
