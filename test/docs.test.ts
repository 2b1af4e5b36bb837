import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

// Every command and code block of README and docs/ runs. Of each document, in a folder of its own outside the project and in this order:
// blocks with `file=…` are written there (a `diff` block changes the file), `sh` blocks are run by the shell as they stand, and a `text`
// block is what the block before it prints, where a line of `…` stands for any lines and `…` in a line for any text. A `sh` block with
// `exit=N` has to end with that code.

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const base = mkdtempSync(join(tmpdir(), 'slipway-docs-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

interface Block {
  readonly language: string;
  readonly file: string | undefined;
  readonly exit: number;
  readonly text: string;
}

const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts;
const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
  .filter((name) => name.endsWith('.md'))
  .sort();

function blocksOf(document: string): readonly Block[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```/gm)].map(([, language = '', info = '', body = '']) => ({
    language,
    file: /\bfile=(\S+)/.exec(info)?.[1],
    exit: Number(/\bexit=(\d)/.exec(info)?.[1] ?? 0),
    text: body,
  }));
}

/** Commands that stand for themselves: `npx slipway` is this checkout's command. */
const bin = join(base, 'bin');
mkdirSync(bin);
const npx = `#!/bin/sh\nif [ "$1" = slipway ]; then shift; exec "${process.execPath}" "${join(root, 'simulator/bin/slipway.js')}" "$@"; fi\nexec npm exec -- "$@"\n`;
writeFileSync(join(bin, 'npx'), npx);
chmodSync(join(bin, 'npx'), 0o755);

/** The lines as they run here. Installing and testing from within a test would never end; CI runs both lines as they stand. */
function runnable(text: string): string {
  const lines = text.trim().split('\n');
  return lines
    .map((line) => line.replace(/^npm ci && /, ''))
    .filter((line) => line !== 'npm test' && !line.startsWith('git clone '))
    .map((line) => (line === 'npm start' ? `npx ${scripts['start']}` : line))
    .join('\n');
}

function run(folder: string, { text, exit }: Block): string {
  const env = { ...process.env, NO_COLOR: '1', PATH: `${bin}:${process.env['PATH']}`, CI: 'true' };
  try {
    const output = execFileSync('bash', ['-e', '-c', runnable(text)], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 110_000,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(0, text).toBe(exit);
    return output;
  } catch (error) {
    const { status, stdout, stderr } = error as { status?: number; stdout?: string; stderr?: string };
    if (status === undefined) throw error;
    expect(status, `${text}\n${stdout}\n${stderr}`).toBe(exit);
    return `${stdout}${stderr}`;
  }
}

/** Where the shell was used last; -1 for never. */
const lastShell = (blocks: readonly Block[], before: number): number =>
  blocks.slice(0, before).findLastIndex(({ language, text }) => language === 'sh' && runnable(text) !== '');

/** Writes a file, or changes it as a reader would: lines with `-` give way to lines with `+`. */
function write(folder: string, { file, language, text }: Block): void {
  if (file === undefined) return;
  const path = join(folder, file);
  if (language !== 'diff') {
    writeFileSync(path, text);
    return;
  }
  const lines = text.split('\n').slice(0, -1);
  const side = (mark: string): string =>
    lines
      .filter((line) => !line.startsWith(mark))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  const parts = readFileSync(path, 'utf8').split(side('+'));
  expect(parts.length, `${file} has these lines once:\n${side('+')}`).toBe(2);
  writeFileSync(path, parts.join(side('-')));
}

function patternOf(expected: string): RegExp {
  const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/…/g, '.*');
  const lines = expected.trimEnd().split('\n');
  return new RegExp(lines.map((line) => (line.trim() === '…' ? '(?:.*\\n)*?' : `${escape(line)}\\n`)).join(''));
}

describe.each(documents)('%s', (document) => {
  const blocks = blocksOf(document);
  const folder = join(base, document.replaceAll('/', '-').replace('.md', ''));
  mkdirSync(folder);
  symlinkSync(join(root, 'scenarios'), join(folder, 'scenarios'));
  blocks.forEach((block, index) => {
    if (block.language !== 'sh' || runnable(block.text) === '') return;
    test(`runs: ${block.text.trim().replaceAll('\n', ' ; ')}`, { timeout: 120_000 }, () => {
      for (const written of blocks.slice(lastShell(blocks, index) + 1, index)) write(folder, written);
      const output = run(folder, block);
      const next = blocks[index + 1];
      if (next?.language === 'text') expect(output).toMatch(patternOf(next.text));
    });
  });

  test('has no link that leads nowhere', () => {
    const text = readFileSync(join(root, document), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
    const links = [...text.matchAll(/\]\(([^)#\s]+)(#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^https?:/.test(target));
    const here = dirname(join(root, document));
    const broken = links.filter((target) => {
      try {
        readdirSync(join(here, target));
        return false;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code !== 'ENOTDIR';
      }
    });
    expect(broken).toEqual([]);
  });
});

test('the plugin that the README shows is short enough to be read at once', () => {
  const plugin = blocksOf('README.md').find(({ file }) => file === 'my-cni.ts');
  expect(plugin?.text.trim().split('\n').length).toBeLessThanOrEqual(30);
});
