// `npm run bench`: runs each case in a process of its own and prints a table.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { cases } from './cases.ts';
import { type BenchCase, type CaseInput, median } from './measurement.ts';
import { profileTable } from './profile.ts';
import { heading, line, rowOf, skipped, type Row } from './report.ts';
import type { CaseResult } from './run-case.ts';

/** Seconds after which a case is stopped, unless it says otherwise. */
const LIMIT = 120;
/** What a profile of a case that was stopped may take to write. */
const GRACE = 20;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    kubesbs: { type: 'string' },
    json: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    profile: { type: 'string' },
    limit: { type: 'string' },
    cpu: { type: 'boolean', default: false },
  },
});

const wanted = options.only?.split(',');
const chosen = cases.filter(({ name, long }) => (wanted ? wanted.some((each) => name.startsWith(each)) : options.all || !long));
if (chosen.length === 0) {
  process.stderr.write(`no case is called ${options.only}; there are ${cases.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}
if (options.profile !== undefined) mkdirSync(options.profile, { recursive: true });
const values = new Map<string, number>();
if (!options.json) process.stdout.write(`${heading()}\n`);
for (const each of chosen) {
  const row = await measure(each);
  process.stdout.write(options.json ? `${JSON.stringify(row)}\n` : `${line(row)}\n`);
  const file = profileOf(each);
  if (file !== undefined && existsSync(file) && !options.json) process.stdout.write(`${profileTable(file)}\n`);
}

async function measure(each: BenchCase): Promise<Row> {
  const { kubesbs } = options;
  if (each.needs === 'kubesbs' && kubesbs === undefined) return skipped(each, 'skipped: give --kubesbs FOLDER');
  if (each.needs === 'kubesbs' && kubesbs !== undefined && !existsSync(kubesbs)) return skipped(each, `skipped: there is no ${kubesbs}`);
  const input: CaseInput = { size: each.size ?? 0, ...(kubesbs === undefined ? {} : { kubesbs: resolve(kubesbs) }) };
  const limit = options.limit === undefined ? (each.limit ?? LIMIT) : Number(options.limit);
  const results: CaseResult[] = [];
  for (let run = 0; run < (each.processes ?? 1); run += 1) {
    const result = await runCase(each, input, limit);
    if (typeof result === 'string') return skipped(each, result);
    results.push(result);
  }
  const value = median(results.map((result) => result.value));
  values.set(each.name, value);
  const middle = results.find((result) => result.value === value) ?? results[0];
  const reference = each.notWorseThan === undefined ? undefined : values.get(each.notWorseThan);
  const goal = middle?.goal?.value ?? each.goal?.value ?? reference;
  return rowOf(
    each,
    value,
    goal,
    Math.max(...results.map(({ peakMiB }) => peakMiB)),
    [middle?.note, each.starts ? undefined : busyNote(middle)].filter(Boolean).join('; '),
  );
}

/** Times of a machine that does other work too mean little: the row says so. */
function busyNote({ core = 1 }: CaseResult = { value: 0, peakMiB: 0 }): string | undefined {
  return core < 0.85 ? `had a core only ${Math.round(core * 100)}% of the time` : undefined;
}

function profileOf({ name }: BenchCase): string | undefined {
  return options.profile === undefined ? undefined : resolve(options.profile, `${name}.cpuprofile`);
}

/** One process. Returns what it found, or why it found nothing. */
function runCase(each: BenchCase, input: CaseInput, limit: number): Promise<CaseResult | string> {
  const file = profileOf(each);
  const entry = join(fileURLToPath(new URL('.', import.meta.url)), 'run-case.js');
  const args = [entry, each.name, JSON.stringify(input), ...(file === undefined ? [] : [file, String(limit)])];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SLIPWAY_BENCH_CLOCK: options.cpu ? 'cpu' : 'wall' },
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  let late = false;
  const timer = setTimeout(
    () => {
      late = true;
      child.kill('SIGKILL');
    },
    (limit + (file === undefined ? 0 : GRACE)) * 1_000,
  );
  return new Promise((done) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      if (late) done(`stopped after ${limit} s`);
      else if (code === 0) done(JSON.parse(output.trim().split('\n').at(-1) ?? '{}') as CaseResult);
      else done(`failed: ${reasonOf(errors)}`);
    });
  });
}

/** The line of a stack trace that says what went wrong. */
function reasonOf(errors: string): string {
  const lines = errors.split('\n').map((text) => text.trim());
  return (lines.find((text) => /Error|heap/.test(text)) ?? lines.find((text) => text !== '') ?? 'without a word').slice(0, 160);
}
