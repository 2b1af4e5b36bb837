import type { ControllerDefinition } from '@slipway/client';
import { attachDetachController } from './attach-detach/attach-detach-controller.ts';
import { ephemeralVolume } from './ephemeral-volume.ts';
import { persistentVolumeBinder } from './persistent-volume-binder.ts';
import { pvProtection } from './pv-protection.ts';
import { pvcProtection } from './pvc-protection.ts';

export { snapshotController } from './snapshot/snapshot-controller.ts';

/** The controllers of claims, volumes and attachments, made anew for each world: some remember things. */
export function storageControllers(): readonly ControllerDefinition[] {
  return [persistentVolumeBinder(), attachDetachController(), pvcProtection, pvProtection, ephemeralVolume];
}
