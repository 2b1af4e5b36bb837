import { Cell, Kernel, type Process, sleep } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exploreOrders, type OrderedRun, type OrderSearchReport, type Picks } from './explore-orders.ts';
import { type Deed, runLittleWorld } from './testing/little-world.ts';

const simple = fc.constantFrom<Deed>(
  ...(['turn', 'rest', 'tick', 'id', 'take', 'receive', 'child', 'call', 'both', 'patience'] as const).map((name) => ({ do: name })),
);
const aimed = fc.record({
  do: fc.constantFrom(
    'add' as const,
    'wait' as const,
    'send' as const,
    'offer' as const,
    'lock' as const,
    'kill' as const,
    'stop' as const,
    'freeze' as const,
    'thaw' as const,
  ),
  to: fc.nat(2),
});
const copy = fc.record({ do: fc.constant('copy' as const), from: fc.nat(2), to: fc.nat(2) });

/** Two or three processes that meet at cells, queues, locks and a server, and end each other. */
function arbitraryProcesses(): fc.Arbitrary<Deed[][]> {
  const deed = fc.oneof(simple, aimed, aimed, copy);
  return fc.array(fc.array(deed, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 });
}

interface Found extends OrderSearchReport<string> {
  readonly outcomes: ReadonlySet<string>;
}

async function search(run: (picks: Picks) => OrderedRun<string>, prune: boolean, budget = 3_000): Promise<Found> {
  const outcomes = new Set<string>();
  const noting = (picks: Picks): OrderedRun<string> => {
    const ran = run(picks);
    outcomes.add(ran.result);
    return ran;
  };
  return { ...(await exploreOrders({ run: noting, prune, budget })), outcomes };
}

/** A kernel of processes, each of an owner of its own; what comes of it is what `result` says at the end. */
function story(processes: Readonly<Record<string, () => Process>>, result: () => string, picks: Picks): OrderedRun<string> {
  const kernel = new Kernel({ explore: { order: 'picks', picks }, footprints: true });
  for (const [name, process] of Object.entries(processes)) kernel.owner(name).spawn(name, process());
  kernel.run();
  return { choices: kernel.choices, footprints: kernel.footprints, result: result() };
}

/** Several write a cell of their own three times, and one cell that they share once, at the end. */
function writers(count: number, shared: number, picks: Picks): OrderedRun<string> {
  const common = new Cell('');
  function* writer(name: string): Process {
    const own = new Cell(0);
    for (let turn = 0; turn < 3; turn++) {
      own.set(own.value + 1);
      yield* sleep(0);
    }
    if (Number(name) < shared) common.set(common.value + name);
  }
  const names = Array.from({ length: count }, (_, index) => String(index));
  return story(Object.fromEntries(names.map((name) => [name, () => writer(name)])), () => common.value, picks);
}

/** Adds one in two steps, between which others may do the same: the sum is too small when they do. */
function lostUpdate(picks: Picks): OrderedRun<string> {
  const sum = new Cell(0);
  function* adder(): Process {
    const before = sum.value;
    yield* sleep(0);
    sum.set(before + 1);
  }
  function* idler(): Process {
    for (let turn = 0; turn < 4; turn++) yield* sleep(0);
  }
  return story({ first: adder, idle: idler, second: adder }, () => String(sum.value), picks);
}

describe('every outcome of a small story', () => {
  test('is found with pruning, in fewer runs', async () => {
    let runs = 0;
    let without = 0;
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryProcesses(), async (processes) => {
        const run = (picks: Picks): OrderedRun<string> => runLittleWorld(processes, picks);
        const whole = await search(run, false, 300);
        // Too long to be compared.
        if (!whole.complete) return;
        const few = await search(run, true);
        expect(few.complete).toBe(true);
        expect([...few.outcomes].sort()).toEqual([...whole.outcomes].sort());
        expect(few.runs).toBeLessThanOrEqual(whole.runs);
        runs += few.runs;
        without += whole.runs;
        compared += 1;
      }),
      {
        numRuns: 50,
        examples: [
          // Whoever is ended before it runs cannot lose a race any more; that it could have lost one counts all the same.
          [[[{ do: 'copy', from: 1, to: 0 }, { do: 'turn' }], [{ do: 'child' }], [{ do: 'kill', to: 0 }]]],
          // A thaw that comes too soon changes nothing, and that counts too.
          [[[{ do: 'patience' }, { do: 'freeze', to: 0 }], [{ do: 'thaw', to: 0 }], [{ do: 'freeze', to: 0 }]]],
        ],
      },
    );
    expect(compared).toBeGreaterThan(30);
    expect(runs * 2).toBeLessThan(without);
  });

  test('one order is enough for processes that share nothing', async () => {
    const { runs, complete, pruned, points } = await search((picks) => writers(5, 0, picks), true);
    expect([runs, complete]).toEqual([1, true]);
    expect(pruned).toBeGreaterThan(points);
  });

  test('where processes meet once, each order of their meeting is run once', async () => {
    const { runs, complete, outcomes } = await search((picks) => writers(4, 3, picks), true);
    expect([...outcomes].sort()).toEqual(['012', '021', '102', '120', '201', '210']);
    expect(complete).toBe(true);
    // Some runs end as one that was made: they are left there.
    expect(runs).toBeLessThan(20);
    expect((await search((picks) => writers(4, 3, picks), false, 200)).complete).toBe(false);
  });
});

test('what a footprint does not show is not searched: without cells in it, outcomes are lost', async () => {
  const isNoCell = (thing: unknown): boolean => !(thing instanceof Cell);
  const hidden = (picks: Picks): OrderedRun<string> => {
    const { footprints, ...rest } = writers(3, 3, picks);
    const shown = (things: ReadonlySet<unknown>): ReadonlySet<unknown> => new Set([...things].filter(isNoCell));
    return { ...rest, footprints: footprints.map((each) => ({ ...each, reads: shown(each.reads), writes: shown(each.writes) })) };
  };
  expect((await search(hidden, true)).outcomes.size).toBe(1);
  expect((await search((picks) => writers(3, 3, picks), true)).outcomes.size).toBe(6);
});

describe('a search', () => {
  const failed = (sum: string): boolean => sum !== '2';

  test('tells by which picks a failure comes, and they make it again', async () => {
    const { failures, complete, runs } = await exploreOrders({ run: lostUpdate, failed });
    expect(complete).toBe(true);
    expect(failures.length).toBeGreaterThan(0);
    expect(runs).toBeGreaterThan(failures.length);
    for (const { picks, result } of failures) expect(lostUpdate(picks).result).toBe(result);
    const first = await exploreOrders({ run: lostUpdate, failed, stopAtFailure: true });
    expect([first.failures.length, first.complete]).toEqual([1, false]);
  });

  test('ends with its budget, its depth or before its start, and says what it has cut off', async () => {
    const run = (picks: Picks): OrderedRun<string> => writers(3, 3, picks);
    expect(await exploreOrders({ run, budget: 2 })).toMatchObject({ runs: 2, complete: false });
    expect(await exploreOrders({ run, depth: 0 })).toMatchObject({ runs: 1, complete: false, pruned: 0 });
    const { points } = await exploreOrders({ run, depth: 0 });
    expect(await exploreOrders({ run, from: points })).toMatchObject({ runs: 1, complete: true });
    const whole = await exploreOrders({ run });
    expect(whole.complete).toBe(true);
    expect((await exploreOrders({ run, depth: 4 })).runs).toBeLessThan(whole.runs);
  });

  test('of a story that does not repeat ends with an error', async () => {
    let seed = 0;
    const run = (picks: Picks): OrderedRun<string> => {
      seed += 1;
      return writers(2 + seed, 3, picks);
    };
    await expect(exploreOrders({ run })).rejects.toThrow('does not repeat');
  });
});
