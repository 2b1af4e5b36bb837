import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';

// Every command and code block of the README runs: `ts file=…` blocks are written to a folder outside the project, `sh` blocks are run there,
// and a `text` block is what the command before it prints, where a line of `…` stands for any lines and `…` in a line for any text.

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = mkdtempSync(join(tmpdir(), 'slipway-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Block {
  readonly language: string;
  readonly file: string | undefined;
  readonly text: string;
}

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks: Block[] = [...readme.matchAll(/```(\w+)(?: file=(\S+))?\n([\s\S]*?)```/g)].map(([, language = '', file, text = '']) => ({
  language,
  file,
  text,
}));
const scripts = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }).scripts;

/** The command line as it runs in the folder; undefined for what must not run inside a test. */
function commandOf(line: string): string[] | undefined {
  // Installing and testing from within a test would never end; CI runs both lines as they stand.
  const body = line.replace(/^npm ci && /, '');
  if (body === 'npm test') return undefined;
  const script = body === 'npm start' ? `npx ${scripts['start']}` : body;
  const [npx, slipway, ...words] = script.split(' ');
  expect([npx, slipway], line).toEqual(['npx', 'slipway']);
  return [join(root, 'simulator/bin/slipway.js'), ...words.map((word) => (word.startsWith('scenarios/') ? join(root, word) : word))];
}

function run(line: string): string {
  const words = commandOf(line);
  if (!words) return '';
  return execFileSync(process.execPath, words, { cwd: folder, encoding: 'utf8', timeout: 60_000, stdio: ['ignore', 'pipe', 'ignore'] });
}

function patternOf(expected: string): RegExp {
  const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/…/g, '.*');
  const lines = expected.trimEnd().split('\n');
  return new RegExp(lines.map((line) => (line === '…' ? '(?:.*\\n)*?' : `${escape(line)}\\n`)).join(''));
}

describe('README', () => {
  for (const { file, text } of blocks) if (file !== undefined) writeFileSync(join(folder, file), text);

  blocks.forEach((block, index) => {
    if (block.language !== 'sh') return;
    test(`runs: ${block.text.trim().replaceAll('\n', ' ; ')}`, { timeout: 120_000 }, () => {
      const outputs = block.text.trim().split('\n').map(run);
      const next = blocks[index + 1];
      if (next?.language === 'text') expect(outputs.join('')).toMatch(patternOf(next.text));
    });
  });

  test('the plugin that it shows is short enough to be read at once', () => {
    const plugin = blocks.find(({ file }) => file === 'my-cni.ts');
    expect(plugin?.text.trim().split('\n').length).toBeLessThanOrEqual(30);
  });
});
