import { type ConformanceCase, messageOf, type Process } from '@slipway/kernel';
import { describeConformance, type TestRunner } from './conformance.ts';
import type { HistoryOptions } from './commands/model-run.ts';
import type { StoryModel } from './stories/model.ts';
import { assertStories, type StoryConnect } from './stories/run-story.ts';
import type { Trouble } from './stories/trouble.ts';
import type { Watched } from './subjects/breaches.ts';

/** The parts of a test: published cases; calls in any order; the same with faults between; several clients at once; both. */
export type TestPart = 'conformance' | 'histories' | 'faults' | 'clients' | 'clients and faults';

/** What all tests of a plugin take. */
export interface PluginTestOptions {
  /** What the tests are called. Left out: the plugin's name, or its interface. */
  readonly title?: string;
  /** Histories of each part. Left out: 50. */
  readonly numRuns?: number;
  /** Of a failure that is to be repeated, with `path` and the part that failed. Left out: a new one in each run. */
  readonly seed?: number;
  readonly path?: string;
  /** Whether a failing history is shown as it was found, without a search for the shortest. Left out: false. */
  readonly endOnFailure?: boolean;
  /** Left out: all parts. */
  readonly only?: TestPart | readonly TestPart[];
}

type Own = 'title' | 'numRuns' | 'seed' | 'path' | 'endOnFailure' | 'only';

/** The options of the tests themselves, and those of what stands around the plugin. */
export function split<O extends PluginTestOptions>(options: O): readonly [tests: PluginTestOptions, surroundings: Omit<O, Own>] {
  const { title, numRuns, seed, path, endOnFailure, only, ...surroundings } = options;
  const tests: PluginTestOptions = {
    ...(title === undefined ? {} : { title }),
    ...(numRuns === undefined ? {} : { numRuns }),
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined ? {} : { path }),
    ...(endOnFailure === undefined ? {} : { endOnFailure }),
    ...(only === undefined ? {} : { only }),
  };
  return [tests, surroundings];
}

/** The plugin's name where it has one that can be known without making it. */
export function titleOf(own: string, made: object): string {
  const { name } = made as { readonly name?: string };
  return 'create' in made && name !== undefined ? name : `the ${own} plugin`;
}

interface Subject extends Watched {
  readonly keepsMemory?: boolean;
  settle<T>(process: Process<T>): Promise<T>;
  restart?(): void;
}

/** What a story needs of a subject beside its client and its session. @param keepsMemory whether a restart does */
export function storyWorld(subject: Subject, keepsMemory = subject.keepsMemory ?? true) {
  return {
    settle: <T>(process: Process<T>): Promise<T> => subject.settle(process),
    ...(subject.breaches ? { breaches: subject.breaches } : {}),
    ...(subject.restart ? { restart: () => subject.restart?.() } : {}),
    keepsMemory,
  };
}

/** Adds the parts that are made of generated histories. */
export interface GeneratedParts {
  /** Calls in any order, against a model with an assertion for each step. */
  histories(run: (parameters: HistoryOptions) => Promise<void>): void;
  /** The same with faults between the steps, where the interface has no calls that could get lost. */
  faults(run: (parameters: HistoryOptions) => Promise<void>): void;
  /** Faults, and several clients at once. @param without troubles that do not befall the interface */
  stories<Session, State, Wish, Act, Answer>(
    model: StoryModel<Session, State, Wish, Act, Answer>,
    connect: StoryConnect<Session>,
    without?: readonly Trouble[],
  ): void;
}

/** Describes all parts of a plugin's test that are wanted. */
export function describePlugin<S extends object>(
  runner: TestRunner,
  { title, numRuns = 50, seed, path, endOnFailure = false, only }: PluginTestOptions,
  name: string,
  cases: readonly ConformanceCase<S>[],
  connect: () => S | Promise<S>,
  generated: (parts: GeneratedParts) => void,
): void {
  const isWanted = (part: TestPart): boolean => only === undefined || (typeof only === 'string' ? only === part : only.includes(part));
  const parameters = { numRuns, endOnFailure, ...(seed === undefined ? {} : { seed }), ...(path === undefined ? {} : { path }) };
  const part = (which: TestPart, truth: string, run: () => Promise<void>): void => {
    if (!isWanted(which)) return;
    // A rest parameter: jest takes a test with a named one for a test that calls back when it is done.
    runner.it(`${which}: ${truth}`, async (..._context) => {
      try {
        await run();
      } catch (error) {
        throw asReport(which, error);
      }
    });
  };
  runner.describe(title ?? name, () => {
    if (isWanted('conformance')) describeConformance(runner, 'conformance', cases, connect);
    generated({
      histories: (run) => part('histories', 'any order of calls does what the model says', () => run(parameters)),
      faults: (run) => part('faults', 'whatever goes wrong between calls, the model is right again', () => run(parameters)),
      stories(model, world, without = []) {
        const tell = (more: { readonly faults?: boolean; readonly clients?: number }) => () =>
          assertStories(model, world, { ...parameters, ...more, without });
        part('faults', 'what was lost shows when it is asked for again', tell({ faults: true }));
        part('clients', 'calls at once do what some order of them would', tell({ clients: 2 }));
        part('clients and faults', 'whatever goes wrong, some order explains it', tell({ clients: 2, faults: true }));
      },
    });
  });
}

/** What failed first, then how to repeat it, then what the generator says of it. */
function asReport(part: TestPart, error: unknown): Error {
  const report = messageOf(error);
  const [, seed, path] = /\{ seed: (-?\d+), path: "([^"]*)"/.exec(report) ?? [];
  const cause = (error as { readonly cause?: unknown }).cause;
  const repeat = seed === undefined ? '' : `\nTo repeat it: { only: '${part}', seed: ${seed}, path: '${path}' }`;
  return new Error(`${cause === undefined ? report : messageOf(cause)}${repeat}\n${cause === undefined ? '' : report}`, { cause: error });
}
