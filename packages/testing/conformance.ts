import { type ConformanceCase, messageOf } from '@slipway/kernel';
import { refuseBreaches, type Watched } from './subjects/breaches.ts';

/** What is needed of a test runner: vitest's `describe` and `it`, and those of jest, mocha, bun and `node:test`, are such. */
export interface TestRunner {
  readonly describe: (title: string, body: () => void) => unknown;
  readonly it: (title: string, body: (...context: readonly unknown[]) => Promise<void>) => unknown;
}

/** A case that the implementation failed; the message leads with what a plugin's author looks up. */
export class ConformanceError extends Error {
  override readonly name = 'ConformanceError';
  readonly id: string;
  readonly source: string;

  constructor({ id, source }: Pick<ConformanceCase<never>, 'id' | 'source'>, cause: unknown) {
    super(`${id}: ${messageOf(cause)}\nsource: ${source}`, { cause });
    this.id = id;
    this.source = source;
  }
}

/**
 * Makes a test of every case, titled with the case's title and id. A case that does not apply is skipped where the runner's context can
 * skip, and passes otherwise. A subject with `breaches` (those of this package have them) also fails for an answer against the spec.
 *
 * ```ts
 * import { describe, it } from 'vitest';
 * describeConformance({ describe, it }, 'my network', cniCases, () => cniSubject(myNetwork, { config, capacity: 5 }));
 * ```
 *
 * @param connect makes a fresh subject for each case
 */
export function describeConformance<S extends object>(
  runner: TestRunner,
  title: string,
  cases: readonly ConformanceCase<S>[],
  connect: () => S | Promise<S>,
): void {
  runner.describe(title, () => {
    for (const each of cases) {
      // A rest parameter: jest takes a test with a named one for a test that calls back when it is done.
      runner.it(`${each.title} (${each.id})`, async (...context) => {
        const skipped = await runCase(each, connect);
        if (skipped !== undefined) skip(context[0], skipped);
      });
    }
  });
}

/** Runs one case. @returns why it does not apply, if it does not @throws ConformanceError */
export async function runCase<S extends object>(each: ConformanceCase<S>, connect: () => S | Promise<S>): Promise<string | undefined> {
  const subjects: Watched[] = [];
  try {
    const verdict = await each.run(async () => {
      const subject = await connect();
      subjects.push(subject);
      return subject;
    });
    for (const subject of subjects) refuseBreaches(subject);
    return verdict?.skipped;
  } catch (error) {
    throw new ConformanceError(each, error);
  }
}

/** vitest's and `node:test`'s contexts have `skip`. */
function skip(context: unknown, reason: string): void {
  const skipping = context as { readonly skip?: (reason: string) => void } | undefined;
  skipping?.skip?.(reason);
}
