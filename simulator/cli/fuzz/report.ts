import type { Micros } from '@slipway/kernel';
import { cleanRunsNeeded, type Counts, type Failure, type Found, type Search, sorted, type StoryEvent } from '../../fuzz/index.ts';
import { USUAL_NODES, type ScenarioDocument } from '../../scenario/schema.ts';

/** One broken invariant and the smallest case that breaks it. */
export interface FailureReport {
  readonly invariant: string;
  /** Of the case: `--seed` with `--path` makes the small case again. */
  readonly seed: number;
  /** Leads from the case of the seed to the small one, or from the story `as-written`; empty where that is it already. */
  readonly path: string;
  /** How many cases had been tried when it was found, this one among them. */
  readonly runs: number;
  /** Found in the story as it was written, before any case was drawn. */
  readonly asWritten: boolean;
  /** Virtual seconds, in the small case. */
  readonly at: number;
  readonly message: string;
  /** The small case, as a scenario. Empty where none was asked for. */
  readonly file: string;
  readonly nodes: number;
  readonly steps: number;
  /** What led to it in the small case, an event a line. */
  readonly story: readonly string[];
  /** How many of all cases broke it. */
  readonly failed: number;
  /** So many cases in a row without it show that it is gone, but for a chance of 0.1 %. */
  readonly cleanRuns: number;
}

/** The one object of `--json`. */
export interface FuzzReport {
  readonly runs: number;
  readonly seedsPerSecond: number;
  readonly failures: readonly FailureReport[];
  /** How often each invariant had something to say. */
  readonly preconditions: Readonly<Record<string, number>>;
  /** How often each kind of fault fired. */
  readonly faults: Readonly<Record<string, number>>;
  /** How often each named situation was reached. */
  readonly sometimes: Readonly<Record<string, number>>;
  /** Answers of contract methods, by method and code. */
  readonly coverage: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly virtualSeconds: number;
  readonly events: number;
}

export interface Made {
  readonly found: Found;
  readonly failure: Failure;
  readonly story: readonly string[];
  readonly file: string;
}

export function reportOf(search: Search, made: readonly Made[], wallSeconds: number): FuzzReport {
  return {
    runs: search.runs,
    seedsPerSecond: wallSeconds > 0 ? Math.round((10 * search.runs) / wallSeconds) / 10 : 0,
    failures: made.map((one) => failureReport(one, search)),
    preconditions: sorted(search.preconditions),
    faults: sorted(search.fired),
    sometimes: sorted(search.situations),
    coverage: byMethod(search.outcomes),
    virtualSeconds: Math.round(search.virtual / SECOND),
    events: search.events,
  };
}

const SECOND: Micros = 1_000_000;
/** What a path begins with that does not begin at a seed's case. */
export const AS_WRITTEN = 'as-written';

function failureReport({ found, failure, story, file }: Made, search: Search): FailureReport {
  const { invariant, seed, path, finding, document } = failure;
  const failed = search.failing.get(invariant) ?? 0;
  return {
    invariant,
    seed,
    path: [...(found.runs === 0 ? [AS_WRITTEN] : []), ...path].join(':'),
    runs: Math.max(found.runs, 1),
    asWritten: found.runs === 0,
    at: finding.at / SECOND,
    message: finding.message,
    file,
    nodes: nodesIn(document),
    steps: document.spec.steps?.length ?? 0,
    story,
    failed,
    // The story as it was written fails each time: one run is enough.
    cleanRuns: failed === 0 ? 1 : cleanRunsNeeded(failed, search.runs),
  };
}

/** How many machines a scenario has from its start, and gets. */
export function nodesIn({ spec: { cluster, steps = [] } }: ScenarioDocument): number {
  const groups = [...(cluster?.nodes ?? USUAL_NODES), ...steps.flatMap(({ addNodes }) => addNodes ?? [])];
  return groups.reduce((sum, { count = 1 }) => sum + count, 0);
}

function byMethod(outcomes: Counts): Record<string, Record<string, number>> {
  const methods: Record<string, Record<string, number>> = {};
  for (const [name, count] of Object.entries(sorted(outcomes))) {
    const space = name.lastIndexOf(' ');
    const method = (methods[name.slice(0, space)] ??= {});
    method[name.slice(space + 1)] = count;
  }
  return methods;
}

/** Events as lines: when, number and cause, what happened. */
export function storyLines(events: readonly StoryEvent[]): readonly string[] {
  return events.map(({ at, seq, cause, text }) => `${(at / SECOND).toFixed(3)} s  #${seq}${cause === 0 ? '' : ` (#${cause})`}  ${text}`);
}
