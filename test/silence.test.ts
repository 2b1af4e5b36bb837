import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadStories, type Story } from '../simulator/cli/fuzz/stories.ts';

// Correct plugins, with faults on: no alarm. `SLIPWAY_SILENCE=1000` tries so many seeds of each, `slipway fuzz --runs 100000` more.

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const wanted = process.env['SLIPWAY_SILENCE'];
const [GENERATED, EACH] = wanted === undefined ? [12, 1] : [Number(wanted), Number(wanted)];
const TIMEOUT = 60_000 + (GENERATED + 30 * EACH) * 2_000;

/** Findings of these seeds, each with what to run to see it. */
async function findingsOf({ fuzzer, file }: Story, seeds: readonly number[]): Promise<string[]> {
  const found = fuzzer.plain.findings.map(({ invariant, message }) => `${file} as it is written: ${invariant}: ${message}`);
  for (const seed of seeds)
    for (const { invariant, message } of (await fuzzer.try(seed)).findings)
      found.push(`slipway fuzz ${file === 'generated' ? '' : `${file} `}--seed ${seed} --runs 1: ${invariant}: ${message}`);
  return found;
}

const from = (first: number, count: number): readonly number[] => Array.from({ length: count }, (_, index) => first + index);

describe('silence', () => {
  test(
    'stories of every sort, whatever goes wrong: no invariant breaks',
    async () => {
      const [story] = await loadStories([], [], {});
      if (!story) throw new Error('no story');
      expect(await findingsOf(story, from(1, GENERATED))).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    'the shipped scenarios, whatever goes wrong: no invariant breaks',
    async () => {
      const folder = join(root, 'scenarios');
      const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
      expect(files.length).toBeGreaterThan(20);
      const found: string[] = [];
      for (const [index, file] of files.entries()) {
        // A slice has a sixth of them.
        if (wanted === undefined && index % 6 !== 0) continue;
        for (const story of await loadStories([join(folder, file)], [], {}))
          found.push(...(await findingsOf(story, from(100 + index, EACH))));
      }
      expect(found).toEqual([]);
    },
    TIMEOUT,
  );
});
