import { CsiError } from '@slipway/csi';
import type * as csi from '@slipway/csi';
import { Disk, type Host } from '@slipway/host';
import { type Ids, type Implementation, type Micros, type Process, seconds, sleep } from '@slipway/kernel';
import type { CSIDriver, StorageClass } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';

const DRIVER = 'my-disks.example.com';
const GIB = 2 ** 30;

export interface Volume {
  readonly id: string;
  readonly name: string;
  bytes: number;
  readonly disk: Disk;
  /** Until then it is being made. */
  readonly readyAt: Micros;
  /** By machine, since when it will be gone from there: infinity for one that stays. */
  readonly on: Map<string, Micros>;
}

/** The storage system behind the driver: it outlives every crash. */
export class Storage {
  readonly volumes = new Map<string, Volume>();
  readonly machines = new Map<string, Host>();
  readonly pool = 40 * GIB;
  count = 0;

  get used(): number {
    return [...this.volumes.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  named(name: string): Volume | undefined {
    return [...this.volumes.values()].find((volume) => volume.name === name);
  }
}

/** The half that runs once for the cluster. Disks take their time: to be made, and to be detached. */
export class Controller implements Implementation<csi.CsiController> {
  readonly storage: Storage;
  readonly now: () => Micros;

  constructor(storage: Storage, now: () => Micros) {
    this.storage = storage;
    this.now = now;
  }

  controllerGetCapabilities(): csi.ControllerGetCapabilitiesResponse {
    const types = [
      'CREATE_DELETE_VOLUME',
      'PUBLISH_UNPUBLISH_VOLUME',
      'EXPAND_VOLUME',
      'LIST_VOLUMES',
      'LIST_VOLUMES_PUBLISHED_NODES',
      'GET_CAPACITY',
    ] as const;
    return { capabilities: types.map((type) => ({ rpc: { type } })) };
  }

  *createVolume({ name, capacityRange }: csi.CreateVolumeRequest): Process<csi.CreateVolumeResponse> {
    const bytes = capacityRange?.requiredBytes ?? GIB;
    const there = this.storage.named(name);
    if (there && there.bytes < bytes) throw new CsiError('ALREADY_EXISTS', `${name} is there in another size`);
    if (there && there.readyAt > this.now()) throw new CsiError('ABORTED', `${name} is being made`);
    if (!there) this.checkRoom(bytes);
    const volume = there ?? this.make(name, bytes);
    if (volume !== there) yield* sleep(volume.readyAt - this.now());
    return { volume: { volumeId: volume.id, capacityBytes: volume.bytes } };
  }

  /** @throws CsiError RESOURCE_EXHAUSTED */
  checkRoom(bytes: number): void {
    if (this.storage.used + bytes > this.storage.pool) throw new CsiError('RESOURCE_EXHAUSTED', 'the pool is full');
  }

  /** Of several at a time, the later ones take longer than a provisioner waits. */
  makingTime(): Micros {
    const others = [...this.storage.volumes.values()].filter(({ readyAt }) => readyAt > this.now()).length;
    return seconds(2 + 10 * others);
  }

  make(name: string, bytes: number): Volume {
    this.storage.count += 1;
    const id = `disk-${this.storage.count}`;
    const volume: Volume = { id, name, bytes, disk: new Disk({ cached: true }), readyAt: this.now() + this.makingTime(), on: new Map() };
    this.storage.volumes.set(id, volume);
    return volume;
  }

  deleteVolume({ volumeId }: csi.DeleteVolumeRequest): csi.DeleteVolumeResponse {
    const volume = this.storage.volumes.get(volumeId);
    if (volume && this.holders(volume).length > 0) throw new CsiError('FAILED_PRECONDITION', `${volumeId} is in use`);
    this.storage.volumes.delete(volumeId);
    return {};
  }

  /** Machines that have it, or have not let go of it. */
  holders({ on }: Volume): readonly string[] {
    for (const [machine, gone] of on) if (gone <= this.now()) on.delete(machine);
    return [...on.keys()];
  }

  controllerPublishVolume({ volumeId, nodeId }: csi.ControllerPublishVolumeRequest): csi.ControllerPublishVolumeResponse {
    const volume = this.storage.volumes.get(volumeId);
    const machine = this.storage.machines.get(nodeId);
    if (!volume || !machine) throw new CsiError('NOT_FOUND', `there is no ${volume ? nodeId : volumeId}`);
    const holders = this.holders(volume);
    if (holders.some((holder) => holder !== nodeId)) throw new CsiError('FAILED_PRECONDITION', `${volumeId} is on ${holders.join(', ')}`);
    if (volume.on.get(nodeId) !== undefined && volume.on.get(nodeId) !== Number.POSITIVE_INFINITY)
      throw new CsiError('ABORTED', `${volumeId} is being detached`);
    volume.on.set(nodeId, Number.POSITIVE_INFINITY);
    machine.devices.set(`/dev/my/${volumeId}`, volume.disk);
    return { publishContext: { device: `/dev/my/${volumeId}` } };
  }

  *controllerUnpublishVolume({ volumeId, nodeId }: csi.ControllerUnpublishVolumeRequest): Process<csi.ControllerUnpublishVolumeResponse> {
    const volume = this.storage.volumes.get(volumeId);
    if (!volume) return {};
    for (const machine of nodeId ? [nodeId] : this.holders(volume)) yield* this.letGo(volume, machine);
    return {};
  }

  /** The machine's end goes at once. The storage system is done in three seconds; with a machine that is off, in more than anybody waits. */
  *letGo({ id, on }: Volume, name: string): Process {
    const machine = this.storage.machines.get(name);
    if (!on.has(name)) return;
    const gone = Math.min(on.get(name) ?? 0, this.now() + seconds(machine?.on === true ? 3 : 20));
    on.set(name, gone);
    machine?.devices.delete(`/dev/my/${id}`);
    if (gone > this.now()) yield* sleep(gone - this.now());
  }

  validateVolumeCapabilities({ volumeCapabilities }: csi.ValidateVolumeCapabilitiesRequest): csi.ValidateVolumeCapabilitiesResponse {
    return { confirmed: { volumeCapabilities } };
  }

  listVolumes(): csi.ListVolumesResponse {
    const volumes = [...this.storage.volumes.values()];
    return {
      entries: volumes.map((volume) => ({
        volume: { volumeId: volume.id, capacityBytes: volume.bytes },
        status: { publishedNodeIds: this.holders(volume) },
      })),
    };
  }

  getCapacity(): csi.GetCapacityResponse {
    return { availableCapacity: Math.max(0, this.storage.pool - this.storage.used) };
  }

  controllerExpandVolume({ volumeId, capacityRange }: csi.ControllerExpandVolumeRequest): csi.ControllerExpandVolumeResponse {
    const volume = this.storage.volumes.get(volumeId);
    if (!volume) throw new CsiError('NOT_FOUND', `there is no ${volumeId}`);
    const bytes = Math.max(volume.bytes, capacityRange.requiredBytes ?? 0);
    if (this.storage.used - volume.bytes + bytes > this.storage.pool) throw new CsiError('OUT_OF_RANGE', 'the pool is full');
    volume.bytes = bytes;
    return { capacityBytes: bytes, nodeExpansionRequired: true };
  }
}

/** The half that runs on each node. Mounts go with the machine's power. */
export class Node implements Implementation<csi.CsiNode> {
  readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  nodeGetCapabilities(): csi.NodeGetCapabilitiesResponse {
    return { capabilities: (['STAGE_UNSTAGE_VOLUME', 'EXPAND_VOLUME'] as const).map((type) => ({ rpc: { type } })) };
  }

  nodeGetInfo(): csi.NodeGetInfoResponse {
    return { nodeId: `machine-${this.host.name}` };
  }

  nodeStageVolume({ stagingTargetPath, publishContext = {} }: csi.NodeStageVolumeRequest): csi.NodeStageVolumeResponse {
    const { mounts, devices } = this.host;
    const device = publishContext['device'] ?? '';
    if (!devices.has(device)) throw new CsiError('NOT_FOUND', `there is no device ${device}`);
    mounts.makeDirectory(stagingTargetPath, { recursive: true });
    if (!mounts.at(stagingTargetPath)) mounts.mount(device, stagingTargetPath, { type: 'ext4' });
    return {};
  }

  nodeUnstageVolume({ stagingTargetPath }: csi.NodeUnstageVolumeRequest): csi.NodeUnstageVolumeResponse {
    if (this.host.mounts.at(stagingTargetPath)) this.host.mounts.unmount(stagingTargetPath);
    return {};
  }

  nodePublishVolume({ stagingTargetPath = '', targetPath, readonly = false }: csi.NodePublishVolumeRequest): csi.NodePublishVolumeResponse {
    const { mounts } = this.host;
    if (!mounts.at(stagingTargetPath)) throw new CsiError('FAILED_PRECONDITION', 'it is not staged');
    mounts.makeDirectory(targetPath, { recursive: true });
    if (!mounts.at(targetPath)) mounts.mount(stagingTargetPath, targetPath, { type: 'bind', readOnly: readonly });
    return {};
  }

  nodeUnpublishVolume({ targetPath }: csi.NodeUnpublishVolumeRequest): csi.NodeUnpublishVolumeResponse {
    const { mounts } = this.host;
    if (mounts.at(targetPath)) mounts.unmount(targetPath);
    if (mounts.exists(targetPath)) mounts.remove(targetPath);
    return {};
  }

  nodeExpandVolume({ capacityRange }: csi.NodeExpandVolumeRequest): csi.NodeExpandVolumeResponse {
    return { capacityBytes: capacityRange?.requiredBytes ?? 0 };
  }
}

/** The storage system of each world, known by what counts its ids. */
const systems = new WeakMap<Ids, Storage>();
function storageOf(ids: Ids): Storage {
  const storage = systems.get(ids) ?? new Storage();
  systems.set(ids, storage);
  return storage;
}

const driver: CSIDriver = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIDriver',
  metadata: { name: DRIVER },
  spec: { attachRequired: true, storageCapacity: true },
};
const storageClass: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'my-disks', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
  provisioner: DRIVER,
  reclaimPolicy: 'Delete',
  allowVolumeExpansion: true,
  volumeBindingMode: 'WaitForFirstConsumer',
};

/** A driver of one's own with another controller, or another node half. */
export function diskDriver(halves: { readonly Controller?: typeof Controller; readonly Node?: typeof Node } = {}) {
  const { Controller: ControllerHalf = Controller, Node: NodeHalf = Node } = halves;
  return definePlugin({
    interface: 'csi',
    name: 'my-disks',
    latency: { '*': '20ms..200ms' },
    manifests: [driver, storageClass],
    create({ host, ids, now }) {
      const identity = {
        getPluginInfo: () => ({ name: DRIVER, vendorVersion: '0.1.0' }),
        getPluginCapabilities: () => ({
          capabilities: [{ service: { type: 'CONTROLLER_SERVICE' } }, { volumeExpansion: { type: 'ONLINE' } }] as const,
        }),
        probe: () => ({ ready: true }),
      };
      const storage = storageOf(ids);
      if (!host) return { identity, controller: new ControllerHalf(storage, now) };
      storage.machines.set(`machine-${host.name}`, host);
      return { identity, node: new NodeHalf(host) };
    },
  });
}

export default diskDriver();
