import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Invariant } from '../../invariants/index.ts';
import { invariantsOf } from '../../invariants/own/own-invariants.ts';
import type { ScenarioDraft } from '../../scenario/read-scenario.ts';
import { PluginError } from '../../wiring/plugin-error.ts';
import { loadDefault } from './load-plugin.ts';
import { placed } from './plugin-choices.ts';

/**
 * Loads the modules that a scenario names as invariants of its own. Paths are told from the scenario.
 *
 * @throws InputError with the place where the module is named
 */
export async function loadOwnInvariants({ spec, file, placeOf }: ScenarioDraft): Promise<ReadonlyMap<string, readonly Invariant[]>> {
  const modules = new Map<string, readonly Invariant[]>();
  for (const [index, own] of (spec.invariants?.own ?? []).entries()) {
    if (typeof own !== 'string' || modules.has(own)) continue;
    try {
      modules.set(own, await load(own, resolve(file === '-' ? '.' : dirname(file), own)));
    } catch (error) {
      throw placed(error, placeOf(['spec', 'invariants', 'own', index]));
    }
  }
  return modules;
}

async function load(named: string, path: string): Promise<readonly Invariant[]> {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile())
    throw new PluginError(
      `there is no file ${named} with an invariant`,
      `looked for ${path}; an expression is written { id: SHOP-01, cel: … }`,
    );
  const rows = invariantsOf(await loadDefault(path, named));
  if ('message' in rows) throw new PluginError(`${named} ${rows.message}`, rows.fix);
  return rows;
}
