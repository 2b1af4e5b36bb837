import { dirname, resolve } from 'node:path';
import { stringify } from 'yaml';
import { Fuzzer, type FuzzBase, generatedStories, referenceStory, wholeDocument } from '../../fuzz/index.ts';
import type { SourceText } from '../../manifests/yaml-source.ts';
import type { Setting } from '../../scenario/settings.ts';
import { drawnKinds, fuzzWorlds } from '../../wiring/fuzz-world.ts';
import { readInputs } from '../input/read-inputs.ts';
import { type LoadedScenario, loadScenarios } from '../input/scenario-input.ts';
import { ownLeaks } from '../leaks/index.ts';
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
 * Loads the scenarios and runs each once as it was written. Without any, every case draws its own.
 *
 * @throws InputError, PluginError, UsageError
 */
export async function loadStories(paths: readonly string[], settings: readonly Setting[], only: Only): Promise<Story[]> {
  const sources = paths.length === 0 ? [generated()] : scenariosOf(await readInputs(paths), paths);
  const loaded: LoadedScenario[] = [];
  for (const source of sources) loaded.push(...(await loadScenarios(source, settings)));
  const stories: Story[] = [];
  for (const one of loaded) {
    const { members, invariants } = only;
    const base = paths.length === 0 ? { ...baseOf(one), kinds: drawnKinds(one.plugins) } : baseOf(one);
    const fuzzer = await Fuzzer.of({
      base,
      makeWorld: fuzzWorlds(one.plugins, ownLeaks(one.plugins, one.invariantModules)),
      ...(paths.length === 0 ? { storyOf: generatedStories(base.document, base.kinds) } : {}),
      ...(members ? { members } : {}),
      ...(invariants ? { invariants } : {}),
    });
    stories.push({ name: one.scenario.name, file: one.scenario.file, fuzzer });
  }
  return stories;
}

/** What a search runs first that is given no scenario. */
function generated(): SourceText {
  return { file: 'generated', text: stringify(referenceStory) };
}

function baseOf({ scenario, draft, kinds, brought, invariantModules }: LoadedScenario): FuzzBase {
  const { file } = scenario;
  const document = withAbsolutePaths(wholeDocument(scenario, draft.spec.invariants), draft);
  const byPath = new Map([...invariantModules].map(([name, rows]) => [resolve(dirname(file), name), rows]));
  return { file, document, kinds, brought, invariantModules: new Map([...invariantModules, ...byPath]) };
}
