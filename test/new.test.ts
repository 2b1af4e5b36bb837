import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { Workplace } from './cli/slipway.ts';

const INTERFACES = ['cri', 'cni', 'csi', 'cpi', 'smi', 'oci'];
/** Many programs start here, on machines that may have other things to do. */
const PATIENCE_MS = 90_000;
const KINDS = [...INTERFACES, 'controller', 'scheduler', 'scenario'];
const modules = join(dirname(fileURLToPath(import.meta.url)), '../node_modules');
/** Outside of the repository: nothing is installed there. */
const place = new Workplace();
const folderOf = (kind: string): string => join(place.path, `my-${kind}`);

/** Runs a program of `node_modules` there, as npm's scripts do. */
function run(program: string, args: readonly string[], cwd: string): Promise<{ readonly ok: boolean; readonly output: string }> {
  const env = { ...process.env, NO_COLOR: '1', PATH: `${join(modules, '.bin')}${delimiter}${process.env['PATH']}` };
  return new Promise((resolve) => {
    execFile(process.execPath, [join(modules, program), ...args], { cwd, env }, (error, stdout, stderr) =>
      resolve({ ok: error === null, output: `${stdout}${stderr}` }),
    );
  });
}

beforeAll(async () => {
  await place.each(KINDS, async (kind) => {
    const made = await place.slipway(['new', kind, `my-${kind}`]);
    expect(made.code, made.stderr).toBe(0);
  });
}, PATIENCE_MS);

describe('slipway new', () => {
  it.each(KINDS)('%s: the folder has what its README names, under its own name, and finds the packages', (kind) => {
    const files = readdirSync(folderOf(kind)).filter((file) => file !== 'node_modules');
    expect(files).toEqual(expect.arrayContaining(['README.md', 'package.json', 'scenario.yaml', 'tsconfig.json', `my-${kind}.test.ts`]));
    const readme = readFileSync(join(folderOf(kind), 'README.md'), 'utf8');
    for (const file of files) {
      expect(readFileSync(join(folderOf(kind), file), 'utf8'), file).not.toMatch(/my-name|MyName/);
      if (file !== 'README.md' && file !== 'package.json') expect(readme).toContain(`\`${file}\``);
    }
    expect(() => createRequire(join(folderOf(kind), 'any.js')).resolve('@slipway/kernel')).not.toThrow();
  });

  it('all kinds: the sources are type-checked against the built packages', async () => {
    place.write(
      'tsconfig.json',
      JSON.stringify({ extends: `./my-cni/tsconfig.json`, include: ['*/*.ts'], compilerOptions: { typeRoots: [join(modules, '@types')] } }),
    );
    const { ok, output } = await run('typescript/bin/tsc', ['-p', '.'], place.path);
    expect(output).toBe('');
    expect(ok).toBe(true);
  });

  it('all kinds: what the scenario expects holds', async () => {
    const { code, stdout, stderr } = await place.slipway(['run', ...KINDS.map((kind) => `my-${kind}/scenario.yaml`)]);
    expect(code, `${stdout}${stderr}`).toBe(0);
  });

  it(
    'all interfaces: the plugin passes the conformance cases',
    async () => {
      await place.each(INTERFACES, async (kind) => {
        const { code, stdout, stderr } = await place.slipway(['conformance', kind, '--plugin', `./my-${kind}/my-${kind}.ts`, '--json']);
        expect(code, `${stdout}${stderr}`).toBe(0);
        const { passed, failed } = JSON.parse(stdout) as { readonly passed: number; readonly failed: number };
        expect([kind, failed]).toEqual([kind, 0]);
        expect(passed).toBeGreaterThan(10);
      });
    },
    PATIENCE_MS,
  );

  // Each takes seconds: SLIPWAY_NEW=all tests every kind.
  it.each(process.env['SLIPWAY_NEW'] === 'all' ? KINDS : ['cni'])(
    '%s: the tests pass where nothing was installed',
    async (kind) => {
      const { ok, output } = await run('vitest/vitest.mjs', ['run'], folderOf(kind));
      expect(ok, output).toBe(true);
    },
    PATIENCE_MS,
  );

  it(
    'any name that a plugin may have gives sources that load',
    async () => {
      await place.each(['3-nets', `n${'o'.repeat(61)}w`], async (name) => {
        expect((await place.slipway(['new', 'cni', name])).code).toBe(0);
        const { code, stderr } = await place.slipway(['check', `${name}/scenario.yaml`]);
        expect([name, code, stderr]).toEqual([name, 0, '']);
      });
    },
    PATIENCE_MS,
  );

  it('wrong input: exit 2, what to write instead, and nothing left behind', async () => {
    place.write('file', '');
    mkdirSync(join(place.path, 'taken'));
    place.write('taken/notes.txt', 'mine');
    const before = readdirSync(place.path).length;
    await place.each(
      [
        [['cnj', 'x'], 'there is nothing called "cnj" to make', 'did you mean "cni"?'],
        [['cni', 'My_Net'], '"My_Net" is no name', 'lower-case letters'],
        [['cni', '../x'], '"../x" is no name', 'the folder is made where you are'],
        [['cni', 'file'], 'file is a file', 'choose another name'],
        [['cni', 'taken'], 'the folder taken is there already, and is not empty', 'choose another name, or empty it'],
      ] as const,
      async ([args, message, fix]) => {
        const { code, stdout, stderr } = await place.slipway(['new', ...args]);
        expect([code, stdout]).toEqual([2, '']);
        expect(stderr).toContain(message);
        expect(stderr.replace(/\s+/g, ' ')).toContain(fix);
      },
    );
    expect(readdirSync(place.path)).toHaveLength(before);
    expect(readdirSync(join(place.path, 'taken'))).toEqual(['notes.txt']);
  });

  it('an empty folder of the name is filled', async () => {
    mkdirSync(join(place.path, 'empty'));
    expect((await place.slipway(['new', 'scenario', 'empty'])).code).toBe(0);
    expect(existsSync(join(place.path, 'empty/scenario.yaml'))).toBe(true);
  });

  it('--json: one object with what was made', async () => {
    const { stdout } = await place.slipway(['new', 'cni', 'told', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'cni', name: 'told', files: expect.arrayContaining(['told.ts']) as unknown });
  });
});
