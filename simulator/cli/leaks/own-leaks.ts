import type { Invariant } from '../../invariants/index.ts';
import type { PluginChoices } from '../../wiring/container.ts';
import type { LeakSource } from '../../wiring/leaks.ts';
import type { ScenarioPlugins } from '../../wiring/scenario-world.ts';
import { ownModules } from '../input/own-plugins.ts';
import { leaksOf } from './notes.ts';

/**
 * What a world of these is to be told of. Nothing is guarded where nobody brought a module: then there is nothing to tell.
 *
 * @param invariants modules of own invariants, by path
 */
export function ownLeaks(
  plugins: ScenarioPlugins | PluginChoices,
  invariants: ReadonlyMap<string, readonly Invariant[]> = new Map(),
): { readonly leaks?: LeakSource } {
  const modules = [
    ...ownModules('cluster' in plugins ? plugins : { cluster: plugins, nodes: new Map() }),
    ...[...invariants.values()].flat(),
  ];
  return modules.length === 0 ? {} : { leaks: leaksOf(modules) };
}
