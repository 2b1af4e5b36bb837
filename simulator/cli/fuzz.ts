import { availableParallelism } from 'node:os';
import { parseDuration } from '@slipway/kernel';
import { EXPECTATION, type Failure, type Found, type Fuzzer, HANG, LASTING, PLAIN, Search } from '../fuzz/index.ts';
import type { ScenarioDocument } from '../scenario/schema.ts';
import { EXIT } from './exit-codes.ts';
import { writeCase } from './fuzz/case-file.ts';
import { Corpus } from './fuzz/corpus.ts';
import { explore } from './fuzz/explore.ts';
import { writeFuzzJunit } from './fuzz/junit.ts';
import type { Job } from './fuzz/messages.ts';
import { readOnly } from './fuzz/only.ts';
import { type Pool, ThreadPool } from './fuzz/pool.ts';
import { Progress } from './fuzz/progress.ts';
import { AS_WRITTEN, type FailureReport, type FuzzReport, type Made, reportOf, storyLines } from './fuzz/report.ts';
import { fuzzText } from './fuzz/report-text.ts';
import { loadStories, type Story } from './fuzz/stories.ts';
import { parseSettings } from './input/set-options.ts';
import { UsageError } from './usage-error.ts';

/** As commander hands them over. */
export interface FuzzOptions {
  readonly runs?: string;
  readonly time?: string;
  readonly limit: string;
  readonly jobs?: string;
  readonly seed: string;
  readonly path?: string;
  readonly orders?: string;
  readonly only: readonly string[];
  readonly set: readonly string[];
  readonly all?: boolean;
  readonly out: string;
  readonly corpus?: string;
  readonly json?: boolean;
  readonly junit?: string;
  readonly shrink: boolean;
}

const USUAL_RUNS = 100;

/** `slipway fuzz`: tries cases drawn from scenarios until one breaks an invariant, and writes the smallest that does. Returns the exit code. */
export async function fuzz(paths: readonly string[], options: FuzzOptions): Promise<number> {
  const seed = wholeNumber('--seed', options.seed, 0);
  const time = options.time === undefined ? undefined : readTime('--time', options.time);
  const runs =
    options.runs === undefined ? (time === undefined ? USUAL_RUNS : Number.POSITIVE_INFINITY) : wholeNumber('--runs', options.runs, 1);
  const jobs = options.jobs === undefined ? availableParallelism() : wholeNumber('--jobs', options.jobs, 1);
  const limit = readTime('--limit', options.limit);
  const only = readOnly(options.only);
  const stories = await loadStories(paths, parseSettings(options.set), only);
  if (options.path !== undefined) return await again(stories, seed, options.path, options);
  if (options.orders !== undefined) return await allOrders(stories, wholeNumber('--orders', options.orders, 1), runs, options);

  const corpus = options.corpus === undefined ? undefined : new Corpus(options.corpus, stories);
  const known = corpus?.seeds ?? [];
  const jobOf = (index: number): Job => {
    const kept = known[index];
    if (kept) return { index, ...kept };
    const number = index - known.length;
    return { index, story: number % stories.length, seed: seed + number };
  };
  const search = new Search({
    runs: runs + known.length,
    goOn: options.all === true,
    ...(corpus ? { onTaken: (one) => corpus.take(one) } : {}),
  });
  for (const [story, { fuzzer }] of stories.entries()) search.takePlain(story, fuzzer.plain, seed);
  const start = performance.now();
  const progress = new Progress(search, options.json === true);
  const pool: Pool = jobs === 1 ? onThisThread(stories) : new ThreadPool(jobs, { paths, set: options.set, only: options.only }, limit);
  try {
    await explore({
      pool,
      search,
      jobOf,
      isOver: () => time !== undefined && performance.now() - start >= time,
      onProgress: () => progress.show(),
    });
  } finally {
    await pool.close();
    progress.clear();
  }
  const wallSeconds = (performance.now() - start) / 1_000;
  const made: Made[] = [];
  for (const [rank, found] of byUse(search.found).entries()) made.push(await makeSmall(found, stories, options, progress, rank));
  progress.clear();
  corpus?.write();
  return tell(reportOf(search, made, wallSeconds), paths, options);
}

/** What breaks at once says more than what does not come true in the end, and that more than a story's own wishes. */
function byUse(found: readonly Found[]): readonly Found[] {
  const rank = ({ finding: { invariant } }: Found): number => (invariant === EXPECTATION ? 2 : LASTING.has(invariant) ? 1 : 0);
  return found.toSorted((a, b) => rank(a) - rank(b) || a.runs - b.runs);
}

/** Kernel events for each failure after the first two, which say most. */
const LESS = 150_000;

async function makeSmall(found: Found, stories: readonly Story[], options: FuzzOptions, progress: Progress, rank: number): Promise<Made> {
  const { fuzzer } = stories[found.story] as Story;
  const key = found.runs === 0 ? PLAIN : found.seed;
  progress.say(`making the case of ${found.finding.invariant} small`);
  const failure =
    options.shrink && found.finding.invariant !== HANG
      ? await fuzzer.shrink(key, found.finding, rank < 2 ? undefined : LESS)
      : {
          invariant: found.finding.invariant,
          seed: found.seed,
          path: [],
          finding: found.finding,
          document: fuzzer.documentOf(key),
          trials: 0,
        };
  return await written(found, failure, fuzzer, options);
}

/** Writes a failure with its story. One that hangs would hang again, and has none. */
async function written(found: Found, failure: Failure, fuzzer: Fuzzer, { out }: FuzzOptions): Promise<Made> {
  const story = failure.invariant === HANG ? [] : storyLines(await fuzzer.story(failure));
  return { found, failure, story, file: writeCase(out, failure, story) };
}

/** `--path`: makes the small case of a seed again and runs it. */
async function again(stories: readonly Story[], seed: number, text: string, options: FuzzOptions): Promise<number> {
  const [story, ...more] = stories;
  if (!story || more.length > 0) throw new UsageError('--path is for one scenario', 'name the one that it was found with');
  const { fuzzer } = story;
  const isWritten = text === AS_WRITTEN || text.startsWith(`${AS_WRITTEN}:`);
  const path = readPath(isWritten ? text.slice(AS_WRITTEN.length + 1) : text);
  const key = isWritten ? PLAIN : seed;
  let document;
  try {
    document = fuzzer.along(key, path);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--path ${text}: ${error.message}`, 'seed, path and scenario belong together');
    throw error;
  }
  const search = new Search({ runs: 1, goOn: false });
  const start = performance.now();
  search.add({ index: 0, story: 0, seed, trial: await fuzzer.tryAgain(document) });
  const made: Made[] = [];
  for (const found of search.found) {
    const failure = { invariant: found.finding.invariant, seed, path, finding: found.finding, document, trials: 0 };
    // Found at once: it is no first of several.
    made.push(await written(isWritten ? { ...found, runs: 0 } : found, failure, fuzzer, options));
  }
  return tell(reportOf(search, made, (performance.now() - start) / 1_000), [story.file], options);
}

/** `--orders`: tries the story as it is written in every order of simultaneous events, up to a depth. */
async function allOrders(stories: readonly Story[], depth: number, budget: number, options: FuzzOptions): Promise<number> {
  const [story, ...more] = stories;
  if (!story || more.length > 0) throw new UsageError('--orders is for one scenario', 'name a small one');
  const { fuzzer } = story;
  const search = new Search({ runs: Number.POSITIVE_INFINITY, goOn: true });
  const first = new Map<Found, ScenarioDocument>();
  const progress = new Progress(search, options.json === true);
  const start = performance.now();
  const { runs, pruned, points, complete } = await fuzzer.orders(depth, budget, (trial, document) => {
    search.add({ index: search.runs, story: 0, seed: 1, trial });
    for (const found of search.found) if (!first.has(found)) first.set(found, document);
    progress.show();
  });
  const wallSeconds = (performance.now() - start) / 1_000;
  const made: Made[] = [];
  for (const [found, document] of first) {
    progress.say(`making the case of ${found.finding.invariant} small`);
    const failure = await fuzzer.shrinkDocument(document, found.finding);
    // No seed leads there: the file is the way back.
    made.push(await written(found, { ...failure, path: [] }, fuzzer, options));
  }
  progress.clear();
  const code = tell(reportOf(search, made, wallSeconds), [story.file], options);
  if (!options.json)
    process.stdout.write(
      `  orders: ${runs} tried, ${pruned} left out since they change nothing, ${points} choices; ${complete ? 'none is left' : 'more are left: a larger --orders or --runs'}\n`,
    );
  return code;
}

/** Tells what a search came to. Answers the exit code. */
function tell(report: FuzzReport, paths: readonly string[], options: FuzzOptions): number {
  if (options.junit !== undefined) writeFuzzJunit(options.junit, report);
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  // What may go wrong decides what a seed draws.
  const settings = [...options.set.flatMap((setting) => ['--set', setting]), ...options.only.flatMap((names) => ['--only', names])];
  const command = ({ seed, path }: FailureReport): string =>
    ['slipway fuzz', ...paths, ...settings, `--seed ${seed}`, ...(path === '' ? ['--runs 1'] : [`--path ${path}`])].join(' ');
  if (!options.json) process.stdout.write(fuzzText(report, command));
  return report.failures.length === 0 ? EXIT.held : EXIT.failed;
}

function onThisThread(stories: readonly Story[]): Pool {
  return {
    size: 1,
    try: async (job) => ({ ...job, trial: await (stories[job.story] as Story).fuzzer.try(job.seed) }),
    close: async () => {},
  };
}

function wholeNumber(option: string, text: string, least: number): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) < least)
    throw new UsageError(`${option} ${text} is no whole number from ${least} on`, `write for example ${option} ${Math.max(least, 2)}`);
  return Number(text);
}

function readTime(option: string, text: string): number {
  try {
    const time = parseDuration(text) / 1_000;
    if (time > 0) return time;
  } catch {
    // Told below.
  }
  throw new UsageError(`${option} ${text} is no length of time`, `write for example ${option} 30s, or 10m`);
}

function readPath(text: string): readonly number[] {
  if (text === '') return [];
  if (!/^\d+(:\d+)*$/.test(text))
    throw new UsageError(`--path ${text} is no path`, 'paste what a failure tells: numbers with colons between');
  return text.split(':').map(Number);
}
