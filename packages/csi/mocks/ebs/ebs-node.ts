import type { CloudApi } from '@slipway/cloud';
import type { Host } from '@slipway/host';
import type { Client, Implementation, Process } from '@slipway/kernel';
import type { CsiNode } from '../../contract.ts';
import { CsiError } from '../../errors.ts';
import type * as m from '../../messages/index.ts';
import { InFlight } from '../in-flight.ts';
import { NodeMounts } from '../node-mounts.ts';
import { ask } from './cloud-errors.ts';
import { ZONE } from './ebs-controller.ts';

/**
 * Disks beside the root disk and one interface. Source: aws-ebs-csi-driver pkg/cloud/limits (Nitro machines share 28 slots, Xen ones take 39
 * disks besides, the seventh generation has 32 slots for disks alone).
 */
function limitOf(instanceType: string): number {
  if (/^(t2|m4|c4|r4)\./.test(instanceType)) return 38;
  return /^[a-z]+7/.test(instanceType) ? 31 : 26;
}

/** The node service of aws-ebs-csi-driver: mounts the disks that are plugged into its machine. */
export class EbsNode implements Implementation<CsiNode> {
  readonly #host: Host;
  readonly #cloud: Client<CloudApi>;
  readonly #limit: number | undefined;
  readonly #mounts: NodeMounts;
  readonly #inFlight = new InFlight();
  /** Capability of what is staged, by path. */
  readonly #staged = new Map<string, string>();

  constructor(host: Host, cloud: Client<CloudApi>, limit: number | undefined) {
    this.#host = host;
    this.#cloud = cloud;
    this.#limit = limit;
    this.#mounts = new NodeMounts(host);
  }

  nodeGetCapabilities(): m.NodeGetCapabilitiesResponse {
    return { capabilities: (['STAGE_UNSTAGE_VOLUME', 'EXPAND_VOLUME', 'GET_VOLUME_STATS'] as const).map((type) => ({ rpc: { type } })) };
  }

  *nodeGetInfo(): Process<m.NodeGetInfoResponse> {
    const { instances } = yield* ask('Could not read instance metadata', this.#cloud.describeInstances({ names: [this.#host.name] }));
    const [instance] = instances;
    if (!instance) throw new CsiError('INTERNAL', `${this.#host.name} is no machine of this cloud`);
    return {
      nodeId: instance.instanceId,
      maxVolumesPerNode: this.#limit ?? limitOf(instance.instanceType),
      accessibleTopology: { segments: { [ZONE]: instance.zone } },
    };
  }

  *nodeStageVolume(request: m.NodeStageVolumeRequest): Process<m.NodeStageVolumeResponse> {
    return yield* this.#inFlight.hold(request.volumeId, this.#stage(request));
  }

  *#stage({ volumeId, stagingTargetPath, volumeCapability, publishContext }: m.NodeStageVolumeRequest): Process<m.NodeStageVolumeResponse> {
    const device = this.#device(volumeId, publishContext?.['devicePath']);
    const what = JSON.stringify(volumeCapability);
    const before = this.#staged.get(stagingTargetPath);
    if (before !== undefined && before !== what && this.#mounts.isMounted(stagingTargetPath))
      throw new CsiError('ALREADY_EXISTS', `${volumeId} is staged at ${stagingTargetPath} with another capability`);
    this.#staged.set(stagingTargetPath, what);
    // A block volume is handed on as it is.
    if ('block' in volumeCapability) return {};
    const { fsType = 'ext4', mountFlags } = volumeCapability.mount;
    const disk = this.#host.devices.get(device);
    if (disk && disk.fileSystem === undefined) disk.format(fsType);
    // What is on the disk counts: a snapshot of another file system is mounted as what it is.
    this.#mounts.mount(device, stagingTargetPath, disk?.fileSystem ?? fsType, false, mountFlags);
    return {};
  }

  nodeUnstageVolume({ stagingTargetPath }: m.NodeUnstageVolumeRequest): m.NodeUnstageVolumeResponse {
    this.#staged.delete(stagingTargetPath);
    this.#mounts.clear(stagingTargetPath);
    return {};
  }

  nodePublishVolume(request: m.NodePublishVolumeRequest): m.NodePublishVolumeResponse {
    const { volumeId, stagingTargetPath = '', targetPath, volumeCapability, readonly, publishContext } = request;
    if (stagingTargetPath === '') throw new CsiError('INVALID_ARGUMENT', 'Staging target not provided');
    this.#mounts.claim(targetPath, volumeCapability, readonly);
    if ('block' in volumeCapability) {
      const device = this.#device(volumeId, publishContext?.['devicePath']);
      this.#mounts.mountFile(device, targetPath, readonly);
      return {};
    }
    if (!this.#mounts.isMounted(stagingTargetPath))
      throw new CsiError('FAILED_PRECONDITION', `volume ${volumeId} is not staged at ${stagingTargetPath}`);
    this.#mounts.mount(stagingTargetPath, targetPath, 'bind', readonly);
    return {};
  }

  nodeUnpublishVolume({ targetPath }: m.NodeUnpublishVolumeRequest): m.NodeUnpublishVolumeResponse {
    this.#mounts.clear(targetPath);
    return {};
  }

  nodeGetVolumeStats({ volumeId, volumePath }: m.NodeGetVolumeStatsRequest): m.NodeGetVolumeStatsResponse {
    const mount = this.#host.mounts.at(volumePath);
    if (!mount) throw new CsiError('NOT_FOUND', `path ${volumePath} of volume ${volumeId} does not exist`);
    const { usedBytes, capacityBytes } = mount.disk;
    const total = Number.isFinite(capacityBytes) ? (capacityBytes ?? usedBytes) : usedBytes;
    return { usage: [{ unit: 'BYTES', total, used: usedBytes, available: total - usedBytes }] };
  }

  nodeExpandVolume({ volumeId, volumePath }: m.NodeExpandVolumeRequest): m.NodeExpandVolumeResponse {
    const mount = this.#host.mounts.at(volumePath);
    if (!mount) throw new CsiError('NOT_FOUND', `path ${volumePath} of volume ${volumeId} does not exist`);
    mount.disk.growFileSystem();
    const { capacityBytes } = mount.disk;
    return capacityBytes === undefined || !Number.isFinite(capacityBytes) ? {} : { capacityBytes };
  }

  #device(volumeId: string, path: string | undefined): string {
    if (path === undefined || path === '') throw new CsiError('INVALID_ARGUMENT', `Device path not provided for ${volumeId}`);
    if (!this.#host.devices.has(path)) throw new CsiError('NOT_FOUND', `Failed to find device path ${path} for volume ${volumeId}`);
    return path;
  }
}
