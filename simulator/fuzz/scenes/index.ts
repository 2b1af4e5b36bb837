import { jobScenes } from './jobs.ts';
import { machineScenes } from './machines.ts';
import { meshScenes } from './mesh.ts';
import { placementScenes } from './placement.ts';
import type { Scene } from './scene.ts';
import { serviceScenes } from './services.ts';
import { storageScenes } from './storage.ts';

export type { Manifest, Part, PluginNames, Scene, Setting } from './scene.ts';

/** In an order that never changes: what a seed draws depends on it. */
export const scenes: readonly Scene[] = [
  ...storageScenes,
  ...placementScenes,
  ...serviceScenes,
  ...machineScenes,
  ...jobScenes,
  ...meshScenes,
];
