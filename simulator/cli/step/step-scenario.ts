import { existsSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, relative, resolve } from 'node:path';
import { clock } from '../../explain/wording.ts';
import type { SourceText } from '../../manifests/yaml-source.ts';
import { runScenario } from '../../scenario/run-scenario.ts';
import type { Scenario, ScenarioStep } from '../../scenario/scenario.ts';
import type { StepDocument } from '../../scenario/schema.ts';
import type { Setting } from '../../scenario/settings.ts';
import { describeStep } from '../../scenario/steps/index.ts';
import { type Attempt, type MakeAttempt, scenarioText, type StepSession } from '../../step/index.ts';
import { ownLeaks } from '../leaks/index.ts';
import { scenarioWorld } from '../../wiring/scenario-world.ts';
import type { World } from '../../wiring/world.ts';
import { type LoadedScenario, loadScenarios } from '../input/scenario-input.ts';
import { UsageError } from '../usage-error.ts';

/** A run in a world of its own. */
export interface WorldAttempt extends Attempt {
  readonly world: World;
}

/** What was said of the run besides its file. */
export interface StepOptions {
  readonly settings: readonly Setting[];
  /** Virtual microseconds. */
  readonly until?: number | undefined;
  readonly elide: boolean;
}

/** Makes runs of one scenario, with steps added. */
export function attempts(
  { scenario, plugins, invariantModules }: LoadedScenario,
  { until, elide }: Omit<StepOptions, 'settings'>,
): MakeAttempt<WorldAttempt> {
  return (faults) => {
    const performed = withFaults(scenario, faults);
    const { world, cluster } = scenarioWorld(performed, plugins, { elide, ...ownLeaks(plugins, invariantModules) });
    return {
      world,
      kernel: world.kernel,
      get fingerprint() {
        return world.fingerprint;
      },
      perform: (hooks) => runScenario(performed, cluster, { until, ...hooks }),
    };
  };
}

function withFaults(scenario: Scenario, faults: readonly StepDocument[]): Scenario {
  const { steps, file } = scenario;
  const front = frontOf(scenario);
  const added = faults.map((fault): ScenarioStep => {
    const document = placed(fault, front);
    return {
      at: front.isTimed ? 0 : undefined,
      action: 'fault',
      document,
      as: undefined,
      objects: [],
      text: describeStep(document),
      place: { file, line: 0, column: 0 },
    };
  });
  return { ...scenario, steps: [...steps.slice(0, front.index), ...added, ...steps.slice(front.index)] };
}

/** Where the first step of the file itself goes among those of included files, which are merged by time. */
interface Front {
  readonly index: number;
  /** Whether it may say that it comes at 0 s. */
  readonly isTimed: boolean;
}

function frontOf({ steps, file }: Scenario): Front {
  const isOwn = ({ place }: ScenarioStep): boolean => place.file === file || place.file.startsWith('--set ');
  const first = steps.find(isOwn);
  const own = first === undefined ? steps.length : steps.indexOf(first);
  // A first step without a time goes after all that is included; it would not, were a step with a time put before it.
  if (own > 0 && first?.at === undefined) return { index: own, isTimed: false };
  const index = steps.findIndex((step) => isOwn(step) || (step.at ?? 0) > 0);
  return { index: index < 0 ? steps.length : index, isTimed: true };
}

function placed(fault: StepDocument, { isTimed }: Front): StepDocument {
  return isTimed ? { at: '0s', ...fault } : fault;
}

/** Beside the scenario, under a name of its own. */
export function usualFile(file: string): string {
  const ending = extname(file);
  return join(dirname(file), `${basename(file, ending)}-faults${ending === '.yml' ? ending : '.yaml'}`);
}

/**
 * Writes the scenario with the faults of the session, and everything that was said on the command line, in it.
 *
 * @throws UsageError where it cannot be written; InputError where it could not be read from there, because it names files.
 */
export async function writeScenario(
  target: string,
  source: SourceText,
  {
    scenario,
    session,
    settings,
  }: { readonly scenario: Scenario; readonly session: StepSession<WorldAttempt>; readonly settings: readonly Setting[] },
  mayReplace: boolean,
): Promise<void> {
  if (resolve(target) === resolve(source.file)) throw new UsageError(`${target} is the scenario itself`, 'name another file: w FILE');
  if (!mayReplace && existsSync(target)) throw new UsageError(`there is a file ${target} already`, 'name another file: w FILE');
  const front = frontOf(scenario);
  const faults = session.injected.map(({ step, call }) => ({
    step: placed(step, front),
    comment: `strikes at ${clock(call.at)}`,
  }));
  const text = scenarioText(source.text, { faults, settings: settings.map((setting) => toldFrom(target, setting)) });
  await loadScenarios({ file: target, text }, []);
  try {
    writeFileSync(target, text);
  } catch (error) {
    throw new UsageError(`${target} cannot be written: ${(error as Error).message}`, 'name a file in a folder that exists');
  }
}

/** Paths on the command line are told from where the command runs, and those in a file from the file. */
function toldFrom(target: string, { path, value, text }: Setting): Setting {
  const told = (part: unknown): unknown => {
    if (typeof part === 'string' && /^\.\.?\//.test(part)) {
      const way = relative(dirname(target), resolve(part));
      return way.startsWith('.') || isAbsolute(way) ? way : `./${way}`;
    }
    return Array.isArray(part) ? part.map(told) : part;
  };
  return path.includes('plugins') ? { path, value: told(value), text } : { path, value, text };
}
