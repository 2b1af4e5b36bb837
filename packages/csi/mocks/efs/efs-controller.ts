import type { CloudApi } from '@slipway/cloud';
import { type Client, codeOf, type Implementation, milliseconds, type Process, sleep } from '@slipway/kernel';
import type { CsiController } from '../../contract.ts';
import { CsiError } from '../../errors.ts';
import type * as m from '../../messages/index.ts';
import { ask } from '../ebs/cloud-errors.ts';
import { InFlight } from '../in-flight.ts';

const NAME_TAG = 'CSIVolumeName';
const SIZE_TAG = 'CSIVolumeBytes';
/** The file system of claims whose class names none: one for the cluster. */
const COMMON = 'slipway-efs';
const LOOK = milliseconds(500);

/** `fs-…::fsap-…`, as the driver of life writes its handles. */
export function partsOf(volumeId: string): { readonly fileSystemId: string; readonly accessPointId: string } {
  const [fileSystemId = '', , accessPointId = ''] = volumeId.split(':');
  return { fileSystemId, accessPointId };
}

/** The controller service of aws-efs-csi-driver: an access point of a file system for each volume. */
export class EfsController implements Implementation<CsiController> {
  readonly #cloud: Client<CloudApi>;
  readonly #inFlight = new InFlight();

  constructor(cloud: Client<CloudApi>) {
    this.#cloud = cloud;
  }

  controllerGetCapabilities(): m.ControllerGetCapabilitiesResponse {
    return { capabilities: [{ rpc: { type: 'CREATE_DELETE_VOLUME' } }] };
  }

  *createVolume(request: m.CreateVolumeRequest): Process<m.CreateVolumeResponse> {
    if (request.volumeCapabilities.some((capability) => 'block' in capability))
      throw new CsiError('INVALID_ARGUMENT', 'Volume capabilities not supported: only filesystem volumes are supported');
    const mode = request.parameters?.['provisioningMode'] ?? 'efs-ap';
    if (mode !== 'efs-ap')
      throw new CsiError(
        'INVALID_ARGUMENT',
        `Provisioning mode ${mode} is not supported. Only Access point provisioning: 'efs-ap' is supported`,
      );
    return yield* this.#inFlight.hold(request.name, this.#create(request));
  }

  *#create({ name, capacityRange, parameters }: m.CreateVolumeRequest): Process<m.CreateVolumeResponse> {
    const what = `Failed to create Access point for ${JSON.stringify(name)}`;
    const fileSystemId = parameters?.['fileSystemId'] ?? (yield* this.#common(what));
    const { accessPoints } = yield* ask(what, this.#cloud.describeAccessPoints({ fileSystemId }));
    const existing = accessPoints.find(({ tags, state }) => tags[NAME_TAG] === name && state !== 'deleting');
    // A file system has no size: what was asked for is what is answered, and remembered.
    const capacityBytes = capacityRange?.requiredBytes ?? 0;
    if (existing && existing.tags[SIZE_TAG] !== String(capacityBytes))
      throw new CsiError('ALREADY_EXISTS', `${what}: it exists with another size`);
    const accessPoint =
      existing ??
      (yield* ask(
        what,
        this.#cloud.createAccessPoint({
          clientToken: name,
          fileSystemId,
          rootDirectory: `${parameters?.['basePath'] ?? ''}/${name}`,
          tags: { [NAME_TAG]: name, [SIZE_TAG]: String(capacityBytes) },
        }),
      )).accessPoint;
    for (let { state } = accessPoint; state === 'creating'; ) {
      yield* sleep(LOOK);
      const { accessPoints: now } = yield* ask(what, this.#cloud.describeAccessPoints({ accessPointIds: [accessPoint.accessPointId] }));
      state = now[0]?.state ?? 'available';
    }
    return { volume: { volumeId: `${fileSystemId}::${accessPoint.accessPointId}`, capacityBytes } };
  }

  deleteVolume({ volumeId }: m.DeleteVolumeRequest): Process<m.DeleteVolumeResponse> {
    return this.#inFlight.hold(volumeId, this.#delete(volumeId));
  }

  *#delete(volumeId: string): Process<m.DeleteVolumeResponse> {
    const { accessPointId } = partsOf(volumeId);
    try {
      if (accessPointId !== '') yield* this.#cloud.deleteAccessPoint({ accessPointId });
    } catch (error) {
      if (codeOf(error) !== 'AccessPointNotFound') yield* ask(`Failed to Delete volume ${volumeId}`, failed(error));
    }
    return {};
  }

  *validateVolumeCapabilities(request: m.ValidateVolumeCapabilitiesRequest): Process<m.ValidateVolumeCapabilitiesResponse> {
    const { volumeId, volumeCapabilities } = request;
    const { accessPointId } = partsOf(volumeId);
    try {
      if (accessPointId === '') throw new CsiError('NOT_FOUND', '');
      yield* this.#cloud.describeAccessPoints({ accessPointIds: [accessPointId] });
    } catch {
      throw new CsiError('NOT_FOUND', `Volume not found: ${volumeId}`);
    }
    if (volumeCapabilities.some((capability) => 'block' in capability)) return { message: 'only filesystem volumes are supported' };
    return { confirmed: { volumeCapabilities } };
  }

  *#common(what: string): Process<string> {
    const { fileSystem } = yield* ask(what, this.#cloud.createFileSystem({ creationToken: COMMON }));
    for (let { state } = fileSystem; state !== 'available'; ) {
      yield* sleep(LOOK);
      const { fileSystems } = yield* ask(what, this.#cloud.describeFileSystems({ fileSystemIds: [fileSystem.fileSystemId] }));
      state = fileSystems[0]?.state ?? 'available';
    }
    return fileSystem.fileSystemId;
  }
}

/** For `ask`: an error that was met already. */
function* failed(error: unknown): Process<never> {
  throw error;
}
