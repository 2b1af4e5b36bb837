import type { ScenarioDocument } from '../../scenario/schema.ts';
import type { Finding, Trial } from '../trial.ts';
import type { Pass } from './pass.ts';
import { passes } from './passes.ts';

/** What a case was shrunk to. */
export interface Shrunk {
  readonly document: ScenarioDocument;
  /** Numbers of the smaller documents that still failed, each counted among those of the one before. */
  readonly path: readonly number[];
  readonly finding: Finding;
  /** Cases that were tried for it. */
  readonly trials: number;
}

export interface ShrinkOptions {
  /** Runs a document, up to the finding that is wanted; undefined for one that is no scenario. */
  readonly attempt: (document: ScenarioDocument, invariant: string) => Promise<Trial | undefined>;
  /** Kernel events that may be spent: counted instead of seconds, so that every machine comes to the same. */
  readonly budget?: number;
}

/** Some seconds' worth. */
const BUDGET = 600_000;

/** The document behind a number, as a path counts it. Undefined where there is none. */
export function shrinking(document: ScenarioDocument, number: number): ScenarioDocument | undefined {
  let left = number;
  for (const pass of passes) {
    const smaller = pass(document);
    if (left < smaller.length) return smaller[left]?.();
    left -= smaller.length;
  }
  return undefined;
}

/** Follows a path without running anything. @throws RangeError for a path of another story */
export function alongPath(document: ScenarioDocument, path: readonly number[]): ScenarioDocument {
  return path.reduce((from, number, index) => {
    const smaller = shrinking(from, number);
    if (!smaller) throw new RangeError(`the path leads nowhere at its number ${index + 1}, ${number}`);
    return smaller;
  }, document);
}

/**
 * Makes a failing case as small as can be found: tries documents that say less, goes on from each that still breaks the same invariant,
 * and ends when no smaller one does, or when the budget is spent. Which invariant fails never changes on the way.
 */
export async function shrink(document: ScenarioDocument, finding: Finding, { attempt, budget = BUDGET }: ShrinkOptions): Promise<Shrunk> {
  const path: number[] = [];
  let smallest = document;
  let found = finding;
  let spent = 0;
  let trials = 0;
  const tried = new Set<string>();
  /** Number of the first smaller document of a pass, from one on, that still fails; it is gone on from. */
  const advance = async (pass: Pass, begin: number): Promise<number | undefined> => {
    const smaller = pass(smallest);
    for (let number = begin; number < smaller.length && spent < budget; number += 1) {
      const candidate = smaller[number]?.();
      if (!candidate) continue;
      const text = JSON.stringify(candidate.spec);
      if (tried.has(text)) continue;
      tried.add(text);
      const trial = await attempt(candidate, finding.invariant);
      if (!trial) continue;
      trials += 1;
      spent += trial.events;
      const still = trial.findings.find(({ invariant }) => invariant === finding.invariant);
      if (!still) continue;
      const before = passes.slice(0, passes.indexOf(pass)).reduce((sum, earlier) => sum + earlier(smallest).length, 0);
      path.push(before + number);
      smallest = candidate;
      found = still;
      return number;
    }
    return undefined;
  };
  let isSmaller = true;
  while (isSmaller && spent < budget) {
    isSmaller = false;
    for (const pass of passes) {
      let begin: number | undefined = 0;
      while (begin !== undefined && spent < budget) {
        const number: number | undefined = await advance(pass, begin);
        isSmaller ||= number !== undefined;
        // What comes before has been tried on a larger document: it is tried again in the next round.
        begin = number === undefined ? undefined : Math.min(number, Math.max(0, pass(smallest).length - 1));
      }
    }
  }
  return { document: smallest, path, finding: found, trials };
}
