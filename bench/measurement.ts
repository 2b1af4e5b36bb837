// What a case is, and what one run of it says.
import { clock } from './clock.ts';

export type Unit = 's' | 'ms' | 'us/pod' | '/s' | 'x' | 'x bare';

/** A goal of design.md, "Speed". Times are to be at most this, everything else at least. */
export interface Goal {
  readonly value: number;
}

/** What one run in a process of its own found. */
export interface Measured {
  readonly value: number;
  /** What else a reader wants to know: counts, whether everything came up. */
  readonly note?: string;
  /** Left out: the case's. For a goal that depends on the input. */
  readonly goal?: Goal;
}

/** What a case is given. */
export interface CaseInput {
  /** Folder or files of the KubeSBS comparison, when somebody gave them. */
  readonly kubesbs?: string;
  /** Number that a family of cases is run with: nodes, say. */
  readonly size: number;
}

/** A function that a case module exports by name. */
export type Measurement = (input: CaseInput) => Measured | Promise<Measured>;

/** One row of the table. */
export interface BenchCase {
  readonly name: string;
  /** What is done, for the table. */
  readonly work: string;
  readonly unit: Unit;
  readonly goal?: Goal;
  /** The goal is what another case measured: cost that should not grow. */
  readonly notWorseThan?: string;
  readonly size?: number;
  /** Fresh processes of which the median counts, for what a process does only once. Left out: 1. */
  readonly processes?: number;
  /** Seconds after which it is stopped. Left out: 120. */
  readonly limit?: number;
  /** Runs only when it is asked for by name or with `--all`. */
  readonly long?: boolean;
  /** It starts other processes and waits for them. */
  readonly starts?: boolean;
  /** Which input it cannot run without. */
  readonly needs?: 'kubesbs';
  /** Its module, loaded in the process that measures: `import` itself is one of the things that are measured. */
  readonly load: () => Promise<Measurement>;
}

const LESS_IS_BETTER: ReadonlySet<Unit> = new Set<Unit>(['s', 'ms', 'us/pod', 'x bare']);

/** How many times better than the goal; below 1 it is missed. */
export function ratio(unit: Unit, measured: number, goal: number): number {
  return LESS_IS_BETTER.has(unit) ? goal / measured : measured / goal;
}

/** Seconds that plain code takes, by the run's clock. */
export function timed<T>(work: () => T): { readonly seconds: number; readonly result: T } {
  const start = clock();
  const result = work();
  return { seconds: clock() - start, result };
}

/** The middle one; of two, the larger. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Repeats `work` for about so long, after a warm-up of a fifth of it. Returns the seconds that each repetition took. */
export function repeated(secondsLong: number, work: () => void): number[] {
  const run = (limit: number): number[] => {
    const each: number[] = [];
    const end = clock() + limit;
    while (clock() < end) each.push(timed(work).seconds);
    return each;
  };
  run(secondsLong / 5);
  return run(secondsLong);
}
