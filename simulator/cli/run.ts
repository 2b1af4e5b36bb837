import { writeFileSync } from 'node:fs';
import { formatDuration, type Micros } from '@slipway/kernel';
import pc from 'picocolors';
import { type OnLine, violationOfReplay } from '../invariants/index.ts';
import type { InputWarning } from '../manifests/load-manifests.ts';
import { placeText } from '../manifests/input-error.ts';
import type { SourceText } from '../manifests/yaml-source.ts';
import { isScenario } from '../scenario/read-scenario.ts';
import { runScenario, type ScenarioOutcome } from '../scenario/run-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { scenarioWorld } from '../wiring/scenario-world.ts';
import type { World } from '../wiring/world.ts';
import { EXIT } from './exit-codes.ts';
import { writeLine } from './output/hanging.ts';
import { junit } from './output/junit.ts';
import { blamed } from './input/own-plugins.ts';
import { readInputs } from './input/read-inputs.ts';
import { readUntil } from './run-inputs.ts';
import { breachesOf, type RunReport } from './output/run-report.ts';
import { countedBreaches, runText } from './output/run-text.ts';
import { type LoadedScenario, loadScenarios } from './input/scenario-input.ts';
import { parseSettings, readSeed } from './input/set-options.ts';
import { TraceFile, refuseInput, traceFormat } from './output/trace-file.ts';
import { ownLeaks } from './leaks/index.ts';
import { UsageError } from './usage-error.ts';

/** As commander hands them over. */
export interface RunOptions {
  readonly set: readonly string[];
  readonly seed?: string;
  readonly until?: string;
  readonly step?: boolean;
  readonly twice?: boolean;
  readonly json?: boolean;
  readonly junit?: string;
  readonly trace?: string;
  readonly format?: string;
  readonly full?: boolean;
  readonly elide: boolean;
}

/** `slipway run`: performs scenarios one after the other. All are read before the first one runs. Returns the exit code. */
export async function run(paths: readonly string[], options: RunOptions): Promise<number> {
  const until = options.until === undefined ? undefined : readUntil(options.until);
  if (options.trace !== undefined) refuseInput(options.trace, paths);
  const format = options.trace === undefined ? undefined : traceFormat(options.trace, options.format);
  const settings = parseSettings(options.set);
  const seed = options.seed === undefined ? undefined : readSeed(options.seed);
  const loaded: LoadedScenario[] = [];
  for (const source of scenariosOf(await readInputs(paths), paths)) loaded.push(...(await loadScenarios(source, settings, seed)));
  if (options.trace !== undefined && loaded.length > 1)
    throw new UsageError(`--trace ${options.trace} is for one scenario, and these are ${loaded.length}`, 'name one file');
  const reports: RunReport[] = [];
  for (const one of loaded) {
    const trace =
      options.trace === undefined || format === undefined ? undefined : new TraceFile(options.trace, format, options.full === true);
    try {
      const report = await runOne(one, options, until, trace);
      reports.push(report);
      print(report, one.scenario, options);
    } finally {
      trace?.close();
    }
  }
  if (options.junit !== undefined) writeJunit(options.junit, reports);
  if (!options.json && reports.length > 1) process.stdout.write(`${summary(reports)}\n`);
  return reports.every(({ passed }) => passed) ? EXIT.held : EXIT.failed;
}

/** A folder of scenarios may hold the manifests that they apply; a file that somebody names has to be a scenario. */
export function scenariosOf(sources: readonly SourceText[], paths: readonly string[]): readonly SourceText[] {
  const wanted = sources.filter((source) => paths.includes(source.file) || isScenario(source));
  return wanted.length > 0 ? wanted : sources;
}

async function runOne(
  loaded: LoadedScenario,
  options: RunOptions,
  until: Micros | undefined,
  trace: TraceFile | undefined,
): Promise<RunReport> {
  if (!options.twice) return await runOnce(loaded, options, until, trace && ((record, line) => trace.add(record, line)));
  let report: RunReport | undefined;
  const violation = await violationOfReplay(async (onLine) => {
    const isFirst = report === undefined;
    const one = await runOnce(loaded, options, until, (record, line) => {
      onLine(record, line);
      if (isFirst) trace?.add(record, line);
    });
    report ??= one;
  });
  if (!report) throw new Error('nothing was run');
  if (!violation || loaded.scenario.invariantsOff.some(({ id }) => id === violation.id)) return report;
  const { id, at, message } = violation;
  return { ...report, passed: false, violations: [...report.violations, { id, at, message }] };
}

async function runOnce(
  { scenario, plugins, invariantModules }: LoadedScenario,
  options: RunOptions,
  until: Micros | undefined,
  onLine: OnLine | undefined,
): Promise<RunReport> {
  const start = performance.now();
  const { world, cluster } = scenarioWorld(scenario, plugins, {
    elide: options.elide,
    ...ownLeaks(plugins, invariantModules),
    trace: { detailed: options.full === true, ...(onLine ? { onLine } : {}) },
  });
  let outcome: ScenarioOutcome;
  try {
    outcome = await runScenario(scenario, cluster, { until });
  } catch (error) {
    throw blamed(error, plugins);
  }
  return reportOf(scenario, world, outcome, Math.round(performance.now() - start));
}

/** What became of a scenario. */
export function reportOf(scenario: Scenario, world: World, outcome: ScenarioOutcome, wallMs: number): RunReport {
  const violations = world.invariants.violations.map(({ id, at, message }) => ({ id, at, message }));
  return {
    scenario: scenario.name,
    file: scenario.file,
    seed: scenario.seed,
    passed: outcome.held && violations.length === 0,
    fingerprint: world.fingerprint,
    virtualSeconds: world.kernel.now / 1_000_000,
    wallMs,
    events: world.kernel.eventCount,
    calls: Object.fromEntries([...world.kernel.calls].sort(([a], [b]) => (a < b ? -1 : 1))),
    expectations: outcome.expectations.map(({ text, held, at, message, because, place }) => ({
      text,
      held,
      at,
      message,
      because,
      place: placeText(place),
    })),
    failures: outcome.failures.map(({ text, at, message, place }) => ({ text, at, message, place: placeText(place) })),
    unreached: outcome.unreached,
    violations,
    breaches: breachesOf(world),
    warnings: [
      ...scenario.warnings,
      ...outcome.warnings,
      ...world.warnings.map(({ object, message }): InputWarning => ({ object, field: '', message })),
    ],
  };
}

/** A report for people, or the one line of JSON. */
export function print(report: RunReport, scenario: Scenario, { json }: Pick<RunOptions, 'json'>): void {
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
  const out = json ? process.stderr : process.stdout;
  for (const { object, field, message } of report.warnings)
    writeLine(process.stderr, `warning: ${scenario.file}: ${object}: ${field === '' ? '' : `${field}: `}${message}`);
  out.write(runText(report, report.passed ? pc.green('PASS') : pc.red('FAIL')));
  for (const [text, count] of countedBreaches(report)) writeLine(process.stderr, `${text}${count > 1 ? `; ${count} times in all` : ''}`);
}

function summary(reports: readonly RunReport[]): string {
  const passed = reports.filter((report) => report.passed).length;
  const virtual = reports.reduce((sum, { virtualSeconds }) => sum + virtualSeconds, 0);
  const wall = reports.reduce((sum, { wallMs }) => sum + wallMs, 0);
  return `${passed} of ${reports.length} scenarios passed; ${formatDuration(Math.round(virtual) * 1_000_000)} of virtual time in ${wall} ms`;
}

function writeJunit(file: string, reports: readonly RunReport[]): void {
  try {
    writeFileSync(file, junit(reports));
  } catch (error) {
    throw new UsageError(`--junit ${file} cannot be written: ${(error as Error).message}`, 'name a file in a folder that exists');
  }
}
