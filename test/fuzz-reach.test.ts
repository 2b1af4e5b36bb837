import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadStories, type Story } from '../simulator/cli/fuzz/stories.ts';
import { parseSettings } from '../simulator/cli/input/set-options.ts';
import { FAULT_KINDS } from '../simulator/faults/index.ts';
import type { Trial } from '../simulator/fuzz/trial.ts';
import { invariants } from '../simulator/invariants/index.ts';
import { situations } from '../simulator/situations/index.ts';

// Nothing vacuous: a short exploration in which every invariant had something to say, every kind of fault struck, and every situation was
// reached. `SLIPWAY_REACH=all npx vitest run test/fuzz-reach.test.ts` tries many seeds (`SLIPWAY_REACH=5000` so many), prints how often
// each was reached, and which few seeds together reach all: put those below when a change of the swarm or of the stories has moved them.

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const planted = join(root, 'test/planted');

/** Stories beside those that are generated, each also as it is written: what no seed is likely to meet, and plugins that no built-in one is like. */
const OTHERS: readonly { readonly file: string; readonly set?: readonly string[]; readonly seeds: readonly number[] }[] = [
  { file: join(planted, 'stories/storage.yaml'), set: [`plugins.csi=${join(planted, 'correct/driver.ts')}`], seeds: [1] },
  { file: join(root, 'test/fuzz-reach/interrupted-storage.yaml'), seeds: [] },
  { file: join(root, 'test/fuzz-reach/lost-machine.yaml'), seeds: [] },
];

/** Of generated stories. */
const SEEDS: readonly number[] = [
  43, 53, 57, 61, 64, 65, 76, 96, 108, 119, 123, 124, 128, 138, 152, 156, 157, 159, 166, 172, 173, 175, 177, 178, 186, 189, 200, 205, 206,
  209, 210, 214, 219, 228, 525, 649, 20016, 20019, 20023, 20024, 20050, 20051, 20053, 20056, 20066, 20084, 20099, 20111, 20114, 20117,
  20118, 20121, 20149, 20184, 20185, 20189, 20217, 20220, 20232, 20235, 20236,
];

/** What no world of built-in plugins can show, and why. */
const UNREACHABLE: Readonly<Record<string, string>> = {
  'situation del-during-add': 'the built-in runtimes wait for the answer to an ADD, and what a restart leaves of one goes by GC',
};

const wanted = process.env['SLIPWAY_REACH'];
const MANY = wanted === undefined ? 0 : wanted === 'all' ? 1_000 : Number(wanted);

const everything: readonly string[] = [
  ...invariants.map(({ id }) => id),
  ...FAULT_KINDS.map((kind) => `fault ${kind}`),
  ...situations.map(({ id }) => `situation ${id}`),
];

/** What one case reached, and how often. */
function reachedIn({ preconditions, fired, situations: seen }: Trial): ReadonlyMap<string, number> {
  return new Map([
    ...preconditions,
    ...[...fired].map(([kind, count]) => [`fault ${kind}`, count] as const),
    ...[...seen].map(([id, count]) => [`situation ${id}`, count] as const),
  ]);
}

interface Reached {
  readonly name: string;
  readonly events: number;
  readonly counts: ReadonlyMap<string, number>;
}

async function explore(story: Story | undefined, name: string, seeds: readonly number[]): Promise<Reached[]> {
  if (!story) throw new Error('no story');
  const told = (which: string, trial: Trial): Reached => ({ name: which, events: trial.events, counts: reachedIn(trial) });
  const all = name === '' ? [] : [told(name, story.fuzzer.plain)];
  for (const seed of seeds) all.push(told(`${name}${seed}`, await story.fuzzer.try(seed)));
  return all;
}

function total(all: readonly Reached[]): ReadonlyMap<string, number> {
  const sum = new Map(everything.map((id) => [id, 0]));
  for (const { counts } of all) for (const [id, count] of counts) sum.set(id, (sum.get(id) ?? 0) + count);
  return sum;
}

/** Few cases that reach everything that any of them reaches, twice where two do: first those that add most for what they cost. */
function fewOf(all: readonly Reached[]): readonly string[] {
  const open = new Map(everything.map((id) => [id, Math.min(2, all.filter(({ counts }) => (counts.get(id) ?? 0) > 0).length)]));
  const few: string[] = [];
  const left = new Set(all);
  const gain = ({ counts, events }: Reached): number =>
    [...counts].filter(([id, count]) => count > 0 && (open.get(id) ?? 0) > 0).length / (events + 2_000);
  for (;;) {
    const best = [...left].toSorted((a, b) => gain(b) - gain(a))[0];
    if (!best || gain(best) === 0) return few;
    left.delete(best);
    few.push(best.name);
    for (const [id, count] of best.counts) if (count > 0) open.set(id, Math.max(0, (open.get(id) ?? 0) - 1));
  }
}

test(
  'a search reaches everything: no invariant without a case, no kind of fault that never struck, no situation missed',
  async () => {
    const [generated] = await loadStories([], [], {});
    const all = await explore(generated, '', MANY > 0 ? Array.from({ length: MANY }, (_, index) => index + 1) : SEEDS);
    for (const { file, set = [], seeds } of OTHERS) {
      const [story] = await loadStories([file], parseSettings(set), {});
      all.push(...(await explore(story, `${file} `, seeds)));
    }
    const counts = total(all);
    if (MANY > 0) {
      for (const [id, count] of counts) process.stdout.write(`${id.padEnd(40)} ${count}\n`);
      process.stdout.write(`seeds that reach all: ${fewOf(all).join(', ')}\n`);
    }
    const missed = everything.filter((id) => counts.get(id) === 0 && UNREACHABLE[id] === undefined);
    expect(missed).toEqual([]);
    // What has become reachable must not stay excused.
    expect(Object.keys(UNREACHABLE).filter((id) => (counts.get(id) ?? 0) > 0)).toEqual([]);
  },
  60_000 + MANY * 2_000,
);
