import type { Micros } from '@slipway/kernel';
import { applyManifests } from '../manifests/apply-manifests.ts';
import type { InputWarning, LoadedObject } from '../manifests/load-manifests.ts';
import { type Progress, type Settled, SettleWatch } from '../manifests/settle.ts';
import type { NodeTemplate, World } from '../wiring/world.ts';

/** What became of objects that were applied. */
export interface Applied {
  readonly settled: Settled;
  /** What was done beside what was asked: a namespace was made. */
  readonly found: readonly InputWarning[];
}

/**
 * Applies the objects and lets the cluster run until it has settled, or for as long as is asked.
 *
 * @param lasting virtual microseconds from the moment in which the objects are applied; undefined: until it has settled
 * @throws InputError
 */
export async function applyAndSettle(
  world: World,
  objects: readonly LoadedObject[],
  nodes: readonly NodeTemplate[],
  lasting: ((now: Micros) => Micros) | undefined,
  onProgress?: (progress: Progress) => void,
): Promise<Applied> {
  const { kernel, user } = world;
  const watch = new SettleWatch(kernel, world.server);
  const names = nodes.map(({ name }) => name);
  const found = await kernel.completeAsync(user, 'apply', applyManifests(world, objects, names));
  const drive = (until: Micros): Promise<unknown> => kernel.runAsync({ until });
  const settled = lasting === undefined ? await watch.settle(drive, onProgress) : await watch.runFor(lasting(kernel.now), drive);
  return { settled, found };
}
