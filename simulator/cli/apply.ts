import { formatDuration, hours, parseDuration } from '@slipway/kernel';
import { stringify } from 'yaml';
import { loadManifests, type LoadedObject } from '../manifests/load-manifests.ts';
import type { Settled } from '../manifests/settle.ts';
import { worldFactory } from '../wiring/container.ts';
import { kindsOf } from '../wiring/plugin-kinds.ts';
import type { NodeTemplate, World } from '../wiring/world.ts';
import { type Applied, applyAndSettle } from './apply-and-settle.ts';
import { EXIT } from './exit-codes.ts';
import { finalList, namespacesOf, tables } from './output/output.ts';
import { writeLine } from './output/hanging.ts';
import { ProgressBar } from './output/progress-bar.ts';
import { readInputs } from './input/read-inputs.ts';
import { type ApplyReport, reportOf } from './output/report.ts';
import { ownLeaks } from './leaks/index.ts';
import { nodesFor } from './input/nodes-for.ts';
import { readSeed, readSettings } from './input/set-options.ts';
import { refuseInput, TraceFile, traceFormat } from './output/trace-file.ts';
import { UsageError } from './usage-error.ts';

/** As commander hands them over. */
export interface ApplyOptions {
  readonly nodes?: string;
  readonly set: readonly string[];
  readonly seed?: string;
  readonly for?: string;
  readonly json?: boolean;
  readonly output?: string;
  readonly trace?: string;
  readonly format?: string;
  readonly full?: boolean;
  readonly story?: boolean;
  readonly elide: boolean;
}

const OUTPUTS = ['json', 'yaml', 'wide'];
const MOST_LINES = 10;
/** A year: heartbeats of so long take minutes to run. */
const LONGEST_RUN = hours(366 * 24);

/** `slipway apply`: plain Kubernetes YAML in, settled cluster out. Returns the exit code. */
export async function apply(paths: readonly string[], options: ApplyOptions): Promise<number> {
  const start = performance.now();
  const { output } = options;
  if (output !== undefined && !OUTPUTS.includes(output))
    throw new UsageError(`there is no output "${output}"`, `-o takes ${OUTPUTS.join(', ')}`);
  if (options.json && output !== undefined && output !== 'wide')
    throw new UsageError(`--json and -o ${output} exclude each other`, 'give one of them');
  const duration = options.for === undefined ? undefined : readDuration(options.for);
  if (options.trace !== undefined) refuseInput(options.trace, paths);
  const chosenFormat = options.trace === undefined ? undefined : traceFormat(options.trace, options.format);
  const asked = options.seed === undefined ? undefined : readSeed(options.seed);
  const { plugins, seed } = await readSettings(options.set);
  const { objects, warnings } = loadManifests(await readInputs(paths), kindsOf(plugins));
  const nodes = nodesFor(objects, options.nodes);
  const chosenSeed = asked ?? seed;
  const makeWorld = worldFactory(plugins);
  const trace =
    options.trace === undefined || chosenFormat === undefined
      ? undefined
      : new TraceFile(options.trace, chosenFormat, options.full === true);
  const world = makeWorld({
    nodes,
    elide: options.elide,
    ...ownLeaks(plugins),
    ...(chosenSeed === undefined ? {} : { seed: chosenSeed }),
    trace: {
      keep: options.story === true,
      detailed: options.full === true,
      ...(trace ? { onLine: (record, line) => trace.add(record, line) } : {}),
    },
  });
  try {
    const { settled, found } = await run(world, objects, nodes, duration);
    const report = reportOf(world, settled, [...warnings, ...found], Math.round(performance.now() - start));
    if (options.story) await tellStory(world, report);
    print(world, objects, report, options);
    return exitCode(report, settled);
  } finally {
    trace?.close();
  }
}

/** Applies the objects while a bar shows how far they are, and looks at what must hold at rest. */
async function run(
  world: World,
  objects: readonly LoadedObject[],
  nodes: readonly NodeTemplate[],
  duration: number | undefined,
): Promise<Applied> {
  const bar = new ProgressBar();
  try {
    const lasting = duration === undefined ? undefined : (): number => duration;
    const applied = await applyAndSettle(world, objects, nodes, lasting, (progress) => bar.update(progress));
    world.invariants.atRest();
    return applied;
  } finally {
    bar.clear();
  }
}

/** The way of the first pod by name, before the tables. */
async function tellStory({ recorder }: World, { placements }: ApplyReport): Promise<void> {
  const [pod] = Object.keys(placements);
  if (pod === undefined) return;
  const { explain, storyText } = await import('../explain/index.ts');
  process.stdout.write(`${storyText(explain(recorder.kept, { kind: 'pod', name: pod }))}\n\n`);
}

function readDuration(text: string): number {
  let duration: number;
  try {
    duration = parseDuration(text);
  } catch {
    throw new UsageError(`--for ${text} is no duration`, 'write for example --for 90s, --for 20m or --for 1h30m');
  }
  if (duration > LONGEST_RUN)
    throw new UsageError(`--for ${text} is too long`, `give at most ${formatDuration(LONGEST_RUN)} of virtual time`);
  return duration;
}

function print(world: World, objects: readonly LoadedObject[], report: ApplyReport, { json, output }: ApplyOptions): void {
  const toPeople = json ? process.stderr : output === 'json' || output === 'yaml' ? process.stderr : process.stdout;
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else if (output === 'json') process.stdout.write(`${JSON.stringify(finalList(world, objects), undefined, 2)}\n`);
  else if (output === 'yaml') process.stdout.write(stringify(finalList(world, objects), { aliasDuplicateObjects: false }));
  else process.stdout.write(`${tables(world, namespacesOf(objects), output === 'wide')}\n`);
  for (const { object, field, message } of report.warnings)
    writeLine(process.stderr, `warning: ${object}: ${field === '' ? '' : `${field}: `}${message}`);
  for (const line of summedUp(
    report.breaches.map(({ plugin, call, rule, message }) => `plugin ${plugin} broke its spec in ${call} (${rule}): ${message}`),
  ))
    writeLine(process.stderr, line);
  for (const { object, reason, message } of report.unready) writeLine(toPeople, `not ready: ${object}: ${reason}: ${message}`);
  for (const { id, at, message } of report.violations)
    writeLine(process.stderr, `invariant ${id} broken at ${at / 1_000_000} s: ${message}`);
  writeLine(toPeople, summary(world, report));
}

/** Lines people can read: what repeats stands once, and after the tenth comes how many more there are. */
function summedUp(lines: readonly string[]): string[] {
  const times = new Map<string, number>();
  for (const line of lines) times.set(line, (times.get(line) ?? 0) + 1);
  const texts = [...times].map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`));
  return texts.length <= MOST_LINES ? texts : [...texts.slice(0, MOST_LINES), `… and ${texts.length - MOST_LINES} more`];
}

function summary(world: World, { settled, pods, virtualSeconds, fingerprint, wallMs }: ApplyReport): string {
  const state = settled ? `settled after ${virtualSeconds} s of virtual time` : `still changing after ${virtualSeconds} s of virtual time`;
  return `${state}: ${pods.ready + pods.succeeded} of ${pods.total} pods ready on ${world.nodes.size} nodes\n  in ${wallMs} ms; fingerprint ${fingerprint}`;
}

function exitCode({ violations }: ApplyReport, { ready, settled }: Settled): number {
  return violations.length === 0 && ready && settled ? EXIT.held : EXIT.failed;
}
