import { Fuzzer, type FuzzBase, wholeDocument } from '../../fuzz/index.ts';
import type { Setting } from '../../scenario/settings.ts';
import { fuzzWorlds } from '../../wiring/fuzz-world.ts';
import { readInputs } from '../input/read-inputs.ts';
import { type LoadedScenario, loadScenarios } from '../input/scenario-input.ts';
import { scenariosOf } from '../run.ts';
import type { Only } from './only.ts';
import { withAbsolutePaths } from './plugin-paths.ts';

/** A scenario that cases are drawn from. */
export interface Story {
  readonly name: string;
  /** As the user named it. */
  readonly file: string;
  readonly fuzzer: Fuzzer;
}

/**
 * Loads the scenarios and runs each once as it was written.
 *
 * @throws InputError, PluginError, UsageError
 */
export async function loadStories(paths: readonly string[], settings: readonly Setting[], only: Only): Promise<Story[]> {
  const loaded: LoadedScenario[] = [];
  for (const source of scenariosOf(await readInputs(paths), paths)) loaded.push(...(await loadScenarios(source, settings)));
  const stories: Story[] = [];
  for (const one of loaded) {
    const { members, invariants } = only;
    const makeWorld = fuzzWorlds(one.plugins);
    const fuzzer = await Fuzzer.of({
      base: baseOf(one),
      makeWorld,
      ...(members ? { members } : {}),
      ...(invariants ? { invariants } : {}),
    });
    stories.push({ name: one.scenario.name, file: one.scenario.file, fuzzer });
  }
  return stories;
}

function baseOf({ scenario, draft, kinds, brought }: LoadedScenario): FuzzBase {
  return { file: scenario.file, document: withAbsolutePaths(wholeDocument(scenario, draft.spec.invariants), draft), kinds, brought };
}
