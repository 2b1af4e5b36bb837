import type { ScenarioDocument } from '../../scenario/schema.ts';
import type { Finding, Trial } from '../trial.ts';
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
  let isSmaller = true;
  while (isSmaller && spent < budget) {
    isSmaller = false;
    for (const index of passes.keys()) {
      let again = true;
      let begin = 0;
      while (again && spent < budget) {
        again = false;
        const before = passes.slice(0, index).reduce((sum, pass) => sum + pass(smallest).length, 0);
        const smaller = passes[index]?.(smallest) ?? [];
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
          smallest = candidate;
          found = still;
          path.push(before + number);
          again = true;
          isSmaller = true;
          // What comes before has been tried on a larger document: it is tried again in the next round.
          begin = Math.min(number, Math.max(0, (passes[index]?.(smallest).length ?? 0) - 1));
          break;
        }
      }
    }
  }
  return { document: smallest, path, finding: found, trials };
}
