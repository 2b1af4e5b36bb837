import type { Process } from '@slipway/kernel';
import type { Kind } from '@slipway/kube';
import type { InputWarning } from '../../manifests/load-manifests.ts';
import type { ScenarioCluster } from '../cluster.ts';
import type { ScenarioStep } from '../scenario.ts';
import type { Value, Variables } from '../variables.ts';

/** In what a step is performed. */
export interface StepContext {
  readonly cluster: ScenarioCluster;
  readonly variables: Variables;
  /** Told of what a step does beside what was asked: a namespace that was made. */
  readonly warn?: (warning: InputWarning) => void;
}

/** What a static check has to say about a part of a step. */
export interface StepChecker {
  readonly kinds: readonly Kind[];
  /** @param path from the action: `['of']`. */
  problem(path: readonly (string | number)[], message: string, fix?: string): void;
  /** The kind that an object reference names. Undefined for a variable, and, with a problem, where there is no such kind. */
  object(path: readonly (string | number)[], reference: string): Kind | undefined;
  /** What the code answers; undefined, and a problem, where it throws. */
  attempt<T>(path: readonly (string | number)[], code: () => T): T | undefined;
}

/** One action of the schema: what is wrong with it before the run, what it is about, and how it is done. */
export interface StepKind<D> {
  /** Looks at the document alone; there is no cluster yet. */
  check?(document: D, checker: StepChecker): void;
  /** What the trace says that the step is about, as other trace events name it. @throws what a reference throws that finds nothing */
  subject?(document: D, context: StepContext): string | undefined;
  /** Does it as the person with kubectl. Answers what it chose. @throws StepError, or an error with a code */
  perform(document: D, context: StepContext, step: ScenarioStep): Process<Value | undefined>;
}

/** A single one is kept as a text. */
export function valueOf(names: readonly string[]): Value | undefined {
  const [first, ...more] = names;
  return more.length === 0 ? first : names;
}
