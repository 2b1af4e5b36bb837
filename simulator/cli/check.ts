import { isScenario } from '../scenario/read-scenario.ts';
import { type InputWarning, loadManifests } from '../manifests/load-manifests.ts';
import { kindsOf } from '../wiring/plugin-kinds.ts';
import { EXIT } from './exit-codes.ts';
import { readInputs } from './input/read-inputs.ts';
import { loadScenarios } from './input/scenario-input.ts';
import { parseSettings, readSettings } from './input/set-options.ts';
import { writeLine } from './output/hanging.ts';

/** As commander hands them over. */
export interface CheckOptions {
  readonly set: readonly string[];
  readonly json?: boolean;
}

/** `slipway check`: reads scenarios and manifests, runs nothing, and lists what would have no effect. Returns the exit code. */
export async function check(paths: readonly string[], { set, json }: CheckOptions): Promise<number> {
  const sources = await readInputs(paths);
  const settings = parseSettings(set);
  const warnings: InputWarning[] = [];
  const counts = { scenarios: 0, objects: 0 };
  for (const source of sources.filter(isScenario)) {
    for (const { scenario } of await loadScenarios(source, settings)) {
      counts.scenarios += 1;
      counts.objects += scenario.steps.reduce((sum, { objects }) => sum + objects.length, 0);
      warnings.push(...scenario.warnings);
    }
  }
  const manifests = sources.filter((source) => !isScenario(source));
  if (manifests.length > 0) {
    const { plugins } = await readSettings(counts.scenarios > 0 ? [] : set);
    const loaded = loadManifests(manifests, kindsOf(plugins));
    counts.objects += loaded.objects.length;
    warnings.push(...loaded.warnings);
  }
  if (json) process.stdout.write(`${JSON.stringify({ ...counts, warnings })}\n`);
  else {
    for (const { object, field, message } of warnings)
      writeLine(process.stdout, `not simulated: ${object}: ${field === '' ? '' : `${field}: `}${message}`);
    process.stdout.write(
      `${counted(counts.scenarios, 'scenario')}, ${counted(counts.objects, 'object')}: no mistake${warnings.length === 0 ? '' : `, ${counted(warnings.length, 'warning')}`}\n`,
    );
  }
  return EXIT.held;
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
