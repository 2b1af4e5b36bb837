import type { Host } from '@slipway/host';
import type { Implementation } from '@slipway/kernel';
import type { CsiNode } from '../contract.ts';
import { CsiError } from '../errors.ts';
import type * as m from '../messages/index.ts';
import { secondPublishVerdict } from '../second-publish.ts';
import { MAX_VOLUMES_PER_NODE, type MemoryStorage, topology } from './memory-storage.ts';

const INODES = 1_000_000;

interface Publication {
  readonly volumeId: string;
  readonly made: string;
  readonly mode: m.VolumeCapabilityAccessModeMode;
}

/** The node service: devices are mounted at the staging path, and bound to target paths. What is mounted, the machine remembers. */
export class MemoryNode implements Implementation<CsiNode> {
  readonly storage: MemoryStorage;
  readonly host: Host;
  readonly nodeId: string;
  /** By target path. */
  readonly publications = new Map<string, Publication>();
  /** Capability by staging path. */
  readonly staged = new Map<string, string>();

  constructor(storage: MemoryStorage, host: Host) {
    this.storage = storage;
    this.host = host;
    this.nodeId = `memory-${host.name}`;
    storage.machines.set(this.nodeId, host);
  }

  nodeGetCapabilities(): m.NodeGetCapabilitiesResponse {
    const types = ['STAGE_UNSTAGE_VOLUME', 'GET_VOLUME_STATS', 'EXPAND_VOLUME', 'VOLUME_CONDITION', 'SINGLE_NODE_MULTI_WRITER'] as const;
    return { capabilities: types.map((type) => ({ rpc: { type } })) };
  }

  nodeGetInfo(): m.NodeGetInfoResponse {
    return { nodeId: this.nodeId, maxVolumesPerNode: MAX_VOLUMES_PER_NODE, accessibleTopology: topology };
  }

  nodeStageVolume(request: m.NodeStageVolumeRequest): m.NodeStageVolumeResponse {
    const { volumeId, stagingTargetPath: path, volumeCapability, publishContext = {} } = request;
    const device = publishContext['device'] ?? '';
    if (!this.host.devices.has(device)) throw new CsiError('NOT_FOUND', `no device of ${volumeId}`);
    const capability = JSON.stringify(volumeCapability);
    if ((this.staged.get(path) ?? capability) !== capability) throw new CsiError('ALREADY_EXISTS', `${volumeId} is staged in another way`);
    if ('mount' in volumeCapability && !this.host.mounts.at(path)) this.host.mounts.mount(device, path, { type: 'ext4' });
    this.staged.set(path, capability);
    return {};
  }

  nodeUnstageVolume({ stagingTargetPath }: m.NodeUnstageVolumeRequest): m.NodeUnstageVolumeResponse {
    this.#unmount(stagingTargetPath);
    this.staged.delete(stagingTargetPath);
    return {};
  }

  nodePublishVolume(request: m.NodePublishVolumeRequest): m.NodePublishVolumeResponse {
    const { volumeId, stagingTargetPath: staging, targetPath, volumeCapability, readonly } = request;
    if (!staging || !this.staged.has(staging)) throw new CsiError('FAILED_PRECONDITION', `${volumeId} is not staged`);
    const { mode } = volumeCapability.accessMode;
    const made = JSON.stringify([volumeCapability, readonly]);
    for (const [target, other] of this.publications) {
      if (other.volumeId !== volumeId) continue;
      const how = { mode, singleNodeMultiWriter: true, sameTarget: target === targetPath, sameArguments: other.made === made };
      const verdict = secondPublishVerdict(how);
      if (verdict !== 'OK') throw new CsiError(verdict, `${volumeId} is published at ${target}`);
    }
    if (this.publications.has(targetPath)) return {};
    const { files, mounts } = this.host;
    if ('block' in volumeCapability) files.write(targetPath, `device of ${volumeId}`);
    else {
      files.makeDirectory(targetPath, { recursive: true });
      mounts.mount(staging, targetPath, { type: 'bind', readOnly: readonly });
    }
    this.publications.set(targetPath, { volumeId, made, mode });
    return {};
  }

  nodeUnpublishVolume({ targetPath }: m.NodeUnpublishVolumeRequest): m.NodeUnpublishVolumeResponse {
    this.#unmount(targetPath);
    this.host.files.remove(targetPath, { recursive: true });
    this.publications.delete(targetPath);
    return {};
  }

  nodeGetVolumeStats({ volumeId, volumePath }: m.NodeGetVolumeStatsRequest): m.NodeGetVolumeStatsResponse {
    const { disk } = this.storage.volume(volumeId);
    const mount = volumePath.startsWith('/') ? this.host.mounts.at(volumePath) : undefined;
    if (mount?.disk !== disk) throw new CsiError('NOT_FOUND', `${volumeId} is not at ${volumePath}`);
    const { capacityBytes: total, usedBytes: used, inodes } = disk;
    return {
      usage: [
        { unit: 'BYTES', total, used, available: total - used },
        { unit: 'INODES', total: INODES, used: inodes, available: INODES - inodes },
      ],
      volumeCondition: { abnormal: false, message: 'well' },
    };
  }

  nodeExpandVolume({ volumeId }: m.NodeExpandVolumeRequest): m.NodeExpandVolumeResponse {
    const { disk, bytes } = this.storage.volume(volumeId);
    disk.resize(bytes);
    return { capacityBytes: bytes };
  }

  #unmount(path: string): void {
    if (this.host.mounts.at(path)) this.host.mounts.unmount(path);
  }
}
