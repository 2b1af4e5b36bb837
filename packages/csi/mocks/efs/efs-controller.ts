import type { AccessPoint, CloudApi } from '@slipway/cloud';
import { type Client, codeOf, type Implementation, milliseconds, type Process, seconds } from '@slipway/kernel';
import type { CsiController } from '../../contract.ts';
import { type CsiCode, CsiError } from '../../errors.ts';
import type * as m from '../../messages/index.ts';
import { apiError, quoted, troubleOf } from '../aws-calls/cloud-errors.ts';
import { type Patience, polled } from '../aws-calls/polling.ts';
import { Retryer } from '../aws-calls/retryer.ts';
import { InFlight } from '../in-flight.ts';
import { strangeTypes, unsupported, volumeParameters } from './parameters.ts';
import { type EfsVolume, parseVolumeId, volumeIdOf } from './volume-id.ts';

/** The file system of claims whose class names none: one for the cluster. */
const COMMON = 'slipway-efs';

// Upstream makes no file systems and does not wait for access points; the pauses are ours, grown like those of the EBS driver.
const FILE_SYSTEM: Patience = { first: seconds(1), growthThousandths: 1_500, times: 9 };
const ACCESS_POINT: Patience = { first: milliseconds(500), growthThousandths: 1_500, times: 10 };

/**
 * The cluster's half of aws-efs-csi-driver (pkg/driver/controller.go): a volume is a door (access point) to a folder of a file system.
 *
 * Upstream wants a `fileSystemId` of every class. Here a class may leave it out, so that a manifest works in a cluster that nobody has
 * prepared: such volumes share one file system, which the driver orders when it is first needed and which stays when they go.
 */
export class EfsController implements Implementation<CsiController> {
  readonly #cloud: Client<CloudApi>;
  readonly #log: (message: string) => void;
  /** One for all calls. Source: cmd/main.go, `--adaptive-retry-mode`. */
  readonly #retryer = new Retryer('adaptive');
  readonly #inFlight = new InFlight();

  constructor(cloud: Client<CloudApi>, log: (message: string) => void) {
    this.#cloud = cloud;
    this.#log = log;
  }

  controllerGetCapabilities(): m.ControllerGetCapabilitiesResponse {
    return { capabilities: [{ rpc: { type: 'CREATE_DELETE_VOLUME' } }] };
  }

  createVolume(request: m.CreateVolumeRequest): Process<m.CreateVolumeResponse> {
    return this.#inFlight.hold(request.name, this.#create(request));
  }

  deleteVolume({ volumeId }: m.DeleteVolumeRequest): Process<m.DeleteVolumeResponse> {
    return this.#inFlight.hold(volumeId, this.#delete(volumeId));
  }

  *validateVolumeCapabilities(request: m.ValidateVolumeCapabilitiesRequest): Process<m.ValidateVolumeCapabilitiesResponse> {
    const { volumeId, volumeCapabilities } = request;
    const volume = parseVolumeId(volumeId);
    if (typeof volume === 'string') throw new CsiError('NOT_FOUND', `Volume not found, err: ${volume}`);
    yield* this.#mustExist(volume);
    const message = unsupported(volumeCapabilities);
    return message === undefined ? { confirmed: { volumeCapabilities } } : { message };
  }

  *#create(request: m.CreateVolumeRequest): Process<m.CreateVolumeResponse> {
    const { name, capacityRange, volumeCapabilities, volumeContentSource } = request;
    const wrong = unsupported(volumeCapabilities);
    if (wrong !== undefined) throw new CsiError('INVALID_ARGUMENT', `Volume capabilities not supported: ${wrong}`);
    const types = strangeTypes(volumeCapabilities);
    if (types.length > 0) throw new CsiError('INVALID_ARGUMENT', `Volume fstype not supported: invalid fstype: ${types.join(',')}`);
    if (volumeContentSource) throw new CsiError('INVALID_ARGUMENT', 'Unsupported volumeContentSource: a volume starts empty');
    const { fileSystemId: named, rootDirectory, ignored } = volumeParameters(request);
    if (ignored.length > 0) this.#log(`parameters of volume ${name} that have no effect in a simulation: ${ignored.join(', ')}`);
    const fileSystemId = named ?? (yield* this.#common());
    // A file system has no size that a volume could have; Kubernetes wants the claim's back.
    const capacityBytes = capacityRange?.requiredBytes ?? 0;
    const { accessPointId } = yield* this.#door(name, fileSystemId, rootDirectory, capacityBytes);
    return { volume: { volumeId: volumeIdOf({ fileSystemId, accessPointId }), capacityBytes } };
  }

  /** The door of this name, open. */
  *#door(name: string, fileSystemId: string, rootDirectory: string, bytes: number): Process<AccessPoint> {
    // The size is kept as a tag, so that the same name with another size is told apart, which the spec demands and upstream does not.
    const tags = { 'efs.csi.aws.com/cluster': 'true', 'efs.csi.aws.com/requested-bytes': `${bytes}` };
    const order = { clientToken: name, fileSystemId, rootDirectory, tags };
    try {
      const { accessPoint } = yield* this.#retryer.call(() => this.#cloud.createAccessPoint(order));
      const open = yield* polled(ACCESS_POINT, () => this.#ifOpen(accessPoint.accessPointId));
      if (open) return open;
    } catch (error) {
      const code = codeOf(error);
      const what =
        code === 'FileSystemNotFound' ? 'File System does not exist' : `Failed to create Access point in File System ${fileSystemId}`;
      throw new CsiError(DOOR_CODES[code] ?? uncertain(error), `${what}: ${apiError(error)}`);
    }
    throw new CsiError('ABORTED', `Failed to create Access point in File System ${fileSystemId}: timed out waiting for it`);
  }

  /** The file system of volumes whose class names none. */
  *#common(): Process<string> {
    try {
      const { fileSystem } = yield* this.#retryer.call(() =>
        this.#cloud.createFileSystem({ creationToken: COMMON, tags: { Name: COMMON } }),
      );
      const { fileSystemId } = fileSystem;
      if (yield* polled(FILE_SYSTEM, () => this.#ifAvailable(fileSystemId))) return fileSystemId;
    } catch (error) {
      throw new CsiError(uncertain(error), `Failed to create the cluster's File System: ${apiError(error)}`);
    }
    throw new CsiError('ABORTED', "Failed to create the cluster's File System: timed out waiting for it");
  }

  /** @throws CsiError NOT_FOUND: what the handle names is not there any more */
  *#mustExist({ fileSystemId, accessPointId }: EfsVolume): Process {
    try {
      if (accessPointId === undefined) yield* this.#ifAvailable(fileSystemId);
      else yield* this.#ifOpen(accessPointId);
    } catch (error) {
      const gone = ['FileSystemNotFound', 'AccessPointNotFound'].includes(codeOf(error));
      throw new CsiError(gone ? 'NOT_FOUND' : troubleOf(error), `Volume not found, err: ${apiError(error)}`);
    }
  }

  *#delete(volumeId: string): Process<m.DeleteVolumeResponse> {
    const volume = parseVolumeId(volumeId);
    // Neither was made by this driver, so there is nothing to take back.
    if (typeof volume === 'string' || volume.accessPointId === undefined) return {};
    const { accessPointId } = volume;
    try {
      yield* this.#retryer.call(() => this.#cloud.deleteAccessPoint({ accessPointId }));
    } catch (error) {
      if (codeOf(error) !== 'AccessPointNotFound')
        throw new CsiError(troubleOf(error), `Failed to Delete volume ${quoted(volumeId)}: ${apiError(error)}`);
    }
    return {};
  }

  *#ifOpen(accessPointId: string): Process<AccessPoint | undefined> {
    const { accessPoints } = yield* this.#retryer.call(() => this.#cloud.describeAccessPoints({ accessPointIds: [accessPointId] }));
    return accessPoints.find(({ state }) => state === 'available');
  }

  *#ifAvailable(fileSystemId: string): Process<true | undefined> {
    const { fileSystems } = yield* this.#retryer.call(() => this.#cloud.describeFileSystems({ fileSystemIds: [fileSystemId] }));
    return fileSystems.some(({ state }) => state === 'available') ? true : undefined;
  }
}

const DOOR_CODES: Readonly<Record<string, CsiCode>> = {
  FileSystemNotFound: 'INVALID_ARGUMENT',
  BadRequest: 'INVALID_ARGUMENT',
  IdempotentParameterMismatch: 'ALREADY_EXISTS',
  AccessPointLimitExceeded: 'RESOURCE_EXHAUSTED',
};

/** A door may have been made: the provisioner has to ask again, which it would not after INTERNAL, and the door would be forgotten. */
function uncertain(error: unknown): CsiCode {
  const code = troubleOf(error);
  return code === 'INTERNAL' ? 'ABORTED' : code;
}
