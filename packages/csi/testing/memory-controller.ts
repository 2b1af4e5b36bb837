import type { Implementation } from '@slipway/kernel';
import type { CsiController } from '../contract.ts';
import { CsiError } from '../errors.ts';
import type * as m from '../messages/index.ts';
import { controllerCapabilities } from '../rules/controller.ts';
import {
  MAX_VOLUMES_PER_NODE,
  type MemoryStorage,
  type MemoryVolume,
  pageOf,
  sizeIn,
  snapshotOf,
  volumeOf,
  ZONE_KEY,
} from './memory-storage.ts';

const CAPACITY = 100 * 2 ** 40;
const MUTABLE = ['tier'];

/** The controller service with everything that there is: plain methods over a map. */
export class MemoryController implements Implementation<CsiController> {
  readonly storage: MemoryStorage;

  constructor(storage: MemoryStorage) {
    this.storage = storage;
  }

  controllerGetCapabilities(): m.ControllerGetCapabilitiesResponse {
    return { capabilities: controllerCapabilities.map((type) => ({ rpc: { type } })) };
  }

  createVolume(request: m.CreateVolumeRequest): m.CreateVolumeResponse {
    const { name, capacityRange, parameters = {}, mutableParameters = {}, volumeContentSource: source } = request;
    onlyKnown(mutableParameters);
    const zones = request.accessibilityRequirements?.requisite?.map(({ segments = {} }) => segments[ZONE_KEY]) ?? ['here'];
    if (!zones.includes('here')) throw new CsiError('RESOURCE_EXHAUSTED', `no room in ${zones.join(', ')}`);
    const made = JSON.stringify([parameters, source, request.volumeCapabilities]);
    const existing = [...this.storage.volumes.values()].find((volume) => volume.name === name);
    if (existing) {
      const { requiredBytes = 0, limitBytes = 0 } = capacityRange ?? {};
      const fits = existing.bytes >= requiredBytes && (limitBytes === 0 || existing.bytes <= limitBytes);
      if (!fits || existing.made !== made) throw new CsiError('ALREADY_EXISTS', `${name} exists with other arguments`);
      return { volume: volumeOf(existing) };
    }
    const least = source ? this.storage.bytesOf(source) : undefined;
    const bytes = sizeIn(capacityRange, least);
    if (least !== undefined && bytes < least) throw new CsiError('OUT_OF_RANGE', `the source has ${least} bytes`);
    return { volume: volumeOf(this.storage.addVolume(name, made, bytes, source)) };
  }

  deleteVolume({ volumeId }: m.DeleteVolumeRequest): m.DeleteVolumeResponse {
    const volume = this.storage.volumes.get(volumeId);
    if (volume && volume.attached.size > 0) throw new CsiError('FAILED_PRECONDITION', `${volumeId} is in use`);
    this.storage.volumes.delete(volumeId);
    return {};
  }

  controllerPublishVolume(request: m.ControllerPublishVolumeRequest): m.ControllerPublishVolumeResponse {
    const { volumeId, nodeId, volumeCapability, readonly } = request;
    const { attached, disk } = this.storage.volume(volumeId);
    const machine = this.storage.machines.get(nodeId);
    if (!machine) throw new CsiError('NOT_FOUND', `no node ${nodeId}`);
    const publishContext = { device: `/dev/memory/${volumeId}` };
    const capability = JSON.stringify(volumeCapability);
    const here = attached.get(nodeId);
    if (here) {
      if (here.readonly !== readonly || here.capability !== capability)
        throw new CsiError('ALREADY_EXISTS', `${volumeId} is on ${nodeId} in another way`);
      return { publishContext };
    }
    const single = !volumeCapability.accessMode.mode.startsWith('MULTI_NODE_');
    if (single && attached.size > 0) throw new CsiError('FAILED_PRECONDITION', `${volumeId} is on ${[...attached.keys()].join(', ')}`);
    const count = [...this.storage.volumes.values()].filter((volume) => volume.attached.has(nodeId)).length;
    if (count >= MAX_VOLUMES_PER_NODE) throw new CsiError('RESOURCE_EXHAUSTED', `${nodeId} has ${count} volumes`);
    attached.set(nodeId, { capability, readonly });
    machine.devices.set(publishContext.device, disk);
    return { publishContext };
  }

  controllerUnpublishVolume({ volumeId, nodeId }: m.ControllerUnpublishVolumeRequest): m.ControllerUnpublishVolumeResponse {
    const volume = this.storage.volumes.get(volumeId);
    for (const id of nodeId ? [nodeId] : [...(volume?.attached.keys() ?? [])]) {
      volume?.attached.delete(id);
      this.storage.machines.get(id)?.devices.delete(`/dev/memory/${volumeId}`);
    }
    return {};
  }

  validateVolumeCapabilities(request: m.ValidateVolumeCapabilitiesRequest): m.ValidateVolumeCapabilitiesResponse {
    this.storage.volume(request.volumeId);
    return { confirmed: { volumeCapabilities: request.volumeCapabilities } };
  }

  listVolumes(request: m.ListVolumesRequest): m.ListVolumesResponse {
    const { page, next } = pageOf(this.storage.volumes.values(), request);
    return { entries: page.map((volume) => ({ volume: volumeOf(volume), status: statusOf(volume) })), ...next };
  }

  controllerGetVolume({ volumeId }: m.ControllerGetVolumeRequest): m.ControllerGetVolumeResponse {
    const volume = this.storage.volume(volumeId);
    return { volume: volumeOf(volume), status: statusOf(volume) };
  }

  getCapacity(): m.GetCapacityResponse {
    const used = [...this.storage.volumes.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    return { availableCapacity: CAPACITY - used };
  }

  createSnapshot({ name, sourceVolumeId }: m.CreateSnapshotRequest): m.CreateSnapshotResponse {
    const existing = [...this.storage.snapshots.values()].find((snapshot) => snapshot.name === name);
    if (!existing) return { snapshot: snapshotOf(this.storage.addSnapshot(name, this.storage.volume(sourceVolumeId))) };
    if (existing.volumeId !== sourceVolumeId) throw new CsiError('ALREADY_EXISTS', `${name} is of ${existing.volumeId}`);
    return { snapshot: snapshotOf(existing) };
  }

  deleteSnapshot({ snapshotId }: m.DeleteSnapshotRequest): m.DeleteSnapshotResponse {
    const group = this.storage.snapshots.get(snapshotId)?.groupId;
    if (group !== undefined) throw new CsiError('INVALID_ARGUMENT', `${snapshotId} belongs to ${group}`);
    this.storage.snapshots.delete(snapshotId);
    return {};
  }

  listSnapshots(request: m.ListSnapshotsRequest): m.ListSnapshotsResponse {
    const { sourceVolumeId, snapshotId } = request;
    const wanted = [...this.storage.snapshots.values()].filter(
      ({ id, volumeId }) => (!snapshotId || id === snapshotId) && (!sourceVolumeId || volumeId === sourceVolumeId),
    );
    const { page, next } = pageOf(wanted, request);
    return { entries: page.map((snapshot) => ({ snapshot: snapshotOf(snapshot) })), ...next };
  }

  getSnapshot({ snapshotId }: m.GetSnapshotRequest): m.GetSnapshotResponse {
    return { snapshot: snapshotOf(this.storage.snapshot(snapshotId)) };
  }

  controllerExpandVolume({ volumeId, capacityRange }: m.ControllerExpandVolumeRequest): m.ControllerExpandVolumeResponse {
    const volume = this.storage.volume(volumeId);
    volume.bytes = Math.max(volume.bytes, sizeIn(capacityRange));
    return { capacityBytes: volume.bytes, nodeExpansionRequired: true };
  }

  controllerModifyVolume({ volumeId, mutableParameters }: m.ControllerModifyVolumeRequest): m.ControllerModifyVolumeResponse {
    this.storage.volume(volumeId);
    onlyKnown(mutableParameters);
    return {};
  }
}

function onlyKnown(parameters: Readonly<Record<string, string>>): void {
  const stray = Object.keys(parameters).find((key) => !MUTABLE.includes(key));
  if (stray !== undefined) throw new CsiError('INVALID_ARGUMENT', `unknown mutable parameter ${stray}`);
}

function statusOf({ attached }: MemoryVolume) {
  return { publishedNodeIds: [...attached.keys()], volumeCondition: { abnormal: false, message: 'well' } };
}
