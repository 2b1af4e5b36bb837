import type { CloudApi, CloudDisk } from '@slipway/cloud';
import { type Client, codeOf, type Implementation, milliseconds, type Process, sleep } from '@slipway/kernel';
import type { CsiController } from '../../contract.ts';
import { CsiError } from '../../errors.ts';
import type * as m from '../../messages/index.ts';
import { InFlight } from '../in-flight.ts';
import { ask } from './cloud-errors.ts';

/** Label of nodes and key of volumes' topology. */
export const ZONE = 'topology.kubernetes.io/zone';
const NAME_TAG = 'CSIVolumeName';
const GIB = 2 ** 30;
const SMALLEST_GIB = 1;
const LARGEST_GIB = 16_384;
/** Pause between two looks at a disk that is on its way; the driver of life waits with a growing one. */
const LOOK = milliseconds(500);
const PARAMETERS = ['type', 'iops', 'throughput', 'encrypted', 'csi.storage.k8s.io/fstype'];
const TYPES = ['gp2', 'gp3', 'io1', 'io2', 'st1', 'sc1', 'standard'];

/** The controller service of aws-ebs-csi-driver: disks of one zone, attached to one machine at a time. */
export class EbsController implements Implementation<CsiController> {
  readonly #cloud: Client<CloudApi>;
  readonly #inFlight = new InFlight();

  constructor(cloud: Client<CloudApi>) {
    this.#cloud = cloud;
  }

  controllerGetCapabilities(): m.ControllerGetCapabilitiesResponse {
    const types = ['CREATE_DELETE_VOLUME', 'PUBLISH_UNPUBLISH_VOLUME', 'EXPAND_VOLUME'] as const;
    return { capabilities: types.map((type) => ({ rpc: { type } })) };
  }

  *createVolume(request: m.CreateVolumeRequest): Process<m.CreateVolumeResponse> {
    const { name, volumeCapabilities } = request;
    for (const capability of volumeCapabilities) refuseShared(capability);
    const sizeGiB = sizeOf(request.capacityRange);
    const settings = settingsOf(request.parameters ?? {});
    return yield* this.#inFlight.hold(name, this.#create(request, sizeGiB, settings));
  }

  *#create(request: m.CreateVolumeRequest, sizeGiB: number, settings: ReturnType<typeof settingsOf>): Process<m.CreateVolumeResponse> {
    const { name } = request;
    const what = `Could not create volume ${JSON.stringify(name)}`;
    const { volumes } = yield* ask(what, this.#cloud.describeVolumes({ tags: { [NAME_TAG]: name } }));
    const [existing] = volumes.filter(({ state }) => state !== 'deleting');
    if (existing && !fits(existing, request.capacityRange))
      throw new CsiError('ALREADY_EXISTS', `${what}: Volume already exists, but is incompatible`);
    const zone = existing?.zone ?? (yield* this.#zoneOf(request, what));
    const volume =
      existing ??
      (yield* ask(what, this.#cloud.createVolume({ clientToken: name, zone, sizeGiB, ...settings, tags: { [NAME_TAG]: name } }))).volume;
    const ready = yield* this.#when(volume.volumeId, what, ({ state }) => state === 'available' || state === 'in-use');
    return {
      volume: { volumeId: ready.volumeId, capacityBytes: ready.sizeGiB * GIB, accessibleTopology: [{ segments: { [ZONE]: ready.zone } }] },
    };
  }

  deleteVolume({ volumeId }: m.DeleteVolumeRequest): Process<m.DeleteVolumeResponse> {
    return this.#inFlight.hold(volumeId, this.#delete(volumeId));
  }

  *#delete(volumeId: string): Process<m.DeleteVolumeResponse> {
    try {
      yield* this.#cloud.deleteVolume({ volumeId });
    } catch (error) {
      if (codeOf(error) === 'InvalidVolume.NotFound') return {};
      yield* ask(`Could not delete volume ID ${JSON.stringify(volumeId)}`, failed(error));
    }
    return {};
  }

  *controllerPublishVolume({
    volumeId,
    nodeId,
    volumeCapability,
  }: m.ControllerPublishVolumeRequest): Process<m.ControllerPublishVolumeResponse> {
    refuseShared(volumeCapability);
    return yield* this.#inFlight.hold(`${volumeId}${nodeId}`, this.#publish(volumeId, nodeId));
  }

  *#publish(volumeId: string, nodeId: string): Process<m.ControllerPublishVolumeResponse> {
    const what = `Could not attach volume ${JSON.stringify(volumeId)} to node ${JSON.stringify(nodeId)}`;
    yield* ask(what, this.#cloud.describeInstances({ instanceIds: [nodeId] }));
    const disk = yield* this.#look(volumeId, what);
    const elsewhere = disk.attachments.find(({ instanceId }) => instanceId !== nodeId);
    if (elsewhere) throw new CsiError('FAILED_PRECONDITION', `${what}: volume is already attached to ${elsewhere.instanceId}`);
    if (disk.attachments.length === 0) yield* ask(what, this.#cloud.attachVolume({ volumeId, instanceId: nodeId }));
    const attached = yield* this.#when(volumeId, what, ({ attachments }) =>
      attachments.some(({ instanceId, state }) => instanceId === nodeId && state === 'attached'),
    );
    return { publishContext: { devicePath: attached.attachments[0]?.device ?? '' } };
  }

  controllerUnpublishVolume({ volumeId, nodeId = '' }: m.ControllerUnpublishVolumeRequest): Process<m.ControllerUnpublishVolumeResponse> {
    return this.#inFlight.hold(`${volumeId}${nodeId}`, this.#unpublish(volumeId, nodeId));
  }

  *#unpublish(volumeId: string, nodeId: string): Process<m.ControllerUnpublishVolumeResponse> {
    const what = `Could not detach volume ${JSON.stringify(volumeId)} from node ${JSON.stringify(nodeId)}`;
    const isThere = ({ attachments }: CloudDisk): boolean => attachments.some(({ instanceId }) => nodeId === '' || instanceId === nodeId);
    try {
      const { volumes } = yield* this.#cloud.describeVolumes({ volumeIds: [volumeId] });
      const [disk] = volumes;
      if (!disk || !isThere(disk)) return {};
      const detaching = disk.attachments.some(({ state }) => state === 'detaching');
      if (!detaching) yield* this.#cloud.detachVolume({ volumeId, ...(nodeId === '' ? {} : { instanceId: nodeId }) });
      yield* this.#when(volumeId, what, (now) => !isThere(now));
    } catch (error) {
      // A volume or a machine that is gone holds nothing.
      const gone = ['InvalidVolume.NotFound', 'InvalidInstanceID.NotFound', 'InvalidAttachment.NotFound', 'NOT_FOUND'];
      if (!gone.includes(codeOf(error))) yield* ask(what, failed(error));
    }
    return {};
  }

  *validateVolumeCapabilities(request: m.ValidateVolumeCapabilitiesRequest): Process<m.ValidateVolumeCapabilitiesResponse> {
    const { volumeId, volumeCapabilities } = request;
    yield* this.#look(volumeId, `Could not get volume with ID ${JSON.stringify(volumeId)}`);
    const refused = volumeCapabilities.find(({ accessMode }) => isShared(accessMode.mode));
    return refused ? { message: `access mode ${refused.accessMode.mode} is not supported` } : { confirmed: { volumeCapabilities } };
  }

  *controllerExpandVolume({ volumeId, capacityRange }: m.ControllerExpandVolumeRequest): Process<m.ControllerExpandVolumeResponse> {
    const sizeGiB = sizeOf(capacityRange);
    const what = `Could not resize volume ${JSON.stringify(volumeId)}`;
    const disk = yield* this.#look(volumeId, what);
    if (disk.sizeGiB < sizeGiB) yield* ask(what, this.#cloud.modifyVolume({ volumeId, sizeGiB }));
    const { sizeGiB: now } = yield* this.#when(volumeId, what, (grown) => grown.sizeGiB >= sizeGiB);
    return { capacityBytes: now * GIB, nodeExpansionRequired: true };
  }

  *#zoneOf({ accessibilityRequirements: wanted }: m.CreateVolumeRequest, what: string): Process<string> {
    const { zones } = yield* ask(what, this.#cloud.describeZones({}));
    const asked = [...(wanted?.preferred ?? []), ...(wanted?.requisite ?? [])]
      .map(({ segments }) => segments?.[ZONE])
      .filter((zone) => zone !== undefined);
    const zone = asked.length === 0 ? zones[0] : asked.find((one) => zones.includes(one));
    if (zone === undefined) throw new CsiError('RESOURCE_EXHAUSTED', `${what}: there is no zone ${asked.join(' or ')}`);
    return zone;
  }

  *#look(volumeId: string, what: string): Process<CloudDisk> {
    const { volumes } = yield* ask(what, this.#cloud.describeVolumes({ volumeIds: [volumeId] }));
    const [disk] = volumes;
    if (!disk || disk.state === 'deleting') throw new CsiError('NOT_FOUND', `Volume not found: ${volumeId}`);
    return disk;
  }

  *#when(volumeId: string, what: string, holds: (disk: CloudDisk) => boolean): Process<CloudDisk> {
    for (;;) {
      const disk = yield* this.#look(volumeId, what);
      if (holds(disk)) return disk;
      yield* sleep(LOOK);
    }
  }
}

/** For `ask`: an error that was met already. */
function* failed(error: unknown): Process<never> {
  throw error;
}

const isShared = (mode: string): boolean => mode.startsWith('MULTI_NODE_');

function refuseShared({ accessMode }: m.VolumeCapability): void {
  if (isShared(accessMode.mode))
    throw new CsiError(
      'INVALID_ARGUMENT',
      `Volume capabilities not supported: ${accessMode.mode}. EBS volumes are attached to one node at a time`,
    );
}

function fits({ sizeGiB }: CloudDisk, range: m.CapacityRange | undefined): boolean {
  const { requiredBytes = 0, limitBytes = 0 } = range ?? {};
  return sizeGiB * GIB >= requiredBytes && (limitBytes === 0 || sizeGiB * GIB <= limitBytes);
}

/** Whole GiB, rounded up. @throws CsiError OUT_OF_RANGE */
function sizeOf(range: m.CapacityRange | undefined): number {
  const { requiredBytes = 0, limitBytes = 0 } = range ?? {};
  const gib = Math.max(SMALLEST_GIB, Math.ceil(requiredBytes / GIB));
  if (gib > LARGEST_GIB) throw new CsiError('OUT_OF_RANGE', `Requested ${gib} GiB, and a disk has at most ${LARGEST_GIB} GiB`);
  if (limitBytes > 0 && gib * GIB > limitBytes)
    throw new CsiError('OUT_OF_RANGE', `After round-up, volume size exceeds the limit specified: ${gib * GIB} > ${limitBytes}`);
  return gib;
}

function settingsOf(parameters: Readonly<Record<string, string>>) {
  const unknown = Object.keys(parameters).find((key) => !PARAMETERS.includes(key));
  if (unknown !== undefined) throw new CsiError('INVALID_ARGUMENT', `Invalid parameter key ${unknown} for CreateVolume`);
  const { type, iops, throughput, encrypted } = parameters;
  if (type !== undefined && !TYPES.includes(type)) throw new CsiError('INVALID_ARGUMENT', `invalid AWS VolumeType ${JSON.stringify(type)}`);
  return {
    ...(type === undefined ? {} : { volumeType: type }),
    ...(iops === undefined ? {} : { iops: whole('iops', iops) }),
    ...(throughput === undefined ? {} : { throughput: whole('throughput', throughput) }),
    ...(encrypted === undefined ? {} : { encrypted: encrypted === 'true' }),
  };
}

function whole(key: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new CsiError('INVALID_ARGUMENT', `Could not parse invalid ${key}: ${text}`);
  return Number(text);
}
