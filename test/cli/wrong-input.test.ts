import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SHOP, Workplace, unwrapped } from './slipway.ts';

const cni = (rest: string): string => `export default { interface: 'cni', name: 'x', ${rest} };\n`;
const GOOD_CNI = 'create() { return { add() {}, del() {} }; }';

const place = new Workplace({
  'shop.yaml': SHOP,
  'slip.yaml': SHOP.replace('replicas', 'replica'),
  'empty.yaml': '',
  'binary.yaml': Uint8Array.of(1, 2, 0, 255, 254),
  'latin.yaml': Uint8Array.of(...Buffer.from('apiVersion: v1\n# caf'), 0xe9),
  'syntax.ts': 'export default {\n  create(context { return {}; },\n};\n',
  'runtime.ts': 'const table: any = undefined;\n\nexport default table.entries;\n',
  'nothing.ts': 'export const a = 1;\n',
  'cri.ts': `export default { interface: 'cri', name: 'x', create() { return {}; } };\n`,
  'lacks.ts': cni('create() { return { add() {} }; }'),
  'throws.ts': cni(`\n  create() { throw new Error('boom'); }`),
  'promise.ts': cni('async create() { return { add() {}, del() {} }; }'),
  'agent.ts': cni(`agent() { throw new Error('agent boom'); }, ${GOOD_CNI}`),
  'schema.ts': cni(`options: { mtu: 5 }, ${GOOD_CNI}`),
  'options.ts': `import { z } from 'zod';\n${cni(`options: z.strictObject({ mtu: z.int() }), ${GOOD_CNI}`)}`,
  'import.ts': `import { nothing } from '@slipway/nothing';\nexport default nothing;\n`,
});
mkdirSync(join(place.path, 'folder'));
mkdirSync(join(place.path, 'dangling'));
symlinkSync('/nonexistent', join(place.path, 'dangling', 'a.yaml'));
symlinkSync('circle.yaml', join(place.path, 'circle.yaml'));

/** Arguments after `apply`, and what the message begins with. */
type Case = readonly [args: readonly string[], message: string];

async function refused(cases: readonly Case[]): Promise<void> {
  const expected: Record<string, unknown> = {};
  const found: Record<string, unknown> = {};
  await place.each(cases, async ([args, message]) => {
    const { code, stdout, stderr: printed } = await place.slipway(['apply', ...args, '--json']);
    const title = args.join(' ');
    const stderr = unwrapped(printed);
    expected[title] = { code: 2, stdout: '', stderr: `error: ${message}` };
    found[title] = { code, stdout, stderr: stderr.startsWith(`error: ${message}`) ? `error: ${message}` : stderr };
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m);
  });
  expect(found).toEqual(expected);
}

describe('slipway apply, wrong input: exit 2, one message, nothing on standard output', () => {
  it('files', async () => {
    await refused([
      [['slip.yaml'], 'slip.yaml:5:3: Deployment default/web: spec.replica: unknown field "replica"\n  did you mean "replicas"?'],
      [['missing.yaml'], 'missing.yaml: there is no such file or folder'],
      [['empty.yaml'], 'empty.yaml: holds no Kubernetes object'],
      [['folder'], 'folder: the folder holds no manifest'],
      [['dangling'], 'dangling/a.yaml: there is no such file or folder'],
      [['circle.yaml'], 'circle.yaml: its symbolic links lead in a circle'],
      [['binary.yaml'], 'binary.yaml:1:1: is not a text file'],
      [['latin.yaml'], 'latin.yaml:2:6: is not a text file in UTF-8'],
      [['-'], '-: holds no Kubernetes object'],
      [['shop.yaml', 'shop.yaml'], 'shop.yaml:1:1: Deployment default/web stands twice; first at shop.yaml:1'],
    ]);
  });

  it('flags', async () => {
    await refused([
      [['shop.yaml', '--nodes', '0'], '--nodes 0 is out of range'],
      [['shop.yaml', '--nodes', '-1'], '--nodes -1 is no number of nodes'],
      [['shop.yaml', '--nodes', 'abc'], '--nodes abc is no number of nodes'],
      [['shop.yaml', '-o', 'foo'], 'there is no output "foo"'],
      [['shop.yaml', '-o', 'yaml'], '--json and -o yaml exclude each other'],
      [['shop.yaml', '--for', 'x'], '--for x is no duration'],
      [['shop.yaml', '--for', '999999999h'], '--for 999999999h is too long'],
      [['shop.yaml', '--seed', ''], 'the seed is empty'],
      [['shop.yaml', '--trace', 'nowhere/t.ndjson'], '--trace nowhere/t.ndjson cannot be written: there is no such folder'],
      [['shop.yaml', '--trace', 'shop.yaml'], '--trace shop.yaml would be written over a manifest'],
      [['shop.yaml', '--set', 'x'], '--set x is not PATH=VALUE'],
      [['shop.yaml', '--set', 'a=b'], '--set a=b: there is nothing called a to set'],
      [['shop.yaml', '--set', 'plugins.cn=x'], '--set plugins.cn=x: there is no interface "cn"\n  did you mean "cni"?'],
      [['shop.yaml', '--set', 'plugins.cni=brige'], 'there is no cni plugin "brige"\n  did you mean "bridge"?'],
      [['shop.yaml', '--set', 'plugins.cni.with.nope=1'], 'cni plugin "flannel" refuses its options: options: Unrecognized key: "nope"'],
      [
        ['shop.yaml', '--set', 'plugins.cni.with.constructor.prototype.a=1'],
        '--set plugins.cni.with.constructor.prototype.a=1: no option is called "constructor"',
      ],
      [
        ['shop.yaml', '--set', 'plugins.cni.with.a=1', '--set', 'plugins.cni.with.a.b=1'],
        '--set plugins.cni.with.a.b=1: a is given a value of its own already',
      ],
    ]);
  });

  it('plugins', async () => {
    const use = (file: string): readonly string[] => ['shop.yaml', '--set', `plugins.cni=./${file}`];
    await refused([
      [use('missing.ts'), 'there is no plugin file ./missing.ts'],
      [use('folder'), './folder is a folder, not a plugin file'],
      [use('syntax.ts'), 'syntax.ts:2:18: Expected ")" but found "{"'],
      [use('runtime.ts'), 'runtime.ts:3:22: ./runtime.ts does not load: Cannot read properties of undefined'],
      [use('nothing.ts'), './nothing.ts has no default export'],
      [use('cri.ts'), './cri.ts is a cri plugin, not a cni plugin'],
      [use('lacks.ts'), 'cni plugin "x" lacks the method del'],
      [use('throws.ts'), 'throws.ts:2:20: cni plugin "x" failed in create: boom'],
      [use('promise.ts'), 'cni plugin "x": create returned a promise'],
      [use('agent.ts'), 'agent.ts:1:63: cni plugin "x" failed in agent: agent boom'],
      [use('schema.ts'), './schema.ts: options is no schema'],
      [
        [...use('options.ts'), '--set', 'plugins.cni.with.mtu=x'],
        'cni plugin "x" refuses its options: mtu: Invalid input: expected number, received string',
      ],
      [use('import.ts'), 'import.ts:1:25: there is no module @slipway/nothing'],
    ]);
  });
});
