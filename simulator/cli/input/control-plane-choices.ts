import { dirname, resolve } from 'node:path';
import type { ClusterDocument, PluginDocument } from '../../scenario/schema.ts';
import type { ControlPlaneInterface } from '../../wiring/catalog.ts';
import type { ControlPlaneChoices, PluginChoice } from '../../wiring/container.ts';
import { PluginError } from '../../wiring/plugin-error.ts';
import { loadPlugin } from './load-plugin.ts';
import { placed, type PluginPart } from './plugin-choices.ts';

/**
 * Loads what replaces parts of the control plane: `cluster.controlPlane` of a scenario.
 *
 * @param partOf where a path in `controlPlane` stands
 * @throws InputError with the place, or PluginError where there is none.
 */
export async function loadControlPlane(
  { scheduler, kubelet, controllers = {} }: NonNullable<ClusterDocument['controlPlane']>,
  partOf: PluginPart,
): Promise<ControlPlaneChoices> {
  const loaded: Record<string, PluginChoice> = {};
  for (const [name, given] of Object.entries(controllers)) loaded[name] = await load('controller', given, partOf(['controllers', name]));
  return {
    ...(scheduler === undefined ? {} : { scheduler: await load('scheduler', scheduler, partOf(['scheduler'])) }),
    ...(kubelet === undefined ? {} : { kubelet: await load('kubelet', kubelet, partOf(['kubelet'])) }),
    controllers: loaded,
  };
}

async function load(kind: ControlPlaneInterface, given: PluginDocument, { place, file }: ReturnType<PluginPart>): Promise<PluginChoice> {
  const { use, with: options } = typeof given === 'string' ? { use: given, with: undefined } : given;
  try {
    if (use === undefined) throw new PluginError(`the ${kind} plugin is not named`, `write { use: ./my-${kind}.ts, with: … }`);
    const path = file !== undefined && /^\.{1,2}\//.test(use) ? resolve(dirname(file), use) : use;
    return { use: (await loadPlugin(path, kind)) as never, ...(options === undefined ? {} : { with: options }) };
  } catch (error) {
    throw placed(error, place);
  }
}
