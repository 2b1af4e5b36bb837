import type { Plugin } from '@slipway/plugin';
import { PluginError } from '../../wiring/plugin-error.ts';
import type { PluginChoice } from '../../wiring/container.ts';
import type { ScenarioPlugins } from '../../wiring/scenario-world.ts';
import { placeInPlugin, withPlaces } from './plugin-places.ts';

/** Names of the plugins that are somebody's own, as owners of their processes are called. */
export function ownPlugins(plugins: ScenarioPlugins): readonly string[] {
  return [...new Set(ownModules(plugins).map(({ name }) => name))];
}

/** The plugins that are somebody's own. */
export function ownModules({ cluster, nodes }: ScenarioPlugins): readonly Plugin[] {
  const { csi = [], controlPlane = {}, ...one } = cluster;
  const { scheduler, kubelet, controllers = {} } = controlPlane;
  const choices: readonly (PluginChoice | undefined)[] = [...csi, ...Object.values(one), scheduler, kubelet, ...Object.values(controllers)];
  const chosen = choices.flatMap((choice) => (typeof choice?.use === 'object' ? [choice.use as Plugin] : []));
  // What a machine has of its own may be built in; then its name is a known one, and no error is told of it.
  const ofNodes = [...nodes.values()].flatMap(({ oci, cni, cri }) => [oci, cni, cri].map(({ plugin }) => plugin as Plugin));
  return [...chosen, ...ofNodes];
}

/**
 * A run that a plugin brought to its end is the plugin's fault, not Slipway's: a loop in which no time passes, a promise that never settles.
 *
 * @returns a PluginError, or the error itself where it is nobody's plugin
 */
export function blamed(error: unknown, plugins: ScenarioPlugins): unknown {
  const { name, message = '' } = error as { readonly name?: string; readonly message?: string };
  const [first = ''] = message.split('\n');
  const fault = faultOfPlugin(error);
  if (fault) return fault;
  const owner = /\bof (\S+) took more than/.exec(first)?.[1]?.split('/') ?? [];
  const isOwn = name === 'RunawayError' && ownPlugins(plugins).some((own) => owner.includes(own));
  return isOwn ? new PluginError(`plugin ${owner.join('/')} stopped the run: ${first}`, undefined, error) : error;
}

/**
 * What any command can tell by the error alone: a promise that never settles, a `yield*` that is missing in a plugin's file, code of a plugin
 * that threw where nobody had called it.
 *
 * @returns undefined where it is no plugin's
 */
export function faultOfPlugin(error: unknown): PluginError | undefined {
  const { name, message = '', cause } = error as { readonly name?: string; readonly message?: string; readonly cause?: unknown };
  const [first = ''] = withPlaces(message).split('\n');
  if (/^the promise from .+ (did not settle|waits for a call)/.test(first))
    return new PluginError(
      first.replace(/^the promise from/, 'a promise of plugin'),
      'settle it, or write a generator and wait with yield*',
      error,
    );
  if (name === 'PluginError' || name === 'InputError' || name === 'UsageError') return undefined;
  if (name === 'MissingYield')
    return placeInPlugin(cause) === undefined
      ? undefined
      : new PluginError(first, 'write yield* before the call, or await in an async method');
  const thrown = [error, cause].find((one) => placeInPlugin(one) !== undefined);
  return thrown === undefined ? undefined : new PluginError(first, undefined, thrown);
}
