import { existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { messageOf } from '@slipway/kernel';
import type { Kind, KubeObject } from '@slipway/kube';
import type { Invariant } from '../../invariants/index.ts';
import { loadScenario } from '../../scenario/load-scenario.ts';
import type { Place } from '../../manifests/input-error.ts';
import type { SourceText } from '../../manifests/yaml-source.ts';
import { readScenarios, type ScenarioDraft, type ScenarioFiles } from '../../scenario/read-scenario.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { NodesDocument } from '../../scenario/schema.ts';
import type { Setting } from '../../scenario/settings.ts';
import type { NodePlugins } from '../../wiring/chosen.ts';
import { nodePlugins, type PluginChoice, type PluginChoices, worldFactory } from '../../wiring/container.ts';
import { kindsOf } from '../../wiring/plugin-kinds.ts';
import { type ScenarioPlugins, scenarioWorld } from '../../wiring/scenario-world.ts';
import { loadControlPlane } from './control-plane-choices.ts';
import { loadOwnInvariants } from './own-invariants.ts';
import { ownPlugins } from './own-plugins.ts';
import { loadChoices, placed, type PluginPart } from './plugin-choices.ts';
import { readFileOrFolder } from './read-inputs.ts';

/** A scenario and the plugins that it runs with. */
export interface LoadedScenario {
  readonly scenario: Scenario;
  readonly plugins: ScenarioPlugins;
  /** As it was read: what stands where. */
  readonly draft: ScenarioDraft;
  /** Kinds and objects that the plugins bring. */
  readonly kinds: readonly Kind[];
  readonly brought: readonly KubeObject[];
  /** What the modules export that are invariants of its own, by path. */
  readonly invariantModules: ReadonlyMap<string, readonly Invariant[]>;
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
    const brought = broughtBy(plugins.cluster);
    const invariantModules = await loadOwnInvariants(draft);
    const scenario = loadScenario(draft, { files: scenarioFiles, kinds, seed, brought, invariantModules });
    tryPlugins(draft, scenario, plugins);
    loaded.push({ scenario, plugins, draft, kinds, brought, invariantModules });
  }
  return loaded;
}

/** Objects that plugins of one's own bring; of those built in, nobody refers to any that a step has not applied. */
function broughtBy({ csi = [], smi }: PluginChoices): readonly KubeObject[] {
  const choices: readonly (PluginChoice | undefined)[] = [...csi, smi];
  return choices.flatMap((choice) => (typeof choice?.use === 'object' ? (choice.use.manifests ?? []) : []));
}

/**
 * What a plugin's options or its `create` say no to is told before the first scenario runs, with the place where the plugin is named.
 *
 * @throws InputError, PluginError
 */
function tryPlugins(draft: ScenarioDraft, scenario: Scenario, plugins: ScenarioPlugins): void {
  try {
    if (ownPlugins(plugins).length > 0) scenarioWorld(scenario, plugins);
    else worldFactory(plugins.cluster);
  } catch (error) {
    throw placed(error, placeOfPlugin(draft, error));
  }
}

/** By what messages about plugins begin with: `cni plugin "my-network" …`. */
function placeOfPlugin({ cluster, clusterPart }: ScenarioDraft, error: unknown): Place | undefined {
  const [, kind, name] = /^(\w+) plugin "([^"]*)"/.exec(messageOf(error)) ?? [];
  const { plugins = {}, controlPlane = {} } = cluster;
  if (kind === 'scheduler' && controlPlane.scheduler !== undefined) return clusterPart(['controlPlane', 'scheduler']).place;
  if (kind === 'controller' && controlPlane.controllers !== undefined) return clusterPart(['controlPlane', 'controllers']).place;
  const given = plugins[kind as keyof typeof plugins];
  if (given === undefined) return undefined;
  const index = Array.isArray(given) ? given.findLastIndex((one) => (typeof one === 'string' ? one : one.use) === name) : -1;
  return clusterPart(['plugins', kind ?? '', ...(index < 0 ? [] : [index])]).place;
}

async function pluginsOf(draft: ScenarioDraft): Promise<ScenarioPlugins> {
  const { cluster } = draft;
  const partIn =
    (key: 'plugins' | 'controlPlane'): PluginPart =>
    (path) => {
      const { place, file } = draft.clusterPart([key, ...path]);
      // What stands on the command line is told from where the command runs.
      return { place, file: /^--(set|left|right) /.test(place.file) ? undefined : file };
    };
  const choices = await loadChoices(cluster.plugins ?? {}, partIn('plugins'));
  const controlPlane =
    cluster.controlPlane === undefined ? undefined : await loadControlPlane(cluster.controlPlane, partIn('controlPlane'));
  const nodes = new Map<NonNullable<NodesDocument['plugins']>, NodePlugins>();
  const groups = [
    ...(cluster.nodes ?? []).map((document, index) => ({
      document,
      file: draft.clusterPart(['nodes', index]).file,
      placeIn: (...path: (string | number)[]) => draft.clusterPart(['nodes', index, 'plugins', ...path]).place,
    })),
    ...draft.steps.flatMap(({ document, file, placeOf }) =>
      document.addNodes
        ? [{ document: document.addNodes, file, placeIn: (...path: (string | number)[]) => placeOf(['addNodes', 'plugins', ...path]) }]
        : [],
    ),
  ];
  for (const { document, placeIn, file } of groups) {
    if (document.plugins === undefined) continue;
    const partOf: PluginPart = ([kind = '']) => ({ place: placeIn(kind), file });
    const place = placeIn();
    try {
      nodes.set(document.plugins, nodePlugins({ ...choices, ...(await loadChoices(document.plugins, partOf)) }));
    } catch (error) {
      throw placed(error, place);
    }
  }
  return { cluster: controlPlane === undefined ? choices : { ...choices, controlPlane }, nodes };
}
