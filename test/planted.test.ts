import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Workplace } from './cli/slipway.ts';
import { fuzzerFor, hunt, PLANTED, shrunk, sizeOf } from './planted-hunt.ts';
import { correct, partOf, type Planted, table } from './planted-table.ts';

/** `SLIPWAY_PLANTED=all npx vitest run test/planted.test.ts` looks for every bug from the first seed on, and prints what it took. */
const ALL = process.env['SLIPWAY_PLANTED'] === 'all';
/** What is not asked for is no test at all. */
const none = (_title: string, _tests: () => void): void => {};
/** Seeds that are tried at most, and what the fuzzer is to be judged by. */
const SEEDS = 10_000;
const GOAL = { seeds: 200, milliseconds: 10_000 };

/** One of each interface: found within the seeds just before the one that is known, and made small. */
const sample = [
  'cni-second-del-fails',
  'csi-create-not-idempotent',
  'cri-keeps-sandbox',
  'oci-runs-at-create',
  'cpi-leaks-balancer-on-type-change',
  'smi-allows-without-target',
  'scheduler-ignores-anti-affinity',
  'kubelet-restarts-completed',
  'labeller-loses-finalizers',
];

describe('the folder of planted bugs', () => {
  const files = readdirSync(PLANTED).filter((name) => name.endsWith('.ts'));

  test('table: has each of its files once, and there are enough', () => {
    expect(table.map(({ bug }) => `${bug}.ts`).toSorted()).toEqual(files.toSorted());
    expect(files.length).toBeGreaterThanOrEqual(25);
  });

  test('files: each begins with what is wrong, and is a few lines off a correct one', () => {
    for (const name of files) {
      const text = readFileSync(join(PLANTED, name), 'utf8');
      expect(text, name).toMatch(/^\/\/ Wrong: .+\.\n/);
      expect(text.split('\n').length, name).toBeLessThan(50);
    }
  });

  test('table: the goals hold', () => {
    expect(median(table.map(({ seed }) => Math.max(1, seed)))).toBeLessThanOrEqual(GOAL.seeds);
    for (const { bug, seed, nodes, steps } of table)
      expect({ bug, found: seed <= SEEDS, small: nodes <= 3 && steps <= 8 }).toEqual({ bug, found: true, small: true });
  });
});

describe('without a bug', () => {
  // All of them are tried with seeds too when every bug is hunted; a slice has each third as its story is written.
  test.each(ALL ? correct : correct.filter((_part, index) => index % 3 === 0))(
    '$file in $story: nothing is reported',
    { timeout: 120_000 },
    async (part) => {
      const fuzzer = await fuzzerFor(part);
      expect(fuzzer.plain.findings).toEqual([]);
      for (const seed of ALL ? range(1, 20) : []) expect((await fuzzer.try(seed)).findings, `seed ${seed}`).toEqual([]);
    },
  );
});

(ALL ? none : describe)('with a bug', () => {
  const known = (name: string): Planted => {
    const planted = table.find(({ bug }) => bug === name);
    if (!planted) throw new Error(`the table has no ${name}`);
    return planted;
  };

  test.each(sample)('%s: found by the right invariant', { timeout: 120_000 }, async (bug) => {
    const planted = known(bug);
    const fuzzer = await fuzzerFor(partOf(planted));
    const caught = await hunt(fuzzer, planted.finds, Math.max(0, planted.seed - 2), planted.seed);
    expect(caught?.trial.findings.map(({ invariant }) => invariant)).toContain(planted.finds);
  });

  test.each(['cni-gives-network-address', 'csi-create-not-idempotent'])(
    '%s: shrinks to what the table says, breaks the same invariant, and replays',
    { timeout: 120_000 },
    async (bug) => {
      const planted = known(bug);
      const fuzzer = await fuzzerFor(partOf(planted));
      const caught = await hunt(fuzzer, planted.finds, planted.seed, planted.seed);
      if (!caught) throw new Error(`seed ${planted.seed} does not break ${planted.finds}`);
      const failure = await shrunk(fuzzer, caught, planted.finds);
      const { nodes, steps } = sizeOf(failure);
      expect({ nodes: nodes <= planted.nodes, steps: steps <= planted.steps }).toEqual({ nodes: true, steps: true });
      expect(fuzzer.along(caught.key, failure.path)).toEqual(failure.document);
      const again = await fuzzer.tryDocument(failure.document);
      expect(again.findings.find(({ invariant }) => invariant === planted.finds)).toEqual(failure.finding);
    },
  );

  const place = new Workplace();
  test('cni-same-range-on-each-node, from the command line: fails, names the invariant and writes the case', {
    timeout: 120_000,
  }, async () => {
    const { story, set, file } = partOf(known('cni-same-range-on-each-node'));
    const { code, stdout } = await place.slipway(
      [
        'fuzz',
        join(PLANTED, 'stories', `${story}.yaml`),
        '--set',
        `${set}=${join(PLANTED, `${file}.ts`)}`,
        '--runs',
        '1',
        '--jobs',
        '1',
        '--json',
      ],
      { timeout: 100_000 },
    );
    const { failures } = JSON.parse(stdout) as {
      readonly failures: readonly { readonly invariant: string; readonly nodes: number; readonly steps: number }[];
    };
    expect(code).toBe(1);
    expect(failures.find(({ invariant }) => invariant === 'NET-01')).toMatchObject({ nodes: 2, steps: 1 });
  });
});

(ALL ? describe : none)('every planted bug', () => {
  const lines: string[] = [];
  const needed: number[] = [];

  test.each(table)('$bug: found as $finds, and made small', { timeout: 3_600_000 }, async (planted) => {
    const fuzzer = await fuzzerFor(partOf(planted));
    const caught = await hunt(fuzzer, planted.finds, 0, SEEDS);
    if (!caught) throw new Error(`${planted.finds} did not break in ${SEEDS} seeds`);
    const before = performance.now();
    const failure = await shrunk(fuzzer, caught, planted.finds);
    const milliseconds = performance.now() - before;
    const { nodes, steps } = sizeOf(failure);
    const seed = caught.tried - 1;
    needed.push(Math.max(1, seed));
    lines.push(
      `  { bug: '${planted.bug}', story: '${planted.story}', finds: '${planted.finds}', seed: ${seed}, nodes: ${nodes}, steps: ${steps} }, // ${Math.round(milliseconds)} ms`,
    );
    expect({ nodes: nodes <= 3, steps: steps <= 8 }).toEqual({ nodes: true, steps: true });
  });

  test('all of them: half within the goal', () => {
    process.stdout.write(`${relative('.', PLANTED)}: median ${median(needed)} seeds, most ${Math.max(...needed)}\n${lines.join('\n')}\n`);
    expect(median(needed)).toBeLessThanOrEqual(GOAL.seeds);
  });
});

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index);
