import type { CloudApi, Instance } from '@slipway/cloud';
import type { Disk, Host } from '@slipway/host';
import type { Client, Implementation, Process } from '@slipway/kernel';
import type { CsiNode } from '../../contract.ts';
import { CsiError } from '../../errors.ts';
import type * as m from '../../messages/index.ts';
import { InFlight } from '../in-flight.ts';
import { isSound, NodeMounts } from '../node-mounts.ts';
import { apiError, troubleOf } from '../aws-calls/cloud-errors.ts';
import { Retryer } from '../aws-calls/retryer.ts';
import { isSupported, NODE } from './capabilities.ts';
import { ZONE_KEY } from './parameters.ts';

/**
 * Disks beside the root disk and one interface. Source: aws-ebs-csi-driver pkg/cloud/limits (Nitro machines share 28 slots, Xen ones take 39
 * disks besides, the seventh generation has 32 slots for disks alone).
 */
function limitOf(instanceType: string): number {
  if (/^(t2|m4|c4|r4)\./.test(instanceType)) return 38;
  return /^[a-z]+7/.test(instanceType) ? 31 : 26;
}

/** What a StorageClass may name. Windows' ntfs is not simulated. Source: pkg/driver/constants.go, ValidFSTypes. */
const FILE_SYSTEMS: readonly string[] = ['ext3', 'ext4', 'xfs'];

/** The node service of aws-ebs-csi-driver (pkg/driver/node.go): mounts the disks that are plugged into its machine. */
export class EbsNode implements Implementation<CsiNode> {
  readonly #host: Host;
  readonly #cloud: Client<CloudApi>;
  readonly #limit: number | undefined;
  readonly #mounts: NodeMounts;
  readonly #inFlight = new InFlight();
  readonly #reads = new Retryer('standard');
  #instance: Instance | undefined;
  /** Capability of what is staged, by path. */
  readonly #staged = new Map<string, string>();

  constructor(host: Host, cloud: Client<CloudApi>, limit: number | undefined) {
    this.#host = host;
    this.#cloud = cloud;
    this.#limit = limit;
    this.#mounts = new NodeMounts(host);
  }

  nodeGetCapabilities(): m.NodeGetCapabilitiesResponse {
    return { capabilities: NODE.map((type) => ({ rpc: { type } })) };
  }

  *nodeGetInfo(): Process<m.NodeGetInfoResponse> {
    // In life the machine's metadata service tells; here the cloud, asked by the machine's own name.
    this.#instance ??= yield* this.#ownMachine();
    const { instanceId, zone, instanceType } = this.#instance;
    return {
      nodeId: instanceId,
      maxVolumesPerNode: this.#limit ?? limitOf(instanceType),
      accessibleTopology: { segments: { [ZONE_KEY]: zone } },
    };
  }

  *nodeStageVolume(request: m.NodeStageVolumeRequest): Process<m.NodeStageVolumeResponse> {
    return yield* this.#inFlight.hold(request.volumeId, this.#stage(request));
  }

  *#stage({ volumeId, stagingTargetPath, volumeCapability, publishContext }: m.NodeStageVolumeRequest): Process<m.NodeStageVolumeResponse> {
    if (!isSupported(volumeCapability)) throw new CsiError('INVALID_ARGUMENT', 'Volume capability not supported');
    const [path, disk] = this.#device(volumeId, publishContext?.['devicePath']);
    const what = JSON.stringify(volumeCapability);
    const before = this.#staged.get(stagingTargetPath);
    if (before !== undefined && before !== what && this.#mounts.isMounted(stagingTargetPath))
      throw new CsiError('ALREADY_EXISTS', `${volumeId} is staged at ${stagingTargetPath} with another capability`);
    // A block volume is handed on as it is.
    if ('block' in volumeCapability) {
      this.#staged.set(stagingTargetPath, what);
      return {};
    }
    const { fsType: named, mountFlags = [] } = volumeCapability.mount;
    const fsType = (named || 'ext4').toLowerCase();
    if (!FILE_SYSTEMS.includes(fsType)) throw new CsiError('INVALID_ARGUMENT', `NodeStageVolume: invalid fstype ${named}`);
    this.#staged.set(stagingTargetPath, what);
    // What is mounted there may be of a disk that was pulled out and has come back, perhaps as another device: it is of no use any more.
    this.#mounts.clearUnsound(stagingTargetPath);
    if (disk.fileSystem === undefined) disk.format(fsType);
    // What is on the disk counts: a snapshot of another file system is mounted as what it is.
    const found = disk.fileSystem ?? fsType;
    this.#mounts.mount(path, stagingTargetPath, found, false, found === 'xfs' ? withNoUuid(mountFlags) : mountFlags);
    // A volume from a snapshot may be larger than the file system in it.
    if (disk.capacityBytes < disk.deviceBytes) disk.growFileSystem();
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
    if (!isSupported(volumeCapability)) throw new CsiError('INVALID_ARGUMENT', 'Volume capability not supported');
    this.#mounts.claim(targetPath, volumeCapability, readonly);
    this.#mounts.clearUnsound(targetPath);
    if ('block' in volumeCapability) {
      const [path] = this.#device(volumeId, publishContext?.['devicePath']);
      this.#mounts.mountFile(path, targetPath, readonly);
      return {};
    }
    // Upstream would bind the empty folder, and the pod would write to the machine's own disk.
    if (!this.#mounts.isMounted(stagingTargetPath))
      throw new CsiError('FAILED_PRECONDITION', `volume ${volumeId} is not staged at ${stagingTargetPath}`);
    this.#mounts.mount(stagingTargetPath, targetPath, 'bind', readonly, volumeCapability.mount.mountFlags);
    return {};
  }

  nodeUnpublishVolume({ targetPath }: m.NodeUnpublishVolumeRequest): m.NodeUnpublishVolumeResponse {
    this.#mounts.clear(targetPath);
    return {};
  }

  nodeGetVolumeStats({ volumeId, volumePath }: m.NodeGetVolumeStatsRequest): m.NodeGetVolumeStatsResponse {
    const mount = this.#host.mounts.at(volumePath);
    if (!mount) throw new CsiError('NOT_FOUND', `path ${volumePath} of volume ${volumeId} does not exist`);
    if (!isSound(mount)) throw new CsiError('INTERNAL', `unknown error when stat on ${volumePath}: input/output error`);
    const { disk } = mount;
    if (this.#host.files.status(volumePath).kind === 'file') return { usage: [{ unit: 'BYTES', total: finite(disk.deviceBytes, 0) }] };
    const { usedBytes: used } = disk;
    const total = finite(disk.capacityBytes, used);
    return { usage: [{ unit: 'BYTES', total, used, available: total - used }] };
  }

  nodeExpandVolume({ volumeId, volumePath, volumeCapability }: m.NodeExpandVolumeRequest): m.NodeExpandVolumeResponse {
    const mount = this.#host.mounts.at(volumePath);
    if (!mount) throw new CsiError('NOT_FOUND', `path ${volumePath} of volume ${volumeId} does not exist`);
    if (!isSound(mount)) throw new CsiError('NOT_FOUND', `failed to find device path for mount ${volumePath}: input/output error`);
    // A raw device is as large as its disk already.
    if (volumeCapability && 'block' in volumeCapability) return {};
    mount.disk.growFileSystem();
    const { capacityBytes } = mount.disk;
    return Number.isFinite(capacityBytes) ? { capacityBytes } : {};
  }

  /** @throws CsiError INVALID_ARGUMENT, NOT_FOUND */
  #device(volumeId: string, path: string | undefined): readonly [path: string, disk: Disk] {
    if (path === undefined || path === '') throw new CsiError('INVALID_ARGUMENT', `Device path not provided for ${volumeId}`);
    const { devices } = this.#host;
    const disk = devices.get(path);
    if (disk?.serial === volumeId) return [path, disk];
    // The path may be that of an earlier attachment, and another disk be there by now. Source: pkg/mounter/mount_linux.go, verifyVolumeSerialMatch.
    if (disk?.serial !== undefined)
      throw new CsiError(
        'NOT_FOUND',
        `Failed to find device path ${path}. refusing to mount ${path} because it claims to be ${disk.serial} but should be ${volumeId}`,
      );
    if (disk) return [path, disk];
    // Looked for by what it is. Source: the same file, findNvmeVolume.
    for (const [other, candidate] of devices) if (candidate.serial === volumeId) return [other, candidate];
    throw new CsiError('NOT_FOUND', `Failed to find device path ${path} for volume ${volumeId}`);
  }

  *#ownMachine(): Process<Instance> {
    const { name } = this.#host;
    let found: readonly Instance[];
    try {
      found = (yield* this.#reads.call(() => this.#cloud.describeInstances({ names: [name] }))).instances;
    } catch (error) {
      throw new CsiError(troubleOf(error), `could not get the metadata of node ${name}: ${apiError(error)}`);
    }
    // A machine that was ended an hour ago at most may have had the name before.
    const instance = found.find(({ state }) => state !== 'terminated');
    if (!instance) throw new CsiError('INTERNAL', `could not get the metadata of node ${name}: it is no machine of this cloud`);
    return instance;
  }
}

const finite = (bytes: number, otherwise: number): number => (Number.isFinite(bytes) ? bytes : otherwise);

/** XFS refuses a second file system with the same id, which a copy from a snapshot has. Source: pkg/driver/node.go, NodeStageVolume. */
const withNoUuid = (flags: readonly string[]): readonly string[] => (flags.includes('nouuid') ? flags : [...flags, 'nouuid']);
