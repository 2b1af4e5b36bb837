import { messageOf, type Micros } from '@slipway/kernel';
import type { OnLine } from '../invariants/index.ts';
import { runScenario, type ScenarioOutcome } from '../scenario/run-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { type Finding, findingsOf, type FuzzWorld, type MakeWorld, type Trial } from './trial.ts';

export interface TryOptions {
  /** Ends the run as soon as this has been found. Left out: it goes to its end. */
  readonly stopAt?: string;
  /** Whether the kernel notes what each event reads and writes. */
  readonly footprints?: boolean;
  /** Whether calls note where they are made, for messages of a forgotten `yield*`. */
  readonly places?: boolean;
  /** Is given every event, to compare runs. */
  readonly onLine?: OnLine;
  /** Is given the world before it runs. */
  readonly watch?: (world: FuzzWorld) => void;
}

/** Why a run was left before its end. */
class Found extends Error {}

/** Runs one case in a world of its own. An error that ends the world is a finding too: in a right cluster there is none. */
export async function tryCase(
  scenario: Scenario,
  makeWorld: MakeWorld,
  { stopAt, watch, onLine, footprints = false, places = false }: TryOptions = {},
): Promise<Trial> {
  const world = makeWorld(scenario, { footprints, places, ...(onLine ? { onLine } : {}) });
  watch?.(world);
  const { kernel, faults } = world.cluster;
  const { violations } = world.invariants;
  let outcome: ScenarioOutcome | undefined;
  let crash: Finding | undefined;
  const isFound = (): boolean => stopAt !== undefined && violations.some(({ id }) => id === stopAt);
  const drive = async (until: Micros): Promise<void> => {
    while ((await kernel.runAsync({ until })) === 'halted');
    if (isFound()) throw new Found();
  };
  try {
    outcome = await runScenario(scenario, world.cluster, stopAt === undefined ? {} : { drive: inSteps(kernel, drive) });
  } catch (error) {
    if (!(error instanceof Found))
      crash = { invariant: 'crash', at: kernel.now, message: messageOf(error), objects: [], seq: kernel.traceSequence };
  }
  return {
    findings: [...findingsOf(world, outcome), ...(crash ? [crash] : [])],
    fingerprint: world.fingerprint,
    events: kernel.eventCount,
    end: kernel.now,
    preconditions: world.invariants.preconditions,
    fired: faults.fired,
    situations: world.situations,
    outcomes: world.outcomes,
  };
}

/** How often a run is looked at that is to end when something has been found. */
const STRIDE: Micros = 5_000_000;

function inSteps(kernel: { readonly now: Micros }, drive: (until: Micros) => Promise<void>): (until: Micros) => Promise<void> {
  return async (until) => {
    while (kernel.now + STRIDE < until) await drive(kernel.now + STRIDE);
    await drive(until);
  };
}
