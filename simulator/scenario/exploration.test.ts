import { Kernel, minutes, type Process, seconds, sleep } from '@slipway/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explorationOf, withPicks } from './exploration.ts';
import { type ExploreDocument, exploreSchema } from './schema.ts';

/** In which order ten processes get to run, three times each. */
function run(explore: ExploreDocument): { readonly log: string; readonly kernel: Kernel } {
  const kernel = new Kernel({ seed: 3, explore: explorationOf(explore) });
  let log = '';
  function* process(name: string): Process {
    for (let round = 0; round < 3; round++) {
      yield* sleep(seconds(1));
      log += name;
    }
  }
  for (const name of 'abcdefghij') kernel.owner(name).spawn('p', process(name));
  kernel.run();
  return { log, kernel };
}

test('explorationOf: durations are microseconds, picks are numbers; what is left out stays out', () => {
  expect(explorationOf({ order: 'picks', picks: { '17': 2 }, until: '2m', jitter: true })).toEqual({
    order: 'picks',
    picks: new Map([[17, 2]]),
    until: minutes(2),
    jitter: true,
  });
  expect(explorationOf({})).toEqual({});
});

test('withPicks: the run with its choices written out is the same run, and the document is a valid one', () => {
  const explored = fc.record(
    { order: fc.constantFrom('random' as const, 'priority' as const), changes: fc.nat(4), until: fc.constantFrom('1s', '2s', '1h') },
    { requiredKeys: ['order'] },
  );
  fc.assert(
    fc.property(explored, (explore) => {
      const { log, kernel } = run(explore);
      const written = withPicks(explore, kernel.choices);
      expect(exploreSchema.parse(written)).toEqual(written);
      expect(run(written).log).toBe(log);
    }),
    { numRuns: 30 },
  );
  expect(withPicks({ jitter: true }, run({}).kernel.choices)).toEqual({ jitter: true });
});
