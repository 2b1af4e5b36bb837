import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { main } from '../main.ts';
import { blamed } from './own-plugins.ts';
import { withPlaces } from './plugin-places.ts';
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

const POD_YAML =
  '  steps: [{ apply: { apiVersion: v1, kind: Pod, metadata: { name: a }, spec: { containers: [{ name: a, image: nginx }] } } }]\n' +
  '  expect: [{ from: 0s, within: 10s, condition: Ready, of: pod/a }]\n';
const scenarioWith = (plugin: string): string =>
  file(
    `${plugin}.yaml`,
    `apiVersion: slipway.dev/v1alpha1\nkind: Scenario\nmetadata: { name: one }\nspec:\n  cluster: { nodes: [{ count: 1 }], plugins: { cni: ./${plugin}.ts } }\n${POD_YAML}`,
  );

/** What the command prints, on either output. */
async function printed(argv: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const lines: string[] = [];
  const write = (chunk: string | Uint8Array): boolean => lines.push(String(chunk)) > 0;
  const spies = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
  for (const spy of spies) spy.mockImplementation(write);
  const code = await main(argv).finally(() => spies.map((spy) => spy.mockRestore()));
  return { code, text: lines.join('').replace(/\s+/g, ' ') };
}

const ADDING = `create: ({ api }) => ({ WORK, del: () => ({}) }) };\n`;

test('a forgotten yield* in a method: a breach with file and line, by every command, and the run goes on', async () => {
  file(
    'forgets.ts',
    `export default {\n  interface: 'cni', name: 'forgets',\n  ${ADDING.replace('WORK', '*add(): any {\n    const { items } = api.pods.list() as any;\n    return items[0].name;\n  }')}`,
  );
  const scenario = scenarioWith('forgets');
  const wrong = /call api\.Server\/List: yield\* is missing at \S*forgets\.ts:4:\d+/;
  for (const argv of [
    ['run', scenario],
    ['conformance', 'cni', '--plugin', join(folder, 'forgets.ts')],
    ['explain', scenario, '--pod', 'a'],
  ]) {
    const { code, text } = await printed(argv);
    expect(code, argv[0]).toBe(argv[0] === 'explain' ? 0 : 1);
    expect(text, argv[0]).toMatch(wrong);
    expect(text).toContain('link.yield-missing');
    expect(text).not.toMatch(/base64|slipway has a defect|Cannot read properties/);
  }
});

test("a forgotten yield* in a plugin's own process: the run ends with the place, as a mistake of the plugin", async () => {
  file(
    'agent.ts',
    `export default {\n  interface: 'cni', name: 'agent',\n  agent: ({ api }) => ({ name: 'agent', watches: [{ resource: 'nodes' }], *reconcile() { api.pods.list(); } }),\n  ${ADDING.replace('WORK', 'add: () => ({})')}`,
  );
  expect(await printed(['run', scenarioWith('agent')])).toEqual({
    code: 2,
    text: expect.stringMatching(/^error: call api\.list: yield\* is missing \(.*agent\.ts:3:\d+\) write yield\* before the call/),
  });
});

test('await on the clients of the context works in async methods, and so does its sleep', async () => {
  file(
    'waits.ts',
    `export default {\n  interface: 'cni', name: 'waits',\n  create: ({ api, now, sleep, log }) => ({\n    async add() {\n      const before = now();\n      await sleep(2_000_000);\n      const { items } = await api.nodes.list();\n      log(\`waited \${now() - before >= 2_000_000}, saw \${items.length}\`);\n      return {};\n    },\n    del: () => ({}),\n  }),\n};\n`,
  );
  const { text } = await printed(['run', scenarioWith('waits'), '--json', '--trace', join(folder, 'waits.ndjson')]);
  expect(text).not.toMatch(/Cannot read properties|yield/);
  expect(readFileSync(join(folder, 'waits.ndjson'), 'utf8')).toContain('waited true, saw 1');
});

test('places in messages are those of the file that somebody wrote, and no message holds a URL of code', () => {
  expect(withPlaces('at data:text/javascript;base64,QUJD:3:4 of data:text/javascript;base64,QUJD')).toBe('at a plugin:3:4 of a plugin');
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
