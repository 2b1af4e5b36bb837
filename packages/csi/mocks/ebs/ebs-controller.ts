import type { CloudApi, CloudDisk } from '@slipway/cloud';
import { type Client, codeOf, type Implementation, messageOf, type Process } from '@slipway/kernel';
import type { CsiController } from '../../contract.ts';
import { type CsiCode, CsiError } from '../../errors.ts';
import type * as m from '../../messages/index.ts';
import { apiError, quoted, troubleOf } from '../aws-calls/cloud-errors.ts';
import { InFlight } from '../in-flight.ts';
import { CONTROLLER, unsupported } from './capabilities.ts';
import { GIB, mutableWishes, sizeGiB, volumeParameters, wantedZones, ZONE_KEY } from './parameters.ts';
import { Snapshots } from './snapshots.ts';
import { attachError, Volumes } from './volumes.ts';

/**
 * The cluster's half of aws-ebs-csi-driver (pkg/driver/controller.go, pkg/cloud/cloud.go): disks of one zone, attached to one machine at a
 * time. It keeps nothing but which operations are under way: what there is, the cloud knows.
 */
export class EbsController implements Implementation<CsiController> {
  readonly #volumes: Volumes;
  readonly #snapshots: Snapshots;
  readonly #inFlight = new InFlight();
  readonly #log: (message: string) => void;
  /** Zones of the region, once asked for: none ever goes. */
  #zones: readonly string[] = [];

  constructor(cloud: Client<CloudApi>, log: (message: string) => void) {
    this.#volumes = new Volumes(cloud);
    this.#snapshots = new Snapshots(this.#volumes, this.#inFlight);
    this.#log = log;
  }

  controllerGetCapabilities(): m.ControllerGetCapabilitiesResponse {
    return { capabilities: CONTROLLER.map((type) => ({ rpc: { type } })) };
  }

  createVolume(request: m.CreateVolumeRequest): Process<m.CreateVolumeResponse> {
    return this.#inFlight.hold(request.name, this.#create(request));
  }

  deleteVolume({ volumeId }: m.DeleteVolumeRequest): Process<m.DeleteVolumeResponse> {
    return this.#inFlight.hold(volumeId, this.#delete(volumeId));
  }

  controllerPublishVolume(request: m.ControllerPublishVolumeRequest): Process<m.ControllerPublishVolumeResponse> {
    return this.#inFlight.hold(`${request.volumeId}${request.nodeId}`, this.#attach(request));
  }

  controllerUnpublishVolume({ volumeId, nodeId = '' }: m.ControllerUnpublishVolumeRequest): Process<m.ControllerUnpublishVolumeResponse> {
    return this.#inFlight.hold(`${volumeId}${nodeId}`, this.#detach(volumeId, nodeId));
  }

  *validateVolumeCapabilities(request: m.ValidateVolumeCapabilitiesRequest): Process<m.ValidateVolumeCapabilitiesResponse> {
    const { volumeId, volumeCapabilities } = request;
    const volume = yield* this.#find(volumeId, `Could not get volume with ID ${quoted(volumeId)}`);
    if (!volume) throw new CsiError('NOT_FOUND', 'Volume not found');
    const message = unsupported(volumeCapabilities);
    return message === undefined ? { confirmed: { volumeCapabilities } } : { message };
  }

  *controllerExpandVolume(request: m.ControllerExpandVolumeRequest): Process<m.ControllerExpandVolumeResponse> {
    const { volumeId, capacityRange, volumeCapability } = request;
    const wanted = sizeGiB(capacityRange);
    try {
      const volume = yield* this.#volumes.modify(volumeId, { sizeGiB: wanted });
      const nodeExpansionRequired = !(volumeCapability && 'block' in volumeCapability);
      return { capacityBytes: volume.sizeGiB * GIB, nodeExpansionRequired };
    } catch (error) {
      throw modificationError(error, `Could not resize volume ${quoted(volumeId)}`);
    }
  }

  *controllerModifyVolume({ volumeId, mutableParameters }: m.ControllerModifyVolumeRequest): Process<m.ControllerModifyVolumeResponse> {
    const { tagSpecifications, ...wishes } = mutableWishes(mutableParameters);
    if (tagSpecifications.length > 0) this.#log(`tags of ${volumeId} stay as they are: the simulated cloud does not change them`);
    try {
      yield* this.#volumes.modify(volumeId, wishes);
      return {};
    } catch (error) {
      throw modificationError(error, `Could not modify volume ${quoted(volumeId)}`);
    }
  }

  createSnapshot(request: m.CreateSnapshotRequest): Process<m.CreateSnapshotResponse> {
    return this.#snapshots.create(request);
  }

  deleteSnapshot(request: m.DeleteSnapshotRequest): Process<m.DeleteSnapshotResponse> {
    return this.#snapshots.delete(request);
  }

  listSnapshots(request: m.ListSnapshotsRequest): Process<m.ListSnapshotsResponse> {
    return this.#snapshots.list(request);
  }

  *#create(request: m.CreateVolumeRequest): Process<m.CreateVolumeResponse> {
    const { name, capacityRange, volumeCapabilities, volumeContentSource, accessibilityRequirements } = request;
    const wrong = unsupported(volumeCapabilities);
    if (wrong !== undefined) throw new CsiError('INVALID_ARGUMENT', wrong);
    const size = sizeGiB(capacityRange);
    const { ignored, iopsPerGB, ...parameters } = volumeParameters(request);
    for (const key of ignored) this.#log(`the parameter ${key} of volume ${name} has no effect in a simulation`);
    if (volumeContentSource && !('snapshot' in volumeContentSource))
      throw new CsiError('INVALID_ARGUMENT', 'Unsupported volumeContentSource type');
    if (parameters.iops !== undefined && iopsPerGB !== undefined)
      throw new CsiError('INVALID_ARGUMENT', 'invalid StorageClass parameters; specify either IOPS or IOPSPerGb, not both');
    const snapshotId = volumeContentSource?.snapshot.snapshotId;
    try {
      const known = yield* this.#volumes.findByName(name);
      if (known) return { volume: yield* this.#namesake(known, request, snapshotId) };
      const order = {
        // Upstream hashes the name to fit 64 characters; this cloud takes any.
        clientToken: name,
        zone: yield* this.#zoneFor(wantedZones(accessibilityRequirements)),
        sizeGiB: size,
        volumeType: 'gp3',
        ...parameters,
        ...(iopsPerGB === undefined ? {} : { iops: iopsPerGB * size }),
        ...(snapshotId === undefined ? {} : { snapshotId }),
      };
      const { volume } = yield* this.#volumes.change('createVolume', (cloud) => cloud.createVolume(order));
      return { volume: shown(yield* this.#volumes.untilCreated(volume), capacityRange) };
    } catch (error) {
      throw creationError(error, name);
    }
  }

  /**
   * The volume that has the name already, if it is what was asked for. Upstream orders it once more under the same token; who looks first
   * needs no order, of which a cloud takes few, and can tell a range of sizes that fits from one that does not ("CreateVolume" of the spec).
   */
  *#namesake(volume: CloudDisk, { capacityRange }: m.CreateVolumeRequest, snapshotId: string | undefined): Process<m.Volume> {
    const { requiredBytes = 0 } = capacityRange ?? {};
    if (volume.sizeGiB * GIB < requiredBytes || volume.snapshotId !== snapshotId)
      throw new CsiError('ALREADY_EXISTS', 'Volume already exists, but is incompatible');
    return shown(yield* this.#volumes.untilCreated(volume), capacityRange);
  }

  *#zoneFor(wanted: readonly string[]): Process<string> {
    const isKnown = (zone: string): boolean => this.#zones.includes(zone);
    if (wanted.length === 0 ? this.#zones.length === 0 : !wanted.some(isKnown))
      this.#zones = (yield* this.#volumes.read((cloud) => cloud.describeZones({}))).zones;
    const zone = wanted.length === 0 ? this.#zones[0] : wanted.find(isKnown);
    if (zone === undefined) throw new CsiError('RESOURCE_EXHAUSTED', `there is no zone ${wanted.join(' or ')}`);
    return zone;
  }

  *#delete(volumeId: string): Process<m.DeleteVolumeResponse> {
    try {
      yield* this.#volumes.change('deleteVolume', (cloud) => cloud.deleteVolume({ volumeId }));
    } catch (error) {
      const code = codeOf(error);
      // Upstream says INTERNAL of a volume in use; the spec has a code for it.
      const how = code === 'VolumeInUse' ? 'FAILED_PRECONDITION' : troubleOf(error);
      if (code !== 'InvalidVolume.NotFound') throw new CsiError(how, `Could not delete volume ID ${quoted(volumeId)}: ${apiError(error)}`);
    }
    return {};
  }

  *#attach({ volumeId, nodeId, volumeCapability }: m.ControllerPublishVolumeRequest): Process<m.ControllerPublishVolumeResponse> {
    const wrong = unsupported([volumeCapability]);
    if (wrong !== undefined) throw new CsiError('INVALID_ARGUMENT', wrong);
    try {
      yield* this.#volumes.change('attachVolume', (cloud) => cloud.attachVolume({ volumeId, instanceId: nodeId }));
    } catch (error) {
      throw attachError(error, volumeId, nodeId);
    }
    try {
      const { device } = yield* this.#volumes.untilAttached(volumeId, nodeId);
      return { publishContext: { devicePath: device } };
    } catch (error) {
      throw trouble(error, `Could not attach volume ${quoted(volumeId)} to node ${quoted(nodeId)}`);
    }
  }

  /** Without a node it goes by where the volume is; upstream refuses that, the spec does not. */
  *#detach(volumeId: string, nodeId: string): Process<m.ControllerUnpublishVolumeResponse> {
    const what = `Could not detach volume ${quoted(volumeId)} from node ${quoted(nodeId)}`;
    const instanceId = nodeId || (yield* this.#find(volumeId, what))?.attachments[0]?.instanceId;
    if (instanceId === undefined) return {};
    try {
      yield* this.#volumes.change('detachVolume', (cloud) => cloud.detachVolume({ volumeId, instanceId }));
      yield* this.#volumes.untilDetached(volumeId, instanceId);
    } catch (error) {
      // Not attached there, or no such volume: that is what was wanted.
      const gone = ['IncorrectState', 'InvalidAttachment.NotFound', 'InvalidVolume.NotFound'].includes(codeOf(error));
      if (!gone) throw trouble(error, what);
    }
    return {};
  }

  *#find(volumeId: string, what: string): Process<CloudDisk | undefined> {
    try {
      return yield* this.#volumes.find(volumeId);
    } catch (error) {
      throw trouble(error, what);
    }
  }
}

const could = (name: string, why: string): string => `Could not create volume ${quoted(name)}: ${why}`;

const why = (error: unknown): string => (error instanceof CsiError ? messageOf(error) : apiError(error));

const trouble = (error: unknown, what: string): CsiError => new CsiError(troubleOf(error), `${what}: ${why(error)}`);

const CREATION: Readonly<Record<string, CsiCode>> = {
  ALREADY_EXISTS: 'ALREADY_EXISTS',
  IdempotentParameterMismatch: 'ALREADY_EXISTS',
  RESOURCE_EXHAUSTED: 'RESOURCE_EXHAUSTED',
  UNAVAILABLE: 'UNAVAILABLE',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
  InvalidParameterCombination: 'INVALID_ARGUMENT',
  InvalidParameterValue: 'INVALID_ARGUMENT',
  'InvalidSnapshot.NotFound': 'NOT_FOUND',
  VolumeLimitExceeded: 'RESOURCE_EXHAUSTED',
};

/** Whatever is not known to have ended the matter is ABORTED, so that the provisioner asks again and no disk is forgotten. */
function creationError(error: unknown, name: string): CsiError {
  const text = error instanceof CsiError ? messageOf(error) : `could not create volume in EC2: ${apiError(error)}`;
  return new CsiError(CREATION[codeOf(error)] ?? 'ABORTED', could(name, text));
}

/** Source of messages: pkg/driver/controller.go, ControllerModifyVolume. */
function modificationError(error: unknown, what: string): CsiError {
  const code = codeOf(error);
  if (code === 'NOT_FOUND' || code === 'InvalidVolume.NotFound') return new CsiError('NOT_FOUND', `${what} (not found): ${why(error)}`);
  if (code.startsWith('InvalidParameter')) return new CsiError('INVALID_ARGUMENT', `${what} (invalid argument): ${why(error)}`);
  return trouble(error, what);
}

/** @throws CsiError ALREADY_EXISTS: the volume of this name has grown beyond the range */
function shown({ volumeId, sizeGiB: size, zone, snapshotId }: CloudDisk, { limitBytes = 0 }: m.CapacityRange = {}): m.Volume {
  const capacityBytes = size * GIB;
  if (limitBytes > 0 && capacityBytes > limitBytes)
    throw new CsiError('ALREADY_EXISTS', `there is already a disk with same name and different size: ${volumeId} has ${size} GiB`);
  return {
    volumeId,
    capacityBytes,
    accessibleTopology: [{ segments: { [ZONE_KEY]: zone } }],
    ...(snapshotId === undefined ? {} : { contentSource: { snapshot: { snapshotId } } }),
  };
}
