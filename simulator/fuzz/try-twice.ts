import { violationOfReplay } from '../invariants/index.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { MakeWorld, Trial } from './trial.ts';
import { tryCase, type TryOptions } from './try-case.ts';

/** The row that two runs of one case are held against. */
export const REPLAY = 'SIM-01';

/** One seed of so many is tried twice: what survives from world to world shows soon, and costs little where there is nothing. */
const EVERY = 50;

/** Whether a seed's case is run once more. It is the seed that says so: any thread comes to the same. */
export const isRepeated = (seed: number): boolean => seed % EVERY === 0;

/**
 * Runs a case, runs it once more and compares both, event by event, with nothing masked. What comes of it is what came of the first run, and
 * where the second went another way, that.
 */
export async function tryTwice(scenario: Scenario, makeWorld: MakeWorld, options: TryOptions = {}): Promise<Trial> {
  if (scenario.invariantsOff.some(({ id }) => id === REPLAY)) return await tryCase(scenario, makeWorld, options);
  const { watch, ...both } = options;
  let first: Trial | undefined;
  const violation = await violationOfReplay(async (onLine) => {
    const trial = await tryCase(scenario, makeWorld, { ...both, onLine, ...(first || !watch ? {} : { watch }) });
    first ??= trial;
  });
  if (!first) throw new Error('no world was made');
  const preconditions = new Map(first.preconditions).set(REPLAY, (first.preconditions.get(REPLAY) ?? 0) + 1);
  // Where a leak was seen, it says more.
  const isKnown = first.findings.some(({ invariant }) => invariant === REPLAY);
  if (!violation || isKnown) return { ...first, preconditions };
  const { id, at, message, objects, seq } = violation;
  const findings = [...first.findings, { invariant: id, at, message, objects, seq }].toSorted((a, b) => a.at - b.at || a.seq - b.seq);
  return { ...first, preconditions, findings };
}
