import { type ApiClient, runController } from '@slipway/client';
import type { Kernel, Owner } from '@slipway/kernel';
import type { ApiServer } from '../apiserver/index.ts';
import { snapshotController } from '../controllers/storage/index.ts';
import { SNAPSHOT_CONTENTS } from '../controllers/storage/snapshot/snapshot-objects.ts';
import type { StorageDriver } from './storage-assembly.ts';

const DEFINITIONS = 'customresourcedefinitions';

/**
 * Snapshots are an addition to Kubernetes: their controller and the drivers' side-cars for them run once somebody has defined their kinds,
 * whether a plugin brings the definitions or a user applies them. A cluster without them pays nothing.
 */
export function assembleSnapshots(
  kernel: Kernel,
  server: ApiServer,
  connect: (from: Owner) => ApiClient,
  drivers: readonly StorageDriver[],
): void {
  const stop = server.observe(({ resource, type, object }) => {
    if (resource !== DEFINITIONS || type !== 'ADDED' || object.metadata.name !== SNAPSHOT_CONTENTS) return;
    stop();
    const owner = kernel.owner('snapshot-controller');
    runController(snapshotController(), { api: connect(owner), owner });
    for (const driver of drivers) driver.takeSnapshots();
  });
}
