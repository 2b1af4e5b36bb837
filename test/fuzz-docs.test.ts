import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { FAULT_KINDS } from '../simulator/faults/fault-kind.ts';
import { swarm } from '../simulator/fuzz/index.ts';
import { invariants } from '../simulator/invariants/index.ts';
import { situations } from '../simulator/situations/list.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const cell = (text: string): string => text.replaceAll('|', '\\|');
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows.map((row) => row.map(cell))].map((row) => `| ${row.join(' | ')} |`).join('\n');

test('docs/invariants.md has every invariant and situation (npx vitest run test/fuzz-docs.test.ts -u writes it anew)', async () => {
  const page = `# What is watched

Written by \`test/fuzz-docs.test.ts\` from the code. In every run, of \`run\` and [\`fuzz\`](fuzzing.md) alike.

## Invariants

**S** holds after every event, **Q** whenever nothing is left to do, **L** comes true within a bound once nothing goes wrong any more (\`calm\`), **T** is about a whole run.
A scenario leaves one out with \`invariants.off\`, a search looks at some only with \`--only\`. How they are made: [simulator/invariants](../simulator/invariants/README.md).

${table(
  ['id', 'name', 'kind', 'what holds'],
  invariants.map(({ id, name, kind, holds }) => [id, name, kind, holds]),
)}

## Situations

What a search should get to: seldom things that are no mistake. \`sometimes\` in the report of \`fuzz --json\` counts them.

${table(
  ['name', 'what happened'],
  situations.map(({ id, title }) => [id, title]),
)}
`;
  await expect(page).toMatchFileSnapshot('../docs/invariants.md');
});

test('docs/fuzzing.md names whatever may go wrong', () => {
  const page = readFileSync(join(root, 'docs/fuzzing.md'), 'utf8');
  expect(swarm.map(({ name }) => name).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('docs/faults.md names every kind of fault that reports count', () => {
  const page = readFileSync(join(root, 'docs/faults.md'), 'utf8');
  const isNamed = (kind: string): boolean => page.includes(kind) || (kind.startsWith('restart-') && page.includes('restart-…'));
  expect(FAULT_KINDS.filter((kind) => !isNamed(kind))).toEqual([]);
});
