import type { Kind } from '@slipway/kube';
import { suggestion } from '@slipway/kube/schema';
import type { Problem } from '../../manifests/input-error.ts';
import { BadReference, type ObjectReference, parseObjectRef } from '../references.ts';
import type { PlaceOf } from '../scenario.ts';
import { variablesIn } from '../variables.ts';

/** What checking an expectation needs to know. */
export interface CompileOptions {
  /** Built-in kinds, and those of definitions that the scenario brings. */
  readonly kinds: readonly Kind[];
  readonly placeOf: PlaceOf;
  /** Names that steps keep with `as`. */
  readonly variables: ReadonlySet<string>;
}

/** Collects what is wrong with one expectation. */
export class Compilation {
  readonly kinds: readonly Kind[];
  readonly variables: ReadonlySet<string>;
  readonly #placeOf: PlaceOf;
  readonly #problems: Problem[];
  #wrong = 0;

  constructor({ kinds, placeOf, variables }: CompileOptions, problems: Problem[]) {
    this.kinds = kinds;
    this.variables = variables;
    this.#placeOf = placeOf;
    this.#problems = problems;
  }

  /** Whether nothing has been found wrong so far. */
  get sound(): boolean {
    return this.#wrong === 0;
  }

  problem(path: readonly (string | number)[], message: string, fix?: string): void {
    this.#wrong += 1;
    const place = this.#placeOf(path);
    this.#problems.push(fix === undefined ? { place, message } : { place, message, fix });
  }

  /** Reports variables that no step keeps. */
  checkVariables(path: readonly (string | number)[], data: unknown): void {
    for (const name of new Set(variablesIn(data))) this.checkVariable(path, name);
  }

  checkVariable(path: readonly (string | number)[], name: string): void {
    if (this.variables.has(name)) return;
    const near = suggestion(name, [...this.variables]);
    const fix = near === undefined ? `write "as: ${name}" at the step that chooses it` : `did you mean "$${near}"?`;
    this.problem(path, `${String(path[0])}: no step keeps $${name}`, fix);
  }

  /** Runs a check of a reference; what is wrong with it becomes a problem. */
  attempt<T>(path: readonly (string | number)[], label: string, check: () => T): T | undefined {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof BadReference)) throw error;
      this.problem(path, `${label}: ${error.message}`, error.fix);
      return undefined;
    }
  }

  /** The object that a text names, variables still in it. */
  reference(path: readonly (string | number)[], label: string, text: string): ObjectReference | undefined {
    this.checkVariables(path, text);
    // A variable may stand for the whole of kind/name; then only the run knows.
    return this.attempt(path, label, () => parseObjectRef(text, this.kinds));
  }
}
