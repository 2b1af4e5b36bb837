import { type Micros, parseDuration } from '@slipway/kernel';
import { type InputWarning, loadManifests, type LoadedObject } from '../manifests/load-manifests.ts';
import type { SourceText } from '../manifests/yaml-source.ts';
import { isScenario } from '../scenario/read-scenario.ts';
import { runScenario, type ScenarioOutcome } from '../scenario/run-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Setting } from '../scenario/settings.ts';
import { worldFactory } from '../wiring/container.ts';
import { kindsOf } from '../wiring/plugin-kinds.ts';
import { scenarioWorld } from '../wiring/scenario-world.ts';
import type { World } from '../wiring/world.ts';
import { applyAndSettle } from './apply-and-settle.ts';
import { nodesFor } from './input/nodes-for.ts';
import { readInputs } from './input/read-inputs.ts';
import { loadScenarios } from './input/scenario-input.ts';
import { type OptionOf, parseSettings, readSeed, readSettings } from './input/set-options.ts';
import { ownLeaks } from './leaks/index.ts';
import { UsageError } from './usage-error.ts';

/** How inputs are run whose whole trace is wanted. */
export interface InputOptions {
  readonly set: readonly string[];
  /** Which option each setting was given with; left out: `--set`. */
  readonly optionOf?: OptionOf | undefined;
  readonly seed?: string | undefined;
  /** Of manifests: how many nodes to make. */
  readonly nodes?: string | undefined;
  /** What to do instead of naming several scenarios. */
  readonly forSeveral?: string | undefined;
  /** Virtual time at which the run ends; left out: when it has settled, or the scenario is over. */
  readonly until?: string | undefined;
}

/** A run that is over; its trace is kept. */
export interface FinishedRun {
  readonly world: World;
  /** What was applied, in order. */
  readonly objects: readonly LoadedObject[];
  readonly warnings: readonly InputWarning[];
  /** Undefined for manifests. */
  readonly scenario: Scenario | undefined;
  readonly outcome: ScenarioOutcome | undefined;
}

/**
 * Runs one scenario, or applies manifests and lets them settle, and keeps the whole trace.
 *
 * @throws InputError, PluginError, UsageError
 */
export async function runInputs(paths: readonly string[], options: InputOptions): Promise<FinishedRun> {
  const sources = await readInputs(paths);
  const settings = parseSettings(options.set, options.optionOf);
  const seed = options.seed === undefined ? undefined : readSeed(options.seed);
  const until = options.until === undefined ? undefined : readUntil(options.until);
  const scenarios = sources.filter(isScenario);
  const [source] = scenarios;
  if (!source) return await runManifests(sources, options, seed, until);
  if (scenarios.length > 1)
    throw new UsageError(
      `one scenario is run, and these are ${scenarios.length}`,
      options.forSeveral ?? `name one of ${namesOf(scenarios)}`,
    );
  if (sources.length > 1) throw new UsageError('a scenario is run alone', `name ${source.file} only: what it applies is named in it`);
  return await runOneScenario(source, settings, seed, until);
}

const namesOf = (sources: readonly SourceText[]): string =>
  `${sources
    .slice(0, 8)
    .map(({ file }) => file)
    .join(', ')}${sources.length > 8 ? ' …' : ''}`;

async function runOneScenario(
  source: SourceText,
  settings: readonly Setting[],
  seed: number | string | undefined,
  until: Micros | undefined,
): Promise<FinishedRun> {
  const loaded = await loadScenarios(source, settings, seed);
  const [first] = loaded;
  if (!first || loaded.length > 1) throw new UsageError(`${source.file} holds ${loaded.length} scenarios`, 'name a file with one');
  const { scenario, plugins, invariantModules } = first;
  const { world, cluster } = scenarioWorld(scenario, plugins, { trace: { keep: true }, ...ownLeaks(plugins, invariantModules) });
  const outcome = await runScenario(scenario, cluster, { until });
  return {
    world,
    objects: scenario.steps.flatMap(({ objects }) => objects),
    warnings: [...scenario.warnings, ...outcome.warnings],
    scenario,
    outcome,
  };
}

async function runManifests(
  sources: readonly SourceText[],
  { set, optionOf, nodes: asked }: InputOptions,
  given: number | string | undefined,
  until: Micros | undefined,
): Promise<FinishedRun> {
  const { plugins, seed } = await readSettings(set, optionOf);
  const { objects, warnings } = loadManifests(sources, kindsOf(plugins));
  const nodes = nodesFor(objects, asked);
  const chosen = given ?? seed;
  const world = worldFactory(plugins)({
    nodes,
    ...(chosen === undefined ? {} : { seed: chosen }),
    trace: { keep: true },
    ...ownLeaks(plugins),
  });
  const lasting = until === undefined ? undefined : (now: Micros): Micros => Math.max(0, until - now);
  const { found } = await applyAndSettle(world, objects, nodes, lasting);
  return { world, objects, warnings: [...warnings, ...found], scenario: undefined, outcome: undefined };
}

/** @throws UsageError */
export function readUntil(text: string): Micros {
  try {
    return parseDuration(text);
  } catch {
    throw new UsageError(`--until ${text} is no duration`, 'write for example --until 90s, --until 20m');
  }
}
