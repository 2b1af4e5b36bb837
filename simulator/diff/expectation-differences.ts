/** What became of an expectation of a scenario. */
export interface Verdict {
  readonly text: string;
  /** Null: the run ended before it could be judged. */
  readonly held: boolean | null;
  readonly message: string;
}

/** An expectation that was judged otherwise in the other run. */
export interface ExpectationDifference {
  readonly text: string;
  readonly left: boolean | null;
  readonly right: boolean | null;
  /** What the run says in which it does not hold. */
  readonly message: string;
}

/** Compares two runs of the same scenario: its expectations stand in the same order in both. */
export function expectationDifferences(left: readonly Verdict[], right: readonly Verdict[]): readonly ExpectationDifference[] {
  return left.flatMap(({ text, held, message }, index) => {
    const other = right[index];
    if (!other || other.held === held) return [];
    return [{ text, left: held, right: other.held, message: held === true ? other.message : message }];
  });
}
