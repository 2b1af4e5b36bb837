import { dirname, resolve } from 'node:path';
import { InputError, type Place } from '../../manifests/input-error.ts';
import type { ClusterDocument, PluginDocument } from '../../scenario/schema.ts';
import { builtIn, DEFAULTS, INTERFACES, type PluggableInterface } from '../../wiring/catalog.ts';
import type { PluginChoice, PluginChoices } from '../../wiring/container.ts';
import { PluginError } from '../../wiring/plugin-error.ts';
import { loadPlugin } from './load-plugin.ts';
import { placeInPlugin } from './plugin-places.ts';

type Plugins = NonNullable<ClusterDocument['plugins']>;

/** Where the name of a plugin stands: for messages, and since its path is told from there. */
export type PluginPart = (path: readonly (string | number)[]) => { readonly place: Place | undefined; readonly file: string | undefined };

/**
 * Loads the plugins that a cluster is to be made of.
 *
 * @throws InputError with the place, or PluginError where there is none.
 */
export async function loadChoices(plugins: Plugins, partOf: PluginPart): Promise<PluginChoices> {
  const choices: { [I in Exclude<PluggableInterface, 'csi'>]?: PluginChoice } & { csi?: readonly PluginChoice[] } = {};
  for (const kind of INTERFACES) {
    const given = plugins[kind];
    if (given === undefined) continue;
    if (kind !== 'csi') {
      choices[kind] = await choiceOf(kind, given as PluginDocument, partOf([kind]));
      continue;
    }
    const drivers: PluginChoice[] = [];
    for (const [index, driver] of driversOf(given).entries()) drivers.push(await choiceOf(kind, driver, partOf([kind, index])));
    choices.csi = drivers;
  }
  return choices;
}

/** A list, one driver, or options alone: those are for the first of the default drivers. */
function driversOf(given: NonNullable<Plugins['csi']>): readonly PluginDocument[] {
  if (Array.isArray(given)) return given;
  if (typeof given === 'string' || given.use !== undefined) return [given];
  return DEFAULTS.csi.map((use, index) => (index === 0 ? { ...given, use } : use));
}

/** One plugin, loaded where it is not built in. @throws InputError, PluginError */
export async function choiceOf(
  kind: PluggableInterface,
  given: PluginDocument,
  { place, file }: ReturnType<PluginPart>,
): Promise<PluginChoice> {
  const { use: name, with: options } = typeof given === 'string' ? { use: given, with: undefined } : given;
  try {
    if (name !== undefined && isBuiltInName(name)) builtIn(kind, name);
    const use = name === undefined || isBuiltInName(name) ? name : await loadPlugin(pathFrom(name, file), kind);
    return { ...(use === undefined ? {} : { use: use as never }), ...(options === undefined ? {} : { with: options }) };
  } catch (error) {
    throw placed(error, place);
  }
}

/** The same mistake, with the place where the plugin is named. */
export function placed(error: unknown, place: Place | undefined): unknown {
  if (!(error instanceof PluginError) || place === undefined) return error;
  const { fix } = error;
  const thrown = placeInPlugin(error.cause);
  const message = thrown === undefined ? error.message : `${error.message} (at ${thrown})`;
  return new InputError([fix === undefined ? { place, message } : { place, message, fix }]);
}

/** Paths are told from the file that names them; without one, from where the command runs. */
function pathFrom(name: string, file: string | undefined): string {
  return file === undefined || !/^\.{1,2}\//.test(name) ? name : resolve(dirname(file), name);
}

/** Paths and package names have what no built-in name has. */
function isBuiltInName(use: string): boolean {
  return /^[a-z0-9][a-z0-9-]*$/.test(use);
}
