import type { Kernel, Micros } from '@slipway/kernel';
import type { ScenarioOutcome } from '../scenario/run-scenario.ts';
import type { StepDocument } from '../scenario/schema.ts';
import type { ExpectationResult } from '../scenario/watching.ts';

/** One run of the scenario from its beginning, in a world of its own. */
export interface Attempt {
  readonly kernel: Kernel;
  /** Of the trace so far. */
  readonly fingerprint: string;
  /** Performs the scenario; `drive` lets the world run up to a time, `onDecided` is told of each expectation. */
  perform(hooks: {
    readonly drive: (until: Micros) => Promise<void>;
    readonly onDecided: (result: ExpectationResult) => void;
  }): Promise<ScenarioOutcome>;
}

/** Makes the world anew for each run. `faults` are steps that go before those of the scenario's own file. */
export type MakeAttempt<A extends Attempt> = (faults: readonly StepDocument[]) => A;
