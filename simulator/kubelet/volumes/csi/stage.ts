import type { CsiNode, NodeStageVolumeRequest } from '@slipway/csi';
import { folderOf, type Host } from '@slipway/host';
import { type Client, messageOf, type Process } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import { isExpectedFailure } from '../../failure.ts';
import { refuseWhileReferred } from '../kinds/bind-mount.ts';
import type { PublishContext } from '../kinds/volume-kind.ts';
import { progressOf, VolumeError } from '../volume-error.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import type { CsiDrivers } from './driver-registry.ts';
import { blockFolder, blockPublishFolder, blockStagingPath, csiPlugin, stagingPath } from './names.ts';
import { driverCall, nodeCapabilities, volumeCapability } from './node-calls.ts';
import { loadVolumeData, removeMountDirectory, saveVolumeData } from './volume-data.ts';
import type { CsiVolume } from './volume-source.ts';

/** What makes volumes ready on the node, and undoes it. */
export interface StageOptions {
  readonly host: Host;
  readonly drivers: CsiDrivers;
  readonly objects: ClusterObjects;
}

/**
 * Makes a volume's device ready for all pods of the node: NodeStageVolume, where the driver has it.
 *
 * @throws VolumeError. Source: `pkg/volume/csi/csi_attacher.go` MountDevice
 */
export function* stage(options: StageOptions, volume: CsiVolume, pod: Pod, publishContext: PublishContext | undefined): Process {
  const { host, drivers } = options;
  const { driver, handle } = volume;
  const client = drivers.client(driver, 'attacher.MountDevice failed to create newCsiDriverClient');
  const capabilities = yield* nodeCapabilities(client);
  if (!capabilities.has('STAGE_UNSTAGE_VOLUME')) return;
  const secrets = yield* stageSecrets(options, volume);
  const path = stagingPath(driver, handle);
  host.files.makeDirectory(path, { recursive: true });
  // A later kubelet finds here whom to ask to take it away.
  saveVolumeData(host.files, folderOf(path), { volumeHandle: handle, driverName: driver, specVolID: volume.name });
  const fsGroup = pod.spec.securityContext?.fsGroup;
  const request: NodeStageVolumeRequest = {
    volumeId: handle,
    stagingTargetPath: path,
    volumeCapability: volumeCapability(volume.accessModes, capabilities, {
      fsType: volume.fsType,
      mountFlags: volume.mountOptions,
      fsGroup,
    }),
    volumeContext: volume.attributes,
    ...(publishContext ? { publishContext } : {}),
    ...(secrets ? { secrets } : {}),
  };
  try {
    yield* driverCall(client.nodeStageVolume(request));
  } catch (error) {
    if (progressOf(error) === 'finished') quietly(() => removeMountDirectory(host, path));
    throw error;
  }
}

/** Undoes `stage`. What was never begun needs nothing. @throws VolumeError. Source: `csi_attacher.go` UnmountDevice */
export function* unstage({ host, drivers }: StageOptions, { driver, handle }: CsiVolume): Process {
  const path = stagingPath(driver, handle);
  const data = loadVolumeData(host.files, folderOf(path));
  if (!data) return;
  refuseWhileReferred(host, path);
  const client = drivers.client(data.driverName, 'attacher.UnmountDevice failed to create newCsiDriverClient');
  const checking = `${csiPlugin}: attacher.UnmountDevice failed to check whether STAGE_UNSTAGE_VOLUME set: `;
  if ((yield* nodeCapabilities(client, checking)).has('STAGE_UNSTAGE_VOLUME')) {
    const request = { volumeId: data.volumeHandle, stagingTargetPath: path };
    yield* driverCall(client.nodeUnstageVolume(request), `${csiPlugin}: attacher.UnmountDevice failed: `);
  }
  yield* cleanUp(`failed to clean up global mount ${folderOf(path)}`, () => removeMountDirectory(host, path));
}

/** The same in block mode: no file system, and a folder of its own for each. @throws VolumeError. Source: `csi_block.go` SetUpDevice */
export function* stageBlock(options: StageOptions, volume: CsiVolume, publishContext: PublishContext | undefined): Process {
  const { host, drivers } = options;
  const client = drivers.client(volume.driver, 'blockMapper.SetUpDevice failed to get CSI client');
  const checking = `${csiPlugin}: blockMapper.stageVolumeForBlock failed to check STAGE_UNSTAGE_VOLUME capability: `;
  const capabilities = yield* nodeCapabilities(client, checking);
  if (!capabilities.has('STAGE_UNSTAGE_VOLUME')) return;
  const secrets = yield* stageSecrets(options, volume);
  const path = blockStagingPath(volume.name);
  host.files.makeDirectory(path, { recursive: true });
  const request: NodeStageVolumeRequest = {
    volumeId: volume.handle,
    stagingTargetPath: path,
    volumeCapability: volumeCapability(volume.accessModes, capabilities, { block: true }),
    volumeContext: volume.attributes,
    ...(publishContext ? { publishContext } : {}),
    ...(secrets ? { secrets } : {}),
  };
  try {
    yield* driverCall(client.nodeStageVolume(request));
  } catch (error) {
    if (progressOf(error) === 'finished') removeBlockFolders(host, volume.name);
    throw error;
  }
}

/** Undoes `stageBlock`. @throws VolumeError. Source: `csi_block.go` TearDownDevice */
export function* unstageBlock({ host, drivers }: StageOptions, { driver, handle, name }: CsiVolume): Process {
  const client = drivers.client(driver, 'blockMapper.TearDownDevice failed to get CSI client');
  const path = blockStagingPath(name);
  if (host.files.exists(path)) yield* unstageDevice(client, handle, path);
  host.files.remove(path, { recursive: true });
  removeBlockFolders(host, name);
}

function* unstageDevice(client: Client<CsiNode>, handle: string, path: string): Process {
  const checking = `${csiPlugin}: blockMapper.unstageVolumeForBlock failed to check STAGE_UNSTAGE_VOLUME capability: `;
  if (!(yield* nodeCapabilities(client, checking)).has('STAGE_UNSTAGE_VOLUME')) return;
  const request = { volumeId: handle, stagingTargetPath: path };
  yield* driverCall(client.nodeUnstageVolume(request), `${csiPlugin}: blockMapper.unstageVolumeForBlock failed: `);
}

function stageSecrets({ objects }: StageOptions, { persistent }: CsiVolume) {
  return objects.secrets(persistent?.nodeStageSecretRef, 'fetching NodeStageSecretRef');
}

/** Source: `csi_block.go` cleanupOrphanDeviceFiles. */
function removeBlockFolders({ files }: Host, name: string): void {
  for (const folder of [blockPublishFolder(name), blockStagingPath(name)]) {
    quietly(() => {
      if (files.exists(folder)) files.remove(folder);
    });
  }
  quietly(() => files.remove(blockFolder(name), { recursive: true }));
}

/** Does what may fail without harm: it is tried again when the volume is used or removed the next time. */
export function quietly(clean: () => void): void {
  try {
    clean();
  } catch (error) {
    if (!isExpectedFailure(error)) throw error;
  }
}

/** Removes what the volume leaves on the node's disk. @throws VolumeError */
export function* cleanUp(failure: string, clean: () => void): Process {
  try {
    clean();
  } catch (error) {
    if (!isExpectedFailure(error)) throw error;
    throw new VolumeError(`${csiPlugin}: ${failure}: ${messageOf(error)}`);
  }
}
