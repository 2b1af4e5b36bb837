import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { Kind } from '@slipway/kube';
import { loadScenario } from '../scenario/load-scenario.ts';
import type { SourceText } from '../manifests/yaml-source.ts';
import { readScenarios, type ScenarioDraft, type ScenarioFiles } from '../scenario/read-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { NodesDocument } from '../scenario/schema.ts';
import type { Setting } from '../scenario/settings.ts';
import type { NodePlugins } from '../wiring/chosen.ts';
import { nodePlugins } from '../wiring/container.ts';
import { kindsOf } from '../wiring/plugin-kinds.ts';
import type { ScenarioPlugins } from '../wiring/scenario-world.ts';
import { loadControlPlane } from './control-plane-choices.ts';
import { loadChoices, placed, type PluginPart } from './plugin-choices.ts';
import { readFileOrFolder } from './read-inputs.ts';

/** A scenario and the plugins that it runs with. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly plugins: ScenarioPlugins;
}

/** How scenarios read what they name on this machine. */
export const scenarioFiles: ScenarioFiles = {
  read(path, from) {
    const found = isAbsolute(path) || from === '-' ? path : join(dirname(from), path);
    if (!existsSync(found))
      throw new Error(
        `there is no ${statSync(dirname(found), { throwIfNoEntry: false }) ? 'file' : 'folder'} ${path} (looked for ${relative('.', found)})`,
      );
    return readFileOrFolder(found);
  },
};

/**
 * Loads the scenarios of a text with everything that they name.
 *
 * @throws InputError, PluginError, UsageError
 */
export async function loadScenarios(source: SourceText, settings: readonly Setting[], seed?: number | string): Promise<LoadedScenario[]> {
  const loaded: LoadedScenario[] = [];
  for (const draft of readScenarios(source, scenarioFiles, settings)) {
    const plugins = await pluginsOf(draft);
    const kinds: readonly Kind[] = kindsOf(plugins.cluster);
    loaded.push({ scenario: loadScenario(draft, { files: scenarioFiles, kinds, seed }), plugins });
  }
  return loaded;
}

async function pluginsOf(draft: ScenarioDraft): Promise<ScenarioPlugins> {
  const { cluster } = draft;
  const partIn =
    (key: 'plugins' | 'controlPlane'): PluginPart =>
    (path) => {
      const { place, file } = draft.clusterPart([key, ...path]);
      // What stands on the command line is told from where the command runs.
      return { place, file: place.file.startsWith('--set ') ? undefined : file };
    };
  const choices = await loadChoices(cluster.plugins ?? {}, partIn('plugins'));
  const controlPlane =
    cluster.controlPlane === undefined ? undefined : await loadControlPlane(cluster.controlPlane, partIn('controlPlane'));
  const nodes = new Map<NodesDocument, NodePlugins>();
  const groups = [
    ...(cluster.nodes ?? []).map((document, index) => ({ document, ...draft.clusterPart(['nodes', index, 'plugins']) })),
    ...draft.steps.flatMap(({ document, file, placeOf }) =>
      document.addNodes ? [{ document: document.addNodes, file, place: placeOf(['addNodes', 'plugins']) }] : [],
    ),
  ];
  for (const { document, place, file } of groups) {
    if (document.plugins === undefined) continue;
    try {
      nodes.set(document, nodePlugins({ ...choices, ...(await loadChoices(document.plugins, () => ({ place, file }))) }));
    } catch (error) {
      throw placed(error, place);
    }
  }
  return { cluster: controlPlane === undefined ? choices : { ...choices, controlPlane }, nodes };
}
