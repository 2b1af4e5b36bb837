import type {
  ControllerExpandVolumeRequest,
  ControllerExpandVolumeResponse,
  ControllerGetCapabilitiesResponse,
  ControllerModifyVolumeRequest,
  ControllerPublishVolumeRequest,
  ControllerPublishVolumeResponse,
  ControllerServiceCapabilityRPCType,
  ControllerUnpublishVolumeRequest,
  CreateSnapshotRequest,
  CreateSnapshotResponse,
  CreateVolumeRequest,
  CreateVolumeResponse,
  CsiController,
  CsiIdentity,
  DeleteSnapshotRequest,
  DeleteVolumeRequest,
  GetCapacityRequest,
  GetCapacityResponse,
  GetPluginCapabilitiesResponse,
  GetPluginInfoResponse,
  ListSnapshotsRequest,
  ListSnapshotsResponse,
  ListVolumesResponse,
  PluginCapabilityServiceType,
  ProbeResponse,
  Snapshot,
  Topology,
  ValidateVolumeCapabilitiesRequest,
  ValidateVolumeCapabilitiesResponse,
} from '@slipway/csi';
import { CsiError } from '@slipway/csi';
import { type Implementation, type Micros, milliseconds, type Process, sleep } from '@slipway/kernel';

/** A volume of the simulated array. */
export interface MemoryVolume {
  readonly id: string;
  readonly name: string;
  bytes: number;
  readonly zone: string;
  readonly shared: boolean;
  readonly request: CreateVolumeRequest;
  readonly publishedTo: Set<string>;
  attributes: Readonly<Record<string, string>>;
}

export interface MemoryDriverOptions {
  readonly name?: string;
  readonly services?: readonly PluginCapabilityServiceType[];
  readonly capabilities?: readonly ControllerServiceCapabilityRPCType[];
  /** Bytes that each zone has room for. Left out: without end. */
  readonly room?: Readonly<Record<string, number>>;
  /** Of each change. */
  readonly takes?: Micros;
  /** Calls about a snapshot until it can be used. Left out: 1. */
  readonly looksAtSnapshot?: number;
  /** Bytes of a new volume, for what was asked. */
  readonly sizeOf?: (wanted: number) => number;
  readonly nodeExpansion?: boolean;
}

export const ZONE = 'topology.kubernetes.io/zone';

const ALL: readonly ControllerServiceCapabilityRPCType[] = [
  'CREATE_DELETE_VOLUME',
  'PUBLISH_UNPUBLISH_VOLUME',
  'EXPAND_VOLUME',
  'CLONE_VOLUME',
  'MODIFY_VOLUME',
];

/**
 * A storage array that trusts its callers: it publishes a volume to as many nodes as it is told to, and notes it. Its state outlives a crash
 * of the driver. For tests of the side-cars and controllers.
 */
export class MemoryDriver implements Implementation<CsiIdentity>, Implementation<CsiController> {
  readonly name: string;
  readonly volumes = new Map<string, MemoryVolume>();
  readonly snapshots = new Map<string, { readonly name: string; readonly volumeId: string; readonly bytes: number; looks: number }>();
  /** What callers must never do, and did. */
  readonly violations: string[] = [];
  readonly calls: string[] = [];
  readonly #options: MemoryDriverOptions;
  readonly #busy = new Set<string>();
  #made = 0;

  constructor(options: MemoryDriverOptions = {}) {
    this.#options = options;
    this.name = options.name ?? 'memory.csi.slipway.dev';
  }

  getPluginInfo(): GetPluginInfoResponse {
    return { name: this.name, vendorVersion: '1.0.0' };
  }

  getPluginCapabilities(): GetPluginCapabilitiesResponse {
    const services = this.#options.services ?? ['CONTROLLER_SERVICE', 'VOLUME_ACCESSIBILITY_CONSTRAINTS'];
    return { capabilities: services.map((type) => ({ service: { type } })) };
  }

  probe(): ProbeResponse {
    return { ready: true };
  }

  controllerGetCapabilities(): ControllerGetCapabilitiesResponse {
    return { capabilities: (this.#options.capabilities ?? ALL).map((type) => ({ rpc: { type } })) };
  }

  *createVolume(request: CreateVolumeRequest): Process<CreateVolumeResponse> {
    return yield* this.#change(request.name, `CreateVolume ${request.name}`, () => this.#create(request));
  }

  *deleteVolume({ volumeId }: DeleteVolumeRequest): Process<Record<never, never>> {
    return yield* this.#change(volumeId, `DeleteVolume ${volumeId}`, () => {
      const volume = this.volumes.get(volumeId);
      if (volume && volume.publishedTo.size > 0)
        this.violations.push(`CSI-07: ${volumeId} deleted while on ${[...volume.publishedTo].join()}`);
      this.volumes.delete(volumeId);
      return {};
    });
  }

  *controllerPublishVolume({ volumeId, nodeId }: ControllerPublishVolumeRequest): Process<ControllerPublishVolumeResponse> {
    return yield* this.#change(volumeId, `Publish ${volumeId} ${nodeId}`, () => {
      const volume = this.#volume(volumeId);
      const others = [...volume.publishedTo].filter((each) => each !== nodeId);
      if (!volume.shared && others.length > 0) this.violations.push(`CSI-01: ${volumeId} on ${others.join()} and on ${nodeId}`);
      volume.publishedTo.add(nodeId);
      return { publishContext: { device: `/dev/${volumeId}` } };
    });
  }

  *controllerUnpublishVolume({ volumeId, nodeId }: ControllerUnpublishVolumeRequest): Process<Record<never, never>> {
    return yield* this.#change(volumeId, `Unpublish ${volumeId} ${nodeId}`, () => {
      if (nodeId !== undefined) this.volumes.get(volumeId)?.publishedTo.delete(nodeId);
      return {};
    });
  }

  *controllerExpandVolume({ volumeId, capacityRange }: ControllerExpandVolumeRequest): Process<ControllerExpandVolumeResponse> {
    return yield* this.#change(volumeId, `Expand ${volumeId}`, () => {
      const volume = this.#volume(volumeId);
      const wanted = capacityRange.requiredBytes ?? 0;
      if (wanted > volume.bytes) {
        this.#takeRoom(volume.zone, wanted - volume.bytes);
        volume.bytes = wanted;
      }
      return { capacityBytes: volume.bytes, nodeExpansionRequired: this.#options.nodeExpansion ?? false };
    });
  }

  *controllerModifyVolume({ volumeId, mutableParameters }: ControllerModifyVolumeRequest): Process<Record<never, never>> {
    return yield* this.#change(volumeId, `Modify ${volumeId}`, () => {
      this.#volume(volumeId).attributes = mutableParameters;
      return {};
    });
  }

  *createSnapshot({ name, sourceVolumeId }: CreateSnapshotRequest): Process<CreateSnapshotResponse> {
    return yield* this.#change(name, `Snapshot ${sourceVolumeId}`, () => {
      const known = [...this.snapshots].find(([, snapshot]) => snapshot.name === name)?.[0];
      const id = known ?? `snap-${++this.#made}`;
      if (known === undefined)
        this.snapshots.set(id, { name, volumeId: sourceVolumeId, bytes: this.#volume(sourceVolumeId).bytes, looks: 0 });
      return { snapshot: this.#snapshot(id) };
    });
  }

  *deleteSnapshot({ snapshotId }: DeleteSnapshotRequest): Process<Record<never, never>> {
    return yield* this.#change(snapshotId, `DeleteSnapshot ${snapshotId}`, () => {
      this.snapshots.delete(snapshotId);
      return {};
    });
  }

  listSnapshots({ snapshotId = '' }: ListSnapshotsRequest): ListSnapshotsResponse {
    return { entries: this.snapshots.has(snapshotId) ? [{ snapshot: this.#snapshot(snapshotId) }] : [] };
  }

  validateVolumeCapabilities({ volumeCapabilities }: ValidateVolumeCapabilitiesRequest): ValidateVolumeCapabilitiesResponse {
    return { confirmed: { volumeCapabilities } };
  }

  listVolumes(): ListVolumesResponse {
    return {
      entries: [...this.volumes.values()].map(({ id, bytes, publishedTo }) => ({
        volume: { volumeId: id, capacityBytes: bytes },
        status: { publishedNodeIds: [...publishedTo] },
      })),
    };
  }

  getCapacity({ accessibleTopology }: GetCapacityRequest): GetCapacityResponse {
    return { availableCapacity: this.#roomIn(accessibleTopology?.segments?.[ZONE] ?? '') };
  }

  #create(request: CreateVolumeRequest): CreateVolumeResponse {
    const known = [...this.volumes.values()].find(({ name }) => name === request.name);
    if (known) return answer(known);
    const wanted = request.capacityRange?.requiredBytes ?? 1;
    const bytes = this.#options.sizeOf?.(wanted) ?? wanted;
    const zone = this.#placeFor(request.accessibilityRequirements?.preferred ?? [], bytes);
    this.#takeRoom(zone, bytes);
    const volume: MemoryVolume = {
      id: `vol-${++this.#made}`,
      name: request.name,
      bytes,
      zone,
      shared: request.volumeCapabilities.some(({ accessMode }) => accessMode.mode.startsWith('MULTI_NODE')),
      request,
      publishedTo: new Set(),
      attributes: request.mutableParameters ?? {},
    };
    this.volumes.set(volume.id, volume);
    return answer(volume);
  }

  /** Local storage: the first place is the only one that will do. */
  #placeFor(preferred: readonly Topology[], _bytes: number): string {
    return preferred[0]?.segments?.[ZONE] ?? '';
  }

  #roomIn(zone: string): number {
    const used = [...this.volumes.values()].filter((volume) => volume.zone === zone).reduce((sum, { bytes }) => sum + bytes, 0);
    return (this.#options.room?.[zone] ?? Number.MAX_SAFE_INTEGER) - used;
  }

  #takeRoom(zone: string, bytes: number): void {
    if (bytes > this.#roomIn(zone)) throw new CsiError('RESOURCE_EXHAUSTED', `no room for ${bytes} bytes in "${zone}"`);
  }

  #snapshot(snapshotId: string): Snapshot {
    const snapshot = this.snapshots.get(snapshotId);
    if (!snapshot) throw new CsiError('NOT_FOUND', `no snapshot ${snapshotId}`);
    snapshot.looks += 1;
    const readyToUse = snapshot.looks >= (this.#options.looksAtSnapshot ?? 1);
    return {
      snapshotId,
      sourceVolumeId: snapshot.volumeId,
      sizeBytes: snapshot.bytes,
      creationTime: 1_767_225_600_000_000_000n,
      readyToUse,
    };
  }

  #volume(id: string): MemoryVolume {
    const volume = this.volumes.get(id);
    if (!volume) throw new CsiError('NOT_FOUND', `no volume ${id}`);
    return volume;
  }

  /** One change of a volume at a time. */
  *#change<R>(key: string, call: string, act: () => R): Process<R> {
    this.calls.push(call);
    if (this.#busy.has(key)) throw new CsiError('ABORTED', `an operation on ${key} is in progress`);
    this.#busy.add(key);
    try {
      yield* sleep(this.#options.takes ?? milliseconds(200));
      return act();
    } finally {
      this.#busy.delete(key);
    }
  }
}

function answer({ id, bytes, zone, request }: MemoryVolume): CreateVolumeResponse {
  return {
    volume: {
      volumeId: id,
      capacityBytes: bytes,
      volumeContext: { array: 'memory' },
      ...(zone === '' ? {} : { accessibleTopology: [{ segments: { [ZONE]: zone } }] }),
      ...(request.volumeContentSource === undefined ? {} : { contentSource: request.volumeContentSource }),
    },
  };
}
