import { isScenario } from '../../scenario/read-scenario.ts';
import type { SourceText } from '../../manifests/yaml-source.ts';
import { readInputs } from '../input/read-inputs.ts';
import { readUntil } from '../run-inputs.ts';
import type { RunOptions } from '../run.ts';
import { type LoadedScenario, loadScenarios } from '../input/scenario-input.ts';
import { parseSettings, readSeed } from '../input/set-options.ts';
import { UsageError } from '../usage-error.ts';
import { type CommandInput, commandSource } from './command-source.ts';
import type { StepOptions } from './step-scenario.ts';
import { Stepper } from './stepper.ts';

/**
 * `slipway run --step`: one scenario, call by call. Returns the exit code: that of the run if it came to its end, else 0.
 *
 * @throws UsageError, InputError, PluginError
 */
export async function stepThrough(paths: readonly string[], options: RunOptions, input: CommandInput = process.stdin): Promise<number> {
  for (const [name, value] of Object.entries({ json: options.json, junit: options.junit, trace: options.trace }))
    if (value !== undefined && value !== false)
      throw new UsageError(
        `--${name} and --step exclude each other`,
        `write the scenario of what you did with w, and run that with --${name}`,
      );
  if (paths.includes('-'))
    throw new UsageError('--step reads its commands from standard input, so the scenario cannot come from there', 'save it as a file');
  const until = options.until === undefined ? undefined : readUntil(options.until);
  const settings = parseSettings(options.set);
  const seed = options.seed === undefined ? undefined : readSeed(options.seed);
  const sources = await readInputs(paths);
  const scenarios = sources.filter(isScenario);
  const [source] = scenarios;
  if (!source)
    throw new UsageError(
      `--step goes through a scenario, and ${paths.join(', ')} holds none`,
      'name it in a scenario, "steps: [{ apply: FILE }]"; or see `slipway explain FILE` for the story of manifests',
    );
  const loaded = await loadScenarios(source, settings, seed);
  const [one] = loaded;
  if (!one || loaded.length > 1 || scenarios.length > 1)
    throw new UsageError('--step goes through one scenario, and here are several', 'name one file that holds one');
  const said = seed === undefined ? settings : [...settings, { path: ['seed'], value: seed, text: `seed=${seed}` }];
  return await step(one, source, { settings: said, until, elide: options.elide }, input);
}

/**
 * Goes through a scenario that has been loaded. Commands are keys at a terminal, and else lines of the input.
 *
 * @param source its text, to which `w` adds faults.
 */
export async function step(
  loaded: LoadedScenario,
  source: SourceText,
  options: StepOptions,
  input: CommandInput = process.stdin,
): Promise<number> {
  const print = (text: string): void => {
    process.stdout.write(`${text}\n`);
  };
  const commands = commandSource(input, print);
  const stepper = new Stepper(loaded, source, options, print);
  try {
    await stepper.begin();
    for (;;) {
      const line = await commands.next();
      if (line === undefined || !(await stepper.obey(line))) return stepper.exitCode;
    }
  } finally {
    commands.close();
  }
}
